"""The table of quantities is what a run measures, and a record reads all of it by these names."""

from __future__ import annotations

import numpy as np
import pytest

from core.telemetry.quantities import QUANTITIES, names_at
from core.telemetry.record import RunRecord
from core.training.loop import start
from core.training.report import started
from tests.core.telemetry import runs
from tests.core.training.projects import lstm_classifier
from tests.core.training.running import job
from tools.make_quantities import PAGE, page


@pytest.fixture(scope="module")
def record() -> RunRecord:
    run = start(job(lstm_classifier()))
    made = RunRecord(started(run, 0))
    run.batches.begin_epoch()
    for _ in range(3):
        run.step()
    made.add_steps(run.table.packed())
    made.add_samples(run.samples.packed())
    return made


def test_a_run_measures_what_the_table_says_and_nothing_else(record):
    columns = {
        name.partition(":")[0].partition("[")[0]
        for name in (*record.started.step_columns, *record.started.sample_columns)
    }
    assert columns == {name for name, quantity in QUANTITIES.items() if not quantity.of}


def test_every_quantity_is_read_by_its_name_at_every_step_of_the_plan_that_has_it(record):
    for name, quantity in QUANTITIES.items():
        assert record.measures(name)
        series = record.series(name)
        assert len(series) == 3
        if quantity.where == "network":
            assert record.column(name).values().shape == (3,)
            continue
        paths = [row.path for row in record.rows(name)]
        if quantity.where == "profile":
            assert paths == [f"lstm · {stretch}" for stretch in range(1, 17)]
            profile = record.block(name, 0, 3)
            assert np.isfinite(profile[:8]).all()  # a digit has eight rows
            assert np.isnan(profile[8:]).all()
            table = record.samples.table.take(record.samples.places["time[2]:lstm"] + np.arange(1), 0, 3)
            np.testing.assert_array_equal(profile[2], table[0])
        assert (
            quantity.where == "profile"
            or paths
            == {"weight": ["lstm", "fc"], "output": ["lstm", "last", "fc"], "sequence": ["lstm"]}[quantity.where]
        )
        block = record.block(name, 0, 3)
        for path, values in zip(paths, block, strict=True):
            np.testing.assert_array_equal(record.column(name, path).values(), values)


def test_a_record_of_an_earlier_version_says_what_it_lacks():
    old = RunRecord(runs.started())
    assert old.measures("output")
    assert old.measures("update_ratio")
    for name in ("rank", "alike", "through_time", "clip", "unheard"):
        assert not old.measures(name)
        assert old.rows(name) == []
        assert old.columns(name).values().shape[-1] == 0


def test_every_quantity_explains_itself_in_a_sentence():
    for quantity in QUANTITIES.values():
        assert quantity.sentence.endswith(".")
        assert quantity.title[0].isupper()
        assert set(quantity.of) <= QUANTITIES.keys()
    assert set(names_at("network")) >= {"loss", "clip"}


def test_the_page_in_the_docs_is_the_tables():
    assert PAGE.read_text(encoding="utf-8") == page()


def test_what_is_measured_at_every_step_is_read_from_there():
    run = start(job(lstm_classifier(watch_all=True)))
    made = RunRecord(started(run, 0))
    run.batches.begin_epoch()
    run.samples.schedule.due = lambda step: step == 1
    for _ in range(3):
        run.step()
    made.add_steps(run.table.packed())
    made.add_samples(run.samples.packed())
    for name in ("mean", "std", "zero"):
        assert made.series(name) is made.steps
        assert np.isfinite(made.block(name, 0, 3)).all()
    assert made.column("dead", "fc").steps().tolist() == [1]
