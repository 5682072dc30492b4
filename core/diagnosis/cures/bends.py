"""Activations put in, exchanged and taken out."""

from __future__ import annotations

from collections.abc import Iterator

from core.adding import add_behind_each
from core.diagnosis.cures.editing import count
from core.diagnosis.cures.patient import (
    BOUNDED,
    Patient,
    is_bend,
    is_dropout,
    is_norm,
    is_plain,
    nodes_of,
)
from core.diagnosis.cures.rates import calmed, longer, sentence
from core.diagnosis.cures.starts import begun
from core.diagnosis.remedy import Remedy
from core.plan import Step
from core.planning import change_kind, dissolve, set_param
from core.project import Project

LEAKY = 0.1
"""The slope below zero of a ReLU that cannot die."""


def swapped(patient: Patient) -> Iterator[Remedy]:
    """ReLU in the place of activations that saturate, and LeakyReLU in that of ReLU, which dies."""
    bounded = [step for step in patient.activations if step.kind.name in BOUNDED]
    kind, old = ("ReLU", bounded) if bounded else ("LeakyReLU", _rectifiers(patient))
    if not old:
        return
    nodes = nodes_of(old)

    def apply(project: Project) -> Project:
        for node in nodes:
            project = change_kind(project, node, kind)
            if kind == "LeakyReLU":
                project = set_param(project, node, "negative_slope", LEAKY)
        return calmed(patient, begun(patient, project, kind))

    names = {step.kind.name for step in old}
    what = names.pop() if len(names) == 1 else "bounded activation"
    yield Remedy(
        "SWAP_ACT",
        f"Replace {count(nodes, what)} by {kind}",
        sentence(patient, apply(patient.project), "All weights are drawn anew with He's start, which suits it"),
        "Its slope is 1 where a unit is active, so the gradient reaches the first layer."
        if bounded
        else "A unit that is negative for every sample still has a gradient and comes back.",
        apply,
    )


def bent(patient: Patient) -> Iterator[Remedy]:
    """ReLU behind every layer with weights that another one follows with nothing but a linear map between."""
    straight = [step for step in patient.layers if is_plain(step) and _is_straight(patient, step)]
    told = patient.named(straight) or straight
    if not told:
        return
    ends = tuple(dict.fromkeys(_end(patient, step).node for step in straight))

    def apply(project: Project) -> Project:
        return longer(patient, add_behind_each(project, "ReLU", ends)[0])

    yield Remedy(
        "INSERT_ACT",
        f"Insert {count(ends, 'ReLU')} between linear layers",
        sentence(patient, apply(patient.project), "An activation has no weights"),
        "Layers no longer fold into one matrix, so what is not linear can be learned.",
        apply,
    )


def removed(patient: Patient) -> Iterator[Remedy]:
    """Without what bends the answer before a loss that does so itself or wants any number."""
    ends = [(loss, step) for loss, step in patient.answers() if step.kind.category == "Activation"]
    if not ends:
        return
    nodes = nodes_of(step for _loss, step in ends)
    loss, step = ends[0]

    def apply(project: Project) -> Project:
        return longer(patient, dissolve(project, nodes))

    yield Remedy(
        "REMOVE_LAYER",
        f"Remove {step.path} before {loss.path}",
        sentence(patient, apply(patient.project), "The network then gives raw numbers"),
        "The loss sees what the last layer gives, and its gradient is no longer squeezed.",
        apply,
    )


def named_removed(patient: Patient) -> Iterator[Remedy]:
    """Without the layers that the finding names, their wires healed."""
    told = [step for step in patient.plan.steps if step.path in patient.finding.where and step.kind.role == "layer"]
    if not told:
        return
    nodes = nodes_of(told)
    yield Remedy(
        "REMOVE_LAYER",
        f"Remove {told[0].path if len(nodes) == 1 else count(nodes, 'layer')}",
        "What came in goes on as it is.",
        "What it did to the signal does not happen any more.",
        lambda project: dissolve(project, nodes),
    )


def _rectifiers(patient: Patient) -> list[Step]:
    return [step for step in patient.activations if step.kind.name in ("ReLU", "ReLU6", "Threshold", "Hardswish")]


def _is_straight(patient: Patient, step: Step) -> bool:
    """Whether another layer follows with nothing that bends between."""
    for one in patient.behind(step):
        if is_plain(one):
            return True
        if is_bend(one) or one.kind.role == "loss" or one.kind.name in ("Add", "Multiply", "Concat"):
            return False
        if not (is_norm(one) or is_dropout(one) or one.kind.name.startswith(("Flatten", "Reshape", "AvgPool", "Mean"))):
            return False
    return False


def _end(patient: Patient, step: Step) -> Step:
    """The layer, or the normalization right behind it."""
    after = next(patient.behind(step), None)
    return after if after is not None and is_norm(after) and not is_dropout(after) else step
