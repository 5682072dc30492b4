"""Where a run stands, gathered from its messages: step, means of the epoch, and a record an epoch."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.engine.messages import Event, Progress, Started, StepRows, Validated


@dataclass(frozen=True, slots=True)
class Epoch:
    """The figures of one epoch; those of training are means over its samples, as they were when trained."""

    epoch: int
    step: int
    train_loss: float
    train_metric: float | None
    validation_loss: float | None = None
    validation_metric: float | None = None
    validation_metrics: dict[str, float] = field(default_factory=dict)


class Following:
    """Takes the messages of one run in; the batch size says how much the last, smaller batch of an epoch counts."""

    def __init__(self, batch_size: int) -> None:
        self._batch_size = batch_size
        self.started: Started | None = None
        self.step = 0
        self.epochs: list[Epoch] = []
        self.judged: Validated | None = None
        self.speed = Progress(state="starting", step=0, epoch=0)
        self._loss_sum = self._metric_sum = self._count = 0.0

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
                figures = (event.loss, event.metric, event.metrics)
                self.epochs.append(Epoch(event.epoch, event.step, self.loss, metric, *figures))
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
        """The mean loss of the epoch's samples so far; NaN before the first."""
        return self._loss_sum / self._count if self._count else math.nan

    @property
    def metric(self) -> float | None:
        """The metric over the epoch's samples so far; None where the run has none."""
        if self.started is None or not self.started.metric:
            return None
        mean = self._metric_sum / self._count if self._count else math.nan
        return math.sqrt(mean) if self.started.metric == "rmse" else mean

    def _rows(self, event: StepRows) -> None:
        started = self.started
        if started is None or not event.count:
            return
        rows = np.frombuffer(event.data, np.float32).reshape(event.count, -1).astype(np.float64)
        if (event.first - 1) % started.steps_per_epoch == 0:
            self._loss_sum = self._metric_sum = self._count = 0.0
        self.step = event.first + event.count - 1
        sizes, metrics = self._sizes(started, event), rows[:, 1]
        self._loss_sum += float(rows[:, 0] @ sizes)
        self._metric_sum += float((metrics**2 if started.metric == "rmse" else metrics) @ sizes)
        self._count += float(sizes.sum())
        if not started.validation_samples and self.step % started.steps_per_epoch == 0:
            self.epochs.append(Epoch(self.step // started.steps_per_epoch, self.step, self.loss, self.metric))

    def _sizes(self, started: Started, event: StepRows) -> NDArray[np.float64]:
        """The samples of each step."""
        sizes = np.full(event.count, float(self._batch_size))
        last = started.train_samples - self._batch_size * (started.steps_per_epoch - 1)
        if self.step % started.steps_per_epoch == 0 and 0 < last < self._batch_size:
            sizes[-1] = last
        return sizes
