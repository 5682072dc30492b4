"""Losses that fit what is learned, and classes that count alike."""

from __future__ import annotations

from collections.abc import Iterator

from core.catalog import KINDS
from core.compared import at, prediction, target
from core.diagnosis.cures.editing import node_of, with_params
from core.diagnosis.cures.patient import Patient, is_plain, nodes_of
from core.diagnosis.cures.rates import longer, sentence
from core.diagnosis.remedy import Remedy
from core.graph import Edge
from core.plan import Step, Value
from core.planning import change_kind, connect, delete, disconnect, dissolve, scope_of, set_param
from core.project import Project

_RAW = {"NLL": "CrossEntropy", "BCE": "BCEWithLogits"}
"""By the loss of probabilities that of raw scores."""
SMOOTHING = 0.1
_PIECE = 4
"""Decimals of a class's weight."""


def cross_entropy(patient: Patient) -> Iterator[Remedy]:
    """Cross-entropy with a score for each class in the place of a loss that takes class numbers for amounts."""
    for loss in patient.losses:
        label = _label(patient, loss)
        answer = prediction(loss)
        classes = _classes(patient, label)
        if label is None or answer is None or classes < 2 or loss.kind.name == "CrossEntropy":
            continue
        head = _head(patient, answer)
        if head is None:
            continue
        yield _as_classes(patient, loss, head, label, classes)


def mean_square(patient: Patient) -> Iterator[Remedy]:
    """The mean squared error in the place of a loss of classes, where what is right is an amount."""
    for loss in patient.losses:
        right = target(loss)
        field = patient.analysis.types.get(right) if right is not None else None
        if loss.kind.name == "MSE" or field is None or not field.is_floating:
            continue

        def apply(project: Project, node: str = loss.node) -> Project:
            return change_kind(project, node, "MSE")

        yield Remedy(
            "CHANGE_LOSS",
            f"Judge {loss.path} by the squared error",
            "The loss is the mean square of how far the answer is from the target.",
            "The gradient points to the amount that is wanted.",
            apply,
        )


def of_raw_scores(patient: Patient) -> Iterator[Remedy]:
    """The loss of raw scores in the place of one that wants what an activation makes of them, where there is none."""
    for loss, _answer in patient.answers():
        kind = _RAW.get(loss.kind.name)
        if kind is None:
            continue

        def apply(project: Project, node: str = loss.node, kind: str = kind) -> Project:
            return longer(patient, change_kind(project, node, kind))

        yield Remedy(
            "CHANGE_LOSS",
            f"Judge by {kind} instead of {loss.kind.name}",
            sentence(patient, apply(patient.project), f"{kind} has the activation in it"),
            "The loss reads raw scores as what they are, and more exactly.",
            apply,
        )


def balanced(patient: Patient) -> Iterator[Remedy]:
    """Rare classes counting as much as frequent ones in the loss."""
    for loss in patient.losses:
        field = patient.field(target(loss))
        names = {param.name for param in loss.kind.params}
        if field is None or len(field.classes) < 2:
            continue
        counts = [max(number, 1) for number in field.classes]
        if "class_weights" in names:
            yield _weighted(patient, loss, "class_weights", tuple(_even(counts)))
        elif "pos_weight" in names and len(counts) == 2:
            yield _weighted(patient, loss, "pos_weight", (round(counts[0] / counts[1], _PIECE),))


def smoothed(patient: Patient) -> Iterator[Remedy]:
    """Labels that are not believed wholly."""
    able = [loss for loss in patient.losses if any(param.name == "label_smoothing" for param in loss.kind.params)]
    if not able:
        return
    nodes = nodes_of(able)
    yield Remedy(
        "REGULARIZE",
        f"Believe labels to {100 * (1 - SMOOTHING):.0f} % only",
        "A tenth of the probability is wanted for all classes alike (label smoothing); the loss cannot reach 0 then.",
        "Wrong labels pull less, and the network stays less certain.",
        lambda project: with_params(project, nodes, {"label_smoothing": SMOOTHING}),
    )


def _weighted(patient: Patient, loss: Step, name: str, weights: tuple[float, ...]) -> Remedy:
    def apply(project: Project) -> Project:
        return longer(patient, with_params(project, (loss.node,), {name: weights}))

    return Remedy(
        "CLASS_WEIGHT",
        f"Let every class count alike in {loss.path}",
        sentence(
            patient,
            apply(patient.project),
            "Samples of rare classes weigh more, and accuracy on frequent ones may fall",
        ),
        "Overlooking a rare class costs as much as overlooking a frequent one.",
        apply,
    )


def _even(counts: list[int]) -> Iterator[float]:
    """The weights with which all classes have one sum, and the samples on average weight 1."""
    for number in counts:
        yield round(sum(counts) / (len(counts) * number), _PIECE)


def _as_classes(patient: Patient, loss: Step, head: Step, label: Value, classes: int) -> Remedy:
    source = patient.plan.by_path[label.path].node
    answer = prediction(loss)
    bends = [step for step in _between(patient, head, answer) if step.kind.category == "Activation"]

    def apply(project: Project) -> Project:
        project = dissolve(project, nodes_of(bends))
        project = set_param(project, head.node, "out_features", classes)
        graph = project.scope(scope_of(project, loss.node))
        old = [edge for edge in graph.into(loss.node) if edge.input == loss.kind.inputs[-1].name]
        project = change_kind(disconnect(project, [edge.key for edge in old]), loss.node, "CrossEntropy")
        project = connect(project, Edge(source, label.port, loss.node, "label"))
        return longer(patient, _without_loose(project, {edge.source for edge in old}))

    return Remedy(
        "CHANGE_LOSS",
        f"Judge {loss.path} by cross-entropy with {classes} scores",
        sentence(patient, apply(patient.project), f"{head.path} gives a score for each class instead of one number"),
        "Classes are told apart as such, and not by which number they happen to have.",
        apply,
    )


def _label(patient: Patient, loss: Step) -> Value | None:
    """The field of class numbers that the loss compares with, whatever it was cast to."""
    value = target(loss) or at(loss, loss.kind.inputs[-1].name)
    while value is not None:
        step = patient.plan.by_path.get(value.path)
        if step is None or step.dataset:
            return value if step is not None else None
        value = next(step.values(), None)
    return None


def _classes(patient: Patient, label: Value | None) -> int:
    """How many classes the field knows; 0 where it has none."""
    if label is None:
        return 0
    step = patient.plan.by_path[label.path]
    field = next((field for field in step.fields if field.name == label.port), None)
    return len(field.classes) if field is not None and field.dtype == "int64" else 0


def _head(patient: Patient, answer: Value) -> Step | None:
    """The Linear that gives the answer, behind whatever bends it."""
    step: Step | None = patient.plan.by_path.get(answer.path)
    while step is not None and not is_plain(step):
        value = next(step.values(), None)
        step = patient.plan.by_path.get(value.path) if value is not None else None
    return step if step is not None and step.kind.name == "Linear" else None


def _between(patient: Patient, head: Step, answer: Value | None) -> Iterator[Step]:
    """What lies behind the head up to the answer."""
    step = patient.plan.by_path.get(answer.path) if answer is not None else None
    while step is not None and step.path != head.path:
        yield step
        value = next(step.values(), None)
        step = patient.plan.by_path.get(value.path) if value is not None else None


def _without_loose(project: Project, nodes: set[str]) -> Project:
    """Without what nobody reads any more, from these nodes back."""
    for node_id in nodes:
        graph = project.scope(scope_of(project, node_id))
        kind = KINDS.get(node_of(project, node_id).kind)
        if kind is None or kind.role != "layer" or any(True for _edge in graph.out_of(node_id)):
            continue
        before = {edge.source for edge in graph.into(node_id)}
        project = _without_loose(delete(project, (node_id,)), before)
    return project
