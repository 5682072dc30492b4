"""The profile beside a heatmap: the value of every row at one step, from the network's input down to its output."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPen, QPolygonF

from core.telemetry.heat_cells import OK, OVER
from core.telemetry.heat_scales import HeatScale
from core.telemetry.heatmap import Grid
from gui.monitors import axes, lines, strokes, ticks
from gui.monitors.ink import Ink
from gui.monitors.scale import Doubles, Scale

WIDTH = 84
GAP = 10
"""Pixels between the cells and the profile."""


def across(theme: Ink, room: QRectF, scale: HeatScale) -> Scale:
    """From values to pixels: low at the left, as far as dots reach."""
    inset = theme.px(5)
    return Scale(scale.low, scale.high, room.left() + inset, room.right() - inset)


def points(theme: Ink, room: QRectF, scale: HeatScale, grid: Grid, column: int) -> Doubles:
    """The place of each row's dot, (rows, 2); NaN where the row has no value there."""
    values = grid.log10[:, column].astype(np.float64)
    states = grid.states[:, column]
    shown = (states == OK) | (states == OVER)
    x = across(theme, room, scale).place(np.clip(values, scale.low, scale.high))
    y = room.top() + (np.arange(len(values)) + 0.5) / max(len(values), 1) * room.height()
    return np.stack([np.where(shown, x, np.nan), y], axis=1)


def paint(painter: QPainter, theme: Ink, room: QRectF, scale: HeatScale, grid: Grid, column: int) -> None:
    """Ground, the mark, a line through the rows, a dot a row, and the step it is of."""
    painter.fillRect(room, theme.color("inset"))
    to = across(theme, room, scale)
    if scale.mark is not None:
        x = to.pixel(scale.mark)
        painter.setPen(QPen(theme.color("line3"), 1))
        lines.draw_segments(painter, lines.dashed((x, room.top()), (x, room.bottom()), 3, 3))
    found = points(theme, room, scale, grid, column)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    strokes.stroke(painter, _lines(found), theme.color("text3"), 1)
    if room.height() / max(len(found), 1) >= theme.px(5):
        painter.setPen(QPen(theme.color("line3"), 1))  # the dark end of the map is hardly seen on a dark ground
        for (x_place, y_place), value in zip(found.tolist(), grid.log10[:, column].tolist(), strict=True):
            if math.isfinite(x_place):
                painter.setBrush(theme.theme.on_map((value - scale.low) / (scale.high - scale.low)))
                painter.drawEllipse(QPointF(x_place, y_place), theme.px(3), theme.px(3))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    first, last = grid.steps(column)
    _paint_words(painter, theme, room, first if grid.starts is not None and grid.width == 1 else last)


def _paint_words(painter: QPainter, theme: Ink, room: QRectF, step: int) -> None:
    """The step below; the ends of the scale are those of the legend."""
    below = QRectF(room.left(), room.bottom() + theme.px(4), room.width(), theme.px(18))
    axes.text(painter, below, axes.CENTER, f"step {step:,}", theme.color("text2"), theme.caption)


def words(scale: HeatScale, value: float) -> str:
    """A value in text: 3.1e−7, or 12.5 %."""
    return ticks.scientific(10**value) if scale.log else f"{value:.1%}".replace("%", " %")


def _lines(found: Doubles) -> list[QPolygonF]:
    """The line from row to row, parted where a row has no value."""
    x = found[:, 0]
    edges = np.flatnonzero(np.diff(np.concatenate([[False], np.isfinite(x), [False]]).astype(np.int8)))
    return [lines.polygon(x[begin:end], found[begin:end, 1]) for begin, end in edges.reshape(-1, 2)]
