"""What a way forward and back leaves behind, for one batch or several whose gradients were added."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from torch import Tensor

from core.training.phases import LivePhase


class NonFinite(Exception):
    """A loss or a gradient became NaN or infinite; the step was not applied."""

    def __init__(self, phase: LivePhase, batch: Sequence[Tensor], size: int, loss: float) -> None:
        super().__init__(loss)
        self.phase = phase
        self.batch = batch
        self.size = size
        self.loss = loss


Compared = tuple[Tensor, Tensor, float]
"""A prediction, a target, and the share of that."""


class Passed(NamedTuple):
    """One update's way forward and back."""

    batch: Sequence[Tensor]
    size: int
    loss: float
    parts: Sequence[Tensor]
    """The loss of every loss node."""
    compared: Sequence[Compared]
    """What the first loss compares, once a batch; twice where its samples were mixed."""
    kept: Sequence[Tensor]
    counted: float
    """By what the gradient of an output is multiplied to be that of one sample's own loss."""


def joined(passes: Sequence[Passed], shares: Sequence[float], scale: float) -> Passed:
    """Several batches as one, each counting its share; the loss was multiplied by the scale on its way back."""
    loss = 0.0
    for passed, share in zip(passes, shares, strict=True):
        loss += passed.loss * share
    by_part = zip(*(passed.parts for passed in passes), strict=True)
    parts = [sum(part.detach() * share for part, share in zip(found, shares, strict=True)) for found in by_part]
    last = passes[-1]
    return last._replace(
        loss=loss,
        parts=parts,
        compared=[pair for passed in passes for pair in passed.compared],
        counted=last.size / (shares[-1] * scale),
    )
