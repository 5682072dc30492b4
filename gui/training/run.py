"""How a run stands, as the engine tells it: one value, made anew by every event."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from core.engine.messages import AnyEvent, Failed, Finished, Progress, Started, StepRows, Validated

Phase = Literal["idle", "starting", "training", "paused", "stopped", "finished", "failed", "watched"]
"""`watched` is a run that another program trains."""


@dataclass(frozen=True, slots=True)
class RunState:
    """Where the newest run of a document stands."""

    phase: Phase = "idle"
    run: str = ""
    step: int = 0
    total: int = 0
    epoch: int = 0
    epochs: int = 0
    samples_per_second: float = 0.0
    seconds_left: float = 0.0
    watching: float = 0.0
    """What measuring has lately added to the time of training, as a share of it."""
    watching_seconds: float = 0.0
    """What it has added in all."""
    metric_name: str = ""
    metric: float | None = None
    validation_loss: float | None = None
    weights: str = ""
    """The file of the final weights."""
    sha256: str = ""
    failure: Failed | None = None

    @property
    def active(self) -> bool:
        """Whether there is a run to pause or stop."""
        return self.phase in ("starting", "training", "paused")

    def after(self, events: Iterable[AnyEvent]) -> RunState:
        """The state after these events."""
        state = self
        for event in events:
            state = _after(state, event)
        return state


def _after(state: RunState, event: AnyEvent) -> RunState:
    if isinstance(event, Started):
        state = _started(event)
    elif isinstance(event, StepRows):
        state = replace(state, step=max(state.step, event.first + event.count - 1))
    elif isinstance(event, Validated):
        state = replace(state, metric=event.metric, validation_loss=event.loss)
    elif isinstance(event, Progress):
        state = _progressed(state, event)
    elif isinstance(event, Finished):
        state = _finished(state, event)
    elif isinstance(event, Failed):
        state = replace(state, phase="failed", failure=event)
    return state


def _started(event: Started) -> RunState:
    epoch = event.first_step // max(event.steps_per_epoch, 1)
    return RunState(
        "training", event.run, event.first_step, event.total_steps, epoch, event.epochs, metric_name=event.metric
    )


def _progressed(state: RunState, event: Progress) -> RunState:
    if event.state in ("finished", "failed", "stopped"):
        return state
    return replace(
        state,
        phase=event.state,
        step=max(state.step, event.step),
        epoch=event.epoch,
        samples_per_second=event.samples_per_second,
        seconds_left=event.seconds_left,
        watching=event.watching,
        watching_seconds=event.watching_seconds,
    )


def _finished(state: RunState, event: Finished) -> RunState:
    return replace(
        state,
        phase="stopped" if event.state == "stopped" else "finished",
        step=event.step,
        epoch=event.epoch,
        seconds_left=0.0,
        metric=event.validation_metric if event.validation_metric is not None else state.metric,
        validation_loss=event.validation_loss if event.validation_loss is not None else state.validation_loss,
        weights=event.weights,
        sha256=event.sha256,
    )
