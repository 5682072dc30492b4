"""Plain mistakes around a loss: none at all, not one score per class, a loss that does not suit its target."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

from core.catalog import KINDS
from core.data.sources import FieldSpec
from core.errors import ChainruleError, CheckError, ShapeError
from core.mending import resized
from core.plan import Plan, Step, Value
from core.problems import WITHOUT_LOSS, ChangeKind, Fix, Problem, RemoveNode
from core.project import Project
from core.shapes import Analysis

_DOUBLED = MappingProxyType(
    {
        "CrossEntropy": frozenset({"Softmax", "LogSoftmax"}),
        "NLL": frozenset({"Softmax"}),
        "BCEWithLogits": frozenset({"Sigmoid", "Softmax"}),
    }
)
"""By loss what it must not find before it: it has the like inside, or wants something else."""


def goal_problems(project: Project, plan: Plan, analysis: Analysis) -> Iterator[Problem]:
    """What is wrong with the losses, loss by loss."""
    losses = plan.losses
    if not losses:
        yield from _no_loss(project)
    for step in losses:
        if step.kind.target == "classes":
            yield from _class_counts(plan, analysis, step)
        yield from _bent_twice(project, plan, step)
        yield from _unsuited(project, plan, analysis, step)


def _no_loss(project: Project) -> Iterator[Problem]:
    losses = {kind.name for kind in KINDS.values() if kind.role == "loss"}
    if any(node.kind in losses for node in project.all_nodes().values()):
        return
    wanted = "a loss was wanted, to say what training makes small"
    error = CheckError(wanted, "there is none", project.name, "Add CrossEntropy or MSE at the end.")
    yield Problem(WITHOUT_LOSS, "error", error, next(reversed(tuple(project.graph.nodes)), ""))


def _class_counts(plan: Plan, analysis: Analysis, step: Step) -> Iterator[Problem]:
    """A classifier needs a score for every class of its data."""
    guess, target = _compared(step)
    field = _field(plan, target)
    logits = analysis.types.get(guess) if guess is not None else None
    if guess is None or logits is None or field is None or not field.classes or len(logits.shape) < 2:
        return
    scores, wanted = logits.shape[1], len(field.classes)
    if not isinstance(scores, int) or scores == wanted:
        return
    error = ShapeError(
        f"{wanted} scores were wanted, one for each class of the data",
        f"{scores} came",
        step.path,
        f"Let the last layer give {wanted}.",
    )
    code, severity = ("E109", "error") if scores < wanted else ("W302", "warning")
    fixes = tuple(resized(plan, analysis, guess, 1, wanted))
    port = step.inputs[0][0]
    if severity == "error":
        yield Problem(code, "error", error, step.node, step.path, port, fixes=fixes)
    else:
        yield Problem(code, "warning", error, step.node, step.path, port, fixes=fixes)


def _bent_twice(project: Project, plan: Plan, step: Step) -> Iterator[Problem]:
    """Softmax or sigmoid before a loss that has it inside."""
    guess, _target = _compared(step)
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


def _unsuited(project: Project, plan: Plan, analysis: Analysis, step: Step) -> Iterator[Problem]:
    """A loss whose shapes fit, but that is not meant for what its target says."""
    _guess, target = _compared(step)
    field = _field(plan, target)
    if field is None or target is None or step.path in analysis.wrong or field.dtype != "float32":
        return
    labels = _labels(project, plan, target)
    if step.kind.target == "values" and field.role == "target" and labels:
        error: ChainruleError = CheckError(
            "a loss for classes was wanted: the target says which of two it is",
            f"{step.kind.name} came, which is for numbers",
            step.path,
            "Use BCEWithLogits.",
        )
        fix: Fix = ChangeKind("Use BCEWithLogits", step.node, "BCEWithLogits")
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
    yield Problem("W305", "warning", error, step.node, step.path, step.inputs[1][0], fixes=(fix,))


def _labels(project: Project, plan: Plan, target: Value) -> tuple[str, ...]:
    """The classes that the numbers of a field stand for, 0 and 1; none where they are quantities."""
    step = plan.by_path[target.path]
    field = next(field for field in step.fields if field.name == target.port)
    if field.scaled or field.shape != (1,):
        return ()
    return next((other.classes for other in step.fields if len(other.classes) == 2), ())


def _compared(step: Step) -> tuple[Value | None, Value | None]:
    """What the loss compares: its first two inputs, as far as they are wired."""
    values = [values[0] if values else None for _port, values in step.inputs[:2]]
    return (*values, None, None)[:2]  # type: ignore[return-value]  # two of them


def _field(plan: Plan, value: Value | None) -> FieldSpec | None:
    step = plan.by_path.get(value.path) if value is not None else None
    return next((field for field in step.fields if field.name == value.port), None) if step and value else None
