"""Telling how far the reading of a large file is, and ending it; whoever asked for the reading says whom to tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Tell = Callable[[str, float], None]
"""Told what is being done and the share that is behind; may raise to end it."""
_TELL: ContextVar[Tell | None] = ContextVar("tell", default=None)


def tell(text: str, share: float) -> None:
    """Say how far the reading is, to nobody where nobody asked."""
    told = _TELL.get()
    if told is not None:
        told(text, share)


@contextmanager
def telling(to: Tell) -> Iterator[None]:
    """Within, what is read tells this function."""
    before = _TELL.set(to)
    try:
        yield
    finally:
        _TELL.reset(before)
