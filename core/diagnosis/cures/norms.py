"""Normalization and short cuts put into a network."""

from __future__ import annotations

from collections.abc import Iterator

from core.adding import add_behind_each
from core.diagnosis.cures.editing import count, with_training
from core.diagnosis.cures.patient import (
    Patient,
    is_plain,
    nodes_of,
)
from core.diagnosis.cures.rates import calmed, sentence
from core.diagnosis.remedy import Remedy
from core.graph import Edge, InputKey
from core.plan import Step
from core.planning import change_kind, connect, insert, scope_of
from core.project import Project

BATCH = 64
"""Samples by which statistics of a batch say enough of the data."""


def normalised(patient: Patient) -> Iterator[Remedy]:
    """Normalization before every hidden activation, or at the start of every branch of a residual network."""
    if patient.norms or not patient.layers:
        return
    branches = list(_branches(patient))
    spots = branches or list(_before_bends(patient))
    if not spots:
        return
    kind = _norm_kind(patient, spots, bool(branches))

    def apply(project: Project) -> Project:
        for key, own in spots:
            project, _node = insert(project, own if not branches else kind, key)
        return calmed(patient, project) if branches else _in_batches(patient, project)

    yield Remedy(
        "ADD_NORM",
        f"Insert {kind} {'into every branch' if branches else 'before every activation'}",
        sentence(patient, apply(patient.project), f"{count(spots, 'layer')} with a scale and a shift for each feature"),
        "Each layer gets numbers of one size whatever the weights are, so signals neither fade nor grow.",
        apply,
    )


def input_normalised(patient: Patient) -> Iterator[Remedy]:
    """Normalization of what comes from the data, before the first layer."""
    first = next((step for step in patient.trunk if is_plain(step)), None)
    key = _input(patient, first) if first is not None else None
    if first is None or key is None:
        return
    kind = _norm_before(patient, first)

    def apply(project: Project) -> Project:
        return _in_batches(patient, insert(project, kind, key)[0])

    yield Remedy(
        "ADD_NORM",
        f"Insert {kind} before {first.path}",
        sentence(patient, apply(patient.project), "The network learns the scale of its inputs itself"),
        "The first layer gets numbers around zero, of deviation one.",
        apply,
    )


def other_norm(patient: Patient) -> Iterator[Remedy]:
    """Normalization over the features of each sample, where batch norm has too few samples to go by."""
    batch = [step for step in patient.norms if step.kind.name.startswith("BatchNorm")]
    if not batch:
        return
    pictures = [step for step in batch if step.kind.name != "BatchNorm1d"]
    kind = "GroupNorm" if pictures else "LayerNorm"
    nodes = nodes_of(batch)

    def apply(project: Project) -> Project:
        for step in batch:
            project = change_kind(project, step.node, "GroupNorm" if step in pictures else "LayerNorm")
        return project

    yield Remedy(
        "SWAP_NORM",
        f"Replace {count(nodes, 'batch norm')} by {kind}",
        "It normalises each sample by itself, in training and after it alike.",
        "What a sample comes to no longer depends on the few that share its batch.",
        apply,
    )


def short_cuts(patient: Patient) -> Iterator[Remedy]:
    """Wires past every two layers that keep the width, added behind them."""
    pairs = list(_pairs(patient))
    if not pairs:
        return

    def apply(project: Project) -> Project:
        for start, end in pairs:
            project, (add,) = add_behind_each(project, "Add", (end,))
            project = connect(project, Edge(start, "output", add, "inputs"))
        return calmed(patient, project)

    yield Remedy(
        "ADD_RESIDUAL",
        f"Add {count(pairs, 'wire')} past two layers each",
        sentence(patient, apply(patient.project), "What comes in is added to what the two layers make of it"),
        "The gradient has a way to the first layer on which nothing shrinks it (He et al. 2016).",
        apply,
    )


def _input(patient: Patient, step: Step) -> InputKey | None:
    """The first wire that ends at the step's node."""
    graph = patient.project.scope(scope_of(patient.project, step.node))
    return next((edge.key for edge in graph.into(step.node)), None)


def _before_bends(patient: Patient) -> Iterator[tuple[InputKey, str]]:
    """The wires into activations behind a layer of one matrix, and what normalises there; once a node."""
    done: set[str] = set()
    for step in patient.layers:
        bend = patient.bend_behind(step)
        key = _input(patient, bend) if bend is not None else None
        if bend is None or key is None or bend.node in done or bend not in patient.activations or not is_plain(step):
            continue
        done.add(bend.node)
        yield key, _norm_behind(patient, step)


def _branches(patient: Patient) -> Iterator[tuple[InputKey, str]]:
    """Of a residual network the wires into the first layer of every branch, and into the last layer of all."""
    adds = [step for step in patient.steps if step.kind.name == "Add" and patient.leads_to(step, is_plain)]
    heads = [reader for step in patient.steps for reader in patient.readers.get(step.path, ()) if step in adds]
    spots = [step for step in heads if is_plain(step)]
    first = _first_branch(patient, adds)
    for step in dict.fromkeys([*first, *spots]):
        key = _input(patient, step)
        if key is not None:
            yield key, _norm_before(patient, step)


def _first_branch(patient: Patient, adds: list[Step]) -> list[Step]:
    """The layer that begins the branch of the first Add: it reads what goes past it too."""
    found = []
    for add in adds[:1]:
        for value in add.values():
            readers = patient.readers.get(value.path, ())
            found += [reader for reader in readers if reader is not add and is_plain(reader)]
    return found


def _norm_behind(patient: Patient, step: Step) -> str:
    """The kind that normalises what the layer gives."""
    return _norm(patient.type_of(step), step)


def _norm_before(patient: Patient, step: Step) -> str:
    """The kind that normalises what comes into the layer."""
    value = next(step.values(), None)
    return _norm(patient.analysis.types.get(value) if value is not None else None, step)


def _norm(found: object, step: Step) -> str:
    shape = getattr(found, "shape", ())
    if step.kind.name.startswith("Conv"):
        return f"BatchNorm{step.kind.name[-2]}d"
    return "BatchNorm1d" if len(shape) == 2 else "LayerNorm"


def _norm_kind(patient: Patient, spots: list[tuple[InputKey, str]], branches: bool) -> str:
    kinds = [kind for _key, kind in spots]
    return "LayerNorm" if branches and kinds[0] == "BatchNorm1d" else kinds[0]


def _in_batches(patient: Patient, project: Project) -> Project:
    """With batches large enough for batch statistics, and a rate that suits."""
    training = project.training
    if training.batch_size < BATCH:
        epochs = round(training.epochs * min(BATCH / training.batch_size, 2))
        project = with_training(project, batch_size=BATCH, epochs=epochs)
    return calmed(patient, project)


def _pairs(patient: Patient) -> Iterator[tuple[str, str]]:
    """Where a wire past two layers can begin and end: activations of one shape, two apart."""
    bends = [bend for step in patient.trunk if (bend := patient.bend_behind(step)) is not None]
    for begin, end in list(zip(bends, bends[2:], strict=False))[::2]:
        same = patient.type_of(begin) == patient.type_of(end)
        graphs = {scope_of(patient.project, step.node) for step in (begin, end)}
        if same and len(graphs) == 1 and begin.node != end.node:
            yield begin.node, end.node
