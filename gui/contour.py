"""Lines of one level through a grid of values: marching squares, each end placed by a straight line between corners."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
End = tuple[Doubles, Doubles]
"""Where a line may cross each square's side: x and y."""


def contour(grid: Doubles, level: float) -> Doubles:
    """The pieces of the line (K, 4), as x1, y1, x2, y2 in places of the grid (rows are y), from values (NY, NX).

    Where a square's corners are higher crosswise, the mean of the four says which of them belong together.
    """
    above = grid - level
    # exactly at the level counts as above, so that every crossing lies between a negative and another
    a, b, c, d = above[:-1, :-1], above[:-1, 1:], above[1:, 1:], above[1:, :-1]
    places: Doubles = np.indices(a.shape, dtype=np.float64)
    rows, columns = places[0], places[1]
    upper: End = (columns + _share(a, b), rows)
    right: End = (columns + 1, rows + _share(b, c))
    lower: End = (columns + _share(d, c), rows + 1)
    left: End = (columns, rows + _share(a, d))
    corners = ((a >= 0) * 1) + ((b >= 0) * 2) + ((c >= 0) * 4) + ((d >= 0) * 8)
    middle = (a + b + c + d) >= 0
    pieces = []
    for one, other, cases in (
        (left, upper, (1, 14)),
        (upper, right, (2, 13)),
        (right, lower, (4, 11)),
        (lower, left, (8, 7)),
        (left, right, (3, 12)),
        (upper, lower, (6, 9)),
    ):
        pieces.append(_pieces(one, other, np.isin(corners, cases)))
    crossed = corners == 5  # a and c are higher
    pieces += [_pieces(left, upper, crossed & ~middle), _pieces(right, lower, crossed & ~middle)]
    pieces += [_pieces(upper, right, crossed & middle), _pieces(lower, left, crossed & middle)]
    crossed = corners == 10  # b and d are higher
    pieces += [_pieces(upper, right, crossed & ~middle), _pieces(lower, left, crossed & ~middle)]
    pieces += [_pieces(left, upper, crossed & middle), _pieces(right, lower, crossed & middle)]
    found = np.concatenate(pieces)
    # a corner that lies just on the line is touched by squares that only end there
    return found[(np.abs(found[:, :2] - found[:, 2:]) > 1e-12).any(axis=1)]


def chained(pieces: Doubles) -> list[Doubles]:
    """The pieces joined end to end, as lines (N, 2): what a dashed pen needs."""
    ends: dict[tuple[float, float], list[int]] = {}
    for at, (x1, y1, x2, y2) in enumerate(pieces.tolist()):
        ends.setdefault(_corner(x1, y1), []).append(at)
        ends.setdefault(_corner(x2, y2), []).append(at)
    left = set(range(len(pieces)))
    found = []
    # from the loose ends first, so that an open line is not begun in its middle
    loose = [at for places in ends.values() if len(places) == 1 for at in places]
    for start in (*loose, *range(len(pieces))):
        if start in left:
            found.append(_followed(pieces, ends, left, start))
    return found


def _followed(pieces: Doubles, ends: dict[tuple[float, float], list[int]], left: set[int], start: int) -> Doubles:
    """The line that begins with this piece; what it takes is left no more."""
    left.discard(start)
    first, last = (float(pieces[start, 0]), float(pieces[start, 1])), (float(pieces[start, 2]), float(pieces[start, 3]))
    if len(ends[_corner(*first)]) > 1 and len(ends[_corner(*last)]) == 1:
        first, last = last, first
    line = [first, last]
    while (at := next((at for at in ends[_corner(*line[-1])] if at in left), None)) is not None:
        left.discard(at)
        x1, y1, x2, y2 = pieces[at].tolist()
        line.append((x2, y2) if _corner(x1, y1) == _corner(*line[-1]) else (x1, y1))
    return np.array(line)


def _corner(x: float, y: float) -> tuple[float, float]:
    """The same for ends that differ by rounding alone."""
    return round(x, 6), round(y, 6)


def _share(one: Doubles, other: Doubles) -> Doubles:
    """How far along from one corner to the other the value is zero; anything where it is not between them."""
    difference = one - other
    share: Doubles = np.divide(one, difference, out=np.zeros_like(one), where=difference != 0)
    return share


def _pieces(one: End, other: End, where: NDArray[np.bool_]) -> Doubles:
    return np.stack([one[0][where], one[1][where], other[0][where], other[1][where]], axis=1)
