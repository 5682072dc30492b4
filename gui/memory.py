"""Memory, kept from standing in the way of frames: Python's collector of cycles, and what the system takes back."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG, MIDDLE, OLD = 20_000, 20, 50
"""Allocations between two looks at the youngest objects, and how many looks make one at the next older ones."""

MMAP_THRESHOLD, TRIM_THRESHOLD = -3, -1
"""The names of mallopt(3)."""
LARGE = 32 * 2**20
"""Bytes from which on a piece of memory is the system's own again when it is freed: glibc takes no more."""
KEPT = 64 * 2**20
"""Bytes that may lie freed at the end of the memory."""


def keep_freed() -> None:
    """Let memory that is freed stay at hand, where the C library can do so.

    A frame of the monitors takes megabytes and gives them back: handing them out anew can take as long as the drawing.
    """
    if sys.platform != "linux":
        return
    set_limit = getattr(ctypes.CDLL(None), "mallopt", None)  # not every C library has it
    if set_limit is not None:
        set_limit(MMAP_THRESHOLD, LARGE)
        set_limit(TRIM_THRESHOLD, KEPT)


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
