"""The training settings of a project file: how they are read, and how they stand there."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import msgspec

from core.fileformat import FileTraining
from core.filetext import json_text, listed
from core.training.optimizers import Optimizer
from core.training.schedules import Schedule, schedule_fields
from core.training.settings import Phase, TrainingSettings, validated

_USUAL = TrainingSettings()
_LATER = (
    *("clip_norm", "clip_value", "early_stop", "metrics", "best_by", "keep_epochs", "keep_steps"),
    *("shuffle", "accumulate", "l1", "l2", "averaging", "precision", "deterministic", "rates"),
    *("watch_cost", "watch_all", "look_back"),
)
"""Settings that stand in a file only where they are others than usual."""
_OPTIMIZER = ("name", "learning_rate", "momentum", "weight_decay", "beta1", "beta2", "eps")
"""What stands there of every optimizer; the rest where it is another than usual."""


def training_lines(training: TrainingSettings) -> str:
    """The settings as they stand in the file, a phase a line."""
    plain = {
        key: value
        for key, value in asdict(training).items()
        if key not in ("phases", "schedule") and (key not in _LATER or value != getattr(_USUAL, key))
    }
    if training.rates:
        plain["rates"] = dict(training.rates)
    if training.schedule != _USUAL.schedule:
        plain["schedule"] = _schedule(training.schedule)
    phases = listed((json_text(_phase(phase)) for phase in training.phases), 3)
    head = ",\n".join(f"  {json_text(key)}: {json_text(value)}" for key, value in plain.items())
    return "{\n" + head + f',\n  "phases": {phases}\n }}'


def _phase(phase: Phase) -> dict[str, Any]:
    content: dict[str, Any] = {"losses": list(phase.losses)} if phase.losses else {}
    content |= {"trains": list(phase.trains)} if phase.trains else {}
    content |= {"steps": phase.steps} if phase.steps != 1 else {}
    usual = asdict(Optimizer())
    optimizer = {k: value for k, value in asdict(phase.optimizer).items() if k in _OPTIMIZER or value != usual[k]}
    return {**content, "optimizer": optimizer}


def _schedule(schedule: Schedule) -> dict[str, Any]:
    """The schedule with the settings that it reads, and those that another one had."""
    read, usual = {field.name for field in schedule_fields(schedule.name)}, asdict(Schedule())
    return {key: value for key, value in asdict(schedule).items() if key in read or value != usual[key]}


def training_of(item: FileTraining) -> TrainingSettings:
    """The settings that a file tells; raises ParameterError."""
    plain = {
        key: value for key, value in msgspec.structs.asdict(item).items() if key not in ("phases", "schedule", "rates")
    }
    schedule = Schedule(**msgspec.structs.asdict(item.schedule)) if item.schedule else Schedule()
    phases = tuple(
        Phase(
            tuple(phase.losses),
            tuple(phase.trains),
            Optimizer(**msgspec.structs.asdict(phase.optimizer)),
            phase.steps,
        )
        for phase in item.phases
    )
    return validated(
        TrainingSettings(**plain, rates=tuple(item.rates.items()), schedule=schedule, phases=phases or (Phase(),))
    )
