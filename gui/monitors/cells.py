"""The cells of a heatmap as a picture, and the patterns over those that are no ordinary number."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor, QImage

from core.telemetry.heat_cells import FROZEN, NO_DATA, NONFINITE, OVER, ZERO, Bytes
from gui.monitors.lines import pixels_of
from gui.theme import Theme

Places = npt.NDArray[np.int64]
Colors = npt.NDArray[np.uint32]
PERIOD = 6
"""Pixels from one line of a hatch to the next."""


def color_table(theme: Theme) -> Colors:
    """The theme's gradient colours, as pictures take them."""
    return np.array([QColor(*rgb).rgb() for rgb in theme.lut], np.uint32)


def picture(indices: Bytes, colors: Colors) -> QImage:
    """Indices, (rows, bins), in the colours of a table; a pixel a cell.

    Full colours rather than indexed ones: Qt stretches those three times as fast.
    """
    rows, columns = indices.shape
    pixels = np.take(colors, indices)
    return QImage(pixels.data, columns, rows, columns * 4, QImage.Format.Format_RGB32).copy()


def patterns(states: Bytes, places: tuple[Places, Places], theme: Theme) -> QImage:
    """The states where pixels show them: slashes for zero, crosses for not finite, hatches for over and for frozen.

    `places` are the row of each line of pixels and the bin of each column of pixels; a bin outside has no state.
    """
    rows, columns = places
    height, width = len(rows), len(columns)
    inside = (columns >= 0) & (columns < states.shape[1])
    state = np.where(inside, states[rows][:, np.where(inside, columns, 0)], 0)
    across, down = (np.arange(count, dtype=np.int16) % np.int16(PERIOD) for count in (width, height))
    rising = across[None, :] == down[:, None]
    falling = across[None, :] == (PERIOD - down[:, None]) % np.int16(PERIOD)
    ground, there = theme.color("inset"), np.bincount(states.ravel(), minlength=FROZEN + 1)
    image = QImage(width, height, QImage.Format.Format_ARGB32)
    colors = pixels_of(image)
    colors[:] = np.where(state == NO_DATA, np.uint32(ground.rgba()), np.uint32(0)) if there[NO_DATA] else 0
    for kind, fill, ink, lines in (
        (ZERO, ground, theme.color("line3"), falling),
        (NONFINITE, theme.color("error"), theme.color("errorBg"), falling | rising),
        (OVER, theme.color("explode"), theme.color("inset"), falling),
        (FROZEN, theme.color("panel"), theme.color("line2"), rising),
    ):
        if there[kind]:
            colors[state == kind] = fill.rgba()
            colors[(state == kind) & lines] = ink.rgba()
    return image
