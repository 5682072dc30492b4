"""How wide and deep a network is, what is dropped, and what stands still."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from core.diagnosis.cures.editing import count, with_params
from core.diagnosis.cures.patient import (
    Patient,
    is_dropout,
    is_plain,
    nodes_of,
)
from core.diagnosis.cures.rates import calmed, longer, sentence, steady
from core.diagnosis.cures.starts import begun
from core.diagnosis.remedy import Remedy
from core.plan import Step
from core.planning import dissolve, set_param
from core.project import Project

DROPOUT = 0.1
"""What little dropout is."""
NARROW = 8
"""Units below which a hidden layer may be what holds a network back."""
_OUT = {"Linear": "out_features", "RNN": "hidden_size", "GRU": "hidden_size", "LSTM": "hidden_size"}


def widened(patient: Patient) -> Iterator[Remedy]:
    """Hidden layers four times as wide: those that the finding names, else the narrow ones, else all."""
    hidden = [step for step in patient.layers if step.path not in patient.outputs and _width_name(step)]
    told = (
        [step for step in hidden if step.path in patient.finding.where]
        or [step for step in hidden if width(patient, step) < 2 * NARROW]
        or hidden
    )
    if not told:
        return
    sizes = {step.node: (_width_name(step), max(4 * width(patient, step), 32)) for step in told}

    def apply(project: Project) -> Project:
        for node, (name, size) in sizes.items():
            project = set_param(project, node, name, size)
        return longer(patient, project)

    what, most = told[0].path if len(sizes) == 1 else count(sizes, "layer"), max(size for _name, size in sizes.values())
    yield Remedy(
        "WIDEN",
        f"Widen {what} to {most}",
        sentence(patient, apply(patient.project), "The layer and the one behind it get more weights"),
        "What tells the samples apart fits through the layer.",
        apply,
    )


def less_dropout(patient: Patient) -> Iterator[Remedy]:
    """Dropout of a tenth where it is much more."""
    strong = [step for step in patient.steps if is_dropout(step) and _share(patient, step) > DROPOUT]
    told = patient.named(strong)
    if not told:
        return
    nodes = nodes_of(told)

    def apply(project: Project) -> Project:
        return longer(patient, with_params(project, nodes, {"p": DROPOUT}))

    yield Remedy(
        "DROPOUT_DOWN",
        f"Lower {count(nodes, 'dropout')} to {DROPOUT:g}",
        sentence(patient, apply(patient.project), "Less noise holds the network back from learning by heart"),
        "Most of the signal gets through, so the loss on the training part can fall.",
        apply,
    )


def freed(patient: Patient) -> Iterator[Remedy]:
    """Layers that stand still learn again, and gradients pass where they were cut; narrow ones get some room."""
    frozen = [step for step in patient.layers if patient.analysis.arguments.get(step.path, {}).get("frozen")]
    stopped = tuple(path for path, share in patient.project.training.rates if not share)
    cut = [step for step in patient.steps if step.kind.name == "Detach"]
    if not frozen and not stopped and not cut:
        return
    still = [*frozen, *(step for step in patient.layers if any(patient.leads_to(step, one.__eq__) for one in cut))]
    narrow = [step for step in dict.fromkeys(still) if _width_name(step) and width(patient, step) < NARROW]

    def apply(project: Project) -> Project:
        rates = tuple(item for item in project.training.rates if item[1])
        project = replace(project, training=replace(project.training, rates=rates))
        project = dissolve(with_params(project, nodes_of(frozen), {"frozen": False}), nodes_of(cut))
        for step in narrow:
            if step.path not in patient.outputs:
                project = set_param(project, step.node, _width_name(step), 2 * NARROW)
        return calmed(patient, begun(patient, project) if narrow else project)

    rest = (
        f"{count(narrow, 'layer')} narrower than {NARROW} get {2 * NARROW} units" if narrow else "Every step costs more"
    )
    yield Remedy(
        "UNFREEZE",
        f"Let {count((*frozen, *stopped, *cut), 'layer')} learn",
        sentence(patient, apply(patient.project), rest),
        "Every layer is fitted to the data instead of staying as it was drawn.",
        apply,
    )


def shallower(patient: Patient) -> Iterator[Remedy]:
    """Half of the hidden layers that keep the width taken out, each with its activation."""
    spare = [step for step in patient.trunk[1:-1] if _keeps(patient, step)]
    gone = spare[::2]
    if len(patient.trunk) < 4 or not gone or any(step.kind.name == "Add" for step in patient.steps):
        return
    nodes = nodes_of([step for layer in gone for step in (layer, patient.bend_behind(layer)) if step is not None])

    def apply(project: Project) -> Project:
        return steady(patient, dissolve(begun(patient, project), nodes))

    yield Remedy(
        "REDUCE_DEPTH",
        f"Take {count(gone, 'hidden layer')} out",
        sentence(patient, apply(patient.project), "The network gets smaller and faster"),
        "The gradient has a shorter way, on which it shrinks less.",
        apply,
    )


def width(patient: Patient, step: Step) -> int:
    """How many units the layer has."""
    found = patient.analysis.arguments.get(step.path, {}).get(_width_name(step), 0)
    return found if isinstance(found, int) else 0


def _width_name(step: Step) -> str:
    return "out_channels" if step.kind.name.startswith("Conv") else _OUT.get(step.kind.name, "")


def _share(patient: Patient, step: Step) -> float:
    found = patient.analysis.arguments.get(step.path, {}).get("p", 0.0)
    return found if isinstance(found, float) else 0.0


def _keeps(patient: Patient, step: Step) -> bool:
    """Whether what comes in and goes out is of one type."""
    value = next(step.values(), None)
    return is_plain(step) and value is not None and patient.analysis.types.get(value) == patient.type_of(step)
