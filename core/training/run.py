"""One run's state, and its step: forward, backward, measure, update."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import torch
from torch import Tensor

from chainrule.measuring import sum_of_squares
from core import checks
from core.build import build
from core.compared import target
from core.data.load import LoadedData
from core.lowering import lower
from core.plan import Plan
from core.project import Project
from core.python.probing import engine_oracle
from core.room import ensure_room, ensure_weights, free_memory
from core.shapes import Analysis, analyse
from core.training.augmentation import Augmenter, compared
from core.training.averages import Average
from core.training.batches import Batches
from core.training.devices import ensure_device
from core.training.direct import backward
from core.training.forward import fields_of
from core.training.labels import check_labels, field_of_label
from core.training.measuring.directions import Directions
from core.training.measuring.every_step import EveryStep
from core.training.measuring.machine import memory
from core.training.measuring.samples import Samples
from core.training.metrics import Metric, metric_of
from core.training.mixing import check_augmentation
from core.training.passing import Compared, NonFinite, Passed, joined
from core.training.phases import Group, LivePhase, live_phases
from core.training.precision import Scaling, computed_in
from core.training.quantities import Floats, StepTable
from core.training.schedules import Plateau, is_flat, rate_factor
from core.training.settings import validated
from core.training.shaping import Shaping, put_back
from core.training.stopping import Best
from core.training.stopwatch import Stopwatch


@dataclass(frozen=True, slots=True)
class Job:
    """What a run is made of; `data` holds every data set that the network reads, by its id."""

    project: Project
    data: Mapping[str, LoadedData]
    folder: Path | None = None
    """The run's own folder, for checkpoints and weights; None keeps nothing."""
    weights: Path | None = None
    """A safetensors file to begin from."""
    resume: Path | None = None
    """A checkpoint to go on from exactly."""
    watch: bool = True
    look_back: bool = False
    """Whether the newest steps are kept, as somebody may want to look back at them."""
    run: str = ""
    before: Project | None = None
    """The project as it was, whose weights are carried over where node and shape still match: from `resume`, from
    `weights`, else those of its seed."""
    data_before: Mapping[str, LoadedData] = field(default_factory=dict)
    """What that one reads."""


class Run:
    """A network in training: modules, phases, data order, what was measured, and where it stands."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.settings = validated(job.project.training)
        self.device = ensure_device(self.settings.device)
        self.plan, self.analysis = checked_plan(job.project)
        ensure_room(job.project, self.plan, self.analysis, free_memory())
        self.network = build(self.plan, self.analysis.arguments, self.settings.seed)
        self.network.root.train().to(self.device)
        check_augmentation(self.network.plan, self.analysis, job.project.data)
        self.phases = live_phases(self.network, self.settings.phases, self.settings.rates, job.project.data)
        computed_in(self.settings, self.phases)
        fields = fields_of(self.network.plan)
        check_labels(self.network.plan, self.analysis, job.data)
        self.batches = Batches(
            job.data,
            fields,
            self.settings.batch_size,
            self.settings.seed,
            self.settings.drop_last,
            shuffle=self.settings.shuffle,
        )
        augmenter = Augmenter(self.network.plan, job.project.data, self.settings.seed)
        self.augmenter = augmenter if augmenter.wanted else None
        self.updates = max(phase.part.settings.steps for phase in self.phases)
        self.steps_per_epoch = -(-self.batches.count // (self.updates * self.settings.accumulate))
        first = self.phases[0].part.losses[0]
        label = target(first)
        self._judged = field_of_label(self.network.plan, label) if label is not None else None
        """The field that the metric compares with."""
        self.metric = metric_of(first.kind, self.network.arguments[first.path])
        watch_all = job.watch and self.settings.watch_all
        self.samples = Samples(self.network, self.phases, job.watch, self.settings)
        paths = [row.path for row in self.samples.rows]
        self.every = EveryStep(self, paths) if watch_all else None
        self.samples.schedule.total = self.total_steps
        self.directions = Directions(self, self.samples.schedule)
        self.table = StepTable(self.network, self.phases, job.watch, self.every)
        self._norm_seconds = 0.0
        self.step_number = 0
        self.is_past = False
        """Whether the network is shown as it was at an earlier step: there are no gradients of that."""
        self.epoch = 0
        """Epochs that were finished."""
        self.metric_sums = (0.0, 0)
        self.rate_changes: list[tuple[int, int, float]] = []
        self.kept: dict[str, Tensor] = {}
        """Weights of bypassed layers, which wait for these to run again."""
        self._inputs = [
            [(self.batches.tensors[field], field.dataset) for field in phase.forward.fields] for phase in self.phases
        ]
        self._slices = {id(group): self.table.slices(group) for group in self.groups}
        self._losses: dict[str, float] = {}
        self.plateau = Plateau(self.settings.schedule)
        self.best = Best(self.settings.early_stop)
        self._scheduled = not is_flat(self.settings.schedule)
        self._shaping = Shaping(self.settings)
        self.average = Average(self.groups, self.settings.averaging)
        self.scaling = Scaling(self.settings, len(self.phases))
        self._is_plain = self.settings.accumulate == 1 and not self.scaling.wanted
        self._one = torch.ones((), device=self.device)

    @property
    def groups(self) -> list[Group]:
        """Every group of flat parameters, once."""
        return list(dict.fromkeys(group for phase in self.phases for group in phase.groups))

    @property
    def total_steps(self) -> int:
        """Steps of the whole run."""
        return self.settings.epochs * self.steps_per_epoch

    @property
    def between_epochs(self) -> bool:
        """Whether the next step begins an epoch; not so where the last one's steps are done but it was not closed.

        A checkpoint may stand right there.
        """
        closed = self.step_number <= self.epoch * self.steps_per_epoch
        return closed and (self.batches.ended or not self.batches.permutations)

    def step(self) -> float:
        """One round: every phase updates its parameters, one batch an update; its loss.

        Raises NonFinite before a bad update.
        """
        began = perf_counter()
        self.step_number += 1
        row = self.table.blank()
        sampled = self.job.watch and self.samples.schedule.due(self.step_number)
        sample = self.samples.begun(self.step_number) if sampled else None
        self._round(row, sample)
        if self.every is not None:
            self.every.write(self.table.outputs(row))
        if self.average.wanted:
            self.average.follow()
        self.table.keep(self.step_number)
        if sample is not None:
            machine = {"seconds": self.samples.schedule.plain or math.nan, "memory": memory(self.device)}
            self.samples.keep(self.step_number, sample, {**self.directions.taken(), **machine})
        if self.job.watch:
            self.samples.schedule.note(self.step_number, perf_counter() - began, self._measuring_seconds(), sampled)
            if self.samples.schedule.due(self.step_number + 1):
                self.directions.keep()
        return float(row[0])

    def _measuring_seconds(self) -> float:
        """What the measurements of every step took in this one."""
        seconds, self._norm_seconds = self._norm_seconds, 0.0
        if self.every is not None:
            seconds += self.every.seconds()
        return seconds

    @property
    def rate_factor(self) -> float:
        """The share of the set learning rates with which the step that is under way, or was last, is made."""
        step = max(self.step_number - 1, 0)
        factor = rate_factor(self.settings.schedule, step, self.steps_per_epoch, self.total_steps)
        return factor * self.plateau.factor

    def _follow_schedule(self) -> None:
        factor = self.rate_factor
        for phase in self.phases:
            phase.learning_rate = phase.set_rate * factor

    def _round(self, row: Floats, sample: Floats | None) -> None:
        loss = squares = 0.0
        if self._scheduled:
            self._follow_schedule()
        for turn in range(self.updates):
            if self.batches.ended:
                break
            batches = self.batches.take(self.settings.accumulate)
            for index, phase in enumerate(self.phases):
                if turn < phase.part.settings.steps:
                    last = turn + 1 == phase.part.settings.steps or self.batches.ended
                    one, square = self._update(index, batches, row, sample if last else None)
                    if last:
                        loss, squares = loss + one, squares + square
        row[0], row[2], row[3] = loss, self.phases[0].learning_rate, math.sqrt(squares)
        if self.table.losses:
            self.table.write_losses(row, self._losses)

    def _update(
        self, index: int, batches: Sequence[Mapping[str, Tensor]], row: Floats, sample: Floats | None
    ) -> tuple[float, float]:
        """One update of a phase: zero, forward, backward, step; its loss and its gradient's sum of squares."""
        phase = self.phases[index]
        for group in phase.groups:
            group.flat.gradient.zero_()
        if sample is not None and not index:
            self.directions.begun(self.step_number)
        if self._is_plain:
            return self._apply(index, self._pass(index, batches[0], sample, self._one), row, sample)
        passed = self._pass_several(index, batches, sample)
        if math.isfinite(passed.loss) and not self.scaling.unscale(index, phase):
            return passed.loss, math.nan
        return self._apply(index, passed, row, sample)

    def _pass_several(self, index: int, batches: Sequence[Mapping[str, Tensor]], sample: Floats | None) -> Passed:
        """Several batches forward and back, each counting as its samples, and the loss scaled where it has to be."""
        sizes, scale = [len(next(iter(numbers.values()))) for numbers in batches], self.scaling.scale(index)
        shares = [size / sum(sizes) for size in sizes]
        last = batches[-1]
        passes = []
        for numbers, share in zip(batches, shares, strict=True):
            root = torch.tensor(share * scale, device=self.device)
            passes.append(self._pass(index, numbers, sample if numbers is last else None, root))
            if sample is not None and not index and len(passes) == len(batches) // 2:
                self.directions.halfway(sum(sizes[: len(passes)]), sum(sizes), scale)
        return joined(passes, shares, scale)

    def _pass(self, index: int, numbers: Mapping[str, Tensor], sample: Floats | None, share: Tensor) -> Passed:
        """One batch forward and back; so much of its gradient is added to the phase's."""
        phase = self.phases[index]
        function = (phase.seen or phase.forward) if sample is None else phase.observed
        batch: list[Any] = (
            [tensor.index_select(0, numbers[dataset]) for tensor, dataset in self._inputs[index]]
            if self.augmenter is None
            else self.augmenter.batch(function, self.batches.tensors, numbers)
        )
        size = len(next(iter(numbers.values())))
        total, parts, prediction, right, kept, times = function.call(size, *batch)
        watch = Stopwatch(kept[: len(phase.outputs)]) if sample is not None else None
        if self.every is not None:
            self.every.take(phase, kept, sample is not None)
        backward(total, share, phase.only)
        if sample is not None and watch is not None:
            self.samples.measure_times(sample, phase, times, watch)
        pairs: Sequence[Compared] = ((prediction, right, 1.0),)
        if function.mixed:
            pairs = compared(function, batch, prediction, right, self._judged)
        return Passed(batch, size, total.item(), parts, pairs, kept, size)

    def _apply(self, index: int, passed: Passed, row: Floats, sample: Floats | None) -> tuple[float, float]:
        """Step by the gradient that was gathered, and measure; raises NonFinite before a bad step."""
        phase, loss = self.phases[index], passed.loss
        squares = self._gradient_squares(phase.groups)
        if not (math.isfinite(loss) and math.isfinite(squares)):
            raise NonFinite(phase, passed.batch, passed.size, loss)
        directions = self.directions if sample is not None and not index else None
        if sample is not None:
            self.samples.measure(sample, self.step_number, phase, passed)
            passed = passed._replace(kept=())  # what is measured now needs none of it
        if directions is not None:
            directions.gathered(passed, squares)
        before = self._shape(phase, row) if self._shaping.wanted else None
        with torch.no_grad():
            phase.step()
        if before is not None:
            put_back(phase, before)
        if self.job.watch:
            squares = self._norms(phase.groups, row)
        if directions is not None:
            directions.stepped(self.step_number, passed)
        if index == 0 and self.metric is not None:
            self._measure_metric(self.metric, passed.compared, row)
        if self.table.losses:
            parts = (part.item() for part in passed.parts)
            self._losses.update(zip((step.path for step in phase.part.losses), parts, strict=True))
        return loss, squares

    def _shape(self, phase: LivePhase, row: Floats) -> Sequence[Tensor]:
        """Shape the phase's gradient; the step's share that is left of it is that of the phase that keeps least."""
        before, share = self._shaping.shape(phase)
        if self.job.watch:
            row[4] = np.fmin(row[4], share)
        return before

    def _gradient_squares(self, groups: Sequence[Group]) -> float:
        if self.job.watch:
            began = perf_counter()
            squares = sum(group.meter.before() for group in groups)
            self._norm_seconds += perf_counter() - began
            return squares
        return sum(sum_of_squares(group.flat.gradient.cpu().numpy()) for group in groups)

    def _norms(self, groups: Sequence[Group], row: Floats) -> float:
        began, squares, norms = perf_counter(), 0.0, self.table.norms(row)
        for group in groups:
            squares += group.meter.after()
            places = self._slices[id(group)]
            if isinstance(places, slice):
                group.meter.write(norms)
            else:
                norms[places] = group.meter.norms()
        self._norm_seconds += perf_counter() - began
        return squares

    def _measure_metric(self, metric: Metric, compared: Sequence[Compared], row: Floats) -> None:
        amount, numbers = 0.0, 0.0
        for prediction, wanted, share in compared:
            more, of = metric.measure(prediction, wanted)
            amount, numbers = amount + more * share, numbers + of * share
        count = round(numbers)
        row[1] = metric.value(amount, count)
        self.metric_sums = (self.metric_sums[0] + amount, self.metric_sums[1] + count)

    def set_learning_rate(self, phase: int, value: float) -> bool:
        """Use another rate from the next step on, of which the schedule takes its share; False for no such phase."""
        if not 0 <= phase < len(self.phases):
            return False
        chosen = self.phases[phase]
        chosen.set_rate = value
        chosen.learning_rate = value * self.rate_factor
        self.rate_changes.append((self.step_number, phase, value))
        return True

    def weights(self, within: str = "") -> dict[str, Tensor]:
        """A copy of what is saved: the weights, or their average where there is one, and the buffers, by instance path.

        With a text, only those whose path begins so.
        """
        with self.average.shown():
            return self.own_weights(within)

    def own_weights(self, within: str = "") -> dict[str, Tensor]:
        """The same of the weights that train themselves; on the processor, as all that is told."""
        found = self.kept | self.network.root.state_dict()
        return {name: tensor.detach().to("cpu", copy=True) for name, tensor in found.items() if name.startswith(within)}


def checked_plan(project: Project) -> tuple[Plan, Analysis]:
    """The project's plan and shapes; raises what keeps it from training, and weights that no memory here holds."""
    plan = lower(project)
    analysis = analyse(plan, oracle=engine_oracle())
    checks.raise_first(checks.check(project, plan, analysis))
    ensure_weights(plan, analysis, free_memory())
    return plan, analysis
