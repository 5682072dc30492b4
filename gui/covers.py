"""The classes of pixels as colours to be laid over a picture; the first class is the ground and has none."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage

from gui.theme import Theme

SHADE = 0.55
"""How much of a class's colour lies over the picture."""


def cover_of(theme: Theme, classes: NDArray[np.int64], shade: float = SHADE) -> QImage:
    """The classes (H, W) as colours, see-through as the shade says."""
    count = int(classes.max(initial=0)) + 1
    table = np.array([_rgba(theme, at, shade) for at in range(count)], np.uint8)
    colors = np.ascontiguousarray(table[classes])
    tall, wide = classes.shape
    return QImage(colors.data, wide, tall, wide * 4, QImage.Format.Format_RGBA8888).copy()


def _rgba(theme: Theme, at: int, shade: float) -> tuple[int, int, int, int]:
    color: QColor = theme.series(at - 1)
    return color.red(), color.green(), color.blue(), round(255 * shade) if at else 0
