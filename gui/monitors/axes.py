"""Axes, gridlines, the cursor and its readout, drawn with the theme's colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from gui.monitors import lines, ticks
from gui.monitors.ink import Ink
from gui.monitors.scale import Scale

LEFT = Qt.AlignmentFlag.AlignLeft.value | Qt.AlignmentFlag.AlignVCenter.value | Qt.TextFlag.TextDontClip.value
RIGHT = Qt.AlignmentFlag.AlignRight.value | Qt.AlignmentFlag.AlignVCenter.value | Qt.TextFlag.TextDontClip.value
CENTER = Qt.AlignmentFlag.AlignCenter.value | Qt.TextFlag.TextDontClip.value
FLAT = Qt.PenCapStyle.FlatCap
ROUND = Qt.PenJoinStyle.RoundJoin
ELIDE = Qt.TextElideMode.ElideMiddle


@dataclass(frozen=True)
class Line:
    """A line of a readout: what, how much, and the colour it is drawn in."""

    name: str
    value: str = ""
    color: QColor | None = None


def text(painter: QPainter, place: QRectF, align: int, words: str, ink: QColor, font: QFont) -> None:
    """Words in a box, not clipped by it."""
    painter.setFont(font)
    painter.setPen(ink)
    painter.drawText(place, align, words)


def hairline(painter: QPainter, begin: QPointF, end: QPointF, color: QColor, width: float = 1.0) -> None:
    """A sharp line; horizontal and vertical ones lie in the middle of their pixels."""
    painter.setPen(QPen(color, width))
    painter.drawLine(begin, end)


def value_axis(painter: QPainter, theme: Ink, area: QRectF, scale: Scale, marks: Sequence[ticks.Tick]) -> None:
    """Gridlines and labels at the left."""
    rows = np.rint(scale.place([mark.value for mark in marks])) + 0.5
    painter.setPen(QPen(theme.color("line1"), 1))
    left, right = np.full_like(rows, area.left()), np.full_like(rows, area.right())
    lines.draw_segments(painter, np.stack([left, rows, right, rows], axis=1))
    painter.setPen(theme.color("text3"))
    painter.setFont(theme.caption)
    for mark, y in zip(marks, rows.tolist(), strict=True):
        painter.drawText(QRectF(0, y - 10, area.left() - theme.px(8), 20), RIGHT, mark.label)


def step_axis(painter: QPainter, theme: Ink, area: QRectF, scale: Scale) -> None:
    """The line at the bottom, with ticks outside and labels below; the last label stays within the plot."""
    marks = ticks.steps(scale.low, scale.high, int(area.width() / theme.px(70)))
    y = round(area.bottom()) + 0.5
    places = np.rint(scale.place([mark.value for mark in marks])) + 0.5
    painter.setPen(QPen(theme.color("line2"), 1))
    painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
    top = np.full_like(places, y)
    lines.draw_segments(painter, np.stack([places, top, places, top + 4], axis=1))
    painter.setPen(theme.color("text3"))
    painter.setFont(theme.caption)
    for mark, place in zip(marks, places.tolist(), strict=True):
        x = min(place, painter.device().width() - theme.wide(mark.label) / 2 - 4)
        painter.drawText(QRectF(x - 40, y + theme.px(5), 80, theme.px(16)), CENTER, mark.label)


def cursor_line(painter: QPainter, theme: Ink, area: QRectF, x: float) -> None:
    """The vertical line at the step that all monitors point at."""
    if area.left() <= x <= area.right():
        x = round(x) + 0.5
        hairline(painter, QPointF(x, area.top()), QPointF(x, area.bottom()), theme.color("line3"))


def readout(painter: QPainter, theme: Ink, area: QRectF, at: QPointF, shown: Sequence[Line]) -> QRectF:
    """A small card beside the pointer, kept within the area; returns where it is."""
    plain, mono = theme.caption, theme.number
    names = max(QFontMetricsF(plain).horizontalAdvance(line.name) for line in shown)
    values = max(QFontMetricsF(mono).horizontalAdvance(line.value) for line in shown)
    key = theme.px(12) if any(line.color is not None for line in shown) else 0
    pitch, pad = theme.px(16), theme.px(8)
    width = key + names + (theme.px(10) + values if values else 0) + 2 * pad
    height = pitch * len(shown) + pad
    x = at.x() + 14 if at.x() + 14 + width <= area.right() else at.x() - 14 - width
    card = QRectF(max(x, 2), min(max(at.y() - height / 2, area.top()), area.bottom() - height), width, height)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.color("line2"), 1))
    painter.setBrush(theme.color("raised"))
    painter.drawRoundedRect(card.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    for number, line in enumerate(shown):
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


def nothing_yet(painter: QPainter, theme: Ink, area: QRectF, line: str, hint: str = "") -> None:
    """What stands in the middle of an empty plot."""
    middle = area.center().y()
    box = QRectF(area.left(), middle - theme.px(18), area.width(), theme.px(18))
    text(painter, box, CENTER, line, theme.color("text2"), theme.body)
    if hint:
        text(painter, box.translated(0, theme.px(18)), CENTER, hint, theme.color("text3"), theme.caption)
