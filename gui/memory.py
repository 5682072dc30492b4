"""Python's collector of cycles, kept from standing in the way of frames."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG, MIDDLE, OLD = 20_000, 20, 50
"""Allocations between two looks at the youngest objects, and how many looks make one at the next older ones."""


def calm_collector() -> None:
    """Take what is there now for lasting, and look for cycles less often.

    A look at all objects of a window takes some 10 ms, which is most of a frame; what is frozen is not looked at again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)


def give_back() -> None:
    """Collect what was taken for lasting and is not needed any more, as of a project that was closed: some 60 ms."""
    gc.unfreeze()
    calm_collector()


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no cycles meanwhile: what is being made is all in use, and looking at it again and again takes long."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
