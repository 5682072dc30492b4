"""How the gradient of a node stands: the newest value and the last ones before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.telemetry.record import RunRecord
from core.telemetry.table import Floats

HISTORY = 160
"""Samples that a node's strip shows."""
State = Literal["ok", "none", "zero", "nonfinite"]


@dataclass(frozen=True, eq=False)
class Health:
    """The rms of the gradient of a node's output, times the batch size."""

    state: State
    value: float
    """The newest one; NaN where there is none."""
    log10: float
    """Its logarithm; NaN unless the state is ok."""
    history: Floats
    """log10 of the last 160 samples, oldest first; NaN for those that are zero or not finite."""


NO_HEALTH = Health("none", float("nan"), float("nan"), np.empty(0, np.float32))


def health(record: RunRecord, step: int | None = None) -> Mapping[str, Health]:
    """By node id; a node that stands for several steps of the plan (a block) shows the one nearest to the input.

    As it stood after `step`; now where that is None.
    """
    end = _end(record, step)
    block = record.block("output", end - HISTORY, end)
    found: dict[str, Health] = {}
    for row, values in zip(record.rows("output"), block, strict=True):
        found.setdefault(row.node, _of(values))
    return found


def health_within(record: RunRecord, prefix: str, step: int | None = None) -> Mapping[str, Health]:
    """By the names of the nodes under this beginning of a path (`encoder[2].`); of a block in it, as `health` does."""
    rows = [(number, row) for number, row in enumerate(record.rows("output")) if row.path.startswith(prefix)]
    end = _end(record, step)
    block = record.block("output", end - HISTORY, end)
    found: dict[str, Health] = {}
    for number, row in rows:
        name = row.path[len(prefix) :].partition(".")[0].partition("[")[0]
        found.setdefault(name, _of(block[number]))
    return found


def _end(record: RunRecord, step: int | None) -> int:
    """How many rows there were after this step."""
    return len(record.samples) if step is None else record.samples.index(step + 1)


def _of(values: Floats) -> Health:
    if not len(values):
        return NO_HEALTH
    positive = np.isfinite(values) & (values > 0)
    history = np.log10(values, out=np.full(values.shape, np.nan, np.float32), where=positive)
    return Health(_state(float(values[-1])), float(values[-1]), float(history[-1]), history)


def _state(value: float) -> State:
    if not np.isfinite(value):
        return "nonfinite"
    return "zero" if value == 0 else "ok"
