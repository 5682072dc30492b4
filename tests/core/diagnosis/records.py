"""Records of real runs for the tests of the Doctor."""

from __future__ import annotations

from core.engine.messages import SampleRows, Started, StepRows, Validated
from core.project import Project
from core.telemetry.record import RunRecord
from tests.core.training.running import finished, only


def record_of(made: Project) -> RunRecord:
    """What a whole run of the project measured."""
    events, _control = finished(made)
    record = RunRecord(only(events, Started)[0])
    for event in events:
        if isinstance(event, StepRows):
            record.add_steps(event)
        elif isinstance(event, SampleRows):
            record.add_samples(event)
        elif isinstance(event, Validated):
            record.add_validation(event)
    return record
