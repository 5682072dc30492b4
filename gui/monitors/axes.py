"""Axes, gridlines, the cursor and its readout, drawn with the theme's colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from gui.monitors import ticks
from gui.monitors.scale import Scale
from gui.theme import Theme

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTER = Qt.AlignmentFlag.AlignCenter
FLAT = Qt.PenCapStyle.FlatCap
ROUND = Qt.PenJoinStyle.RoundJoin
ELIDE = Qt.TextElideMode.ElideMiddle


@dataclass(frozen=True)
class Line:
    """A line of a readout: what, how much, and the colour it is drawn in."""

    name: str
    value: str = ""
    color: QColor | None = None


def text(painter: QPainter, place: QRectF, align: Qt.AlignmentFlag, words: str, ink: QColor, font: QFont) -> None:
    """Words in a box, not clipped by it."""
    painter.setFont(font)
    painter.setPen(ink)
    painter.drawText(place, align | Qt.TextFlag.TextDontClip, words)


def hairline(painter: QPainter, begin: QPointF, end: QPointF, color: QColor, width: float = 1.0) -> None:
    """A sharp line; horizontal and vertical ones lie in the middle of their pixels."""
    painter.setPen(QPen(color, width))
    painter.drawLine(begin, end)


def value_axis(painter: QPainter, theme: Theme, area: QRectF, scale: Scale, marks: Sequence[ticks.Tick]) -> None:
    """Gridlines and labels at the left."""
    for tick in marks:
        y = round(scale.pixel(tick.value)) + 0.5
        hairline(painter, QPointF(area.left(), y), QPointF(area.right(), y), theme.color("line1"))
        box = QRectF(0, y - 10, area.left() - theme.px(8), 20)
        text(painter, box, RIGHT, tick.label, theme.color("text3"), theme.ui(11))


def step_axis(painter: QPainter, theme: Theme, area: QRectF, scale: Scale) -> None:
    """The line at the bottom, with ticks outside and labels below; the outermost stay within the area's neighbours."""
    y = round(area.bottom()) + 0.5
    hairline(painter, QPointF(area.left(), y), QPointF(area.right(), y), theme.color("line2"))
    metrics = QFontMetricsF(theme.ui(11))
    for tick in ticks.steps(scale.low, scale.high, int(area.width() / theme.px(70))):
        x = round(scale.pixel(tick.value)) + 0.5
        hairline(painter, QPointF(x, y), QPointF(x, y + 4), theme.color("line2"))
        half = metrics.horizontalAdvance(tick.label) / 2
        x = min(x, painter.device().width() - half - 4)
        box = QRectF(x - 40, y + theme.px(5), 80, theme.px(16))
        text(painter, box, CENTER, tick.label, theme.color("text3"), theme.ui(11))


def cursor_line(painter: QPainter, theme: Theme, area: QRectF, x: float) -> None:
    """The vertical line at the step that all monitors point at."""
    if area.left() <= x <= area.right():
        x = round(x) + 0.5
        hairline(painter, QPointF(x, area.top()), QPointF(x, area.bottom()), theme.color("line3"))


def readout(painter: QPainter, theme: Theme, area: QRectF, at: QPointF, lines: Sequence[Line]) -> QRectF:
    """A small card beside the pointer, kept within the area; returns where it is."""
    plain, mono = theme.ui(11), theme.mono(11)
    names = max(QFontMetricsF(plain).horizontalAdvance(line.name) for line in lines)
    values = max(QFontMetricsF(mono).horizontalAdvance(line.value) for line in lines)
    key = theme.px(12) if any(line.color is not None for line in lines) else 0
    pitch, pad = theme.px(16), theme.px(8)
    width = key + names + (theme.px(10) + values if values else 0) + 2 * pad
    height = pitch * len(lines) + pad
    x = at.x() + 14 if at.x() + 14 + width <= area.right() else at.x() - 14 - width
    card = QRectF(max(x, 2), min(max(at.y() - height / 2, area.top()), area.bottom() - height), width, height)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.color("line2"), 1))
    painter.setBrush(theme.color("raised"))
    painter.drawRoundedRect(card.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    for number, line in enumerate(lines):
        row = QRectF(card.left() + pad, card.top() + pad / 2 + number * pitch, width - 2 * pad, pitch)
        if line.color is not None:
            chip(painter, QRectF(row.left(), row.center().y() - theme.px(4), theme.px(8), theme.px(8)), line.color)
        text(painter, row.adjusted(key, 0, 0, 0), LEFT, line.name, theme.color("text2"), plain)
        text(painter, row, RIGHT, line.value, theme.color("text"), mono)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    return card


def chip(painter: QPainter, box: QRectF, color: QColor) -> None:
    """A small square of colour with round corners."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawRoundedRect(box, 2, 2)


def nothing_yet(painter: QPainter, theme: Theme, area: QRectF, line: str, hint: str = "") -> None:
    """What stands in the middle of an empty plot."""
    middle = area.center().y()
    box = QRectF(area.left(), middle - theme.px(18), area.width(), theme.px(18))
    text(painter, box, CENTER, line, theme.color("text2"), theme.ui(12))
    if hint:
        text(painter, box.translated(0, theme.px(18)), CENTER, hint, theme.color("text3"), theme.ui(11))
