"""Ending a run when its validation loss falls no more, with the weights of its best epoch."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from torch import Tensor


@dataclass(slots=True)
class Best:
    """The best epoch of a run so far: its validation loss, its weights, and how many epochs have passed since."""

    patience: int
    """Epochs that may pass; 0 watches nothing."""
    loss: float = math.inf
    epoch: int = 0
    waited: int = 0
    weights: dict[str, Tensor] = field(default_factory=dict)

    def note(self, loss: float, epoch: int, weights: Callable[[], dict[str, Tensor]]) -> None:
        """Take note of an epoch; `weights` gives a copy of what the network has now."""
        if loss < self.loss:
            self.loss, self.epoch, self.waited, self.weights = loss, epoch, 0, weights()
        else:
            self.waited += 1

    @property
    def over(self) -> bool:
        """Whether the run has waited long enough."""
        return 0 < self.patience <= self.waited
