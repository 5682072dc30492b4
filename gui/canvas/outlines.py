"""The forms of ports, and the rings around cards."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from gui.canvas.card import Port
from gui.canvas.geometry import RADIUS


def draw_port(painter: QPainter, at: QPointF, port: Port, radius: float) -> None:
    """A circle, square or diamond with the painter's pen and brush."""
    if port.shape == "circle":
        painter.drawEllipse(at, radius, radius)
    elif port.shape == "square":
        painter.drawRect(QRectF(at.x() - radius, at.y() - radius, 2 * radius, 2 * radius))
    else:
        r = radius + 1
        corners = [QPointF(at.x() - r, at.y()), QPointF(at.x(), at.y() - r), QPointF(at.x() + r, at.y())]
        painter.drawPolygon(QPolygonF([*corners, QPointF(at.x(), at.y() + r)]))


def ring(painter: QPainter, rect: QRectF, width: float, ink: QColor, out: float) -> None:
    """A line around a card, so far outside of its edge."""
    painter.setPen(QPen(ink, width))
    painter.drawRoundedRect(rect.adjusted(-out, -out, out, out), RADIUS + out, RADIUS + out)


def with_alpha(color: QColor, alpha: float) -> QColor:
    """The colour at this opacity."""
    made = QColor(color)
    made.setAlphaF(alpha)
    return made
