"""Axes, gridlines, the cursor and its readout, drawn with the theme's colours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from gui.monitors import ticks
from gui.monitors.ink import Ink
from gui.monitors.scale import LogSteps, Scale

LEFT = Qt.AlignmentFlag.AlignLeft.value | Qt.AlignmentFlag.AlignVCenter.value | Qt.TextFlag.TextDontClip.value
RIGHT = Qt.AlignmentFlag.AlignRight.value | Qt.AlignmentFlag.AlignVCenter.value | Qt.TextFlag.TextDontClip.value
CENTER = Qt.AlignmentFlag.AlignCenter.value | Qt.TextFlag.TextDontClip.value
WRAPPED = Qt.AlignmentFlag.AlignHCenter.value | Qt.AlignmentFlag.AlignTop.value | Qt.TextFlag.TextWordWrap.value
FLAT = Qt.PenCapStyle.FlatCap


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
    line, wide = theme.color("line1"), area.left() - theme.px(8)
    painter.setPen(theme.color("text3"))
    painter.setFont(theme.caption)
    for mark in marks:
        y = round(scale.pixel(mark.value))
        painter.fillRect(QRectF(area.left(), y, area.width(), 1), line)
        label = theme.label(mark.label)
        painter.drawStaticText(QPointF(wide - label.size().width(), y + 0.5 - label.size().height() / 2), label)


def step_axis(painter: QPainter, theme: Ink, area: QRectF, scale: Scale, end: float | None = None) -> None:
    """The line at the bottom, with ticks outside and labels below; the last one stays within the plot, or before `end`.

    A label that has no room left beside the one before it is not drawn.
    """
    y, line, end = round(area.bottom()), theme.color("line2"), painter.device().width() - 4 if end is None else end
    free = -math.inf
    painter.fillRect(QRectF(area.left(), y, area.width(), 1), line)
    painter.setPen(theme.color("text3"))
    painter.setFont(theme.caption)
    for mark in step_ticks(scale, min(int(area.width() / theme.px(70)), 7)):
        x = round(scale.pixel(mark.value))
        painter.fillRect(QRectF(x, y, 1, 5), line)
        label = theme.label(mark.label)
        wide = label.size().width()
        left, down = min(x - wide / 2, end - wide), y + theme.px(13) - label.size().height() / 2
        if left > free:
            painter.drawStaticText(QPointF(left, down), label)
            free = left + wide + theme.px(4)


def step_ticks(scale: Scale, most: int) -> list[ticks.Tick]:
    """Where an axis of steps is labelled."""
    if isinstance(scale, LogSteps):
        return ticks.log_steps(scale.low, scale.high, scale.origin, most)
    return ticks.steps(scale.low, scale.high, most)


def cursor_line(painter: QPainter, theme: Ink, area: QRectF, x: float) -> None:
    """The vertical line at the step that all monitors point at."""
    if area.left() <= x <= area.right():
        painter.fillRect(QRectF(round(x), area.top(), 1, area.height()), theme.color("line3"))


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
    """What stands in the middle of an empty plot; the hint in several lines where it is long, if there is room."""
    middle, pad = area.center().y(), theme.px(12)
    box = QRectF(area.left(), middle - theme.px(18), area.width(), theme.px(18))
    text(painter, box, CENTER, line, theme.color("text2"), theme.body)
    below = QRectF(
        area.left() + pad, middle + theme.px(2), area.width() - 2 * pad, area.bottom() - middle - theme.px(2)
    )
    metrics = QFontMetricsF(theme.caption)
    if hint and metrics.boundingRect(below, WRAPPED, hint).height() <= below.height():
        text(painter, below, WRAPPED, hint, theme.color("text3"), theme.caption)
