"""How the tests run a training and read what it told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import torch

from core.engine.messages import Event, Failed, SampleRows, Started, StepRows
from core.project import Project
from core.training.control import Control
from core.training.loop import train
from core.training.run import Job
from tests.core.training.projects import loaded

Kind = TypeVar("Kind", bound=Event)


def job(made: Project, **options: object) -> Job:
    return Job(made, loaded(made), **options)  # type: ignore[arg-type]  # tests give what Job takes


def finished(made: Project, control: Control | None = None, **options: object) -> tuple[list[Event], Control]:
    """Every event of a whole run, which must not fail, and its control."""
    control = control or Control()
    events = list(train(job(made, **options), control))
    assert only(events, Failed) == []
    return events, control


def only(events: Sequence[Event], kind: type[Kind]) -> list[Kind]:
    return [event for event in events if isinstance(event, kind)]


def columns(events: Sequence[Event]) -> dict[str, np.ndarray]:
    """Every-step measurements by column."""
    started = only(events, Started)[0]
    data = b"".join(rows.data for rows in only(events, StepRows))
    table = np.frombuffer(data, np.float32).reshape(-1, len(started.step_columns))
    return dict(zip(started.step_columns, table.T, strict=True))


def samples(events: Sequence[Event]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Step numbers of the scheduled measurements, and these by column."""
    started = only(events, Started)[0]
    steps = np.frombuffer(b"".join(rows.steps for rows in only(events, SampleRows)), np.int64)
    data = b"".join(rows.data for rows in only(events, SampleRows))
    table = np.frombuffer(data, np.float32).reshape(len(steps), len(started.sample_columns))
    return steps, dict(zip(started.sample_columns, table.T, strict=True))


def weights(control: Control) -> dict[str, torch.Tensor]:
    assert control.weights is not None
    return control.weights()


def assert_same(mine: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> None:
    assert mine.keys() == other.keys()
    assert [name for name in mine if not torch.equal(mine[name], other[name])] == []
