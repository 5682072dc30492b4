"""Lines drawn smoothly at the price of thin ones, and as columns of pixels where they would fill those anyway."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from gui.monitors import lines
from gui.monitors.lines import Doubles

STEEP = 15
"""Pixels up and down for each one across from which on a line of many points is drawn as columns."""


def curve(
    painter: QPainter,
    x: Doubles,
    y: Doubles,
    color: QColor,
    width: float,
    room: QRectF | None = None,
) -> None:
    """The line through these pixels, with gaps where `y` is NaN.

    Where it is dense in a `room` that is given, it is drawn as the columns of pixels that it fills there.
    """
    if room is None or not is_dense(x, y):
        stroke(painter, lines.polygons(x, y), color, width)
        return
    ratio, half = painter.deviceTransform().m11(), width / 4
    apart = float(np.diff(x).max()) * ratio > 2
    lines.column_picture(x, y - half, y + half, color, room, ratio, apart, doubled=width > 1).draw(painter)


def is_dense(x: Doubles, y: Doubles) -> bool:
    """Whether a line goes up and down so often that it fills columns of pixels: smoothing its edges shows nothing."""
    wide = float(x[-1] - x[0]) if len(x) else 0.0
    return len(x) > wide / 2 > 0 and float(np.nansum(np.abs(np.diff(y)))) > STEEP * wide


def stroke(painter: QPainter, pieces: list[QPolygonF], color: QColor, width: float) -> None:
    """Lines about `width` pixels thick, as copies of one of a single device pixel.

    For whatever is thicker than a device pixel Qt works out an outline: ten times as long for 1,000 points on a screen
    of one device pixel each, and a whole second for such as go far up and down on one of two.
    """
    ratio = _thin_pen(painter, color)
    for across, down in _offsets(width * ratio):
        painter.translate(across / ratio, down / ratio)
        for piece in pieces:
            painter.drawPolyline(piece)
        painter.translate(-across / ratio, -down / ratio)


def stroke_segments(painter: QPainter, pieces: Doubles, color: QColor, width: float) -> None:
    """The same of straight pieces (x1, y1, x2, y2)."""
    ratio = _thin_pen(painter, color)
    for across, down in _offsets(width * ratio):
        painter.translate(across / ratio, down / ratio)
        lines.draw_segments(painter, pieces)
        painter.translate(-across / ratio, -down / ratio)


def _thin_pen(painter: QPainter, color: QColor) -> float:
    """Have a pen of a device pixel; how many of those a pixel is."""
    ratio = painter.deviceTransform().m11()
    painter.setPen(QPen(color, 1 / ratio, c=Qt.PenCapStyle.FlatCap))
    return ratio


def _offsets(thick: float) -> list[tuple[float, float]]:
    """Where copies of a line of one device pixel lie that are so thick together, both flat and upright ones."""
    whole = max(round(thick), 1)
    if whole == 1:
        return [(0.0, -0.25), (0.0, 0.25)]
    steps = [step for place in range(whole) if (step := place - (whole - 1) / 2)]
    middle = [(0.0, 0.0)] if whole % 2 else []
    return [*((0.0, step) for step in steps), *((step, 0.0) for step in steps), *middle]
