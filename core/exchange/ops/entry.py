"""What an operation of torch becomes: its arguments as text, and the function that makes our calls of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from core.exchange.tracing.arguments import Given
from core.exchange.tracing.builder import Wire

Made = Wire | tuple[Wire, ...]


class Entry(NamedTuple):
    """The signature as `input dim=None *rest`, and what is made of a call."""

    signature: str
    make: Callable[[Given], Made]


def simple(kind: str, **params: str) -> Entry:
    """An operation of one tensor; each of our parameters is named with its argument and default, as `alpha=1.0`."""
    names = {ours: theirs.partition("=")[0] for ours, theirs in params.items()}

    def make(given: Given) -> Wire:
        return given.builder.call(kind, {ours: given.raw(name) for ours, name in names.items()}, input=given.wire())

    return Entry(" ".join(("input", *params.values(), "*rest=()" if not params else "")).strip(), make)


def pair(kind: str) -> Entry:
    """An operation of two tensors."""

    def make(given: Given) -> Wire:
        return given.builder.call(kind, a=given.wire(), b=given.wire("other"))

    return Entry("input other", make)


def passing() -> Entry:
    """An operation that changes nothing of the numbers."""
    return Entry("input *rest=()", lambda given: given.wire())


Table = Mapping[str, Entry]
