"""What the value of a parameter may be, by its type: the value as it is held, or None for one that is not legal."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from typing import Literal, Protocol

from core.graph import Value

MOST_ITEMS = 1_000
"""Numbers in one parameter."""
LONGEST_CODE = 2**18
"""Characters of a source text."""
ParamType = Literal["int", "float", "bool", "choice", "size", "sizes", "numbers", "text", "source", "code"]


class Limits(Protocol):
    """What a parameter says of its values."""

    @property
    def type(self) -> ParamType:
        """What they are."""

    @property
    def minimum(self) -> float:
        """The least."""

    @property
    def maximum(self) -> float:
        """The largest."""

    @property
    def choices(self) -> tuple[str, ...]:
        """All there are, where they are few."""

    @property
    def dims(self) -> int:
        """How many numbers a size may have."""

    @property
    def words(self) -> tuple[str, ...]:
        """Words that a size may be instead of numbers."""

    @property
    def keeps(self) -> bool:
        """Whether a size may have None among its numbers: along that dimension nothing changes."""


def checked_value(param: Limits, value: object) -> Value:
    """The value as the parameter holds it; None where it is not legal."""
    return _CHECKS[param.type](param, value)


def wanted(param: Limits) -> str:
    """The legal values in words."""
    if param.choices:
        return "one of " + ", ".join(param.choices)
    words = {
        "int": "a whole number",
        "float": "a number",
        "bool": "true or false",
        "size": "a whole number",
        "sizes": "whole numbers",
        "numbers": "numbers",
        "code": f"Python text of at most {LONGEST_CODE >> 10} KiB without NUL",
    }
    word = words.get(param.type, "a text")
    if param.type == "size" and param.dims > 1:
        word += f" (or {param.dims} of them{', or None for one' if param.keeps else ''})"
    return word + _bounds(param) + "".join(f', or "{name}"' for name in param.words)


def _check_int(param: Limits, value: object) -> Value:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if param.minimum <= value <= param.maximum else None


def _check_float(param: Limits, value: object) -> Value:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= sys.float_info.max:
        return None
    return float(value) if param.minimum <= value <= param.maximum else None


def _check_bool(_param: Limits, value: object) -> Value:
    return value if isinstance(value, bool) else None


def _check_choice(param: Limits, value: object) -> Value:
    return value if isinstance(value, str) and value in param.choices else None


def _check_text(_param: Limits, value: object) -> Value:
    return value if isinstance(value, str) else None


def _check_code(_param: Limits, value: object) -> Value:
    if not isinstance(value, str) or len(value) > LONGEST_CODE or "\0" in value:
        return None
    lonely = any("\ud800" <= letter <= "\udfff" for letter in value)  # half a letter, which no file can hold
    return None if lonely else value


def _check_size(param: Limits, value: object) -> Value:
    if isinstance(value, str):
        return value if value in param.words else None
    if isinstance(value, list | tuple):
        sizes = tuple(_check_int(param, item) for item in value)
        legal = all(size is not None or (param.keeps and item is None) for size, item in zip(sizes, value, strict=True))
        return sizes if len(sizes) == param.dims and legal else None
    return _check_int(param, value)


def _check_sizes(param: Limits, value: object) -> Value:
    return _check_each(param, value, _check_int)


def _check_numbers(param: Limits, value: object) -> Value:
    return _check_each(param, value, _check_float)


def _check_each(param: Limits, value: object, check: Callable[[Limits, object], Value]) -> Value:
    items = value if isinstance(value, list | tuple) else (value,)
    if len(items) > MOST_ITEMS:
        return None
    checked = tuple(check(param, item) for item in items)
    return checked if None not in checked else None


_CHECKS: Mapping[ParamType, Callable[[Limits, object], Value]] = {
    "int": _check_int,
    "float": _check_float,
    "bool": _check_bool,
    "choice": _check_choice,
    "size": _check_size,
    "sizes": _check_sizes,
    "numbers": _check_numbers,
    "text": _check_text,
    "source": _check_text,
    "code": _check_code,
}


def _bounds(param: Limits) -> str:
    low, high = not math.isinf(param.minimum), not math.isinf(param.maximum)
    if low and high:
        return f" from {param.minimum:,.12g} to {param.maximum:,.12g}"
    if low:
        return f" of at least {param.minimum:,.12g}"
    return f" of at most {param.maximum:,.12g}" if high else ""
