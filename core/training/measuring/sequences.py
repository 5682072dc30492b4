"""Which steps walk along a sequence, so that a gradient through time is measured of them."""

from __future__ import annotations

from core.plan import Step

WALKING = frozenset({"RNN", "GRU", "LSTM"})
"""The kinds that walk along a sequence (N, steps, features)."""


def walks(step: Step) -> bool:
    """Whether the step is a recurrent layer, whose input's gradient tells how far the loss reaches back."""
    return step.kind.name in WALKING
