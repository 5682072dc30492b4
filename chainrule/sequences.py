"""The gradient through time: what of it comes to each step of a sequence that a recurrent layer walks along."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from chainrule.outputs import Floats, numbers
from chainrule.statistics import step_sizes

STRETCHES = 16
"""Columns of a profile through time: a sequence of more steps is cut into as many stretches."""
OF_SEQUENCES = ("through_time", *(f"time[{place}]" for place in range(STRETCHES)))
"""What a layer that walks along a sequence has a column of, in this order."""


def through_time(gradient: Tensor) -> tuple[float, Floats]:
    """Of the loss's gradient by an input (N, steps, features): the first step's rms by the last's, and a profile.

    The profile (STRETCHES,) is the rms of each stretch of steps, of each step where there are fewer, NaN behind these.
    The first is NaN where neither step has any gradient.
    """
    sizes = step_sizes(numbers(gradient))
    profile = np.full(STRETCHES, np.nan, np.float32)
    parts = np.array_split(np.square(sizes), min(STRETCHES, len(sizes)))
    profile[: len(parts)] = [np.sqrt(part.mean()) for part in parts]
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(sizes[0] / sizes[-1]), profile
