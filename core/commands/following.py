"""Where a run stands, gathered from its messages: step, means of the epoch, and a record an epoch."""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass

from core.engine.messages import Event, Progress, Started, StepRows, Validated


@dataclass(frozen=True, slots=True)
class Epoch:
    """The figures of one epoch; the training loss is the mean over its steps, as they were when trained."""

    epoch: int
    step: int
    train_loss: float
    train_metric: float | None
    validation_loss: float | None = None
    validation_metric: float | None = None


class Following:
    """Takes the messages of one run in."""

    def __init__(self) -> None:
        self.started: Started | None = None
        self.step = 0
        self.epochs: list[Epoch] = []
        self.judged: Validated | None = None
        self.speed = Progress(state="starting", step=0, epoch=0)
        self._sums, self._count = (0.0, 0.0), 0

    def take(self, event: Event) -> bool:
        """Take a message in; whether an epoch has ended with it."""
        known = len(self.epochs)
        match event:
            case Started():
                self.started, self.step = event, event.first_step
            case StepRows():
                self._rows(event)
            case Validated():
                self.judged = event
                metric = self.metric if event.train_metric is None else event.train_metric
                self._ended(Epoch(event.epoch, event.step, self.loss, metric, event.loss, event.metric))
            case Progress():
                self.speed = event
        return len(self.epochs) > known

    @property
    def epoch(self) -> int:
        """The epoch that is under way, counted from 1; the last one after the end."""
        started = self.started
        if started is None:
            return 0
        return min(max(math.ceil(self.step / started.steps_per_epoch), 1), started.epochs)

    @property
    def share(self) -> float:
        """How much of the run is done, 0 to 1."""
        return self.step / self.started.total_steps if self.started is not None else 0.0

    @property
    def loss(self) -> float:
        """The mean loss of the epoch's steps so far; NaN before the first."""
        return self._sums[0] / self._count if self._count else math.nan

    @property
    def metric(self) -> float | None:
        """The mean metric of the epoch's steps so far; None where the run has none."""
        if self.started is None or not self.started.metric:
            return None
        return self._sums[1] / self._count if self._count else math.nan

    def _rows(self, event: StepRows) -> None:
        started = self.started
        if started is None or not event.count:
            return
        numbers, width = array("f", event.data), len(started.step_columns)
        if (event.first - 1) % started.steps_per_epoch == 0:
            self._sums, self._count = (0.0, 0.0), 0
        losses, metrics = sum(numbers[0::width]), sum(numbers[1::width])
        self._sums, self._count = (self._sums[0] + losses, self._sums[1] + metrics), self._count + event.count
        self.step = event.first + event.count - 1
        if not started.validation_samples and self.step % started.steps_per_epoch == 0:
            self._ended(Epoch(self.step // started.steps_per_epoch, self.step, self.loss, self.metric))

    def _ended(self, epoch: Epoch) -> None:
        self.epochs.append(epoch)
