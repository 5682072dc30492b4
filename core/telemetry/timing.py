"""How long a node takes: the medians of the last samples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

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
    if not end:
        return {}
    both = np.stack([record.block(name, begin, end) for name in ("forward", "backward")]).astype(np.float64)
    np.nan_to_num(both, copy=False)
    parts: dict[str, list[int]] = {}
    for number, row in rows:
        parts.setdefault(row.path[len(prefix) :].partition(".")[0].partition("[")[0], []).append(number)
    sums = both[:, [numbers[0] for numbers in parts.values()]]
    for place, numbers in enumerate(parts.values()):
        if len(numbers) > 1:
            sums[:, place] = both[:, numbers].sum(axis=1)
    forward, backward = np.median(sums, axis=-1).tolist()
    return {name: Timing(forward[place], backward[place], end - begin) for place, name in enumerate(parts)}
