"""The phases of a training as one edits them: what they may choose from, and what keeps one from training."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from core.errors import ParameterError
from core.plan import Plan, Value
from core.shapes import Analysis
from core.training.reach import asked, is_within, losses_of, reached, shares
from core.training.settings import Phase, TrainingSettings


class Choices(NamedTuple):
    """What a phase may choose from."""

    losses: tuple[tuple[str, str], ...]
    """Node ids and names of the losses."""
    parts: tuple[tuple[str, str], ...]
    """The blocks and layers of the main graph that hold weights: the path, and the names of all that share them."""


def choices(plan: Plan, analysis: Analysis) -> Choices:
    """The losses and the parts of a project's plan."""
    losses = {step.node: step.path for step in plan.losses}
    holding = (step for step in plan.steps if step.kind.module and analysis.parameters.get(step.path))
    parts: dict[str, dict[str, None]] = {}
    for step in holding:
        parts.setdefault(_top(step.module), {})[_top(step.path)] = None
    return Choices(tuple(losses.items()), tuple((part, ", ".join(names)) for part, names in parts.items()))


def _top(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]


def picked(chosen: Iterable[str], every: Iterable[str]) -> tuple[str, ...]:
    """The choice as a phase keeps it, in the order of all: empty where it is all of them."""
    mine, known = set(chosen), tuple(every)
    return () if mine >= set(known) else tuple(item for item in known if item in mine)


def fault(settings: TrainingSettings, place: int, plan: Plan, analysis: Analysis) -> str:
    """What keeps the phase from training, in a sentence; empty where nothing does."""
    phase, whole = settings.phases[place], plan.for_training() if plan.losses else plan
    losses = losses_of(whole, phase)
    if not losses:
        return "None of its losses is wired." if plan.losses else ""
    needed = whole.reaching(Value(step.path, "loss") for step in losses)
    said = shares(whole, settings.rates)
    paths = asked(whole, needed, phase, reached(needed, losses))
    able = {
        step.module
        for step in needed.steps
        if analysis.parameters.get(step.path) and not analysis.arguments[step.path].get("frozen")
    }
    if any(path in able and said.get(path) != 0 for path in paths):
        return ""
    return "No weight of what it trains leads to its losses."


def share_of(settings: TrainingSettings, path: str) -> float:
    """The share of the learning rate that a block or layer takes."""
    said = [(len(part), share) for part, share in settings.rates if is_within(path, part)]
    return max(said)[1] if said else 1.0


def with_share(settings: TrainingSettings, path: str, share: float) -> TrainingSettings:
    """With this share for a block or layer; nothing is said of it where it is that of what it lies in."""
    others = replace(settings, rates=tuple(rate for rate in settings.rates if rate[0] != path))
    if share == share_of(others, path):
        return others
    return replace(others, rates=(*others.rates, (path, share)))


def with_phase(settings: TrainingSettings, place: int, phase: Phase) -> TrainingSettings:
    """With this phase in this place."""
    phases = (*settings.phases[:place], phase, *settings.phases[place + 1 :])
    return replace(settings, phases=phases)


def with_more(settings: TrainingSettings) -> TrainingSettings:
    """With one more phase, whose optimizer is as the last one's."""
    return replace(settings, phases=(*settings.phases, Phase(optimizer=settings.phases[-1].optimizer)))


def without(settings: TrainingSettings, place: int) -> TrainingSettings:
    """Without the phase in this place; raises ParameterError where it is the only one."""
    if len(settings.phases) == 1:
        raise ParameterError("Training wants at least one phase", "none came", "Training settings", "Add a phase.")
    return replace(settings, phases=settings.phases[:place] + settings.phases[place + 1 :])
