"""Very many lines as one picture: what a painter would take a call a line for is filled in at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

from gui.monitors.lines import pixels_of
from gui.monitors.scale import Doubles

Colors = npt.NDArray[np.uint32]
Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.int16]
NOWHERE = np.float32(-30_000)
"""Where a line is that has no value: a number, but of no pixel."""


def woven(x: Doubles, y: Floats, colors: Colors, width: int, height: int) -> QImage:
    """Lines of a pixel's width through (points,) and (points, lines); NaN is a gap.

    A line fills in each column of pixels from half the way to its left neighbour to half the way to its right one, as a
    line drawn without smoothing does. Where lines cross, one of them is on top.
    """
    upright = np.zeros((width, height), np.uint32)  # the pixels of a column side by side: writing to them stays near
    first, last = max(int(np.ceil(x[0])), 0), min(int(np.floor(x[-1])) + 1, width)
    if last > first:
        low, high = _at_columns(x, y, first, last)
        _fill(upright[first:last], low, high, colors)
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    pixels_of(image)[:] = upright.T
    return image


def _at_columns(x: Doubles, y: Floats, first: int, last: int) -> tuple[Places, Places]:
    """The lowest and highest pixel, (columns, lines), of each line: at a column and half way to its neighbours."""
    columns = np.arange(first, last, dtype=np.float64)
    places = np.clip(np.searchsorted(x, columns, side="right") - 1, 0, max(len(x) - 2, 0))
    following = np.minimum(places + 1, len(x) - 1)
    share = ((columns - x[places]) / np.maximum(x[following] - x[places], 1e-9)).astype(np.float32)[:, None]
    before, at = y[places], y[following]
    at -= before
    at *= share
    at += before
    half = at[1:] + at[:-1]
    half *= np.float32(0.5)
    gaps = bool(np.isnan(y).any())
    low, middle = _whole(at, gaps), _whole(half, gaps)
    high, known = low.copy(), middle != np.int16(NOWHERE) if gaps else True
    for part in (slice(1, None), slice(None, -1)):
        np.minimum(low[part], middle, out=low[part], where=known)
        np.maximum(high[part], middle, out=high[part], where=known)
    return low, high


def _whole(values: Floats, gaps: bool) -> Places:
    """Rounded: a hundred thousand numbers of two bytes are gone through in no time."""
    if gaps:
        values[np.isnan(values)] = NOWHERE
    return np.rint(values, out=values).astype(np.int16)


def _fill(upright: Colors, low: Places, high: Places, colors: Colors) -> None:
    """Colour the pixels of all spans in (columns, height): the first of each at once, then the second, ..."""
    height = upright.shape[1]
    seen = (high >= 0) & (low < height)
    begin, end = np.clip(low, 0, height - 1), np.clip(high, 0, height - 1)
    at = (begin + np.arange(len(low), dtype=np.int64)[:, None] * height).ravel()
    more, inks = (end - begin).ravel(), np.broadcast_to(colors, low.shape).ravel()
    pixels = upright.reshape(-1)
    if not seen.all():
        at, more, inks = at[seen.ravel()], more[seen.ravel()], inks[seen.ravel()]
    while len(at):
        pixels[at] = inks
        tall = np.flatnonzero(more > 0)
        at, more, inks = at[tall], more[tall], inks[tall]
        at += 1
        more -= 1
