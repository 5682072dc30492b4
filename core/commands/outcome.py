"""What is left of a run: metrics.json, and the project with its trained weights."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import msgspec

from core.commands.following import Epoch, Following
from core.commands.telling import json_line
from core.engine.messages import Failed, Finished
from core.errors import FileError
from core.files import save, write_atomically
from core.project import Project, Weights
from core.runs.layout import PROJECT

METRICS = "metrics.json"


def save_metrics(project: Project, following: Following, end: Finished | Failed, folder: Path) -> None:
    """Write the figures of every epoch and how the run ended; those before a resumed step are kept."""
    first = following.started.first_step if following.started is not None else 0
    epochs = [asdict(epoch) for epoch in (*_earlier(folder / METRICS, first), *following.epochs)]
    content = {"project": project.name, **_settings(project), **_end(following, end), "epochs": epochs}
    write_atomically(folder / METRICS, msgspec.json.format(json_line(content), indent=1) + "\n")


def save_project(project: Project, following: Following, end: Finished, folder: Path) -> Path:
    """Write the project as it was trained, with its weights beside it; where it stands."""
    started = following.started
    assert started is not None  # the run has finished
    accuracy = end.validation_metric if started.metric == "accuracy" else None
    weights = Weights("", end.step / started.steps_per_epoch, end.validation_loss, accuracy)
    save(replace(project, weights=weights), folder / PROJECT, Path(end.weights))
    return folder / PROJECT


def _settings(project: Project) -> dict[str, Any]:
    training = project.training
    return {"seed": training.seed, "threads": training.threads, "batch_size": training.batch_size}


def _end(following: Following, end: Finished | Failed) -> dict[str, Any]:
    started = following.started
    known = {"metric": started.metric, "parameters": started.parameters} if started is not None else {}
    if isinstance(end, Failed):
        problem = {name: getattr(end.problem, name) for name in ("wanted", "came", "where", "fix")}
        return {"state": "failed", "problem": problem, "steps": end.step, **known}
    judged: dict[str, Any] = {"validation_loss": end.validation_loss, "validation_metric": end.validation_metric}
    judged |= {"validation_metrics": end.validation_metrics}
    return {"state": end.state, "steps": end.step, "seconds": round(end.seconds, 3), **known, **judged}


def _earlier(path: Path, until: int) -> list[Epoch]:
    """The epochs of the run that was gone on with, up to the step at which it was stopped."""
    if not until or not path.is_file():
        return []
    try:
        return [epoch for epoch in msgspec.json.decode(path.read_bytes(), type=_Kept).epochs if epoch.step <= until]
    except (OSError, msgspec.MsgspecError) as error:
        raise FileError("the figures of the run were wanted", str(error), str(path), "Remove the file.") from error


class _Kept(msgspec.Struct):
    """What is read of metrics.json."""

    epochs: list[Epoch]
