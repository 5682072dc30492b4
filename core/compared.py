"""What a loss compares, how many classes there are scores for, and whether it gives each number for itself."""

from __future__ import annotations

from core.catalog.kind import EACH, Arguments
from core.plan import Step, Value
from core.shapes import Analysis

_CLASSES = ("n_classes", "num_classes")
"""The parameters in which a loss with weights says how many classes it knows."""


def prediction(step: Step) -> Value | None:
    """What comes in at the first port; None where it is loose."""
    return at(step, step.inputs[0][0]) if step.inputs else None


def target(step: Step) -> Value | None:
    """What comes in as the target or label; None where it is loose, or the loss has none."""
    port = step.kind.target_port
    return at(step, port.name) if port is not None else None


def at(step: Step, port: str) -> Value | None:
    """What comes in at this port; None where it is loose."""
    return next((values[0] for name, values in step.inputs if name == port and values), None)


def gives_each(values: Arguments) -> bool:
    """Whether the loss gives each of its numbers for itself, so that what trains is their mean."""
    return values.get("reduction") == EACH


def class_count(step: Step, analysis: Analysis) -> int | None:
    """For how many classes a loss of classes has scores; None where that is not known."""
    arguments = analysis.arguments.get(step.path, {})
    for name in _CLASSES:
        if isinstance(count := arguments.get(name), int):
            return count
    value = prediction(step)
    found = analysis.types.get(value) if value is not None else None
    count = found.shape[1] if found is not None and len(found.shape) > 1 else None
    return count if isinstance(count, int) else None
