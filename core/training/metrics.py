"""Accuracy of a classifier, root mean square error of a regression: what follows from a loss and its target."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from torch import Tensor

from core.catalog.kind import LayerKind


def right_classes(scores: Tensor, labels: Tensor) -> tuple[float, int]:
    """How many of the largest scores (N, C, ...) stand at the label (N, ...), and of how many."""
    guesses = scores.detach().numpy().argmax(1)
    return float(np.count_nonzero(guesses == labels.numpy())), guesses.size


def right_signs(scores: Tensor, targets: Tensor) -> tuple[float, int]:
    """How many scores are positive just where the target is above one half, and of how many."""
    guesses = scores.detach().numpy() > 0
    return float(np.count_nonzero(guesses == (targets.detach().numpy() > 0.5))), guesses.size


def squared_error(prediction: Tensor, target: Tensor) -> tuple[float, int]:
    """The sum of the squared errors, and of how many."""
    error = np.subtract(prediction.detach().numpy(), target.detach().numpy(), dtype=np.float64).reshape(-1)
    return float(np.dot(error, error)), error.size


@dataclass(frozen=True, slots=True)
class Metric:
    """A name, and how it comes from a prediction and its target: sums that add up over batches, and what they mean."""

    name: str
    measure: Callable[[Tensor, Tensor], tuple[float, int]]
    root: bool = False

    def value(self, amount: float, count: int) -> float:
        """The metric of summed amounts; NaN for none."""
        mean = amount / count if count else math.nan
        return math.sqrt(mean) if self.root else mean


_BY_TARGET: Mapping[str, Metric] = MappingProxyType(
    {
        "classes": Metric("accuracy", right_classes),
        "probabilities": Metric("accuracy", right_signs),
        "values": Metric("rmse", squared_error, root=True),
    }
)


def metric_of(kind: LayerKind) -> Metric | None:
    """The metric that goes with a loss, or None."""
    return _BY_TARGET.get(kind.target)


def loss_at_chance(kind: LayerKind, classes: int) -> float | None:
    """What a uniform guess costs: ln C for C classes, ln 2 for yes or no; None where there is no such thing."""
    choices = {"classes": classes, "probabilities": 2}.get(kind.target, 0)
    return math.log(choices) if choices > 1 else None
