"""How weights begin: He, Xavier or orthogonal by what follows a layer, the output, and the matrices between states."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from core.diagnosis.cures.editing import count, with_params
from core.diagnosis.cures.patient import BOUNDED, Patient, is_norm, is_plain, nodes_of
from core.diagnosis.cures.rates import calmed, sentence, walking
from core.diagnosis.remedy import Remedy
from core.plan import Step
from core.planning import change_kind
from core.project import Project

GAINS: Mapping[str, float] = {"Tanh": 5 / 3, "Softsign": 5 / 3, "Hardtanh": 5 / 3, "Sigmoid": 4.0, "Hardsigmoid": 4.0}
"""What a Xavier start is multiplied by before an activation, so that what it squeezes is made up for."""
DEEP = 5
"""Layers from which on the gain is 1: through many layers a larger one makes noise of the signal (Schoenholz 2017)."""
DEEP_AT_ONE = ("Tanh", "Softsign", "Hardtanh")
SWELLING = 1.2
"""The gain of a matrix between states above which these grow along a sequence."""
ILL = ("normal", "constant", "zeros")
"""Starts that take no account of how many numbers a layer sums."""


def fitting(patient: Patient, step: Step, bend: str = "") -> dict[str, object]:
    """The start of a layer that keeps the variance through the activation behind it, or through `bend` in its place."""
    usual: dict[str, object] = {"init_gain": None, "init_value": None, "bias_init": 0.0}
    if step.path in patient.outputs or not (behind := patient.bend_behind(step)):
        return {**usual, "weight_init": "xavier_normal"}
    name = bend or behind.kind.name
    if name in BOUNDED:
        gain = 1.0 if len(patient.trunk) > DEEP and name in DEEP_AT_ONE else GAINS.get(name, 1.0)
        return {**usual, "weight_init": "xavier_normal", "init_gain": gain}
    return {**usual, "weight_init": "kaiming_normal"}


def begun(patient: Patient, project: Project, bend: str = "") -> Project:
    """With every layer of one matrix begun so that it suits what follows."""
    for step in patient.layers:
        if is_plain(step):
            project = with_params(project, (step.node,), fitting(patient, step, bend))
    return _between_states(patient, project)


def is_ill(patient: Patient) -> bool:
    """Whether a layer says of its start something that takes no account of its size."""
    return any(_is_far(patient, step) for step in patient.layers if is_plain(step))


def started_anew(patient: Patient) -> Iterator[Remedy]:
    """All weights begun so that the variance stays from layer to layer."""
    plain = [step for step in patient.layers if is_plain(step)]
    if not plain:
        return

    def apply(project: Project) -> Project:
        made = begun(patient, project)
        return walking(patient, made) if patient.recurrent else calmed(patient, made)

    kinds = {str(fitting(patient, step)["weight_init"]) for step in plain if step.path not in patient.outputs}
    name = "He's start" if kinds == {"kaiming_normal"} else "Xavier's start" if len(kinds) < 2 else "fitting starts"
    yield Remedy(
        "REINIT",
        f"Give {count(nodes_of(plain), 'layer')} {name}",
        sentence(
            patient, apply(patient.project), "Weights are drawn anew by the size of each layer, biases begin at 0"
        ),
        "Activations and gradients keep their size from layer to layer.",
        apply,
    )


def output_anew(patient: Patient) -> Iterator[Remedy]:
    """The last layers begun small, the others as they are unless they are ill too."""
    last = [step for step in patient.layers if step.path in patient.outputs and is_plain(step)]
    if not last:
        return

    def apply(project: Project) -> Project:
        for step in patient.layers:
            if is_plain(step) and (step in last or _is_far(patient, step)):
                project = with_params(project, (step.node,), fitting(patient, step))
        if not any(_swells(patient, step) for step in patient.recurrent):
            return calmed(patient, project)
        return walking(patient, _between_states(patient, project))

    names = " and ".join(step.path for step in last)
    yield Remedy(
        "REINIT",
        f"Begin {names} small",
        sentence(patient, apply(patient.project), "The weights of the output are drawn anew by its size"),
        "The first loss is that of a guess, and no steps are spent on getting there.",
        apply,
    )


def states_anew(patient: Patient) -> Iterator[Remedy]:
    """The matrices from one state to the next begun orthogonal."""
    if not patient.recurrent:
        return

    def apply(project: Project) -> Project:
        return walking(patient, _between_states(patient, project))

    yield Remedy(
        "REINIT",
        f"Begin {count(nodes_of(patient.recurrent), 'recurrent layer')} orthogonal",
        sentence(patient, apply(patient.project), "The matrices between states are drawn anew"),
        "What is remembered, and its gradient, neither fades nor swells from step to step.",
        apply,
    )


def with_memory(patient: Patient) -> Iterator[Remedy]:
    """LSTMs whose forget gates begin open in the place of plain recurrent layers."""
    plain = [step for step in patient.recurrent if step.kind.name in ("RNN", "GRU", "LSTM")]
    if not plain:
        return
    steps = max((_length(patient, step) for step in plain), default=1)
    opened = float(round(math.log(max(steps, 2)) + 1, 1))

    def apply(project: Project) -> Project:
        for node in nodes_of(step for step in plain if step.kind.name != "LSTM"):
            project = change_kind(project, node, "LSTM")
        made = with_params(project, nodes_of(plain), {"forget_bias": opened, "recurrent_init": "orthogonal"})
        return walking(patient, made)

    yield Remedy(
        "GATED_RNN",
        "Remember with LSTM cells whose forget gates begin open",
        sentence(
            patient, apply(patient.project), f"An LSTM has four matrices for one, and its gates begin at {opened:g}"
        ),
        f"The cell keeps what it saw for about {steps} steps from the start, and gradients go back as far.",
        apply,
    )


def _between_states(patient: Patient, project: Project) -> Project:
    return with_params(project, nodes_of(patient.recurrent), {"recurrent_init": "orthogonal", "recurrent_gain": 1.0})


def _swells(patient: Patient, step: Step) -> bool:
    """Whether the matrix between states is said to begin so large that what is remembered grows."""
    gain = patient.analysis.arguments.get(step.path, {}).get("recurrent_gain", 1.0)
    return isinstance(gain, float) and gain > SWELLING


def _length(patient: Patient, step: Step) -> int:
    """How many steps the sequence has."""
    found = patient.type_of(step)
    sizes = found.shape if found is not None else ()
    return sizes[1] if len(sizes) == 3 and isinstance(sizes[1], int) else 1


def _is_far(patient: Patient, step: Step) -> bool:
    """Whether the start that is said is far from the one that suits."""
    arguments = patient.analysis.arguments.get(step.path, {})
    if any(map(is_norm, patient.behind(step))) and arguments.get("weight_init") == "normal":
        return False
    gain = arguments.get("init_gain", 1.0)
    shifted = isinstance(bias := arguments.get("bias_init"), float) and abs(bias) > 1
    return arguments.get("weight_init") in ILL or shifted or not (isinstance(gain, float) and 0.5 <= gain <= 4.0)
