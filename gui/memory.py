"""Python's collector of cycles, kept from standing in the way of frames."""

from __future__ import annotations

import gc

YOUNG, MIDDLE, OLD = 20_000, 20, 50
"""Allocations between two looks at the youngest objects, and how many looks make one at the next older ones."""


def calm_collector() -> None:
    """Take what is there now for lasting, and look for cycles less often.

    A look at all objects of a window takes some 10 ms, which is most of a frame; what is frozen is not looked at again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
