"""Where runs stand on disk, and what each file of a run's folder is called."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import platformdirs

PROJECT = "project.chain"
RUN = "run.json"
EVENTS = "events.jsonl"
STEPS = "steps"
"""Rows of `Started.step_columns` as `chainrule.columns` keeps them; row i is step `first_step` + i + 1."""
SAMPLE_STEPS = "samples.i64"
"""The step of every row of samples, little-endian int64."""
SAMPLES = "samples"
"""Rows of `Started.sample_columns`, likewise."""
WEIGHTS = "weights.safetensors"
CHECKPOINT = "checkpoint.safetensors"
"""The last one, from which an interrupted run goes on."""
KEPT = "checkpoints"
"""The folder of those that stay: the best, and one every so many epochs or steps."""
BEST = "best"
RECENT = "recent"
"""The folder of the weights that a script keeps of its last steps, `step-N.safetensors`."""


def default_root() -> Path:
    """The folder of all runs, in the user's data folder."""
    return Path(platformdirs.user_data_dir("chainrule", appauthor=False)) / "runs"


def new_folder(root: Path, project: str, now: datetime) -> Path:
    """A folder that is not there yet, named by time and project, so that names sort by age; it is not created."""
    name = re.sub(r"[^\w.-]+", "-", project).strip("-.")[:40] or "run"
    first = root / f"{now:%Y-%m-%d_%H-%M-%S}_{name}"
    folder, number = first, 2
    while folder.exists():
        folder, number = first.with_name(f"{first.name}-{number}"), number + 1
    return folder


def kept(folder: Path, name: str) -> Path:
    """The file of a checkpoint that stays."""
    return folder / KEPT / f"{name}.safetensors"


def checkpoint(folder: Path) -> Path | None:
    """The checkpoint from which the run in this folder can go on; None when there is none."""
    found = folder / CHECKPOINT
    return found if found.is_file() else None
