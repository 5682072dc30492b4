"""How long a node takes: the medians of the last samples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from core.telemetry.pyramid import Doubles
from core.telemetry.record import RunRecord

SAMPLES = 100
"""The last ones, of which the median is taken."""


class Timing(NamedTuple):
    """Seconds of one training step, in a node."""

    forward: float
    backward: float
    samples: int
    """Of which these are the medians."""


def timing(record: RunRecord, prefix: str = "") -> Mapping[str, Timing]:
    """By the name of each node under this beginning of a path; a block takes what its steps take together.

    Empty where the record has no times: those of a run of an earlier version.
    """
    rows = [(number, row) for number, row in enumerate(record.rows("output")) if row.path.startswith(prefix)]
    if not rows or f"forward:{rows[0][1].path}" not in record.samples.places:
        return {}
    end = len(record.samples)
    begin = max(end - SAMPLES, 0)
    sums: dict[str, list[Doubles]] = {}
    both = np.stack([record.block(name, begin, end) for name in ("forward", "backward")]).astype(np.float64)
    for number, row in rows:
        name = row.path[len(prefix) :].partition(".")[0].partition("[")[0]
        sums.setdefault(name, []).append(np.nan_to_num(both[:, number]))
    found = {name: np.median(np.sum(parts, axis=0), axis=-1) for name, parts in sums.items() if end}
    return {name: Timing(float(one[0]), float(one[1]), end - begin) for name, one in found.items()}
