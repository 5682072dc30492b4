"""The way of a wire: a curve where it leads forward, right angles through the gutters between rows where not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Generic, NamedTuple

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath

from gui.canvas import through
from gui.canvas.geometry import Key
from gui.canvas.wire_styles import Style

LANE = 12.0
CORNER = 10.0
STUB = 12.0
_OUTSIDE = 20.0
_APPROACH = 26.0
_UNDER = 24.0
_REACH = 4000.0
_SHORT = 80.0
"""A wire over a narrower gap has its shape above it."""

Near = Callable[[QRectF], list[QRectF]]
"""The cards that touch an area."""


class Ends(NamedTuple):
    """Where a wire begins and ends, and the cards it joins."""

    start: QPointF
    end: QPointF
    source: QRectF
    target: QRectF
    label: bool = False
    via: tuple[QPointF, ...] = ()
    """The points through which it is led."""


@dataclass(frozen=True, slots=True)
class Turns:
    """A way of right angles: the x of each vertical run and the y of each horizontal one between them."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]

    def points(self, ends: Ends) -> list[QPointF]:
        """Every corner, the two ends included."""
        levels = (ends.start.y(), *self.ys, ends.end.y())
        corners = [QPointF(x, y) for x, pair in zip(self.xs, pairwise(levels), strict=True) for y in pair]
        return [ends.start, *corners, ends.end]


class Route:
    """A drawn way and where its shape is written."""

    __slots__ = ("above", "path", "pill", "rect")

    def __init__(self, path: QPainterPath, pill: QPointF, above: bool) -> None:
        self.path = path
        self.pill = pill
        self.above = above
        """Whether the shape stands above the wire, not on it."""
        self.rect = path.boundingRect()
        """What holds the path."""


class Free(Route):
    """The way of a wire with nothing in between, most wires' of a large graph: made when it is first asked for.

    It does not leave the rectangle of its ends, and is the same seen from either.
    """

    __slots__ = ("_end", "_path", "_start", "_style")

    def __init__(self, start: QPointF, end: QPointF, style: Style) -> None:
        self._start, self._end, self._style = start, end, style
        self._path: QPainterPath | None = None
        self.above = end.x() - start.x() < _SHORT
        self.rect = QRectF(start, end).normalized()

    @property
    def path(self) -> QPainterPath:  # type: ignore[override]
        """The way itself."""
        if self._path is None:
            self._path = free(self._start, self._end, self._style)
        return self._path

    @property
    def pill(self) -> QPointF:  # type: ignore[override]
        """Where the shape is written."""
        middle = (self._start + self._end) / 2
        return middle - QPointF(0, 13) if self.above else middle


def turns(ends: Ends, near: Near, style: Style = "spline") -> Turns | None:
    """The right angles of this wire, or None where its style does, or the points through which it is led."""
    if ends.via:
        return None
    forward = ends.end.x() - ends.start.x() >= 2 * STUB
    if forward and not ends.label and not _blocked(ends, near, style):
        return None
    same_row = _overlap(ends.source, ends.target)
    if forward and ends.label and same_row and not _blocked(ends, near, style):
        return None
    if forward:
        return _forward(ends, near, same_row)
    left, right = ends.end.x() - STUB, ends.start.x() + STUB
    upper = ends.source if same_row or ends.target.top() > ends.source.top() else ends.target
    if ends.label and _rows_between(ends, near):
        left = _outside(ends, near)
    return Turns((right, left), (_under(upper, left, right, near),))


def _forward(ends: Ends, near: Near, same_row: bool) -> Turns:
    first, last = ends.start.x() + STUB, ends.end.x() - (_APPROACH if ends.label else STUB)
    if same_row and not ends.label:
        return Turns((first, last), (_over(ends.source, first, last, near),))
    if ends.target.top() < ends.source.top() and not same_row:
        return Turns((first, last), (_under(ends.target, first, last, near),))
    if same_row or not _rows_between(ends, near):
        return Turns((first, last), (_under(ends.source, first, last, near),))
    outside = _outside(ends, near)
    upper = _under(ends.source, outside, first, near)
    return Turns((first, outside, last), (upper, _under(ends.target, outside, last, near)))


def curve(start: QPointF, end: QPointF) -> QPainterPath:
    """A cubic with level ends."""
    reach = min(max(abs(end.x() - start.x()) / 2, 24.0), 120.0)
    path = QPainterPath(start)
    path.cubicTo(QPointF(start.x() + reach, start.y()), QPointF(end.x() - reach, end.y()), end)
    return path


def free(start: QPointF, end: QPointF, style: Style) -> QPainterPath:
    """The way of a wire with nothing in between."""
    if style == "spline":
        return curve(start, end)
    middle = (start.x() + end.x()) / 2
    corners = [QPointF(middle, start.y()), QPointF(middle, end.y())]
    return rounded([start, *(corners if style == "orthogonal" and start.y() != end.y() else ()), end])


def drawn(ends: Ends, way: Turns | None, style: Style = "spline") -> Route:
    """The path of a wire and the place of its shape."""
    if ends.via:
        return _led((ends.start, *ends.via, ends.end), style)
    if way is None:
        if ends.end.x() - ends.start.x() >= 2 * STUB:
            return Free(ends.start, ends.end, style)
        path, middle = free(ends.start, ends.end, style), (ends.start + ends.end) / 2
        return Route(path, middle - QPointF(0, 13), True)
    points = way.points(ends)
    runs = [(abs(b.x() - a.x()), QPointF((a.x() + b.x()) / 2, a.y())) for a, b in pairwise(points) if a.y() == b.y()]
    return Route(rounded(points), max(runs, key=lambda run: run[0])[1], False)


def _led(points: Sequence[QPointF], style: Style) -> Route:
    """The way through these points; its shape is written at the longest leg, where no point lies.

    Between cards that stand close there is no leg for it: it is written above the middle, as without points.
    """
    if style == "spline":
        path = through.smooth(points)
        at, wide = through.middle(points, path)
    else:
        line = through.corners(points, style)
        path = rounded(line)
        at, wide = _longest(line)
    if 0 < points[-1].x() - points[0].x() < _SHORT and wide < _SHORT:
        at, wide = path.pointAtPercent(0.5), 0.0
    above = wide < _SHORT
    return Route(path, QPointF(at.x(), at.y() - 13) if above else at, above)


def _longest(points: Sequence[QPointF]) -> tuple[QPointF, float]:
    """The middle and length of the longest run; a level one, along which a text can stand, counts twice."""
    start, end = max(pairwise(points), key=lambda run: _length(*run) + abs(run[1].x() - run[0].x()))
    return (start + end) / 2, _length(start, end)


def _length(start: QPointF, end: QPointF) -> float:
    return (end - start).manhattanLength()


def rounded(points: Sequence[QPointF]) -> QPainterPath:
    """A line through all points with round corners."""
    path = QPainterPath(points[0])
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        path.lineTo(_towards(corner, before))
        path.quadTo(corner, _towards(corner, after))
    path.lineTo(points[-1])
    return path


class _Run(NamedTuple, Generic[Key]):
    """One horizontal run of a way."""

    label: bool
    left: float
    right: float
    key: Key
    place: int


def in_lanes(ways: Mapping[Key, tuple[Turns, bool]]) -> dict[Key, Turns]:
    """The same ways, those that share a gutter moved apart; the flag marks a label's, which lies outside."""
    moved = {key: way for key, (way, _label) in ways.items()}
    placed: list[tuple[float, float, float]] = []
    for run in sorted(_runs(ways)):
        levels = list(moved[run.key].ys)
        levels[run.place] = _free(levels[run.place], run, placed)
        placed.append((levels[run.place], run.left, run.right))
        moved[run.key] = replace(moved[run.key], ys=tuple(levels))
    return moved


def _runs(ways: Mapping[Key, tuple[Turns, bool]]) -> Iterator[_Run[Key]]:
    for key, (way, label) in ways.items():
        for index in range(len(way.ys)):
            left, right = sorted((way.xs[index], way.xs[index + 1]))
            yield _Run(label, left, right, key, index)


def _free(level: float, run: _Run[Key], placed: Sequence[tuple[float, float, float]]) -> float:
    """The first lane from here upwards in which nothing runs beside."""
    beside = sorted((other for other, left, right in placed if run.left <= right and left <= run.right), reverse=True)
    for other in beside:
        if abs(level - other) < LANE - 0.01:
            level = other - LANE
    return level


def _towards(corner: QPointF, other: QPointF) -> QPointF:
    way = other - corner
    length = abs(way.x()) + abs(way.y())
    return corner + way * (min(CORNER, length / 2) / length) if length else corner


def _overlap(one: QRectF, other: QRectF) -> bool:
    return one.top() < other.bottom() and other.top() < one.bottom()


def _row(card: QRectF, left: float, right: float, near: Near) -> list[QRectF]:
    """The cards beside this one between two places."""
    beside = near(QRectF(left, card.top(), max(right - left, 1.0), card.height()))
    return [card, *beside]


def _under(card: QRectF, left: float, right: float, near: Near) -> float:
    """The middle of the gutter below the card's row."""
    left, right = min(left, right), max(left, right)
    bottom = max(rect.bottom() for rect in _row(card, left, right, near))
    below = near(QRectF(left, bottom + 1, max(right - left, 1.0), 2 * _UNDER + 60))
    following = min((rect.top() for rect in below if rect.top() > bottom), default=bottom + 2 * _UNDER)
    return (bottom + following) / 2


def _rows_between(ends: Ends, near: Near) -> bool:
    """Whether a row of cards stands between the two cards' rows."""
    top, bottom = ends.source.bottom(), ends.target.top()
    if bottom <= top:
        return False
    cards = near(QRectF(ends.source.left() - _REACH, top, 2 * _REACH, bottom - top))
    return any(card.top() >= top and card.bottom() <= bottom for card in cards)


def _over(card: QRectF, left: float, right: float, near: Near) -> float:
    """The gutter above the card's row."""
    top = min(rect.top() for rect in _row(card, left, right, near))
    above = near(QRectF(left, top - 2 * _UNDER - 60, max(right - left, 1.0), 2 * _UNDER + 59))
    bottom = max((rect.bottom() for rect in above if rect.bottom() < top), default=float("-inf"))
    return top - _UNDER if bottom == float("-inf") else (top + bottom) / 2


def _outside(ends: Ends, near: Near) -> float:
    """Left of every card between the two rows."""
    top, bottom = ends.source.top(), ends.target.bottom()
    cards = near(QRectF(ends.start.x() - _REACH, top, _REACH, bottom - top))
    return min((card.left() for card in cards), default=ends.start.x()) - _OUTSIDE


def _blocked(ends: Ends, near: Near, style: Style) -> bool:
    """Whether the plain way would run behind a card."""
    if ends.end.x() - ends.start.x() < 160:
        return False
    path = free(ends.start, ends.end, style)
    cards = [card for card in near(path.boundingRect().adjusted(0, -4, 0, 4)) if card not in (ends.source, ends.target)]
    places = [path.pointAtPercent(share / 24) for share in range(1, 24)] if cards else []
    return any(card.adjusted(2, -4, -2, 4).contains(place) for card in cards for place in places)
