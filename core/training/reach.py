"""What a loss reaches on its way back, and which layers a phase is asked to train; needs no torch."""

from __future__ import annotations

from collections.abc import Iterable

from core.plan import Plan, Step, Value
from core.training.settings import Phase

STOPS_GRADIENT = frozenset({"Detach"})
"""The kinds through which nothing goes backward."""


def reached(plan: Plan, losses: Iterable[Step]) -> frozenset[Value]:
    """The values to which the losses' gradient comes back."""
    values: set[Value] = {Value(step.path, "loss") for step in losses}
    paths = {value.path for value in values}
    for step in reversed(plan.steps):
        if step.path in paths and step.kind.name not in STOPS_GRADIENT:
            values.update(step.values())
            paths.update(value.path for value in step.values())
    return frozenset(values)


def losses_of(plan: Plan, phase: Phase) -> tuple[Step, ...]:
    """The losses that the phase makes small; none where they are not wired."""
    return tuple(step for step in plan.losses if not phase.losses or step.node in phase.losses)


def asked(plan: Plan, needed: Plan, phase: Phase, values: frozenset[Value]) -> tuple[str, ...]:
    """The module paths that the phase is to train and its losses reach, whether or not they can learn."""
    paths = {value.path for value in values}
    chosen = {
        step.module for step in plan.steps if not phase.trains or any(_within(step, path) for path in phase.trains)
    }
    return tuple(dict.fromkeys(step.module for step in needed.steps if step.path in paths and step.module in chosen))


def shares(plan: Plan, rates: Iterable[tuple[str, float]]) -> dict[str, float]:
    """By module path the share of the learning rate that it takes, where it is not 1; the longest path counts."""
    longest = sorted(rates, key=lambda rate: len(rate[0]))
    said = {step.module: share for path, share in longest for step in plan.steps if _within(step, path)}
    return {module: share for module, share in said.items() if share != 1.0}


def is_within(path: str, part: str) -> bool:
    """Whether a path is that of a part, or of something in it."""
    return path == part or path.startswith((f"{part}.", f"{part}["))


def _within(step: Step, part: str) -> bool:
    return is_within(step.path, part) or is_within(step.module, part)
