"""How well typed words fit a title and what else may be said of a thing: a kind, a data set or a block."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeVar

Item = TypeVar("Item")
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
    title = spoken.title.lower()
    if title == " ".join(words):
        return 0
    scores = [_score(title, spoken.words, word) for word in words]
    return _NOTHING if _NOTHING in scores else sum(scores) / len(scores)


def _score(title: str, others: tuple[str, ...], word: str) -> int:
    if title.startswith(word):
        return 0 if title == word else 1
    if word in title:
        return 2
    if any(part.startswith(word) for part in others):
        return 3
    return 4 if _subsequence(word, title) else _NOTHING


def _subsequence(word: str, title: str) -> bool:
    letters = iter(title)
    return len(word) > 1 and all(letter in letters for letter in word)
