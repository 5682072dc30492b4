"""A view's run in the app's own loop, in this process, and its record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch

from core.engine.messages import Event, Failed, SampleRows, Started, StepRows, Validated
from core.telemetry.record import RunRecord
from core.training.control import Control
from core.training.loop import train
from core.training.run import Job
from tests.faulty.graphs import Imported

KEPT = (Started, StepRows, SampleRows, Validated, Failed)
"""What of a run's messages makes its record."""


def events(case: Imported) -> list[Event]:
    """What the run told, as far as the record is made of it."""
    torch.set_num_threads(1)
    return [event for event in train(Job(case.project, case.data), Control()) if isinstance(event, KEPT)]


@dataclass(frozen=True)
class Ran:
    """A record, and how the run failed where it did."""

    record: RunRecord
    failed: Failed | None = None


def recorded(told: Iterable[Event], until: int | None = None) -> Ran:
    """The record of what was told, up to a step."""
    told = list(told)
    started = next(event for event in told if isinstance(event, Started))
    record = RunRecord(started)
    failed = None
    for event in told:
        if isinstance(event, StepRows):
            record.add_steps(event)
        elif isinstance(event, SampleRows):
            record.add_samples(event)
        elif isinstance(event, Validated) and (until is None or event.step <= until):
            record.add_validation(event)
        elif isinstance(event, Failed):
            failed = event
    if until is not None:
        record.steps.truncate(until)
        record.samples.truncate(until)
    return Ran(record, failed if until is None else None)
