"""What of a plan's data is augmented, and which labels are mixed by it; needs no torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from core.data.augmentation import Roles, in_order, mixing, roles
from core.data.augmentation_kinds import AUGMENTATIONS
from core.data.settings import DatasetSettings, dataset_kind
from core.errors import DataError
from core.plan import Plan, Step, Value
from core.shapes import Analysis

_FIX = "Take mixup and CutMix from the data set's augmentation, or change the network."


def chains(plan: Plan, data: Mapping[str, DatasetSettings]) -> dict[str, Roles]:
    """By data set what its fields are, for those of which the plan reads an input and that are augmented."""
    read: dict[str, set[str]] = {}
    for _step, value in _readings(plan):
        read.setdefault(plan.by_path[value.path].dataset, set()).add(value.port)
    on = {name: fields for name, fields in read.items() if in_order(data[name].augmentation)}
    found = {name: roles(dataset_kind(data[name]), fields) for name, fields in on.items()}
    return {name: told for name, told in found.items() if told.inputs}


def mixed_labels(plan: Plan, data: Mapping[str, DatasetSettings]) -> tuple[tuple[str, str], ...]:
    """Data set and field of every label that is mixed with another sample's, in the order in which they are read."""
    told = {name: found for name, found in chains(plan, data).items() if mixing(data[name].augmentation)}
    fields = ((plan.by_path[value.path].dataset, value.port) for _step, value in _readings(plan))
    return tuple(dict.fromkeys(field for field in fields if field[0] in told and field[1] in told[field[0]].labels))


def check_augmentation(plan: Plan, analysis: Analysis, data: Mapping[str, DatasetSettings]) -> None:
    """Raise DataError where a label that is mixed goes elsewhere than to losses, which alone can be taken twice.

    And where the picture is moved, but a target that is read cannot be.
    """
    mixed = mixed_labels(plan, data)
    for name, told in chains(plan, data).items():
        _check_targets(data[name], told)
    for step, value in _readings(plan):
        if (plan.by_path[value.path].dataset, value.port) in mixed and not is_taken_twice(step, analysis):
            wanted = "labels that only losses without weights read were wanted, as samples are mixed"
            raise DataError(wanted, f"{value.path}.{value.port} goes to {step.path}", step.path, _FIX)


def _check_targets(settings: DatasetSettings, told: Roles) -> None:
    kind, steps = dataset_kind(settings), in_order(settings.augmentation)
    moving = next((step.name for step in steps if AUGMENTATIONS[step.name].moves_masks), "")
    fixed = [name for name in told.labels if (field := kind.field(name)) is not None and len(field.shape) > 1]
    if moving and fixed:
        wanted = f"targets that go where the picture goes were wanted, as {moving} moves it"
        raise DataError(wanted, f"{fixed[0]} has places of its own", f"data set {kind.name}", f"Take {moving} away.")
    if mixing(steps) and (told.boxes or told.held):
        wanted = "labels that can be shared out were wanted, as samples are mixed"
        raise DataError(wanted, f"{(*told.boxes, *told.held)[0]} is read", f"data set {kind.name}", _FIX)


def is_taken_twice(step: Step, analysis: Analysis) -> bool:
    """Whether a loss can be had of either label: it has no weights, not even for classes."""
    if step.kind.role != "loss":
        return False
    arguments = analysis.arguments.get(step.path, {})
    kept = any(param.tensor and arguments.get(param.name) is not None for param in step.kind.params)
    return not step.kind.module or not (kept or analysis.parameters.get(step.path))


def _readings(plan: Plan) -> Iterator[tuple[Step, Value]]:
    """Every step with a field of a data set that it reads."""
    for step in plan.steps:
        for value in step.values():
            if value.path in plan.by_path and plan.by_path[value.path].dataset:
                yield step, value
