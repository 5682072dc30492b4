"""The graph from near: two items draw the wires and cards that are to be seen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QRegion, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from gui.canvas.card_part import MARGIN
from gui.canvas.part import Part

if TYPE_CHECKING:
    from gui.canvas.scene import Scene

_FAR = 1e7
EVERYWHERE = QRectF(-_FAR, -_FAR, 2 * _FAR, 2 * _FAR)
"""What an item covers: it has no bounds that would have to follow the graph."""
_LOW, _HIGH = 0.0, 1.0
"""Heights of wires and of cards."""
_PIECES = 24
"""Of what is to be painted, that are looked at one by one; of more, what holds them all."""


class Near:
    """All cards and wires of a scene, found by where they are: what is out of view costs nothing."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._exposed: tuple[QRectF, ...] = ()
        self._is_painting = False
        self._found: list[Part] | None = None
        """What draws on what is being painted, from the lowest on; None where it was not looked for."""
        self.items = (NearItem(self, _LOW), NearItem(self, _HIGH))
        """What draws the wires, and what draws the cards: frames and notes lie between them."""
        for item in self.items:
            scene.addItem(item)

    @contextmanager
    def painting(self, exposed: tuple[QRectF, ...]) -> Iterator[None]:
        """While these parts of the scene are painted: draw no more than what draws on them."""
        self._exposed, self._found, self._is_painting = exposed, None, True
        try:
            yield
        finally:
            self._exposed, self._found, self._is_painting = (), None, False

    def seen(self, area: QRectF, high: bool) -> list[Part]:
        """What draws on this part of the scene, or on what is asked for of it, above or below frames and notes."""
        found = self._found
        if found is None:
            parts = {part for piece in self._exposed or (area,) for part in self.touching(piece)}
            found = sorted(parts, key=lambda part: part.layer)
        if self._is_painting:
            self._found = found
        return [part for part in found if (part.zValue() > _LOW) == high]

    def touching(self, area: QRectF) -> Iterator[Part]:
        """The visible parts that draw on this part of the scene."""
        scene, wide = self._scene, self._scene.wiring.overhang
        for key in scene.wires.among(area.adjusted(-wide, -wide, wide, wide)):
            wire = scene.edges[key]
            if wire.isVisible() and wire.boundingRect().intersects(area):
                yield wire
        for node_id in scene.cards.among(area.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)):
            if scene.nodes[node_id].isVisible():
                yield scene.nodes[node_id]


def pieces(region: QRegion, transform: QTransform) -> tuple[QRectF, ...]:
    """The parts of the scene that this part of a viewport shows; none where it is one piece, or too many."""
    if not 1 < region.rectCount() <= _PIECES:
        return ()
    back = transform.inverted()[0]
    return tuple(back.mapRect(QRectF(rect).adjusted(-1, -1, 1, 1)) for rect in region)  # type: ignore[attr-defined]  # it has


class NearItem(QGraphicsItem):
    """Draws all that lies above, or all that lies below frames and notes."""

    def __init__(self, near: Near, height: float) -> None:
        super().__init__()
        self._near = near
        self.setZValue(height)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)

    def boundingRect(self) -> QRectF:  # noqa: D102  # Qt's name
        return EVERYWHERE

    def paint(  # noqa: D102  # Qt's name
        self, painter: QPainter, option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        scale = QStyleOptionGraphicsItem.levelOfDetailFromTransform(painter.worldTransform())
        for part in self._near.seen(option.exposedRect, self.zValue() > _LOW):
            painter.save()
            painter.translate(part.pos())
            part.paint(painter, scale)
            painter.restore()
