"""Tokens that stand for no word, and how a row of tokens is read as a text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

PAD, START, END, UNKNOWN = range(4)
"""What fills a row that is too short, begins and ends a text, and stands for a word that is too rare."""
SPECIAL = ("<pad>", "<start>", "<end>", "<unknown>")
"""Their names, the first of every vocabulary that has them."""


def is_spelled(vocabulary: Iterable[str]) -> bool:
    """Whether the tokens are characters, not words."""
    return all(len(name) == 1 or name in SPECIAL for name in vocabulary)


def text_of(tokens: Iterable[int], vocabulary: Sequence[str]) -> str:
    """The tokens as a text: letters side by side, words with spaces; what fills, begins and ends is left out."""
    hidden = {place for place, name in enumerate(vocabulary[: END + 1]) if name in SPECIAL}
    return ("" if is_spelled(vocabulary) else " ").join(vocabulary[token] for token in tokens if token not in hidden)
