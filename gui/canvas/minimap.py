"""The whole graph in the corner, and the part of it that is shown."""

from __future__ import annotations

from functools import reduce

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QTransform
from PySide6.QtWidgets import QWidget

from gui.canvas.annotation_item import faded
from gui.canvas.overlay import Panel
from gui.canvas.scene import Scene
from gui.canvas.view import View
from gui.theme import Themes, mix

SIZE = QSize(190, 112)
MANY = 300
"""With more cards than this each of them is a pixel or two."""
_MARGIN = 10.0


class Minimap(Panel):
    """Draws a block for every card; a press or drag shows that place."""

    def __init__(self, themes: Themes, parent: QWidget, scene: Scene, view: View) -> None:
        super().__init__(themes, parent, "panel", "line2")
        self._scene, self._view = scene, view
        self._drawn: tuple[tuple[object, ...], QPixmap] | None = None
        self._areas = scene.far.item.tiles.watched()
        self.setFixedSize(SIZE)
        self.setAccessibleName("Minimap")
        self.setCursor(Qt.CursorShape.ArrowCursor)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        super().paintEvent(event)
        look = self._scene.look
        to_map = self._transform()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shown = to_map.mapRect(self._view.visible()).intersected(QRectF(self.rect()).adjusted(4, 4, -4, -4))
        painter.setPen(QPen(look.color("accent"), 1.2))
        painter.setBrush(mix(look.color("panel"), look.color("control"), 0.7))
        painter.drawRoundedRect(shown, 2, 2)
        painter.drawPixmap(0, 0, self._blocks(to_map))

    def _blocks(self, to_map: QTransform) -> QPixmap:
        """The cards; they are drawn anew where they have changed, and all of them when the map's scale has."""
        scene, ratio = self._scene, self.devicePixelRatioF()
        scene.far.item.tiles.take()
        key = (to_map, ratio, scene.look, scene.selection, scene.annotations.drawn)
        areas = [*self._areas]
        self._areas.clear()
        if self._drawn is None or self._drawn[0] != key:
            picture, areas = QPixmap(self.size() * ratio), [to_map.inverted()[0].mapRect(QRectF(self.rect()))]
            picture.setDevicePixelRatio(ratio)
            picture.fill(Qt.GlobalColor.transparent)
            self._drawn = (key, picture)
        picture = self._drawn[1]
        if areas:
            painter = QPainter(picture)
            self._draw_area(painter, to_map, reduce(QRectF.united, areas))
            painter.end()
        return picture

    def _draw_area(self, painter: QPainter, to_map: QTransform, area: QRectF) -> None:
        """Draw this part of the scene, and nothing outside of it."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        place = to_map.mapRect(area).toAlignedRect().adjusted(-2, -2, 2, 2)
        painter.setClipRect(place)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        painter.fillRect(place, Qt.GlobalColor.transparent)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        for item in self._scene.annotations.items.values():
            if item.annotation.role == "frame":
                painter.setPen(QPen(faded(item.ink, 0.7), 1))
                painter.setBrush(faded(item.ink, 0.18))
                painter.drawRoundedRect(to_map.mapRect(item.rect), 1.5, 1.5)
        back = to_map.inverted()[0].mapRect(QRectF(place))
        if len(self._scene.nodes) <= MANY:
            self._draw_cards(painter, to_map, back)
        else:
            painter.setTransform(to_map, combine=True)
            self._draw_many(painter, back)
        painter.restore()

    def _draw_cards(self, painter: QPainter, to_map: QTransform, area: QRectF) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        for node_id in self._scene.cards.touching(area):
            painter.setBrush(self._ink(node_id))
            painter.drawRoundedRect(
                to_map.mapRect(self._scene.cards.rects[node_id]).adjusted(0.4, 0.4, -0.4, -0.4), 1.5, 1.5
            )
        painter.setPen(QPen(self._scene.look.color("sel"), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for node_id in self._scene.selection:
            block = to_map.mapRect(self._scene.cards.rects[node_id])
            painter.drawRoundedRect(block.adjusted(-0.6, -0.6, 0.6, 0.6), 2, 2)

    def _draw_many(self, painter: QPainter, area: QRectF) -> None:
        """Cards of a pixel or two have no corners to round: the squares of the far view are there already."""
        self._scene.far.item.tiles.paint_blocks(painter, area)
        pen = QPen(self._scene.look.color("sel"), 1)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRects([self._scene.cards.rects[node_id] for node_id in self._scene.selection])

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        if event.button() == Qt.MouseButton.LeftButton:
            self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position())

    def _ink(self, node_id: str) -> QColor:
        """The category's colour; in the gradient view a faint layer is pale, and a bypassed one is in any."""
        item, look = self._scene.nodes[node_id], self._scene.look
        if item.brief.bypassed:
            return look.color("line3")
        health = item.health
        if item.measured and health is not None and health.value is not None and item.warmth < 0.55:
            return look.gradient(health.value)
        return look.category(item.brief.category)

    def _transform(self) -> QTransform:
        """From the scene to the map: all cards and what is shown of the scene fit in."""
        cards = self._scene.standing()
        whole = cards.united(self._view.visible().intersected(cards.adjusted(-400, -300, 400, 300)))
        inner = QRectF(self.rect()).adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        if whole.isEmpty():
            return QTransform.fromTranslate(inner.center().x(), inner.center().y())
        scale = min(inner.width() / whole.width(), inner.height() / whole.height(), 0.2)
        middle = QTransform.fromTranslate(inner.center().x(), inner.center().y()).scale(scale, scale)
        return middle.translate(-whole.center().x(), -whole.center().y())

    def _go(self, at: QPointF) -> None:
        back, fine = self._transform().inverted()
        if fine:
            self._view.show_at(back.map(at), self._view.zoom)
