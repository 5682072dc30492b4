"""What rules read of a long run: the same as of all its rows, and not all of them."""

from __future__ import annotations

import numpy as np
import pytest

from core.diagnosis.facts import Facts
from core.diagnosis.network import Network
from core.diagnosis.saying import thin
from core.diagnosis.seen import SPREAD, Seen, median
from core.lowering import lower
from core.project import Project
from core.shapes import analyse
from core.telemetry.record import RunRecord
from core.telemetry.table import Table
from tests.core.telemetry.runs import random_rows, started, step_rows


def seen_of(rows: np.ndarray) -> Seen:
    record = RunRecord(started(3))
    record.add_steps(step_rows(1, rows))
    plan = lower(Project())
    return Seen(Network(Project(), plan, analyse(plan), Facts()), record)


@pytest.mark.parametrize("count", [1, 700, SPREAD])
def test_a_run_that_is_not_long_is_read_whole(count: int):
    rows = random_rows(count, 13)
    seen = seen_of(rows)
    np.testing.assert_array_equal(seen.spread("weight"), rows[:, 5::3].astype(np.float64))
    for part in (slice(0, 5), slice(-3, None), slice(count // 4, None), slice(5, 2)):
        np.testing.assert_array_equal(seen.table("weight", part), rows[part, 5::3].astype(np.float64))
        np.testing.assert_array_equal(seen.spread("weight", part), rows[part, 5::3].astype(np.float64))


def test_of_a_long_run_few_rows_are_read_evenly_and_their_median_is_that_of_all(monkeypatch: pytest.MonkeyPatch):
    rows = random_rows(12 * SPREAD, 13)
    rows[:, 5::3] = np.linspace(1, 2, len(rows), dtype=np.float32)[:, None] * rows[:, 5::3] ** 0.01
    seen, read = seen_of(rows), []
    took = Table.take

    def counted(self: Table, columns: np.ndarray, first: int, last: int) -> np.ndarray:
        read.append(last - first)
        return took(self, columns, first, last)

    monkeypatch.setattr(Table, "take", counted)
    for part in (slice(None), slice(len(rows) // 2, None)):
        read.clear()
        found = seen.spread("weight", part)
        assert len(found) == sum(read) == SPREAD
        np.testing.assert_allclose(median(found), median(rows[part, 5::3]), rtol=0.01)
    read.clear()
    ends = seen.ends("weight")
    assert sum(read) < SPREAD
    np.testing.assert_array_equal(ends, (rows[:, 5::3].min(0), rows[:, 5::3].max(0)))
    curve = thin("w", seen, median(seen.spread("weight").T), seen.count("weight"))
    assert (len(curve.x), curve.x[0]) == (len(curve.y), 1)
    assert curve.x[-1] > 0.98 * len(rows)
    wanted = median(rows[:, 5::3].T)[np.array(curve.x, np.int64)]
    np.testing.assert_allclose(curve.y, wanted, rtol=0.2)


def test_what_is_not_finite_is_no_end_and_what_is_not_measured_has_none():
    rows = random_rows(500, 13)
    rows[100, 5], rows[7, 8], rows[:, 11] = np.inf, np.nan, np.nan
    seen = seen_of(rows)
    low, high = seen.ends("weight")
    clean = np.where(np.isfinite(rows), rows, np.nan)[:, 5:11:3]
    np.testing.assert_array_equal(low[:2], np.nanmin(clean, axis=0))
    np.testing.assert_array_equal(high[:2], np.nanmax(clean, axis=0))
    assert np.isnan([low[2], high[2]]).all()
    assert [len(end) for end in seen_of(rows[:0]).ends("weight")] == [0, 0]
    assert seen.count("rank") == 0
