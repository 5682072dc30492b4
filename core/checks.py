"""Graph to problems: structure, shapes and plain mistakes that can be told before training, instantly.

After an edit, what is told of a node or step is kept where neither it nor its neighbours differ. The problems are the
same, in the same order, as when everything is checked anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from core.bypassing import bypass_problems
from core.errors import CheckError
from core.goals import goal_problems
from core.mending import mended
from core.plan import Plan, Readers, Step, Value, changes, readers
from core.problems import WITHOUT_DATA, WITHOUT_LOSS, InsertOn, Problem, RemoveNode
from core.project import Project
from core.shapes import Analysis
from core.structure import Structure, Surroundings, structure, surroundings
from core.targets import with_targets
from core.unfolding import unfolding
from core.vocabularies import vocabulary_problems

_KEEPS_LINEAR = frozenset({"Linear", "Conv1d", "Conv2d", "Conv3d", "ConvTranspose2d"})
_TRANSPARENT = frozenset({"AvgPool1d", "AvgPool2d", "AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "Flatten", "Reshape"})


@dataclass(frozen=True, slots=True)
class Checked:
    """Everything that is wrong with a project, and what the next check after an edit can keep."""

    problems: tuple[Problem, ...]
    """Errors first; the problems of shapes included."""
    plan: Plan
    around: Surroundings
    structures: Mapping[str, Structure]
    """By block; "" is the main graph."""
    steps: Mapping[str, tuple[Problem, ...]]
    """By path, what is told of a step from its neighbours alone."""


def check(project: Project, plan: Plan, analysis: Analysis) -> tuple[Problem, ...]:
    """Everything that is wrong, errors first; the problems of shapes included."""
    return checked(project, plan, analysis).problems


def checked(project: Project, plan: Plan, analysis: Analysis, before: Checked | None = None) -> Checked:
    """The project, checked; with what was found before an edit, costs what the edit changes."""
    around = surroundings(project, unfolding(project), before.around if before is not None else None)
    structures = dict(_structures(project, plan, around, before))
    reading = plan.origin.readers if plan.origin is not None else readers(plan)
    stale = _stale(plan, before)
    kept = before.steps if before is not None else {}
    steps = {path: found for path, found in kept.items() if path not in stale and path in plan.by_path}
    trains = bool(plan.losses)
    for path in stale & plan.by_path.keys():
        found = tuple(_neighbours(project, plan, plan.by_path[path], reading, trains))
        if found:
            steps[path] = found
    ordered = [
        *(with_targets(project, problem) for scope in structures.values() for problem in scope.problems()),
        *mended(project, plan, analysis),
        *goal_problems(project, plan, analysis),
        *vocabulary_problems(plan, analysis),
        *bypass_problems(project, plan, analysis),
        *(problem for step in (plan.steps if steps else ()) for problem in steps.get(step.path, ())),
    ]
    rank = {"error": 0, "warning": 1, "hint": 2}
    problems = tuple(sorted(ordered, key=lambda problem: rank[problem.severity]))
    return Checked(problems, plan, around, structures, steps)


def errors(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Those that keep the graph from training."""
    return tuple(problem for problem in problems if problem.severity == "error")


def faults(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The errors that keep the graph even from running: a loss and data are needed for training only."""
    return tuple(problem for problem in errors(problems) if problem.code not in (WITHOUT_LOSS, WITHOUT_DATA))


def raise_first(problems: Iterable[Problem]) -> None:
    """Raise the first error, if there is one."""
    for problem in errors(problems):
        raise problem.error


def _structures(
    project: Project, plan: Plan, around: Surroundings, before: Checked | None
) -> Iterator[tuple[str, Structure]]:
    known = before.structures if before is not None else {}
    earlier = before.around if before is not None else None
    wiring = plan.origin.lowered.wiring if plan.origin is not None else None
    yield "", structure(project.graph, around, known.get(""), earlier, wiring)
    for key, block in project.blocks.items():
        yield key, structure(block.graph, around, known.get(key), earlier)


def _stale(plan: Plan, before: Checked | None) -> set[str]:
    """The paths of the steps whose neighbours differ."""
    if before is None or bool(plan.losses) != bool(before.plan.losses):
        return set(plan.by_path)
    differing = changes(plan, before.plan)
    touched = {step.path for step in (*differing.new, *differing.gone)}
    touched.update(value.path for step in (*differing.new, *differing.gone) for value in step.values())
    return _before(plan, touched)


def _before(plan: Plan, paths: set[str]) -> set[str]:
    """These steps, and those that see them through layers that let everything through."""
    found, waiting = set(paths), list(paths)
    while waiting:
        step = plan.by_path.get(waiting.pop())
        for value in step.values() if step is not None else ():
            if value.path in found:
                continue
            found.add(value.path)
            source = plan.by_path.get(value.path)
            if source is not None and source.kind.name in _TRANSPARENT:
                waiting.append(value.path)
    return found


def _neighbours(project: Project, plan: Plan, step: Step, reading: Readers, trains: bool) -> Iterator[Problem]:
    if step.kind.name in _KEEPS_LINEAR:
        after = _next_linear(plan, step, reading)
        if after is not None:
            yield _linear_pair(project, plan, step, after, reading)
    if step.kind.role == "loss" or not reading.keys().isdisjoint(_made(step)):
        return
    if step.fields:
        error = CheckError("a wire from the data was wanted", "nothing reads it", step.path, "Wire a field of it.")
        yield Problem("I011", "hint", error, step.node, step.path)
    if step.kind.role == "layer" and trains:
        fix = "Wire it, or remove it."
        error = CheckError("a way to a loss was wanted", "nothing reads its output", step.path, fix)
        fixes = (RemoveNode(f"Remove {step.path}", step.node),) if "." not in step.path else ()
        yield Problem("W304", "warning", error, step.node, step.path, fixes=fixes)


def _made(step: Step) -> list[Value]:
    return [Value(step.path, port) for port in step.outputs]


def _next_linear(plan: Plan, step: Step, reading: Readers) -> Step | None:
    """The weighted layer behind this one with nothing bent between them, so that the two act as one."""
    current = step
    while True:
        following = reading.get(Value(current.path, current.outputs[0]), ())
        if len(following) != 1:
            return None
        current = plan.by_path[following[0]]
        if current.kind.name in _KEEPS_LINEAR:
            return current
        if current.kind.name not in _TRANSPARENT:
            return None


def _linear_pair(project: Project, plan: Plan, step: Step, after: Step, reading: Readers) -> Problem:
    error = CheckError(
        f"an activation between {step.path} and {after.path} was wanted",
        "there is none, so they act as one linear step",
        step.path,
        "Insert a ReLU between them.",
    )
    reader = plan.by_path[reading[Value(step.path, step.outputs[0])][0]]
    graph = project.scope(next((key for key, item in project.blocks.items() if step.node in item.graph.nodes), ""))
    edge = next((edge for edge in graph.into(reader.node) if edge.source == step.node), None)
    fixes = (InsertOn(f"Insert ReLU after {step.path}", edge.key, "ReLU"),) if edge is not None else ()
    return Problem("W301", "warning", error, step.node, step.path, fixes=fixes)
