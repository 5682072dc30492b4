"""How much room the texts of a card take beside the names of its ports; pure, from numbers of letters."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from gui.canvas.geometry import INSET, WIDTH

WIDEST = 220.0
"""Of a card whose names ask for it."""
_LETTER = 6.6
"""Width of one in the card's fonts, in scene units: all in the one of numbers, most of the broadest in the other."""
_GAP = 8.0
Lines = tuple[str, str]


def crowded(inputs: Sequence[str], outputs: Sequence[str], left: Lines, right: Lines) -> bool:
    """Whether texts and port names that would stand in one line do not fit it, or begin or end in one place."""
    rows = list(zip_longest(inputs, outputs, left, right, fillvalue=""))
    met = any((before and first) or (behind and last) for before, behind, first, last in rows)
    return met or any(_taken(row) > WIDTH - 2 * INSET for row in rows)


def needed(inputs: Sequence[str], outputs: Sequence[str], left: Lines, right: Lines) -> float:
    """The width of a card whose texts stand above its ports, a whole number from the usual one to the widest."""
    rows = [*zip(left, right, strict=True), *zip_longest(inputs, outputs, fillvalue="")]
    return float(round(min(max([WIDTH, *(_taken(row) + 2 * INSET for row in rows)]), WIDEST)))


def _taken(texts: Sequence[str]) -> float:
    """The width of texts in one line, with gaps between them."""
    there = [text for text in texts if text]
    return _LETTER * sum(map(len, there)) + _GAP * max(len(there) - 1, 0)
