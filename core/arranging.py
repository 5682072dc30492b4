"""Cards in line and at equal distances: from their rectangles to where their corners go; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from core.annotations import Rect
from core.project import Position

Way = Literal["left", "centre", "right", "top", "middle", "bottom", "across", "down"]
WAYS: tuple[Way, ...] = get_args(Way)
_SHARES: Mapping[str, tuple[int, float]] = {
    "left": (0, 0.0),
    "centre": (0, 0.5),
    "right": (0, 1.0),
    "top": (1, 0.0),
    "middle": (1, 0.5),
    "bottom": (1, 1.0),
}
"""The axis, and which share of a card's size is brought in line."""


def arranged(rects: Mapping[str, Rect], way: Way) -> dict[str, Position]:
    """Where the corners of these cards go: their edges or middles in line, or (across, down) with equal gaps.

    Edges go to the outermost, middles to the middle of all; the first and last card of a row keep their place.
    """
    if way in ("across", "down"):
        return _distributed(rects, 0 if way == "across" else 1)
    axis, share = _SHARES[way]
    low = min(rect[axis] for rect in rects.values())
    high = max(rect[axis] + rect[axis + 2] for rect in rects.values())
    line = low + share * (high - low)
    return {key: _moved(rect, axis, line - share * rect[axis + 2]) for key, rect in rects.items()}


def _distributed(rects: Mapping[str, Rect], axis: int) -> dict[str, Position]:
    row = sorted(rects, key=lambda key: rects[key][axis] + rects[key][axis + 2] / 2)
    first, last = rects[row[0]], rects[row[-1]]
    room = last[axis] + last[axis + 2] - first[axis] - sum(rect[axis + 2] for rect in rects.values())
    gap, at, places = room / max(len(row) - 1, 1), first[axis], {}
    for key in row:
        places[key] = _moved(rects[key], axis, at)
        at += rects[key][axis + 2] + gap
    return places


def _moved(rect: Rect, axis: int, to: float) -> Position:
    whole = float(round(to))
    return (whole, rect[1]) if axis == 0 else (rect[0], whole)
