"""A run on disk as the record that monitors show: memory-mapped, so that what is not looked at is not read."""

from __future__ import annotations

from core.engine.messages import Started, Validated
from core.runs.reading import StoredRun
from core.telemetry.record import RunRecord


def record_of(run: StoredRun) -> RunRecord:
    """The record of the run, from its first step to its last."""
    record = RunRecord(run.info.started, run.steps, run.samples, run.sample_steps)
    for event in run.events:
        if isinstance(event, Validated):
            record.add_validation(event)
        elif isinstance(event, Started):
            record.started = event
        record.add_event(event)
    for counted in run.histograms:
        record.add_event(counted)
    return record
