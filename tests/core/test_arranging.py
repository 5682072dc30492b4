"""Cards in line and at equal distances, whatever their sizes."""

from __future__ import annotations

from itertools import pairwise

import pytest

from core.annotations import Rect
from core.arranging import Way, arranged

CARDS: dict[str, Rect] = {"a": (0, 0, 100, 90), "b": (130, 50, 200, 40), "c": (500, 20, 100, 120)}


@pytest.mark.parametrize(
    ("way", "axis", "share"),
    [("left", 0, 0), ("centre", 0, 0.5), ("right", 0, 1), ("top", 1, 0), ("middle", 1, 0.5), ("bottom", 1, 1)],
)
def test_they_stand_in_line_and_keep_their_other_place(way: Way, axis: int, share: float) -> None:
    places = arranged(CARDS, way)
    lines = {places[key][axis] + share * rect[axis + 2] for key, rect in CARDS.items()}
    assert len(lines) == 1
    assert all(places[key][1 - axis] == rect[1 - axis] for key, rect in CARDS.items())
    low = min(rect[axis] for rect in CARDS.values())
    high = max(rect[axis] + rect[axis + 2] for rect in CARDS.values())
    assert lines == {low + share * (high - low)}


@pytest.mark.parametrize(("way", "axis", "order"), [("across", 0, "abc"), ("down", 1, "abc")])
def test_gaps_become_equal_between_the_outermost(way: Way, axis: int, order: str) -> None:
    cards = CARDS if axis == 0 else {"a": (0, 0, 9, 40), "b": (5, 50, 9, 20), "c": (9, 200, 9, 40)}
    places = arranged(cards, way)
    gaps = [places[after][axis] - places[before][axis] - cards[before][axis + 2] for before, after in pairwise(order)]
    assert gaps[0] == gaps[1]
    assert places["a"][axis] == cards["a"][axis]
    assert places["c"][axis] == cards["c"][axis]
