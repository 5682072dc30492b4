"""The mirror of a graph's frames and notes: an item for each, brought up to date by what differs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtWidgets import QGraphicsScene

from core.annotating import is_title
from core.annotations import Annotation, Rect
from core.project import Project
from gui.canvas.annotation_item import AnnotationItem
from gui.canvas.look import Look

_EDGE = 6.0
"""How near to an edge one takes hold of it, in screen pixels."""


class Grip(NamedTuple):
    """Where one takes hold of a frame or note: at its title, or at edges: -1 left or top, 1 right or bottom."""

    key: str
    across: int = 0
    down: int = 0

    @property
    def is_title(self) -> bool:
        """Whether it is moved as a whole."""
        return not self.across and not self.down


class Annotations:
    """The frames and notes of the graph that a scene shows."""

    def __init__(self, scene: QGraphicsScene, look: Look) -> None:
        self._scene, self._look = scene, look
        self.items: dict[str, AnnotationItem] = {}
        self.selection: tuple[str, ...] = ()

    @property
    def drawn(self) -> tuple[tuple[Annotation, QRectF, bool], ...]:
        """All that tells how they look."""
        return tuple((item.annotation, QRectF(item.rect), item.is_selected) for item in self.items.values())

    def follow(self, project: Project, block: str) -> None:
        """Show those of this block of this project."""
        wanted = {key: item for key, item in project.annotations.items() if item.block == block}
        for key in [key for key in self.items if key not in wanted]:
            self._scene.removeItem(self.items.pop(key))
        for key, annotation in wanted.items():
            item = self.items.get(key)
            if item is None:
                item = self.items[key] = AnnotationItem(annotation, self._look)
                self._scene.addItem(item)
            elif item.annotation is not annotation:
                item.show_annotation(annotation)
        self.select(self.selection)

    def set_look(self, look: Look) -> None:
        """Draw in another theme."""
        self._look = look
        for item in self.items.values():
            item.look = look

    def select(self, keys: Iterable[str]) -> bool:
        """Select these and nothing else; says whether that differs."""
        wanted = tuple(key for key in dict.fromkeys(keys) if key in self.items)
        before, self.selection = self.selection, wanted
        for key in {*before, *wanted}:
            if key in self.items:
                self.items[key].is_selected = key in wanted
                self.items[key].update()
        return wanted != before

    def place(self, rects: Mapping[str, QRectF]) -> None:
        """Let them stand elsewhere, as while they are dragged; the project stays as it is."""
        for key, rect in rects.items():
            self.items[key].place(rect)

    def grip(self, at: QPointF, scale: float) -> Grip | None:
        """What one takes hold of here, the uppermost first."""
        reach = _EDGE / scale
        for key, item in sorted(self.items.items(), key=lambda pair: -pair[1].zValue()):
            across, down = _sides(item.rect, at, reach)
            if across or down or is_title(item.annotation, (at.x(), at.y())):
                return Grip(key, across, down)
        return None

    def inside(self, box: QRectF) -> tuple[str, ...]:
        """Those that lie wholly in this box."""
        return tuple(key for key, item in self.items.items() if box.contains(item.rect))

    def held(self, keys: Iterable[str]) -> tuple[str, ...]:
        """These, and what frames among them hold of frames and notes."""
        frames = [self.items[key] for key in keys]
        inner = [
            key
            for key, item in self.items.items()
            if any(frame is not item and frame.annotation.holds(plain(item.rect)) for frame in frames)
        ]
        return tuple(dict.fromkeys((*keys, *inner)))

    def bounds(self) -> QRectF:
        """What holds all of them."""
        whole = QRectF()
        for item in self.items.values():
            whole = whole.united(item.rect)
        return whole


def plain(rect: QRectF) -> Rect:
    """The rectangle as the project holds it, in whole units."""
    return float(round(rect.x())), float(round(rect.y())), float(round(rect.width())), float(round(rect.height()))


def _sides(rect: QRectF, at: QPointF, reach: float) -> tuple[int, int]:
    """The edges that are near: -1 left or top, 1 right or bottom, 0 none."""
    if not rect.adjusted(-reach, -reach, reach, reach).contains(at):
        return 0, 0
    return _side(at.x(), rect.left(), rect.right(), reach), _side(at.y(), rect.top(), rect.bottom(), reach)


def _side(at: float, low: float, high: float, reach: float) -> int:
    if abs(at - high) <= reach:
        return 1
    return -1 if abs(at - low) <= reach else 0
