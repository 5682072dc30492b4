"""Lines of Python, laid out as `ruff format` would leave them, each with the nodes it belongs to."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from typing import NamedTuple

WIDTH = 88
"""Columns, as formatters of Python have them by default."""
INDENT = "    "
_OPEN, _CLOSE = "([{", ")]}"
_OPERATORS = ((" + ", " - "), (" * ", " / ", " @ "))
"""From loosest to tightest; long sums and products are parted at these."""
_POWER = re.compile(r"(?<![\w.)\]])([\w.]+) \*\* (-?[\w.]+)(?![\w.(\[])")
"""A power of two simple operands, which formatters write without blanks."""


class Line(NamedTuple):
    """One line of text, and the ids of the nodes that it stands for."""

    text: str
    nodes: tuple[str, ...] = ()


def statement(text: str, depth: int = 0, comment: str = "", nodes: tuple[str, ...] = ()) -> Iterator[Line]:
    """The statement at this depth; a comment that does not fit beside it is left out."""
    if "\n" in text:
        yield from (Line(f"{INDENT * depth}{line}" if line else "", nodes) for line in text.split("\n"))
        return
    whole = f"{INDENT * depth}{text}"
    if comment and len(whole) + len(comment) + 4 <= WIDTH:
        whole = f"{whole}  # {comment}"
    for line in [whole] if len(whole) <= WIDTH else _parted(text, depth):
        yield Line(line, nodes)


def docstring(text: str, depth: int = 0) -> Iterator[Line]:
    """The text as a docstring: in one line, or its first sentence, a blank line and the rest."""
    plain = " ".join(text.split()).replace("\\", "\\\\").replace('"""', "'''").rstrip('"').strip()
    front = INDENT * depth
    if len(front) + len(plain) + 6 <= WIDTH:
        yield Line(f'{front}"""{plain}"""')
        return
    first, dot, rest = plain.partition(". ")
    room = WIDTH - len(front) - (3 if rest else 8)
    lines = textwrap.wrap(f"{first}{dot.strip()}", room, break_long_words=False)
    if rest:
        lines += ["", *textwrap.wrap(rest, WIDTH - len(front), break_long_words=False)]
    yield Line(f'{front}"""{lines[0]}')
    yield from (Line(f"{front}{line}" if line else "") for line in lines[1:])
    yield Line(f'{front}"""')


def tidy(text: str) -> str:
    """The expression without commas that a formatter takes for a wish to have each item in a line of its own."""
    place = text.find(",)")
    while place >= 0:
        start = max(at for at in range(place) if text[at] == "(" and _closing(text, at) == place + 1)
        inside = text[start + 1 : place]
        if len(_split(inside, (", ",))) > 1:
            text = f"{text[:place]}{text[place + 1 :]}"
        place = text.find(",)", place + 1)
    return _POWER.sub(r"\1**\2", text)


def blank(count: int = 1) -> Iterator[Line]:
    """So many empty lines."""
    return (Line("") for _ in range(count))


def is_operation(text: str) -> bool:
    """Whether the expression joins others by operators, so that what follows it needs brackets."""
    return bool(_operators(text))


def is_sum(text: str) -> bool:
    """Whether the expression is a sum or difference of others."""
    return _operators(text) == _OPERATORS[0]


def text_of(lines: Iterable[Line]) -> str:
    """The lines as one text."""
    return "".join(f"{line.text}\n" for line in lines)


def _parted(text: str, depth: int) -> Iterator[str]:
    """A statement that is too long, in several lines."""
    front, (start, expression, end) = INDENT * depth, _pieces(text)
    if _operators(expression) and not _ends_in_call(expression, len(front) + len(start)):
        yield f"{front}{start}("
        yield from _operands(expression, depth + 1)
        yield f"{front}){end}"
        return
    links = [] if _operators(expression) else _links(expression)
    if len(links) > 2:
        yield f"{front}{start}("
        yield from (f"{front}{INDENT}{link}" for link in links)
        yield f"{front}){end}"
        return
    place = _opening(expression, len(front) + len(start))
    if place is None:
        yield f"{front}{text}"
        return
    close = _closing(expression, place)
    head, inside, tail = expression[: place + 1], expression[place + 1 : close], expression[close:]
    yield f"{front}{start}{head}"
    yield from _inside(inside, depth + 1)
    yield f"{front}{tail}{end}"


def _ends_in_call(text: str, before: int) -> bool:
    """Whether a sum or product of two ends in brackets that can be parted instead."""
    place = _opening(text, before)
    return len(_split(text, _operators(text))) == 2 and text[-1] in _CLOSE and place is not None


def _links(text: str) -> list[str]:
    """The calls of a chain like x.flatten(1).sum(1).sqrt(), the first with what it is called on."""
    places, parts, start = _outside(text), [], 0
    for place in sorted(places):
        if text.startswith(").", place):
            parts.append(text[start : place + 1])
            start = place + 1
    return [*parts, text[start:]]


def _pieces(text: str) -> tuple[str, str, str]:
    """What stands before the expression, the expression, and what stands behind it."""
    end = text[-1] if text[-1] in ":," else ""
    text = text[: len(text) - len(end)]
    for word in ("return ", "assert ", "raise ", "if ", "elif ", "while ", "*"):
        if text.startswith(word):
            return word, text[len(word) :], end
    places = _outside(text)
    if text.startswith("for "):
        start = next((place + 4 for place in sorted(places) if text.startswith(" in ", place)), 4)
        return text[:start], text[start:], end
    for place, letter in enumerate(text):
        if letter == "=" and place in places:
            spaced = text[place + 1 : place + 2] == " "
            return text[: place + 1 + spaced], text[place + 1 + spaced :], end
    return "", text, end


def _inside(text: str, depth: int) -> Iterator[str]:
    """What stands between brackets: in one line, or one of its items in each."""
    front = INDENT * depth
    items = _split(text, (", ",))
    clauses = _split(text, (" for ", " if ")) if " for " in text else [text]
    if len(front) + len(text) <= WIDTH:
        yield f"{front}{text}"
    elif len(clauses) > 1 and text[:1] != "*":
        for clause in clauses:
            yield from (line.text for line in statement(clause.lstrip(), depth))
    elif len(items) == 1 and _operators(text):
        yield from _operands(text, depth)
    else:
        for item in items:
            yield from (line.text for line in statement(f"{item},", depth))


def _operands(text: str, depth: int) -> Iterator[str]:
    front = INDENT * depth
    if len(front) + len(text) <= WIDTH:
        yield f"{front}{text}"
        return
    for part in _split(text, _operators(text)):
        lines = list(statement(part.strip(), depth))
        yield from (line.text for line in lines)


def _operators(text: str) -> tuple[str, ...]:
    """The loosest operators outside of all brackets."""
    places = _outside(text)
    for group in _OPERATORS:
        if any(text.startswith(sign, place) for place in places for sign in group):
            return group
    return ()


def _split(text: str, signs: tuple[str, ...]) -> list[str]:
    """The text parted at these signs outside of all brackets; operators stay with what follows, commas go."""
    places, parts, start = _outside(text), [], 0
    for place in sorted(places):
        sign = next((sign for sign in signs if text.startswith(sign, place)), None)
        if sign is not None and place > start:
            parts.append(text[start:place])
            start = place + 2 if sign == ", " else place
    return [*parts, text[start:]]


def _opening(text: str, before: int) -> int | None:
    """Where the bracket opens that is parted: the last whose line has room, and that holds something."""
    places = _outside(text)
    found = [place for place in sorted(places) if text[place] in _OPEN and text[place + 1 : place + 2] not in _CLOSE]
    fitting = [place for place in found if before + place + 1 <= WIDTH and text[place] != "["]
    return fitting[-1] if fitting else (found[0] if found else None)


def _closing(text: str, place: int) -> int:
    """Where the bracket that opens here closes."""
    deep = 0
    for at, letter in _letters(text):
        if at >= place:
            deep += (letter in _OPEN) - (letter in _CLOSE)
            if deep == 0:
                return at
    return len(text)


def _outside(text: str) -> set[int]:
    """The places outside of all brackets and texts; an opening bracket counts as outside."""
    found, deep = set(), 0
    for at, letter in _letters(text):
        deep -= letter in _CLOSE
        if deep == 0:
            found.add(at)
        deep += letter in _OPEN
    return found


def _letters(text: str) -> Iterator[tuple[int, str]]:
    """Every character that is not within quotes, with its place."""
    quote, escaped = "", False
    for at, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote and not escaped else quote
            escaped = letter == "\\" and not escaped
        elif letter in "\"'":
            quote = letter
        else:
            yield at, letter
