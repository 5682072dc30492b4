"""The metrics that torchmetrics measures: it is imported when the first batch comes, and need not be installed."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

import torch
from torch import Tensor

from core.training.metric_kinds import MetricKind, Task

NAME = "torchmetrics"
_CLASSES = {"average_precision": "AveragePrecision", "auroc": "AUROC", "calibration": "CalibrationError"}
_BEGINS = {"classes": "Multiclass", "yes or no": "Binary", "labels": "Multilabel"}
BINS = 15
"""Of the calibration error, as its paper has them."""


def is_installed() -> bool:
    """Whether torchmetrics is there; imports nothing."""
    return find_spec(NAME) is not None


class Library:
    """Metrics of torchmetrics over the batches of a validation."""

    def __init__(self, kinds: Sequence[MetricKind], task: Task, classes: int) -> None:
        from torchmetrics import classification

        self._metrics: dict[str, Any] = {}
        self._counts = torch.zeros(classes, dtype=torch.int64)
        self._seen = 0
        for kind in kinds:
            made = getattr(classification, f"{_BEGINS[task]}{_CLASSES[kind.name]}")
            sizes = {"classes": {"num_classes": classes}, "labels": {"num_labels": classes}}.get(task, {})
            more = {"n_bins": BINS} if kind.name == "calibration" else {"average": "none"} if sizes else {}
            self._metrics[kind.name] = made(**sizes, **more)

    def add(self, probabilities: Tensor, wanted: Tensor) -> None:
        """Count these probabilities, (samples, classes) or (samples,), and what is right."""
        for metric in self._metrics.values():
            metric.update(probabilities, wanted)
        if wanted.dim() == 2:
            self._counts += wanted.sum(0)
        elif probabilities.dim() == 2:
            self._counts += torch.bincount(wanted, minlength=len(self._counts))
        self._seen += len(wanted)

    def values(self) -> dict[str, float]:
        """By name the metric, the mean of the classes that are and are not."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a class that does not occur is left out of the mean, where it would be 0
            return {name: self._mean(metric.compute()) for name, metric in self._metrics.items()}

    def _mean(self, found: Tensor) -> float:
        if not found.dim():
            return float(found)
        return float(found[(self._counts > 0) & (self._counts < self._seen)].double().mean())
