"""What rules look at: the network, what is known of its data, and the rows of a run in the forms they ask for."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.data.settings import split_kind
from core.diagnosis.facts import Facts, FieldFacts
from core.diagnosis.finding import Severity
from core.diagnosis.objective import PASSING, Objective, attainable, chance, objectives
from core.diagnosis.thresholds import limit
from core.engine.messages import Failed, RowInfo
from core.errors import EngineError
from core.plan import Plan, Readers, Step, Value, readers
from core.project import Project
from core.shapes import Analysis
from core.telemetry.column import Column
from core.telemetry.record import RunRecord
from core.training.reach import STOPS_GRADIENT, losses_of

Floats = NDArray[np.float64]
EVERY = slice(None)
SPREAD, STRETCH = 8192, 128
"""Rows of which a median is taken in a long run, and how many of them lie together: it need not be read whole."""
FEW = 8
LAST_JUDGED = 5
"""Validations that tell of the run as it is."""


@dataclass(frozen=True, eq=False)
class Network:
    """A project with its plan, its shapes and what is known of its data."""

    project: Project
    plan: Plan
    analysis: Analysis
    facts: Facts

    @cached_property
    def is_contest(self) -> bool:
        """Whether phases make different losses smaller, so that one may well stand or rise while both sides learn."""
        return len({losses_of(self.plan, phase) for phase in self.project.training.phases}) > 1 and not self.apart

    @cached_property
    def apart(self) -> tuple[Plan, ...]:
        """The part of the plan that each loss needs, where there are several and none has weights that another has."""
        parts = [self.plan.reaching([Value(loss.path, "loss")]) for loss in self.plan.losses]
        weights = [{step.module for step in part.steps if step.kind.weighted} for part in parts]
        shared = sum(map(len, weights)) > len(set().union(*weights))
        return () if shared or len(parts) < 2 or not all(weights) else tuple(parts)

    def shown(self, paths: Iterable[str]) -> tuple[str, ...]:
        """The ids of the nodes of the main graph in which these steps lie, once each."""
        known = (self.plan.by_path.get(path) for path in paths)
        return tuple(dict.fromkeys(step.shown for step in known if step is not None))

    @cached_property
    def objectives(self) -> tuple[Objective, ...]:
        """What each loss compares."""
        return tuple(objectives(self.plan, self.facts))

    @cached_property
    def readers(self) -> Readers:
        """By value the paths of the steps that read it."""
        return self.plan.origin.readers if self.plan.origin is not None else readers(self.plan)

    @cached_property
    def fields_read(self) -> tuple[FieldFacts, ...]:
        """What is known of the fields that the losses need."""
        needed = {value for step in self.trained for value in step.values()}
        values = [Value(step.path, port) for step in self.trained if step.dataset for port in step.outputs]
        known = [self.facts.of(self.plan.by_path[v.path].dataset, v.port) for v in values if v in needed]
        return tuple(dict.fromkeys(field for field in known if field is not None))

    def readers_of(self, field: FieldFacts) -> list[str]:
        """The steps that read this field, forms that only pass it on left out."""
        found: list[str] = []
        waiting = [Value(step.path, field.field) for step in self.trained if step.dataset == field.dataset]
        while waiting:
            for path in self.readers.get(waiting.pop(), ()):
                step = self.plan.by_path[path]
                if step.kind.name in PASSING:
                    waiting += [Value(path, port) for port in step.outputs]
                else:
                    found.append(path)
        return list(dict.fromkeys(found))

    def behind(self, value: Value, passing: frozenset[str]) -> Iterator[str]:
        """The steps behind a value, on through those of these kinds."""
        waiting, known = [value], {value}
        while waiting:
            for path in self.readers.get(waiting.pop(0), ()):
                yield path
                step = self.plan.by_path[path]
                more = [Value(path, port) for port in step.outputs] if step.kind.name in passing else []
                waiting += [one for one in more if one not in known]
                known.update(more)

    def is_hidden(self, step: Step) -> bool:
        """Whether another layer with weights, or one that bends, stands between it and every loss."""
        last = {objective.answer.path for objective in self.objectives if objective.answer is not None}
        return step.path not in last and not all(
            self.plan.by_path[path].kind.role == "loss" or (path in last and not self.plan.by_path[path].kind.weighted)
            for port in step.outputs[:1]
            for path in self.behind(Value(step.path, port), PASSING)
        )

    def width_before(self, step: Step) -> int:
        """How many features or channels come into a step; 0 where that is not known."""
        value = next(step.values(), None)
        found = self.analysis.types.get(value) if value is not None else None
        if found is None or not found.features:
            return 0
        return found.features[0] if len(found.features) > 2 else found.features[-1]

    def is_input(self, field: FieldFacts) -> bool:
        """Whether a layer reads it, and not a loss alone."""
        return any(self.plan.by_path[path].kind.role != "loss" for path in self.readers_of(field))

    def numbers(self, field: FieldFacts) -> int:
        """How many numbers a sample of this field has; 0 where that is not known."""
        types = [self.analysis.types.get(Value(step.path, field.field)) for step in self.trained if step.dataset]
        return next((found.numel for found in types if found is not None), 0)

    def is_in_time(self, field: FieldFacts) -> bool:
        """Whether the samples of its data set follow one another, so that later ones may well be others."""
        settings = self.project.data.get(field.dataset)
        if settings is None or split_kind(settings) != "time":
            return False
        return settings.found is None or not settings.found.held

    @cached_property
    def hidden_activations(self) -> tuple[Step, ...]:
        """The activations that are not the network's answer, nor what it hands on without a way back."""
        last = {objective.answer.path for objective in self.objectives if objective.answer is not None}
        bends = (step for step in self.trained if step.kind.category == "Activation" and step.path not in last)
        return tuple(step for step in bends if not self._is_handed_on(step))

    def _is_handed_on(self, step: Step) -> bool:
        """Whether it is a thing that was made, as of a generator: its gradient stops on one of the ways from it."""
        behind = self.behind(Value(step.path, step.outputs[0]), PASSING)
        return any(self.plan.by_path[path].kind.name in STOPS_GRADIENT for path in behind)

    @cached_property
    def scale_free(self) -> frozenset[str]:
        """The layers right behind which a normalization stands: how large their weights are makes no difference."""
        return frozenset(
            step.path
            for step in self.trained
            if step.kind.weighted
            for path in self.readers.get(Value(step.path, step.outputs[0]), ())
            if self.plan.by_path[path].kind.category == "Normalization" and self.plan.by_path[path].kind.weighted
        )

    def ends_branch(self, step: Step) -> bool:
        """Whether what it gives is only added to something else, so that it may well begin at nothing."""
        following = self.readers.get(Value(step.path, step.outputs[0]), ())
        return bool(following) and all(self.plan.by_path[path].kind.name in ("Add", "LayerScale") for path in following)

    @cached_property
    def trained(self) -> tuple[Step, ...]:
        """The steps that the losses need, in running order."""
        return self.plan.for_training().steps


@dataclass(frozen=True, eq=False)
class Seen:
    """A network and what its run measured so far."""

    network: Network
    record: RunRecord
    failed: Failed | None = None
    """How the run ended, where it failed."""

    @property
    def step(self) -> int:
        """The last step that was measured."""
        return self.record.last_step

    @cached_property
    def share(self) -> float:
        """The part of the run that is done."""
        return self.step / self.total

    @cached_property
    def total(self) -> int:
        """How many steps the run has."""
        return max(self.record.started.total_steps, 1)

    @property
    def so_far(self) -> str:
        """How much of the run is done, in words."""
        return f"{self.share:.0%} of the run"

    @cached_property
    def warm(self) -> bool:
        """Whether there are enough steps to judge what develops."""
        return self.step >= limit("warm_up_steps") and self.share >= limit("warm_up")

    @cached_property
    def losses(self) -> Floats:
        """The loss of every step."""
        return self.plain("loss")

    @cached_property
    def progress(self) -> float:
        """The share by which the loss has fallen: 1 all of it, 0 none; NaN where it cannot be told yet."""
        losses = self.losses
        if len(losses) < limit("warm_up_steps") or not np.isfinite(losses).all():
            return float("nan")
        first, last = losses[: max(3, len(losses) // 50)].mean(), losses[-max(5, len(losses) // 20) :].mean()
        return float((first - last) / max(abs(first), 1e-12))

    @cached_property
    def chance(self) -> float:
        """What an answer that looks at no input would cost; NaN where that is not known, or losses are several."""
        if len(self.network.objectives) != 1:
            return float("nan")
        (objective,) = self.network.objectives
        arguments = self.network.analysis.arguments.get(objective.loss.path, {})
        if arguments.get("label_smoothing") or arguments.get("reduction") == "sum":
            return float("nan")
        return chance(objective, weighted=bool(arguments.get("class_weights")))

    @property
    def first_loss(self) -> float:
        """The loss before any step was made; of small batches no more than the median of enough samples."""
        if not len(self.losses):
            return float("nan")
        return min(float(self.losses[0]), float(np.median(self.losses[: self._each])))

    @property
    def _each(self) -> int:
        """Steps that hold enough samples for their mean loss to say something."""
        training = self.network.project.training
        return -(-int(limit("group")) // max(training.batch_size * training.accumulate, 1))

    @cached_property
    def grouped(self) -> Floats:
        """The loss, as the mean of so many steps that they hold enough samples: one sample's says next to nothing."""
        each = self._each
        count = len(self.losses) // each
        if count < 1 or each == 1:
            return self.losses
        found: Floats = self.losses[-count * each :].reshape(count, each).mean(1)
        return found

    @cached_property
    def level(self) -> float:
        """The loss of the last steps, the median of a twentieth of the run."""
        each = len(self.losses) // max(len(self.grouped), 1)
        losses = self.grouped[-max(9 if each == 1 else 3, self.total // (20 * max(each, 1))) :]
        return float(np.median(losses)) if len(losses) else float("nan")

    @cached_property
    def skill(self) -> float:
        """How much better than chance the loss is: 1 all the way to nothing, 0 no better, below 0 worse.

        Where chance is not known, the share by which the loss has fallen.
        """
        if not np.isfinite(self.level):
            return float("-inf") if len(self.losses) else float("nan")
        if not self.chance > 0:
            return self.progress
        return 1 - self.level / self.chance

    @cached_property
    def mastery(self) -> float:
        """The skill by what neighbours show to be attainable: noise in labels is no fault of the network."""
        fields = [objective.field for objective in self.network.objectives if objective.field is not None]
        if len(fields) != 1 or not self.chance > 0:
            return self.skill
        return self.skill / attainable(fields[0], self.chance)

    @cached_property
    def held_skill(self) -> float:
        """The skill of held-out samples, where there are any; else that of training."""
        if not len(self.held_losses) or not self.chance > 0:
            return self.skill
        held = float(np.median(self.held_losses[-3:]))
        return 1 - held / self.chance if np.isfinite(held) else float("-inf")

    @cached_property
    def held_mastery(self) -> float:
        """The same by what neighbours show to be attainable."""
        return self.mastery / self.skill * self.held_skill if self.skill > 0 else self.mastery

    @cached_property
    def best_held_mastery(self) -> float:
        """The same of held-out samples at their best, where that is known."""
        if not (self.skill > 0 and self.chance > 0 and self.held_best > 0):
            return self.mastery
        return self.mastery / self.skill * (1 - self.held_best / self.chance)

    @property
    def is_mastered(self) -> bool:
        """Whether little is left to learn, of held-out samples too."""
        return min(self.mastery, self.held_mastery) >= limit("learned")

    @cached_property
    def held_best(self) -> float:
        """The lowest held-out loss that lasted: of medians of as many validations as tell of the run as it is."""
        judged = self.held_losses
        if len(judged) < LAST_JUDGED:
            return float("nan")
        return float(np.median(np.lib.stride_tricks.sliding_window_view(judged, LAST_JUDGED), axis=1).min())

    @property
    def held_rises(self) -> bool:
        """Whether the held-out loss is far above its best."""
        judged = self.held_losses
        if len(judged) < LAST_JUDGED or not np.isfinite(judged).all():
            return False
        return float(np.median(judged[-LAST_JUDGED:])) > limit("overfitting") * self.held_best + 0.02

    @cached_property
    def is_flat(self) -> bool:
        """Whether the loss is where an answer without a look at the input would be, and has not fallen much."""
        return not self.network.is_contest and self.mastery < limit("flat") and not self.progress >= limit("learning")

    @cached_property
    def still_falls(self) -> bool:
        """Whether the loss falls in the last quarter of what was run nearly as it did in the one before."""
        parts = [float(np.median(part)) for part in np.array_split(self.losses, 4)]
        before, now = parts[1] - parts[2], parts[2] - parts[3]
        return before > 0 and now > limit("still") * before and now > limit("still_share") * abs(parts[2])

    @cached_property
    def last_fall(self) -> float:
        """The share of itself by which the loss has fallen in the last quarter of what was run."""
        parts = [float(np.median(part)) for part in np.array_split(self.losses, 4)]
        return (parts[2] - parts[3]) / max(abs(parts[2]), 1e-12)

    @cached_property
    def rate_share(self) -> float:
        """The learning rate of the middle of what was run over the highest."""
        rates = self.plain("learning_rate")
        return float(np.median(rates) / rates.max()) if len(rates) and rates.max() > 0 else 0.0

    @cached_property
    def held_losses(self) -> Floats:
        """The loss of every validation."""
        return np.array([point.loss for point in self.record.validations], np.float64)

    def severity(self) -> Severity:
        """Critical where the run is next to chance, and a warning where it has learned something."""
        return "warning" if self.learns else "critical"

    @property
    def learns(self) -> bool:
        """Whether the loss is as low as it is in a run that learns."""
        return self.mastery >= limit("learning")

    def plain(self, quantity: str) -> Floats:
        """A quantity of the whole network at every step; empty where it is not measured."""
        try:
            return self.record.column(quantity).values().astype(np.float64)
        except EngineError:
            return np.zeros(0)

    def rows(self, quantity: str) -> list[RowInfo]:
        """The steps of the plan that a quantity is measured at, in network order."""
        return self.record.rows(quantity)

    def table(self, quantity: str, rows: slice = EVERY) -> Floats:
        """A quantity of layers, (rows, paths); without rows where it is not measured. Of a long run ask for a part."""
        columns = self._columns(quantity)
        if columns is None:
            return np.zeros((0, len(self.rows(quantity))))
        first, last, _step = rows.indices(len(columns))
        return columns.values(first, max(first, last)).astype(np.float64)

    def spread(self, quantity: str, rows: slice = EVERY) -> Floats:
        """The same; of more than SPREAD rows as many of them, in stretches that lie evenly over all."""
        columns = self._columns(quantity)
        first, last, _step = rows.indices(len(columns) if columns is not None else 0)
        if columns is None or last - first <= SPREAD:
            return self.table(quantity, rows)
        starts = np.linspace(first, last - STRETCH, SPREAD // STRETCH).astype(np.int64).tolist()
        return np.concatenate([self.table(quantity, slice(start, start + STRETCH)) for start in starts])

    def ends(self, quantity: str) -> tuple[Floats, Floats]:
        """Of each layer the smallest and the largest finite value, NaN where there is none; empty without rows.

        Costs no more of a long run.
        """
        columns = self._columns(quantity)
        if columns is None or not len(columns):
            return np.zeros(0), np.zeros(0)
        record = self.record
        found = columns.envelope(record.first_step, record.last_step, FEW)
        return np.fmin.reduce(found.low, axis=0), np.fmax.reduce(found.high, axis=0)

    def count(self, quantity: str) -> int:
        """How many rows it has."""
        columns = self._columns(quantity)
        return len(columns) if columns is not None else 0

    def _columns(self, quantity: str) -> Column | None:
        """The columns of a quantity of layers; None where it is not measured."""
        try:
            return self.record.columns(quantity)
        except EngineError:
            return None

    def steps(self, quantity: str) -> NDArray[np.int64]:
        """The steps of the rows of `table`."""
        return self.record.columns(quantity).steps()


def median(values: Floats) -> Floats:
    """The median over rows of what is measured; NaN where nothing is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        found: Floats = np.nanmedian(values, axis=0)
    return found
