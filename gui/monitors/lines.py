"""Lines as arrays of pixels, and their way into Qt without a Python loop."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QPolygonF
from shiboken6 import VoidPtr

Doubles = npt.NDArray[np.float64]


def polygon(x: Doubles, y: Doubles) -> QPolygonF:
    """The points as Qt's own array, filled in place."""
    made = QPolygonF()
    made.resize(len(x))
    if len(x):
        memory = _memory(made).reshape(-1, 2)
        memory[:, 0], memory[:, 1] = x, y
    return made


def _memory(made: QPolygonF) -> Doubles:
    """The polygon's own doubles, x and y in turn."""
    # The stubs do not know that VoidPtr takes what data() gives, nor that it is a buffer.
    address: Any = VoidPtr
    return np.frombuffer(address(made.data(), made.size() * 16, True), np.float64)


def polygons(x: Doubles, y: Doubles) -> list[QPolygonF]:
    """One polygon for each stretch without a NaN."""
    finite = np.isfinite(y)
    if finite.all():
        return [polygon(x, y)] if len(x) else []
    edges = np.flatnonzero(np.diff(np.concatenate([[False], finite, [False]]).astype(np.int8)))
    return [polygon(x[begin:end], y[begin:end]) for begin, end in edges.reshape(-1, 2)]


def between(x: Doubles, low: npt.ArrayLike, high: npt.ArrayLike) -> tuple[Doubles, Doubles]:
    """One line through the smallest and the largest value at each x; nearest first, so that it runs on smoothly."""
    low, high = np.asarray(low, np.float64), np.asarray(high, np.float64)
    falling = np.zeros(len(x), bool)
    if len(x) > 1:
        falling[1:] = np.abs(high[1:] - low[:-1]) < np.abs(low[1:] - low[:-1])
    first, second = np.where(falling, high, low), np.where(falling, low, high)
    return np.repeat(x, 2), np.stack([first, second], axis=1).ravel()


def dashes(x: Doubles, y: Doubles, on: float = 6.0, off: float = 3.0) -> tuple[Doubles, Doubles]:
    """The line cut into dashes of `on` pixels with gaps (NaN) of `off` between: cheaper than a dashed pen by far."""
    finite = np.isfinite(x) & np.isfinite(y)
    x, y = x[finite], y[finite]
    if len(x) < 2:
        return x, y
    along = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    starts = np.arange(0.0, along[-1], on + off)
    ends = np.minimum(starts + on, along[-1])
    corners = along[(along % (on + off) < on)]
    places = np.concatenate([starts, ends, corners, ends])
    gap = np.concatenate([np.zeros(len(places) - len(ends)), np.ones(len(ends))])
    order = np.lexsort((gap, places))
    dashed_x, dashed_y = np.interp(places[order], along, x), np.interp(places[order], along, y)
    dashed_y[gap[order] == 1] = np.nan
    return dashed_x, dashed_y


def spread(places: list[float], pitch: float, low: float, high: float) -> list[float]:
    """The places moved as little as can be, so that neighbours are `pitch` apart and all lie in `low`..`high`.

    Neighbours that collide become a cluster around their mean (pool adjacent violators).
    """
    order = sorted(range(len(places)), key=lambda index: places[index])
    clusters: list[list[float]] = []
    for rank, index in enumerate(order):
        clusters.append([places[index] - rank * pitch, 1.0])
        while len(clusters) > 1 and clusters[-2][0] > clusters[-1][0]:
            mean, count = clusters.pop()
            before = clusters[-1]
            before[0] = (before[0] * before[1] + mean * count) / (before[1] + count)
            before[1] += count
    top = max(high - (len(places) - 1) * pitch, low)
    starts = [min(max(mean, low), top) for mean, count in clusters for _ in range(int(count))]
    moved = [0.0] * len(places)
    for rank, index in enumerate(order):
        moved[index] = starts[rank] + rank * pitch
    return moved
