"""A run in messages: what its rows mean when it starts, and what went wrong when it fails."""

from __future__ import annotations

import traceback

import msgspec

from core.compared import class_count, gives_each, target
from core.engine.messages import Problem, Started
from core.lowering import lower
from core.plan import Step
from core.project import Project
from core.python.execution import block_line, failure, file_name
from core.python.questions import code_of
from core.training.metrics import loss_at_chance
from core.training.run import Run


def started(run: Run, validation_samples: int) -> Started:
    """What the reader of the rows must know."""
    first = run.phases[0].part.losses[0]
    values = run.network.arguments[first.path]
    mean = values.get("reduction", "mean") == "mean" or gives_each(values)
    alone = len(run.network.plan.losses) == 1 and mean and values["weight"] == 1.0
    classes = class_count(first, run.analysis) or 0
    return Started(
        run=run.job.run,
        weights=run.table.rows,
        outputs=run.samples.rows,
        step_columns=run.table.columns,
        sample_columns=run.samples.columns,
        epochs=run.settings.epochs,
        steps_per_epoch=run.steps_per_epoch,
        total_steps=run.total_steps,
        first_step=run.step_number,
        train_samples=run.batches.samples,
        validation_samples=validation_samples,
        parameters=sum(parameter.numel() for parameter in run.network.root.parameters()),
        metric=run.metric.name if run.metric is not None else "",
        classes=_class_names(run, first),
        device=run.settings.device,
        threads=run.settings.threads,
        loss_at_chance=loss_at_chance(first.kind, values, classes) if alone else None,
    )


def _class_names(run: Run, loss: Step) -> list[str]:
    """What the classes are called that a loss compares, where its labels come as the data have them."""
    label = target(loss)
    step = run.plan.by_path.get(label.path) if label is not None else None
    if label is None or step is None or not step.dataset:
        return []
    return list(run.job.data[step.dataset].classes.get(label.port, ()))


def placed(problem: Problem, project: Project) -> Problem:
    """The same problem, with the node whose path it names."""
    step = lower(project).by_path.get(problem.where)
    return msgspec.structs.replace(problem, node=step.shown) if step is not None and not problem.node else problem


def torch_problem(run: Run, error: BaseException) -> Problem:
    """What torch refused or a Python block raised, and the node at which it did."""
    file, line = block_line(error)
    functions = (function for phase in run.phases for function in (phase.forward, phase.observed))
    path = next((found for function in functions if (found := function.step_of(error))), "")
    if line and not path:  # as in a backward pass, which our own text does not call
        path = next((one.path for one in run.plan.steps if _is_from(one, file)), "")
    step = run.plan.by_path.get(path)
    if step is not None and line:
        raised = failure(error, code_of(step.params).source)
        return Problem(
            wanted=raised.wanted,
            came=raised.came,
            where=path,
            fix=raised.fix,
            node=step.shown,
            kind="CodeError",
            details="".join(traceback.format_exception(error)),
            line=line,
        )
    return Problem(
        wanted="a step that torch can compute was wanted",
        came=str(error),
        where=path,
        fix=_fix(error),
        node=step.shown if step is not None else "",
        kind="TrainingError",
        details="".join(traceback.format_exception(error)),
    )


def _fix(error: BaseException) -> str:
    if "use_deterministic_algorithms" in str(error):
        return "Turn “Deterministic” off, or take another layer in its place."
    return "Check the sizes at this node; a last batch of one sample can be left out with “Drop last batch”."


def _is_from(step: Step, file: str) -> bool:
    return step.kind.opaque and file_name(code_of(step.params).source) == file
