"""The whole graph in the corner, and the part of it that is shown."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QTransform
from PySide6.QtWidgets import QWidget

from gui.canvas.annotation_item import faded
from gui.canvas.overlay import Panel
from gui.canvas.scene import Scene
from gui.canvas.view import View
from gui.theme import Themes, mix

SIZE = QSize(190, 112)
_MARGIN = 10.0


class Minimap(Panel):
    """Draws a block for every card; a press or drag shows that place."""

    def __init__(self, themes: Themes, parent: QWidget, scene: Scene, view: View) -> None:
        super().__init__(themes, parent, "panel", "line2")
        self._scene, self._view = scene, view
        self._drawn: tuple[tuple[int, QTransform, float], QPixmap] | None = None
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
        """The cards, drawn anew only when they or the map's scale have changed."""
        key = (self._scene.revision, to_map, self.devicePixelRatioF())
        if self._drawn is None or self._drawn[0] != key:
            picture = QPixmap(self.size() * self.devicePixelRatioF())
            picture.setDevicePixelRatio(self.devicePixelRatioF())
            picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(picture)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._draw_blocks(painter, to_map)
            painter.end()
            self._drawn = (key, picture)
        return self._drawn[1]

    def _draw_blocks(self, painter: QPainter, to_map: QTransform) -> None:
        look = self._scene.look
        for item in self._scene.annotations.items.values():
            if item.annotation.role == "frame":
                painter.setPen(QPen(faded(item.ink, 0.7), 1))
                painter.setBrush(faded(item.ink, 0.18))
                painter.drawRoundedRect(to_map.mapRect(item.rect), 1.5, 1.5)
        painter.setPen(Qt.PenStyle.NoPen)
        for node_id, rect in self._scene.cards.rects.items():
            painter.setBrush(self._ink(node_id))
            painter.drawRoundedRect(to_map.mapRect(rect).adjusted(0.4, 0.4, -0.4, -0.4), 1.5, 1.5)
        painter.setPen(QPen(look.color("sel"), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for node_id in self._scene.selection:
            block = to_map.mapRect(self._scene.cards.rects[node_id])
            painter.drawRoundedRect(block.adjusted(-0.6, -0.6, 0.6, 0.6), 2, 2)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        if event.button() == Qt.MouseButton.LeftButton:
            self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position())

    def _ink(self, node_id: str) -> QColor:
        """The category's colour; in the gradient view a faint layer is pale."""
        item, look = self._scene.nodes[node_id], self._scene.look
        health = item.health
        if item.measured and health is not None and health.value is not None and item.warmth < 0.55:
            return look.gradient(health.value)
        return look.category(item.card.category)

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
