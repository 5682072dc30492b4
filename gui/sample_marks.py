"""The signs of samples in plots: their class by shape and colour."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF


def draw_sample(painter: QPainter, at: QPointF, kind: int, ink: QColor, ground: QColor, held: bool) -> None:
    """A sample: circle, square, triangle or diamond by its class; filled for training, hollow for held out."""
    painter.setPen(QPen(ink if held else ground, 1.4 if held else 1))
    painter.setBrush(ground if held else ink)
    size = 3.4
    if kind % 4 == 0:
        painter.drawEllipse(at, size, size)
    elif kind % 4 == 1:
        painter.drawRect(QRectF(at.x() - 3, at.y() - 3, 6, 6))
    elif kind % 4 == 2:
        corners = ((0.0, -size - 0.6), (size + 0.6, size), (-size - 0.6, size))
        painter.drawPolygon(QPolygonF([at + QPointF(x, y) for x, y in corners]))
    else:
        points = ((0.0, -size - 1), (size + 1, 0.0), (0.0, size + 1), (-size - 1, 0.0))
        painter.drawPolygon(QPolygonF([at + QPointF(x, y) for x, y in points]))
