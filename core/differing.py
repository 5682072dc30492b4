"""Which entries of a table are others than before: looked at without a step of Python for each."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import compress
from operator import is_not
from typing import TypeVar

Key = TypeVar("Key")


def differing(old: Mapping[Key, object], new: Mapping[Key, object]) -> list[Key]:
    """The keys of `new` whose value is another object than in `old`, or that are new, in their order; no value is None.

    What edits do as a rule, exchange values and add at the end, is seen without looking a key up.
    """
    before, after = list(old), list(new)
    if after[: len(before)] == before:
        return [*compress(after, map(is_not, new.values(), old.values())), *after[len(before) :]]
    known = dict(old)
    return list(compress(after, map(is_not, new.values(), map(known.get, after))))
