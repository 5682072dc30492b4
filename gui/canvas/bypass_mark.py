"""What a bypassed card looks like: veiled, with a line through it from its first input to its outputs."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from gui.canvas.card import Card
from gui.canvas.geometry import RADIUS
from gui.canvas.look import Look

_VEIL = 0.48
"""How much of the ground shines through the card."""
_WIDE = 2.0


def draw_bypass(painter: QPainter, look: Look, card: Card) -> None:
    """Veil what was drawn of the card, and lead the wire through it."""
    frame = card.frame
    veil = QColor(look.color("canvas"))
    veil.setAlphaF(_VEIL)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(veil)
    painter.drawRoundedRect(QRectF(frame.rect), RADIUS, RADIUS)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(look.color("text2"), _WIDE, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    for way in _ways(card):
        painter.drawPath(way)


def _ways(card: Card) -> list[QPainterPath]:
    """From the first input to every output that is drawn; on a title alone they would strike out the name."""
    if not card.inputs or card.frame.collapsed:
        return []
    start = card.frame.input_at(card.inputs[0].name)
    return [_way(start, card.frame.output_at(port.name)) for port in card.outputs]


def _way(start: QPointF, end: QPointF) -> QPainterPath:
    path = QPainterPath(start)
    bend = QPointF((end.x() - start.x()) / 2, 0)
    path.cubicTo(start + bend, end - bend, end)
    return path
