"""The cells of a heatmap as a picture, and the patterns over those that are no ordinary number."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from core.telemetry.heatmap import NONFINITE, OVER, ZERO, Bytes, Grid
from gui.theme import Theme

PERIOD = 6
"""Pixels from one line of a hatch to the next."""


def picture(indices: Bytes, theme: Theme) -> QImage:
    """Indices, (rows, bins), in the theme's gradient colours; a pixel a cell."""
    rows, columns = indices.shape
    image = QImage(np.ascontiguousarray(indices).tobytes(), columns, rows, columns, QImage.Format.Format_Indexed8)
    image.setColorTable([QColor(*rgb).rgb() for rgb in theme.lut])
    return image.copy()


def patterns(states: Bytes, width: int, height: int, theme: Theme) -> QImage:
    """The states, stretched to `width` x `height` pixels: slashes (zero), crosses (not finite), a hatch (over)."""
    rows = np.arange(height) * states.shape[0] // height
    columns = np.arange(width) * states.shape[1] // width
    state = states[rows][:, columns]
    falling = (np.arange(width)[None, :] + np.arange(height)[:, None]) % PERIOD == 0
    rising = (np.arange(width)[None, :] - np.arange(height)[:, None]) % PERIOD == 0
    ground = theme.color("inset")
    colors = np.full(state.shape, ground.rgba(), np.uint32)
    for kind, fill, ink, lines in (
        (ZERO, ground, theme.color("line3"), falling),
        (NONFINITE, theme.color("error"), theme.color("errorBg"), falling | rising),
        (OVER, theme.color("explode"), theme.color("inset"), falling),
    ):
        colors[state == kind] = fill.rgba()
        colors[(state == kind) & lines] = ink.rgba()
    colors[state == 0] = 0
    return QImage(colors.tobytes(), width, height, width * 4, QImage.Format.Format_ARGB32).copy()


def paint_legend(painter: QPainter, bar: QRectF, theme: Theme) -> None:
    """The colours from the largest gradient (top) to the smallest."""
    column = picture(np.arange(255, -1, -1, dtype=np.uint8)[:, None], theme)
    painter.drawImage(bar, column)


def has_special(grid: Grid) -> bool:
    """Whether any cell is not an ordinary number."""
    return bool(grid.states.any())
