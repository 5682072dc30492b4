"""Lines as arrays of pixels, and their way into Qt without a Python loop."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPolygonF
from shiboken6 import VoidPtr, wrapInstance

Shape = TypeVar("Shape", QLineF, QRectF)
GROUP = 16
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


def columns(x: Doubles, low: Doubles, high: Doubles, ratio: float, joined: bool = False) -> list[Doubles]:
    """Rectangles (x, y, width, height) for each line of `low` and `high`, (points, lines).

    There is one for each column of device pixels, from its lowest to its highest point; drawn together they look as the
    line through all points does, at a third of the cost. A rectangle reaches to its left neighbour's, as the line
    would; where all is NaN there is none. With `joined` points that lie far apart are joined, too.
    """
    if joined:
        x, (low, high) = filled_in(x, (low, high), ratio)
    if not len(x):
        return [np.empty((0, 4)) for _line in range(low.shape[1])]
    return [line[line[:, 3] > 0] / ratio for line in _filled(*_reached(x, low, high, ratio))]


@dataclass(frozen=True)
class Picture:
    """What was drawn before, and where its corner belongs."""

    image: QImage
    at: QPointF

    def draw(self, painter: QPainter) -> None:
        """Put it there."""
        if not self.image.isNull():
            painter.drawImage(self.at, self.image)


NO_PICTURE = Picture(QImage(), QPointF())


def column_picture(
    x: Doubles,
    low: Doubles,
    high: Doubles,
    color: QColor,
    room: QRectF,
    ratio: float,
    joined: bool = False,
    doubled: bool = False,
) -> Picture:
    """The columns of one line, (points,), as they look in `room`; its cost is that of the room, however far they reach.

    With `joined` points that lie far apart are joined, with `doubled` the line is two device pixels wide. Full colours:
    Qt takes ten times as long to draw a picture of a byte a pixel, in threads whose time is easily overlooked.
    """
    left, over = math.floor(room.left() * ratio), math.floor(room.top() * ratio)
    width, height = math.ceil(room.right() * ratio) - left, math.ceil(room.bottom() * ratio) - over
    if joined:
        x, (low, high) = filled_in(x, (low, high), ratio)
    place, top, bottom = _reached(x, low[:, None], high[:, None], ratio)
    place -= left
    inside = (place >= 0) & (place < width) & ~np.isnan(top[:, 0])
    begins, tall = np.zeros((2, width), np.uint16)
    at, ends = place[inside].astype(np.int64), np.clip([top[inside, 0] - over, bottom[inside, 0] - over], 0, height)
    begins[at], tall[at] = ends[0], ends[1] - ends[0]
    first, last = (int(ends[0].min()), int(ends[1].max())) if len(at) else (0, 0)
    if last <= first:
        return NO_PICTURE
    image = QImage(width, last - first, QImage.Format.Format_ARGB32_Premultiplied)
    down = np.arange(first, last, dtype=np.uint16)[:, None]
    # Above where a column begins the difference is negative: as a number without a sign it is larger than any height.
    filled = down - begins < tall
    if doubled:
        filled[:, 1:] |= filled[:, :-1].copy()
    np.multiply(filled, np.uint32(color.rgb()), out=pixels_of(image))
    image.setDevicePixelRatio(ratio)
    return Picture(image, QPointF(left / ratio, (over + first) / ratio))


def filled_in(x: Doubles, lines: Sequence[Doubles], ratio: float) -> tuple[Doubles, list[Doubles]]:
    """The points with others between them, (points,) or (points, lines), so that none is over a device pixel away."""
    if len(x) < 2:
        return x, list(lines)
    many = np.maximum(np.ceil(np.diff(x) * ratio), 1).astype(np.int64)
    before = np.append(np.repeat(np.arange(len(many)), many), len(x) - 1)
    after = np.minimum(before + 1, len(x) - 1)
    share = np.append((np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)) / np.repeat(many, many), 0.0)

    def between(values: Doubles) -> Doubles:
        part = share.reshape(-1, *(1 for _ in values.shape[1:]))
        found: Doubles = np.where(part > 0, values[before] + part * (values[after] - values[before]), values[before])
        return found

    return between(x), [between(values) for values in lines]


def pixels_of(image: QImage) -> npt.NDArray[np.uint32]:
    """The memory of a picture of four bytes a pixel, (height, width): what is written there is what it shows."""
    return np.frombuffer(image.bits(), np.uint32).reshape(image.height(), image.width())


def _reached(x: Doubles, low: Doubles, high: Doubles, ratio: float) -> tuple[Doubles, Doubles, Doubles]:
    """The columns of device pixels that have points, and of each line where it begins and ends there."""
    place = np.floor(x * ratio)
    starts = np.flatnonzero(np.diff(place, prepend=place[0] - 1))
    top = np.fmin.reduceat(np.fmin(low, high), starts)
    bottom = np.fmax.reduceat(np.fmax(low, high), starts)
    place = place[starts]
    beside = (np.diff(place) <= 2)[:, None]  # further apart is a gap in the data
    first, last = top.copy(), bottom.copy()
    np.fmin(top[1:], bottom[:-1], out=first[1:], where=beside & ~np.isnan(top[1:]))
    np.fmax(bottom[1:], top[:-1], out=last[1:], where=beside & ~np.isnan(top[1:]))
    first = np.rint(first * ratio)
    return place, first, np.maximum(np.rint(last * ratio), first + 1)


def _filled(place: Doubles, top: Doubles, bottom: Doubles) -> Doubles:
    """Rectangles of each line, (lines, rectangles, 4), in device pixels; those without a height are to be left out.

    Pixels one above the other lie far apart in memory, and filling them column by column takes ten times as long: what
    16 neighbours have in common is a single rectangle, and each has one above and one below it.
    """
    count, groups = len(place), np.arange(0, len(place), GROUP)
    ends = np.minimum(groups + GROUP, count)
    upper, lower = np.maximum.reduceat(top, groups), np.minimum.reduceat(bottom, groups)
    torn = place[ends - 1] - place[groups] != ends - groups - 1
    upper[~(lower > upper) | torn[:, None]] = np.nan  # NaN for a line that is not there throughout, too
    high, low = np.repeat(upper, ends - groups, axis=0), np.repeat(lower, ends - groups, axis=0)
    found = np.empty((top.shape[1], len(groups) + 2 * count, 4))
    common, above, below = np.split(found, (len(groups), len(groups) + count), axis=1)
    for part, x, y, width, height in (
        (common, place[groups], upper, ends - groups, lower - upper),
        (above, place, top, 1.0, np.where(np.isnan(high), bottom, high) - top),
        (below, place, low, 1.0, np.where(np.isnan(high), np.nan, bottom - low)),
    ):
        part[..., 0], part[..., 1], part[..., 2], part[..., 3] = x, y.T, width, height.T
    return found


def segments(x: Doubles, y: Doubles) -> Doubles:
    """The straight pieces (x1, y1, x2, y2) of a line with gaps."""
    pieces = np.stack([x[:-1], y[:-1], x[1:], y[1:]], axis=1) if len(x) else np.empty((0, 4))
    found: Doubles = pieces[np.isfinite(pieces).all(axis=1)]
    return found


def draw_segments(painter: QPainter, pieces: Doubles) -> None:
    """All pieces in one call, with the painter's pen."""
    if len(pieces):
        painter.drawLines(_first(pieces, QLineF), len(pieces))


def draw_columns(painter: QPainter, rectangles: Doubles, color: QColor) -> None:
    """All rectangles in one call."""
    if len(rectangles):
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawRects(_first(rectangles, QRectF), len(rectangles))


def _first(array: Doubles, kind: type[Shape]) -> Shape:
    """The array's memory as Qt's own doubles: the first of its objects, which the others follow."""
    return cast("Shape", wrapInstance(array.ctypes.data, kind))


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


def dashed(begin: tuple[float, float], end: tuple[float, float], on: float, off: float) -> Doubles:
    """The dashes of a straight line, as its pieces."""
    across, down = end[0] - begin[0], end[1] - begin[1]
    length = math.hypot(across, down)
    starts = np.arange(0.0, length, on + off)
    shares = np.stack([starts, np.minimum(starts + on, length)], axis=1).reshape(-1, 2, 1) / max(length, 1e-9)
    pieces: Doubles = (shares * (across, down) + begin).reshape(-1, 4)
    return pieces


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
