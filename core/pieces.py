"""Long work as a generator that stops again and again, so that a window may do something else in between."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

Made = TypeVar("Made")


def at_once(work: Generator[None, None, Made]) -> Made:
    """What the work comes to when nothing else is done meanwhile."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            made: Made = end.value
            return made
