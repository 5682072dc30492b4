"""The labels that a run compares with: where they come from, and whether there is a score for each."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from core.compared import class_count, target
from core.data.lazy import LazyField
from core.data.load import LoadedData
from core.errors import DataError
from core.plan import Plan, Step, Value
from core.shapes import Analysis
from core.training.forward import Field


def check_labels(plan: Plan, analysis: Analysis, data: Mapping[str, LoadedData]) -> None:
    """Raise DataError where a label is no number of a class that the scores have."""
    for step in plan.losses:
        label = target(step)
        if step.kind.target != "classes" or label is None:
            continue
        field, classes = field_of_label(plan, label), class_count(step, analysis)
        if field is not None and classes is not None:
            labels = data[field.dataset].fields[field.name]
            if isinstance(labels, LazyField):  # each batch's are checked as they are read
                labels = torch.tensor(max(len(labels.spec.classes) - 1, 0))
            ignored = analysis.arguments[step.path].get("ignore_index")
            _check_range(step, field, labels[labels != ignored] if isinstance(ignored, int) else labels, classes)


def field_of_label(plan: Plan, value: Value) -> Field | None:
    """The field of the data that a label comes from as it is; None where it is worked out."""
    step = plan.by_path[value.path]
    return Field(step.dataset, value.port) if step.dataset else None


def _check_range(step: Step, field: Field, labels: Tensor, classes: int) -> None:
    low, high = (int(labels.min()), int(labels.max())) if labels.numel() else (0, 0)
    if low >= 0 and high < classes:
        return
    raise DataError(
        f"labels from 0 to {classes - 1} were wanted, one for each score",
        f"the label {high if high >= classes else low} came from {field.dataset}.{field.name}",
        step.path,
        f"Let the last layer give {high + 1} scores, or correct the label.",
    )
