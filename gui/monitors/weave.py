"""Very many lines as one picture: what a painter would take a call a line for is filled in at once."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

from gui.monitors.lines import pixels_of
from gui.monitors.scale import Doubles

Colors = npt.NDArray[np.uint32]
Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.int16]
Pixels = npt.NDArray[np.unsignedinteger[Any]]
"""Of a picture, one or two by two."""
TALL = 2.6
"""Pixels of a span, on average, from which on spans are not filled pixel by pixel."""
BITS = 16
"""Of a number, those that hold which line it is; above them stands how far down its span reaches."""
NOWHERE = np.float32(-30_000)
"""Where a line is that has no value: a number, but of no pixel."""


def woven(x: Doubles, y: Floats, colors: Colors, width: int, height: int, wide: int = 1) -> QImage:
    """Lines of a pixel's width through (points,) and (points, lines); NaN is a gap.

    A line fills in each column of pixels from half the way to its left neighbour to half the way to its right one, as a
    line drawn without smoothing does. Where lines cross, one of them is on top. With `wide` columns are one or two
    pixels wide: where points lie further apart than that, half as many columns show as much, at half the price.
    """
    count = -(-width // wide)
    image = QImage(count * wide, height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    pixels, inks = pixels_of(image), colors
    if wide == 2:  # two pixels are written as one number
        pixels, inks = pixels.view(np.uint64), colors.astype(np.uint64) * np.uint64((1 << 32) + 1)
    x = (x - (wide - 1) / 2) / wide
    first, last = max(int(np.ceil(x[0])), 0), min(int(np.floor(x[-1])) + 1, count)
    if last > first:
        low, high = _at_columns(x, y, first, last)
        _fill(pixels, first, low, high, inks)
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


def _fill(pixels: Pixels, left: int, low: Places, high: Places, inks: Pixels) -> None:
    """Colour the pixels of all spans, (columns, lines), in (height, width) from the column `left` on."""
    height, width = pixels.shape
    seen = (high >= 0) & (low < height)
    begin, end = np.clip(low, 0, height - 1), np.clip(high, 0, height - 1)
    at = begin.astype(np.int64)
    at *= width
    at += np.arange(left, left + len(low), dtype=np.int64)[:, None]
    where = slice(None) if seen.all() else seen.ravel()
    places = at.ravel()[where]
    if float(np.mean(end - begin)) < TALL - 1:
        _fill_each(pixels, places, (end - begin).ravel()[where], np.broadcast_to(inks, low.shape).ravel()[where])
        return
    reach = end.astype(np.int32) << BITS
    reach |= np.arange(1, len(inks) + 1, dtype=np.int32)
    _fill_down(pixels, places, reach.ravel()[where], inks)


def _fill_each(pixels: Pixels, at: npt.NDArray[np.int64], more: Places, inks: Pixels) -> None:
    """The first pixel of each span at once, then the second, ..."""
    flat, width = pixels.reshape(-1), pixels.shape[1]
    while len(at):
        flat[at] = inks
        tall = np.flatnonzero(more > 0)
        at, more, inks = at[tall], more[tall], inks[tall]
        at += width
        more -= 1


def _fill_down(pixels: Pixels, at: npt.NDArray[np.int64], reach: npt.NDArray[np.int32], inks: Pixels) -> None:
    """All pixels in one pass down: each knows the span begun above it that reaches furthest, and whether that far."""
    furthest = np.zeros(pixels.shape, np.int32)
    np.maximum.at(furthest.reshape(-1), at, reach)
    for above, row in pairwise(furthest):
        np.maximum(above, row, out=row)
    down = np.arange(len(pixels), dtype=np.int32)[:, None] << BITS
    furthest *= furthest >= down
    furthest &= (1 << BITS) - 1
    np.take(np.concatenate([np.zeros(1, inks.dtype), inks]), furthest, out=pixels, mode="clip")
