"""The folder of a run as the app reads it: what it measures, the rows of its measurements, and what happened."""

from __future__ import annotations

import json
import math
import os
import platform
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from chainrule.columns import ColumnWriter
from chainrule.keeping import forget

FORMAT = 2
ROOT = "chainrule-runs"
"""The folder of all runs, where a script is started."""
PACKAGES = ("chainrule", "torch", "numpy")


def new_folder(root: Path, name: str) -> Path:
    """A folder of its own, made now, named by time and model, so that names sort by age; raises OSError."""
    plain = re.sub(r"[^\w.-]+", "-", name).strip("-.")[:40] or "run"
    first = f"{datetime.now():%Y-%m-%d_%H-%M-%S}_{plain}"
    for number in range(1, 10_000):
        folder = root / (first if number == 1 else f"{first}-{number}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        return folder
    raise FileExistsError(f"{root} has a run of this second already")


class RunFolder:
    """Appends to the files of one run; what the disk refuses is raised as OSError."""

    def __init__(self, folder: Path, name: str, started: Mapping[str, Any], script: Mapping[str, Any]) -> None:
        """Write what is known when the run begins."""
        folder.mkdir(parents=True, exist_ok=True)
        forget(folder)
        info = {
            "format": FORMAT,
            "project": name,
            "begun": datetime.now(UTC).isoformat(timespec="seconds"),
            "seed": torch.initial_seed(),
            "threads": torch.get_num_threads(),
            "device": started["device"],
            "versions": {"python": platform.python_version(), **{one: _version(one) for one in PACKAGES}},
            "data": {},
            "started": {"type": "started", **started},
            "script": dict(script),
        }
        self._steps = ColumnWriter(folder, "steps", len(started["step_columns"]))
        self._samples = ColumnWriter(folder, "samples", len(started["sample_columns"]))
        self._numbers = (folder / "samples.i64").open("wb", buffering=0)
        self._events = (folder / "events.jsonl").open("wb", buffering=0)
        aside = folder / "run.json.part"
        aside.write_text(json.dumps(info, indent=2), encoding="utf-8")
        os.replace(aside, folder / "run.json")  # last, and whole: who finds it finds the rest
        self.event("started", **started)

    def rows(self, rows: np.ndarray[Any, Any]) -> None:
        """Append a row for each of the next steps."""
        self._steps.append(rows.astype("<f4").tobytes())

    def samples(self, steps: Sequence[int], rows: Sequence[np.ndarray[Any, Any]]) -> None:
        """Append a row for each of these steps."""
        if steps:
            self._numbers.write(np.array(steps, "<i8").tobytes())
            self._samples.append(np.stack(rows).astype("<f4").tobytes())

    def event(self, kind: str, **told: Any) -> None:
        """Append a line about something that happened."""
        self._events.write(json.dumps({"type": kind, **{key: _sound(value) for key, value in told.items()}}).encode())
        self._events.write(b"\n")

    def close(self) -> None:
        """Close the files."""
        self._steps.close()
        self._samples.close()
        self._numbers.close()
        self._events.close()


def _sound(value: Any) -> Any:
    """JSON has no word for what is not finite."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
