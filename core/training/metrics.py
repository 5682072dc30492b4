"""Accuracy of a classifier, root mean square error of a regression: what follows from a loss and its target."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import numpy as np
from torch import Tensor

from core.catalog.kind import Arguments, LayerKind
from core.graph import Value

Measure = Callable[[Tensor, Tensor], tuple[float, int]]


def right_classes(scores: Tensor, labels: Tensor, ignored: Value = None) -> tuple[float, int]:
    """How many of the largest scores (N, C, ...) stand at the label (N, ...), and of how many; ignored ones aside."""
    guesses, wanted = scores.detach().numpy().argmax(1), labels.numpy()
    skipped = int(np.count_nonzero(wanted == ignored)) if isinstance(ignored, int) else 0
    if not skipped:
        return float(np.count_nonzero(guesses == wanted)), guesses.size
    return float(np.count_nonzero((guesses == wanted) & (wanted != ignored))), guesses.size - skipped


def right_shares(scores: Tensor, shares: Tensor) -> tuple[float, int]:
    """How many of the largest scores (N, C, ...) stand at the largest share (N, C, ...), and of how many."""
    guesses = scores.detach().numpy().argmax(1)
    return float(np.count_nonzero(guesses == shares.detach().numpy().argmax(1))), guesses.size


def right_signs(scores: Tensor, targets: Tensor, threshold: float = 0.0) -> tuple[float, int]:
    """How many scores are above the threshold just where the target is above one half, and of how many."""
    guesses = scores.detach().numpy() > threshold
    return float(np.count_nonzero(guesses == (targets.detach().numpy() > 0.5))), guesses.size


def squared_error(prediction: Tensor, target: Tensor) -> tuple[float, int]:
    """The sum of the squared errors, and of how many."""
    error = np.subtract(prediction.detach().numpy(), target.detach().numpy(), dtype=np.float64).reshape(-1)
    return float(np.dot(error, error)), error.size


@dataclass(frozen=True, slots=True)
class Metric:
    """A name, and how it comes from a prediction and its target: sums that add up over batches, and what they mean."""

    name: str
    measure: Measure
    root: bool = False

    def value(self, amount: float, count: int) -> float:
        """The metric of summed amounts; NaN for none."""
        mean = amount / count if count else math.nan
        return math.sqrt(mean) if self.root else mean


def metric_of(kind: LayerKind, arguments: Arguments) -> Metric | None:
    """The metric that goes with a loss, or None."""
    if kind.target == "values":
        return Metric("rmse", squared_error, root=True)
    if kind.target == "classes":
        ignored = arguments.get("ignore_index")
        return Metric(
            "accuracy", partial(right_classes, ignored=ignored) if isinstance(ignored, int) else right_classes
        )
    if kind.target == "shares" or (kind.target and arguments.get("activation") == "softmax"):
        return Metric("accuracy", right_shares)
    if kind.target:
        even = kind.prediction == "probabilities" or arguments.get("activation") == "none"
        return Metric("accuracy", partial(right_signs, threshold=0.5) if even else right_signs)
    return None


def loss_at_chance(kind: LayerKind, arguments: Arguments, classes: int) -> float | None:
    """The mean that scores cost which prefer nothing: ln C for C classes, ln 2 for yes or no; None where it varies.

    With weights for classes or outputs it depends on the data.
    """
    cost = _AT_CHANCE.get(kind.name)
    weighted = any(arguments.get(name) for name in ("class_weights", "output_weights", "pos_weight"))
    if cost is None or weighted or (kind.target in ("classes", "shares") and classes < 2):
        return None
    return cost(arguments, classes)


def _number(arguments: Arguments, name: str) -> float:
    value = arguments[name]
    assert isinstance(value, int | float)  # Param.check made it one
    return float(value)


def _of_classes(_arguments: Arguments, classes: int) -> float:
    return math.log(classes)


def _of_two(_arguments: Arguments, _classes: int) -> float:
    return math.log(2)


def _of_margin(arguments: Arguments, _classes: int) -> float:
    return _number(arguments, "margin") ** (2 if arguments["squared"] else 1)


_AT_CHANCE: Mapping[str, Callable[[Arguments, int], float]] = MappingProxyType(
    {
        "CrossEntropy": _of_classes,
        "SoftCrossEntropy": _of_classes,
        "NLL": _of_classes,
        "AdaptiveLogSoftmax": _of_classes,
        "LinearCrossEntropy": _of_classes,
        "SoftLinearCrossEntropy": _of_classes,
        "Focal": lambda values, classes: (1 - 1 / classes) ** _number(values, "gamma") * math.log(classes),
        "MultiMargin": lambda values, classes: (
            max(0.0, _number(values, "margin")) ** _number(values, "p") * (1 - 1 / classes)
        ),
        "MultiClassHinge": _of_margin,
        "BCEWithLogits": _of_two,
        "BCE": _of_two,
        "MultiLabelSoftMargin": _of_two,
        "SoftMargin": _of_two,
        "SoftPerceptron": lambda values, _classes: math.log(2) / _number(values, "beta"),
        "Hinge": _of_margin,
    }
)
