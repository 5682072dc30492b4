"""The ground under the graph: the canvas's colour and its dots."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPen, QPolygonF

from gui.canvas.geometry import GRID
from gui.canvas.look import Look

_DOTS_FROM = 0.5


class Ground:
    """Paints the ground; its dots are kept from one frame to the next."""

    def __init__(self) -> None:
        self._dots = QPolygonF()

    def paint(self, painter: QPainter, area: QRectF, look: Look, zoom: float) -> None:
        """Paint this part of it, with dots from half size on."""
        painter.fillRect(area, look.color("canvas"))
        if zoom < _DOTS_FROM:
            return
        columns, rows = int(area.width() / GRID) + 2, int(area.height() / GRID) + 2
        if self._dots.size() < columns * rows or self._dots.boundingRect().height() < (rows - 1) * GRID:
            self._dots = QPolygonF([QPointF(x * GRID, y * GRID) for x in range(columns) for y in range(rows)])
        pen = QPen(look.color("grid"), 2)
        pen.setCosmetic(True)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(pen)
        painter.translate(area.left() // GRID * GRID, area.top() // GRID * GRID)
        painter.drawPoints(self._dots)
        painter.restore()
