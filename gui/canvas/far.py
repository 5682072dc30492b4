"""The graph from far away: one item draws all cards as blocks and all wires as one path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene, QStyleOptionGraphicsItem, QWidget

from gui.canvas.annotation_item import faded
from gui.canvas.look import centred
from gui.canvas.tiles import Tiles

if TYPE_CHECKING:
    from gui.canvas.scene import Scene

_GLYPHS = 250
"""With more cards in view than this, blocks carry no glyph: they would be specks."""
_GLYPH_FROM = 0.15
_TITLE = 12
"""Screen pixels of a frame's title."""
_EDGE = 60.0
"""Scene units around what is painted anew: the pens' width at the smallest zoom."""
_RIGHT = Qt.TextElideMode.ElideRight


class FarScene(QGraphicsScene):
    """Shown in place of the scene while it is too small for cards."""

    def __init__(self, near: Scene) -> None:
        super().__init__()
        self.item = FarItem(near)
        self.addItem(self.item)


class FarItem(QGraphicsItem):
    """All cards and wires of a scene; what changes is painted anew where it lies."""

    def __init__(self, near: Scene) -> None:
        super().__init__()
        self._near = near
        self._bounds = QRectF()
        self.tiles = Tiles(near.mirror.layers)
        self._areas = self.tiles.watched()
        self._marks: tuple[object, ...] = ()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)

    def refresh(self) -> None:
        """The scene has changed, or comes into view."""
        scene = self.scene()
        if scene is None or not scene.views():
            return
        bounds = self._near.bounds().adjusted(-50, -50, 50, 50)
        if bounds != self._bounds:
            self.prepareGeometryChange()
            self._bounds = bounds
        near = self._near
        marks = (near.selection, near.annotations.drawn, near.verdicts.drawn, near.look)
        if marks != self._marks:
            self._marks = marks
            self.update()
        self.tiles.take()
        for rect in self._areas:
            self.update(rect.adjusted(-_EDGE, -_EDGE, _EDGE, _EDGE))
        self._areas.clear()

    def boundingRect(self) -> QRectF:  # noqa: D102  # Qt's name
        return self._bounds

    def paint(  # noqa: D102  # Qt's name
        self, painter: QPainter, option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        scale = QStyleOptionGraphicsItem.levelOfDetailFromTransform(painter.worldTransform())
        area = option.exposedRect if option.exposedRect.isValid() else self._bounds
        self._paint_annotations(painter, scale)
        self.tiles.paint_lines(painter, area)
        self.tiles.paint_blocks(painter, area)
        for verdict in self._near.verdicts.items:
            verdict.draw(painter, scale)
        self._paint_marks(painter)
        if scale >= _GLYPH_FROM:
            self._paint_glyphs(painter, area, scale)

    def _paint_annotations(self, painter: QPainter, scale: float) -> None:
        """Grounds of frames and notes, and the frames' titles in letters that stay readable."""
        look = self._near.look
        font = QFont(look.title)
        font.setPixelSize(max(1, round(_TITLE / scale)))
        for item in sorted(self._near.annotations.items.values(), key=lambda found: found.zValue()):
            pen = QPen(look.color("sel") if item.is_selected else faded(item.ink, 0.7), 1)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.setBrush(faded(item.ink, 0.14))
            painter.drawRect(item.rect)
            if item.annotation.role == "frame":
                painter.setFont(font)
                painter.setPen(look.color("text"))
                text = QFontMetricsF(font).elidedText(item.annotation.text, _RIGHT, item.rect.width())
                painter.drawText(item.rect.topLeft() - QPointF(0, 4 / scale), text)

    def _paint_marks(self, painter: QPainter) -> None:
        """Outlines of what is selected or wrong."""
        near = self._near
        for keys, token in ((near.wrong, "error"), (near.selection, "sel")):
            pen = QPen(near.look.color(token), 2)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.drawRects([near.cards.rects[key] for key in keys])

    def _paint_glyphs(self, painter: QPainter, area: QRectF, scale: float) -> None:
        shown = self._near.cards.touching(area)
        if len(shown) > _GLYPHS:
            return
        look = self._near.look
        for key in shown:
            item = self._near.nodes[key]
            picture = look.icon(item.brief.icon, look.color("window"), 48, scale)
            painter.drawPixmap(centred(QPointF(item.rect.center()), picture), picture)
