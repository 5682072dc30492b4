"""The way of a wire that is led through points: a smooth curve, straight lines, or right angles."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath

from gui.canvas.wire_styles import Style

STUB = 12.0
"""A wire leaves and reaches a port level, for at least so far."""
_REACH, _LONGEST = 0.4, 120.0
"""Of a curve's leg: how far its handles go, as a share of the leg and at most."""


def smooth(points: Sequence[QPointF]) -> QPainterPath:
    """A curve through all points, level at its ends, elsewhere in the direction from the point before to the next."""
    inner = [_unit(after - before) for before, after in zip(points, points[2:], strict=False)]
    ways = [QPointF(1, 0), *inner, QPointF(1, 0)]
    path = QPainterPath(points[0])
    for (start, end), (leaving, coming) in zip(pairwise(points), pairwise(ways), strict=True):
        reach = min(math.hypot(end.x() - start.x(), end.y() - start.y()) * _REACH, _LONGEST)
        path.cubicTo(start + leaving * reach, end - coming * reach, end)
    return path


def corners(points: Sequence[QPointF], style: Style) -> list[QPointF]:
    """Every corner of the way in this style, both ends and all points included."""
    if style == "straight":
        return list(points)
    made = [points[0], *_first(points[0], points[1])]
    for start, end in pairwise(points[1:-1]):
        made += [*_turned(made[-2], start, end), end]
    return _plain([*made, *_last(made[-2], points[-2], points[-1]), points[-1]])


def middle(points: Sequence[QPointF], curve: QPainterPath) -> tuple[QPointF, float]:
    """The place on a smooth curve in the middle of its longest leg, and that leg's width."""
    legs = [math.hypot(end.x() - start.x(), end.y() - start.y()) for start, end in pairwise(points)]
    longest = legs.index(max(legs))
    start, end = points[longest], points[longest + 1]
    handles = _place(curve, 1 + 3 * longest) + _place(curve, 2 + 3 * longest)
    return (start + end + handles * 3) / 8, abs(end.x() - start.x())


def _first(start: QPointF, point: QPointF) -> Iterator[QPointF]:
    """From an output to the first point: level, then up or down to it."""
    if point.x() < start.x() + STUB:
        half = (start.y() + point.y()) / 2
        yield from (QPointF(start.x() + STUB, y) for y in (start.y(), half))
        yield QPointF(point.x(), half)
    else:
        yield QPointF(point.x(), start.y())
    yield point


def _turned(before: QPointF, start: QPointF, end: QPointF) -> Iterator[QPointF]:
    """The corner between two points: going on as it came, unless that would lead back over the same line."""
    came, way = start - before, end - start
    level = came.x() * way.x() > 0 or came.y() * way.y() < 0
    yield QPointF(end.x(), start.y()) if level else QPointF(start.x(), end.y())


def _last(before: QPointF, point: QPointF, end: QPointF) -> Iterator[QPointF]:
    """From the last point to an input, which is reached level from the left."""
    came, way = point - before, end - point
    if way.x() < STUB:
        half = (point.y() + end.y()) / 2
        yield from (QPointF(point.x(), half), QPointF(end.x() - STUB, half), QPointF(end.x() - STUB, end.y()))
    elif came.y() * way.y() < 0:
        half = (point.x() + end.x()) / 2
        yield from (QPointF(half, point.y()), QPointF(half, end.y()))
    else:
        yield QPointF(point.x(), end.y())


def _plain(points: Sequence[QPointF]) -> list[QPointF]:
    """The points, none twice in a row."""
    return [at for at, before in zip(points, (None, *points), strict=False) if at != before]


def _place(path: QPainterPath, index: int) -> QPointF:
    element = path.elementAt(index)
    return QPointF(element.x, element.y)


def _unit(way: QPointF) -> QPointF:
    length = math.hypot(way.x(), way.y())
    return way / length if length else QPointF(1, 0)
