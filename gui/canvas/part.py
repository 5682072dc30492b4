"""What a scene draws of a graph: cards and wires, each with its place; plain objects, as a graph has thousands."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

if TYPE_CHECKING:
    from gui.canvas.scene import Scene

PartT = TypeVar("PartT", bound="Part")


class Part:
    """One card or wire; an item of the scene draws all of them. Its calls are named like those of Qt's items."""

    _CALM: Mapping[str, object] = MappingProxyType({"_is_visible": True})
    """What of it is so while no hand touches it; taken over in one go, as an edit may calm thousands."""

    def __init__(self, height: float) -> None:
        """Parts of a greater height are drawn over others, and of the same height later ones over earlier ones."""
        self._number = 0
        self._scene: Scene | None = None
        self._at = QPointF()
        self._height = height
        self._bounds: QRectF | None = None
        """None until they are asked for."""
        self._is_visible = True

    def twin(self: PartT) -> PartT:
        """Another one that is as this one is now: what they hold in common is exchanged, never changed."""
        made = object.__new__(type(self))
        made.__dict__.update(self.__dict__)
        return made

    def calm(self) -> None:
        """Be touched by no hand."""
        self.__dict__.update(self._CALM)

    def scene(self) -> Scene | None:
        """The scene in which it is shown."""
        return self._scene

    def show_in(self, scene: Scene | None, number: int = 0) -> None:
        """Be drawn in this scene from now on, or in none; `number` tells which it is of all that were taken up."""
        self.update()
        self._scene, self._number, self._is_visible = scene, number, True
        self.update()

    def pos(self) -> QPointF:
        """Its place in the scene."""
        return QPointF(self._at)

    def x(self) -> float:
        """Across."""
        return self._at.x()

    def y(self) -> float:
        """Down."""
        return self._at.y()

    def setPos(self, at: QPointF) -> None:
        """Stand there."""
        self.update()
        self._at = QPointF(at)
        self.update()

    def zValue(self) -> float:
        """Its height."""
        return self._height

    def setZValue(self, height: float) -> None:
        """Lie at this height; the caller asks for it to be drawn anew."""
        self._height = height

    @property
    def layer(self) -> tuple[float, int]:
        """What is drawn over what."""
        return self._height, self._number

    def isVisible(self) -> bool:
        """Whether it is drawn."""
        return self._is_visible

    def setVisible(self, visible: bool) -> None:
        """Be drawn, or not."""
        if visible != self._is_visible:
            self._is_visible = True
            self.update()
            self._is_visible = visible

    def boundingRect(self) -> QRectF:
        """All that it may draw on, from its own place."""
        if self._bounds is None:
            self._bounds = self._measured()
        return self._bounds

    def _measured(self) -> QRectF:
        """The same, found anew."""
        raise NotImplementedError

    def sceneBoundingRect(self) -> QRectF:
        """All that it may draw on."""
        return self.boundingRect().translated(self._at)

    def update(self, area: QRectF | None = None) -> None:
        """Ask to be drawn anew, or this part of it, from its own place; who is not seen asks for nothing."""
        if self._scene is None or not self._scene.is_seen or not self._is_visible:
            return
        wanted = self.boundingRect() if area is None else area
        if not wanted.isEmpty():
            self._scene.update(wanted.translated(self._at))

    def paint(self, painter: QPainter, scale: float) -> None:
        """Draw it from its own place, at so many screen pixels for a unit."""
        raise NotImplementedError
