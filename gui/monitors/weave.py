"""Very many lines as one picture: what a painter would take a call a line for is filled in at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

from gui.monitors.scale import Doubles

Colors = npt.NDArray[np.uint32]
Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.int32]


def woven(x: Doubles, y: Doubles, colors: Colors, width: int, height: int) -> QImage:
    """Lines of a pixel's width through (points,) and (points, lines); NaN is a gap.

    A line fills in each column of pixels from half the way to its left neighbour to half the way to its right one, as a
    line drawn without smoothing does. Where lines cross, one of them is on top.
    """
    image = np.zeros(height * width, np.uint32)
    first, last = max(int(np.ceil(x[0])), 0), min(int(np.floor(x[-1])) + 1, width)
    if last > first:
        low, high = _at_columns(x, y.astype(np.float32), first, last)
        _fill(image, *_spans(low, high, height), colors, first, width)
    return QImage(image.tobytes(), width, height, width * 4, QImage.Format.Format_ARGB32_Premultiplied).copy()


def _at_columns(x: Doubles, y: Floats, first: int, last: int) -> tuple[Floats, Floats]:
    """The lowest and highest place, (columns, lines), of each line: at a column and half way to its neighbours."""
    columns = np.arange(first, last, dtype=np.float64)
    places = np.clip(np.searchsorted(x, columns, side="right") - 1, 0, max(len(x) - 2, 0))
    following = np.minimum(places + 1, len(x) - 1)
    share = ((columns - x[places]) / np.maximum(x[following] - x[places], 1e-9)).astype(np.float32)[:, None]
    before = y[places]
    at = before + (y[following] - before) * share
    half = (at[1:] + at[:-1]) * np.float32(0.5)
    low, high = at.copy(), at.copy()
    for part, of_both in ((low, np.minimum), (high, np.maximum)):
        if np.isfinite(half).all():
            of_both(part[1:], half, out=part[1:])
            of_both(part[:-1], half, out=part[:-1])
        else:
            reach = np.fmin if of_both is np.minimum else np.fmax
            reach(part[1:], half, out=part[1:], where=~np.isnan(at[1:]))
            reach(part[:-1], half, out=part[:-1], where=~np.isnan(at[:-1]))
    return low, high


def _spans(low: Floats, high: Floats, height: int) -> tuple[Places, Places]:
    """The first pixel of each line in each column and how many there are; none where there is no line."""
    seen = (high >= 0) & (low < height)  # which NaN is not
    top = np.float32(height - 1)
    with np.errstate(invalid="ignore"):
        begin = np.rint(np.clip(low, 0, top)).astype(np.int32)
        end = np.rint(np.clip(high, 0, top)).astype(np.int32)
    return begin, np.where(seen, np.maximum(end - begin, 0) + 1, 0).astype(np.int32)


def _fill(image: Colors, begin: Places, counts: Places, colors: Colors, first: int, width: int) -> None:
    """Colour the pixels of all spans: the first pixel of each at once, then what is taller."""
    at = (begin * np.int32(width) + np.arange(first, first + len(begin), dtype=np.int32)[:, None]).ravel()
    counts = counts.ravel()
    inks = np.broadcast_to(colors, begin.shape).ravel()
    one = counts > 0
    image[at[one]] = inks[one]
    tall = np.flatnonzero(counts > 1)
    more = counts[tall] - 1
    ends = np.cumsum(more)
    owner = np.repeat(np.arange(len(tall), dtype=np.int32), more)
    down = np.arange(1, len(owner) + 1, dtype=np.int32) - (ends - more).astype(np.int32)[owner]
    image[at[tall][owner] + down * np.int32(width)] = inks[tall][owner]
