"""What is written once about a run: enough to run it again and get the same numbers."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import msgspec

from core.data.identity import data_hash
from core.engine.messages import Started
from core.project import Project

FORMAT = 2
"""1 had row after row of measurements."""
PACKAGES = ("chainrule", "torch", "numpy", "safetensors")


class RunInfo(msgspec.Struct, kw_only=True):
    """The content of `run.json`."""

    format: int = FORMAT
    project: str
    begun: str
    """ISO 8601, UTC."""
    seed: int
    threads: int
    device: str
    versions: dict[str, str]
    data: dict[str, str]
    """By data set its hash."""
    started: Started
    script: dict[str, Any] | None = None
    """Of a training that is no project: the classes of its models, its optimizers with their settings, its loss."""


def describe(project: Project, started: Started) -> RunInfo:
    """What is known of the run that has just started; raises DataError where its data cannot be read any more."""
    return RunInfo(
        project=project.name,
        begun=datetime.now(UTC).isoformat(timespec="seconds"),
        seed=project.training.seed,
        threads=started.threads,
        device=started.device,
        versions={"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}},
        data={key: data_hash(settings) for key, settings in project.data.items()},
        started=started,
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # run from a checkout that was never installed
        return ""
