"""An exponential running average of the weights (EMA): what is judged and saved, while the weights themselves train.

After every step `average = decay * average + (1 - decay) * weights`, and after the first it is the weights; as
torch.optim.swa_utils.AveragedModel has it with get_ema_multi_avg_fn. A batch norm's statistics are not averaged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor

from core.training.phases import Group


class Average:
    """The average of what a run trains; none before the first step, or where no decay is asked for."""

    def __init__(self, groups: Sequence[Group], decay: float) -> None:
        self.wanted = decay > 0
        self.tensors: list[Tensor] = []
        """By group."""
        self._share = 1 - decay
        self._weights = [group.flat.weights for group in groups]

    @torch.no_grad()
    def follow(self) -> None:
        """Take in the weights as the step has left them."""
        if not self.tensors:
            self.begin()
        for average, weights in zip(self.tensors, self._weights, strict=True):
            average.lerp_(weights, self._share)

    def begin(self) -> None:
        """Be the weights as they are, where an average is wanted."""
        self.tensors = [weights.detach().clone() for weights in self._weights] if self.wanted else []

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Let the network have the average in place of its weights; nothing else may happen to these meanwhile."""
        if not self.tensors:
            yield
            return
        own = [weights.detach().clone() for weights in self._weights]
        self._put(self.tensors)
        try:
            yield
        finally:
            self._put(own)

    @torch.no_grad()
    def _put(self, tensors: Sequence[Tensor]) -> None:
        for weights, tensor in zip(self._weights, tensors, strict=True):
            weights.copy_(tensor)
