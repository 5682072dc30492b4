"""The health strip of a card: chip, sparkline and value; and the loss curve."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from gui.canvas.captions import magnitude
from gui.canvas.geometry import INSET
from gui.canvas.health import Health
from gui.canvas.look import Look
from gui.theme import mix

CURVE = QRectF(25, 5, 58, 14)
"""The sparkline within the strip."""
LOSS_CURVE = QRectF(40, 5, 48, 14)
_EXPLODING = 10.0
_FAINT = 1e-6


def draw_strip(painter: QPainter, look: Look, strip: QRectF, health: Health, curve: QPolygonF) -> None:
    """Chip, course of the last steps and value in digits."""
    middle = strip.center().y()
    draw_chip(painter, look, QRectF(INSET, middle - 4.5, 9, 9), health)
    ink = _curve_ink(look, health)
    if curve.size() > 1:
        draw_curve(painter, curve, CURVE.translated(0, strip.top()), ink)
    text, color = value_text(health), look.color("text2")
    if health.nan:
        color = look.color("error")
    painter.setFont(look.mono)
    painter.setPen(color)
    x = strip.right() - INSET - look.width(text, look.mono)
    painter.drawText(QPointF(x, look.baseline(look.mono, middle)), text)


def value_text(health: Health) -> str:
    """The value as the strip writes it."""
    if health.nan:
        return "NaN"
    if health.value is None:
        return ""
    return "0" if health.value == 0 else magnitude(health.value)


def draw_loss(painter: QPainter, look: Look, strip: QRectF, value: float, curve: QPolygonF) -> None:
    """The word, the course and the value of a loss."""
    middle = strip.center().y()
    painter.setFont(look.body)
    painter.setPen(look.color("text2"))
    painter.drawText(QPointF(INSET, look.baseline(look.body, middle)), "loss")
    if curve.size() > 1:
        draw_curve(painter, curve, LOSS_CURVE.translated(0, strip.top()), look.color("train"))
    text = loss_text(value)
    painter.setFont(look.mono_bold)
    painter.setPen(look.color("text" if math.isfinite(value) else "error"))
    x = strip.right() - INSET - look.width(text, look.mono_bold)
    painter.drawText(QPointF(x, look.baseline(look.mono_bold, middle)), text)


def loss_text(value: float) -> str:
    """A loss in four decimals, in powers of ten where that says nothing."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "inf"
    return f"{value:.4f}".replace("-", "−") if 1e-3 <= abs(value) < 1e3 or value == 0 else magnitude(value)


def draw_curve(painter: QPainter, curve: QPolygonF, place: QRectF, ink: QColor) -> None:
    """A small line with its ground tinted; the curve's points are relative to the place's corner."""
    painter.translate(place.topLeft())
    faint = QColor(ink)
    faint.setAlphaF(0.16)
    painter.fillRect(QRectF(0, place.height() / 2, place.width(), place.height() / 2 + 1), faint)
    painter.setPen(QPen(ink, 1))
    painter.drawPolyline(curve)
    painter.translate(-place.topLeft())


def draw_chip(painter: QPainter, look: Look, rect: QRectF, health: Health) -> None:
    """The gradient's colour; slashed for exactly zero, empty for none, crossed for NaN, hatched when exploding."""
    outline = QColor(255, 255, 255, 41) if look.theme.dark else QColor(0, 0, 0, 64)
    painter.setPen(QPen(outline, 1))
    painter.setBrush(_chip_fill(look, health))
    painter.drawRoundedRect(rect, 2, 2)
    ink = look.color("text") if health.value == 0 else look.color("canvas")
    painter.setPen(QPen(ink, 1.2))
    inner = rect.adjusted(2, 2, -2, -2)
    if health.nan:
        painter.drawLine(inner.topLeft(), inner.bottomRight())
        painter.drawLine(inner.topRight(), inner.bottomLeft())
    elif health.value == 0:
        painter.drawLine(inner.bottomLeft(), inner.topRight())
    elif health.value is not None and health.value > _EXPLODING:
        for shift in (-3, 0, 3):
            painter.drawLine(
                inner.bottomLeft() + QPointF(max(shift, 0), min(shift, 0)),
                inner.topRight() + QPointF(min(shift, 0), max(shift, 0)),
            )


def _chip_fill(look: Look, health: Health) -> QColor | Qt.BrushStyle:
    if health.nan:
        return look.color("error")
    if health.value is None:
        return Qt.BrushStyle.NoBrush
    return look.color("inset") if health.value == 0 else look.gradient(health.value)


def _curve_ink(look: Look, health: Health) -> QColor:
    """The chip's colour, lifted where it would not be seen."""
    if health.value is None:
        return look.color("text3")
    ink = look.gradient(health.value)
    return mix(ink, look.color("text"), 0.28) if health.value < _FAINT else ink
