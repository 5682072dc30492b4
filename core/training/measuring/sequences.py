"""The gradient through time: what of it comes to each step of a sequence that a recurrent layer walks along."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from chainrule.outputs import numbers
from chainrule.statistics import step_sizes
from core.plan import Step

WALKING = frozenset({"RNN", "GRU", "LSTM"})
"""The kinds that walk along a sequence (N, steps, features)."""


def walks(step: Step) -> bool:
    """Whether the step is a recurrent layer, whose input's gradient tells how far the loss reaches back."""
    return step.kind.name in WALKING


def through_time(gradient: Tensor) -> float:
    """The rms of the loss's gradient by the first step of the input (N, steps, features), divided by that of the last.

    NaN where neither has any.
    """
    sizes = step_sizes(numbers(gradient))
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(sizes[0] / sizes[-1])
