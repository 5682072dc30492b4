"""How well typed words fit a title and what else may be said of a thing: a kind, a data set or a block."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeVar

Item = TypeVar("Item")
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
"""What a title is made of: Batch, Norm, 2."""
_NOTHING = 9


class Spoken(NamedTuple):
    """What a thing is found by."""

    title: str
    words: tuple[str, ...] = ()
    """Further words, each found by how it begins."""


def ranked(text: str, items: Iterable[Item], spoken: Callable[[Item], Spoken]) -> tuple[Item, ...]:
    """The things that all the words fit, best first, ties in their order; all of them for an empty text."""
    words = text.lower().split()
    if not words:
        return tuple(items)
    ranks = [(_rank(words, spoken(item)), item) for item in items]
    return tuple(item for rank, item in sorted(ranks, key=lambda hit: hit[0]) if rank < _NOTHING)


def _rank(words: list[str], spoken: Spoken) -> float:
    """0 for the very title, up to 4; the mean over the words."""
    if spoken.title.lower() == " ".join(words):
        return 0
    scores = [_score(spoken, word) for word in words]
    return _NOTHING if _NOTHING in scores else sum(scores) / len(scores)


def _score(spoken: Spoken, word: str) -> int:
    title = spoken.title.lower()
    if title.startswith(word):
        return 0 if title == word else 1
    parts = [part.lower() for part in _PARTS.findall(spoken.title)]
    if word == "".join(part[0] for part in parts):
        return 1
    if word in title:
        return 2
    if any(part.startswith(word) for phrase in spoken.words for part in phrase.split()):
        return 3
    return 4 if len(word) > 1 and _abbreviates(word, parts) else _NOTHING


def _abbreviates(word: str, parts: list[str]) -> bool:
    """Whether the word is made of beginnings of some of the parts, in their order: bn, batchn or sdpa."""
    if not word:
        return True
    return any(
        part.startswith(word[:length]) and _abbreviates(word[length:], parts[place + 1 :])
        for place, part in enumerate(parts)
        for length in range(min(len(word), len(part)), 0, -1)
    )
