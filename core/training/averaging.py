"""How the losses of parts of a data set make the loss of the whole: each part counts as its loss averages over it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.catalog.kind import Arguments
from core.compared import gives_each, target
from core.plan import Step, Value

_BY_WEIGHT = frozenset({"CrossEntropy", "NLL", "LinearCrossEntropy"})
"""The losses whose mean is over the weights of the labels that count, not over the samples."""


@dataclass(frozen=True, slots=True)
class Averaging:
    """How much one loss of so many samples counts."""

    weight: float
    """How much it counts beside other losses."""
    sums: bool
    batch_size: int
    label: Value | None
    """The labels whose weights it averages over; None where every sample counts alike."""
    class_weights: tuple[float, ...] = ()
    ignored: int | None = None

    def share(self, size: int, labels: Tensor | None) -> float:
        """What a part of this size counts: a sum as batches, a mean by its samples or by the weights of its labels."""
        if self.sums:
            return size / self.batch_size
        if labels is None:
            return float(size)
        kept = labels[labels != self.ignored] if self.ignored is not None else labels
        if not self.class_weights:
            return float(kept.numel())
        return float(torch.tensor(self.class_weights, dtype=torch.float64)[kept].sum())

    def counted(self, loss: float, share: float) -> float:
        """The loss of a part as often as it counts; a mean over no label at all is nothing."""
        return loss if self.sums else loss * share if share else 0.0

    def whole(self, total: float, shares: float) -> float:
        """The loss of the whole, from the sum of its parts' (each as often as it counts) and of their shares."""
        return self.weight * total / shares if shares else float("nan")


def averaging(step: Step, values: Arguments, batch_size: int) -> Averaging:
    """How the parts of this loss are put together."""
    weight, sums = float(values["weight"]), values.get("reduction") == "sum"  # type: ignore[arg-type]  # a float
    given, ignored = values.get("class_weights"), values.get("ignore_index")
    weights = tuple(one for one in given if isinstance(one, float)) if isinstance(given, tuple) else ()
    by_weight = step.kind.name in _BY_WEIGHT and not sums and not gives_each(values)
    skipped = (ignored if isinstance(ignored, int) else -100) if by_weight else None
    return Averaging(weight, sums, batch_size, target(step) if by_weight else None, weights, skipped)
