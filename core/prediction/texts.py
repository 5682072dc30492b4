"""From a text that is typed to the tokens of a vocabulary, and from tokens to a text that reads well."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from core.data.tokens import SPECIAL, is_spelled

_WORD = re.compile(r"<\w+>|\w+(?:['’]\w+)*|[^\w\s]|\n")
"""A special token, a word, a sign, or the end of a line."""
_UNKNOWN = ("<unknown>", "(unknown)")
_CLOSE = frozenset(",.;:!?)’”»")
"""Signs that stand close to the word before them."""
_OPEN = frozenset("(¿¡‘“«")
"""Signs that stand close to the word behind them."""
_VISIBLE = {"\n": "↵", " ": "␣", "\t": "⇥"}


class Typed(NamedTuple):
    """A text as tokens."""

    tokens: list[int]
    unknown: list[str]
    """What the vocabulary does not have, once each: it is <unknown> where there is such a token, else left out."""


def tokens_of(text: str, vocabulary: Sequence[str]) -> Typed:
    """The text as tokens: characters where all tokens are, bytes where there are 256 of them, else words."""
    places = {name: place for place, name in enumerate(vocabulary)}
    other = next((places[name] for name in _UNKNOWN if name in places), None)
    if _is_bytes(vocabulary):
        return Typed(list(text.encode()), [])
    tokens: list[int] = []
    unknown: dict[str, None] = {}
    for piece in text if is_spelled(vocabulary) else _WORD.findall(text):
        place = next((places[form] for form in (piece, piece.lower(), piece.upper()) if form in places), None)
        if place is None:
            unknown[piece] = None
        if place is not None or other is not None:
            tokens.append(place if place is not None else other)  # type: ignore[arg-type]  # one of them is there
    return Typed(tokens, list(unknown))


def written(tokens: Iterable[int], vocabulary: Sequence[str]) -> str:
    """The tokens as a text; what fills a row, begins and ends it is left out."""
    if _is_bytes(vocabulary):
        return bytes(tokens).decode(errors="replace")
    hidden = {place for place, name in enumerate(vocabulary) if name in SPECIAL[:3]}
    names = [vocabulary[token] for token in tokens if token not in hidden]
    if is_spelled(vocabulary):
        return "".join(names)
    text = ""
    for name in names:
        close = not text or text[-1] in _OPEN or text[-1] == "\n" or name in _CLOSE or name == "\n"
        text += name if close else f" {name}"
    return text


def visible(name: str) -> str:
    """A token by a name that can be seen."""
    return "".join(_VISIBLE.get(sign, sign) for sign in name)


def place_of(name: str, vocabulary: Sequence[str]) -> int | None:
    """The number of a token; None where there is none of this name."""
    return vocabulary.index(name) if name in vocabulary else None


def _is_bytes(vocabulary: Sequence[str]) -> bool:
    return len(vocabulary) == 256 and not is_spelled(vocabulary)
