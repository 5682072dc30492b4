"""Plain mistakes around a loss: none at all, not one score per class, a loss that does not suit its target."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

from core.catalog import KINDS
from core.compared import class_count, prediction, target
from core.data.sources import FieldSpec
from core.errors import ChainruleError, CheckError, ShapeError
from core.graph import InputKey
from core.mending import resized
from core.plan import Plan, Step, Value
from core.problems import WITHOUT_LOSS, ChangeKind, Fix, InsertOn, Problem, RemoveNode, Rewire, SetParam
from core.project import Project
from core.shapes import Analysis

_DOUBLED = MappingProxyType(
    {
        "CrossEntropy": frozenset({"Softmax", "LogSoftmax"}),
        "SoftCrossEntropy": frozenset({"Softmax", "LogSoftmax"}),
        "Focal": frozenset({"Softmax", "LogSoftmax"}),
        "BCEWithLogits": frozenset({"Sigmoid", "Softmax"}),
        "BinaryFocal": frozenset({"Sigmoid", "Softmax"}),
        "MultiLabelSoftMargin": frozenset({"Sigmoid", "Softmax"}),
    }
)
"""By loss what it must not find before it: it has the like inside."""
_BENT = MappingProxyType({"NLL": "LogSoftmax", "KLDiv": "LogSoftmax", "CTC": "LogSoftmax", "BCE": "Sigmoid"})
"""By loss what has to stand before it, for it takes probabilities or their logarithms."""
_LEAVES_RAW = frozenset({"Linear", "Convolution", "Normalization", "Recurrent", "Attention"})
"""The categories of layers whose outputs are raw scores."""


def goal_problems(project: Project, plan: Plan, analysis: Analysis) -> Iterator[Problem]:
    """What is wrong with the losses, loss by loss."""
    losses = plan.losses
    if not losses:
        yield from _no_loss(project)
    for step in losses:
        if step.kind.target == "classes":
            yield from _class_counts(plan, analysis, step)
        yield from _bent_twice(plan, step)
        yield from _not_bent(project, plan, step)
        yield from _unsuited(plan, analysis, step)


def _no_loss(project: Project) -> Iterator[Problem]:
    losses = {kind.name for kind in KINDS.values() if kind.role == "loss"}
    if any(node.kind in losses for node in project.all_nodes().values()):
        return
    wanted = "a loss was wanted, to say what training makes small"
    error = CheckError(wanted, "there is none", project.name, "Add CrossEntropy or MSE at the end.")
    yield Problem(WITHOUT_LOSS, "error", error, next(reversed(tuple(project.graph.nodes)), ""))


def _class_counts(plan: Plan, analysis: Analysis, step: Step) -> Iterator[Problem]:
    """A classifier needs a score for every class of its data."""
    guess, field = prediction(step), _field(plan, target(step))
    scores = class_count(step, analysis)
    if guess is None or scores is None or field is None or not field.classes or scores == len(field.classes):
        return
    wanted = len(field.classes)
    error = ShapeError(
        f"{wanted} scores were wanted, one for each class of the data",
        f"{scores} came",
        step.path,
        f"Tell {step.path} so." if step.kind.judged else f"Let the last layer give {wanted}.",
    )
    code, severity = ("E109", "error") if scores < wanted else ("W302", "warning")
    fixes: tuple[Fix, ...] = tuple(resized(plan, analysis, guess, 1, wanted))
    if step.kind.judged:
        fixes = tuple(
            SetParam(f"Set {name} to {wanted}", step.node, name, wanted)
            for name in ("n_classes", "num_classes")
            if name in analysis.arguments[step.path]
        )
    port = step.inputs[0][0]
    if severity == "error":
        yield Problem(code, "error", error, step.node, step.path, port, fixes=fixes)
    else:
        yield Problem(code, "warning", error, step.node, step.path, port, fixes=fixes)


def _bent_twice(plan: Plan, step: Step) -> Iterator[Problem]:
    """Softmax or sigmoid before a loss that has it inside."""
    guess = prediction(step)
    before = plan.by_path.get(guess.path) if guess is not None else None
    if before is None or before.kind.name not in _DOUBLED.get(step.kind.name, ()):
        return
    error = CheckError(
        f"raw scores were wanted: {step.kind.name} applies {before.kind.name.lower()} itself",
        f"{before.path} applies it once more",
        before.path,
        f"Remove {before.path}.",
    )
    fixes = (RemoveNode(f"Remove {before.path}", before.node),)
    yield Problem("W303", "warning", error, before.node, before.path, fixes=fixes)


def _not_bent(project: Project, plan: Plan, step: Step) -> Iterator[Problem]:
    """Raw scores, or shares that are no logarithms, before a loss that takes something else."""
    wanted, guess = _BENT.get(step.kind.name, ""), prediction(step)
    before = plan.by_path.get(guess.path) if guess is not None else None
    if not wanted or before is None:
        return
    shares = wanted == "LogSoftmax" and before.kind.name in ("Softmax", "Sigmoid")
    if not shares and before.kind.category not in _LEAVES_RAW:
        return
    port = step.inputs[0][0]
    error = CheckError(
        f"{_named(step.kind.prediction)} were wanted by {step.kind.name}",
        f"{before.path} gives {'probabilities' if shares else 'raw scores'}",
        step.path,
        f"{'Put' if shares else 'Insert'} a {wanted} {'in the place of' if shares else 'after'} {before.path}.",
    )
    edge = project.scope(_block_of(project, step.node)).edges.get(InputKey(step.node, port))
    fixes: tuple[Fix, ...] = ()
    if shares:
        fixes = (ChangeKind(f"Use {wanted} instead", before.node, wanted),)
    elif edge is not None:
        params = (("dim", 2 if step.kind.name == "CTC" else 1),) if wanted == "LogSoftmax" else ()
        fixes = (InsertOn(f"Insert {wanted} after {before.path}", edge.key, wanted, params),)
    yield Problem("W306", "warning", error, step.node, step.path, port, fixes=fixes)


def _named(prediction_: str) -> str:
    return "logarithms of probabilities" if prediction_ == "log-probabilities" else prediction_


def _block_of(project: Project, node_id: str) -> str:
    return next((key for key, block in project.blocks.items() if node_id in block.graph.nodes), "")


def _unsuited(plan: Plan, analysis: Analysis, step: Step) -> Iterator[Problem]:
    """A loss whose shapes fit, but that is not meant for what its target says."""
    right = target(step)
    field = _field(plan, right)
    if field is None or right is None or step.path in analysis.wrong or field.dtype != "float32":
        return
    labels = _labels(plan, right)
    if step.kind.target == "values" and field.role == "target" and labels:
        error: ChainruleError = CheckError(
            "a loss for classes was wanted: the target says which of two it is",
            f"{step.kind.name} came, which is for numbers",
            step.path,
            "Use BCEWithLogits.",
        )
        fix: Fix = ChangeKind("Use BCEWithLogits", step.node, "BCEWithLogits")
    elif step.kind.target == "signs" and labels and not field.signs:
        error = CheckError(
            f"targets of −1 and 1 were wanted by {step.kind.name}",
            f"{field.name} holds 0 and 1",
            step.path,
            "Wire the target of signs, or use BCEWithLogits.",
        )
        fix = _other_field(plan, step, right, signs=True) or ChangeKind("Use BCEWithLogits", step.node, "BCEWithLogits")
    elif step.kind.target == "probabilities" and field.signs:
        error = CheckError(
            f"targets of 0 and 1 were wanted by {step.kind.name}",
            f"{field.name} holds −1 and 1",
            step.path,
            "Wire the target of zeros and ones, or use SoftMargin.",
        )
        fix = _other_field(plan, step, right, signs=False) or ChangeKind("Use SoftMargin", step.node, "SoftMargin")
    elif step.kind.target == "probabilities" and not labels:
        error = CheckError(
            f"targets from 0 to 1 were wanted by {step.kind.name}",
            f"{field.name} holds other numbers",
            step.path,
            "Use MSE.",
        )
        fix = ChangeKind("Use MSE", step.node, "MSE")
    else:
        return
    port = step.kind.target_port
    yield Problem("W305", "warning", error, step.node, step.path, port.name if port else "", fixes=(fix,))


def _other_field(plan: Plan, step: Step, right: Value, signs: bool) -> Rewire | None:
    """The fix that wires the same two classes as the other pair of numbers, where the data have them."""
    source, port = plan.by_path[right.path], step.kind.target_port
    others = (field for field in source.fields if field.role == "target" and field.signs == signs)
    name = next((field.name for field in others if _labels(plan, Value(right.path, field.name))), "")
    if port is None or not name:
        return None
    return Rewire(f"Wire {name} of {source.path}", source.node, name, InputKey(step.node, port.name))


def _labels(plan: Plan, target: Value) -> tuple[str, ...]:
    """The classes that the numbers of a field stand for, 0 and 1; none where they are quantities."""
    step = plan.by_path[target.path]
    field = next(field for field in step.fields if field.name == target.port)
    if field.scaled or field.shape != (1,):
        return ()
    return next((other.classes for other in step.fields if len(other.classes) == 2), ())


def _field(plan: Plan, value: Value | None) -> FieldSpec | None:
    step = plan.by_path.get(value.path) if value is not None else None
    return next((field for field in step.fields if field.name == value.port), None) if step and value else None
