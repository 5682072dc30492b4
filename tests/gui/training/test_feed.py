import numpy as np
import pytest

from chainrule.columns import BLOCK, ColumnWriter
from core.engine.messages import Failed, Finished, Problem, Progress
from core.runs import paging
from core.runs.layout import STEPS
from gui.training.feed import Feed
from tests.core.telemetry.runs import random_rows, sample_rows, started, step_rows, validated

COLUMNS = len(started().step_columns)


def finished(step):
    return Finished(state="finished", step=step, epoch=1, seconds=1.0)


@pytest.fixture
def quick(qapp):
    return Feed(frame=0)


def test_before_a_run_there_is_nothing(quick):
    assert quick.record is None
    assert quick.health() == {}
    quick.take([step_rows(1, random_rows(3, COLUMNS))])
    assert quick.record is None


def test_rows_go_into_the_record_of_the_run_that_began(quick):
    rows = random_rows(20, COLUMNS)
    records = []
    quick.started.connect(records.append)
    quick.take([started(), step_rows(1, rows[:7]), step_rows(8, rows[7:]), validated(20, 0.5)])
    assert records == [quick.record]
    np.testing.assert_array_equal(quick.record.column("loss").values(), rows[:, 0])
    assert quick.record.validations[0].loss == 0.5


def test_many_messages_are_told_of_at_most_once_a_frame_and_none_is_forgotten(qtbot):
    feed = Feed(frame=40)
    told = []
    feed.changed.connect(lambda: told.append(feed.record.last_step if feed.record else 0))
    feed.take([started()])
    for number in range(100):
        feed.take([step_rows(number + 1, random_rows(1, COLUMNS))])
    assert len(told) == 1
    qtbot.waitUntil(lambda: told[-1] == 100, timeout=1000)
    assert len(told) == 2


def test_the_first_rows_are_told_of_at_once(qtbot):
    feed = Feed(frame=10_000)
    with qtbot.waitSignal(feed.changed, timeout=50):
        feed.take([started(), step_rows(1, random_rows(1, COLUMNS))])


@pytest.mark.parametrize(
    "last",
    [finished(3), Failed(problem=Problem(wanted="a finite loss", came="NaN"), step=3)],
    ids=["finished", "failed"],
)
def test_the_end_is_told_after_the_last_rows(qapp, last):
    feed = Feed(frame=10_000)
    order = []
    feed.changed.connect(lambda: order.append(("changed", feed.record.last_step)))
    feed.finished.connect(lambda event: order.append(("finished", event)))
    feed.take([started(), step_rows(1, random_rows(1, COLUMNS))])
    feed.take([step_rows(2, random_rows(2, COLUMNS)), last])
    assert order[-2:] == [("changed", 3), ("finished", last)]


def test_progress_is_kept_and_is_no_new_row(quick):
    told = []
    quick.take([started()])
    quick.changed.connect(lambda: told.append(1))
    progress = Progress(state="training", step=5, epoch=0)
    quick.take([progress])
    assert quick.progress is progress
    assert told == []


def test_a_resumed_run_goes_on_in_the_same_record_and_another_run_begins_a_new_one(quick):
    rows = random_rows(50, COLUMNS)
    quick.take([started(), step_rows(1, rows)])
    first = quick.record
    quick.take([started(first_step=40), step_rows(41, rows[40:])])
    assert quick.record is first
    np.testing.assert_array_equal(first.column("loss").values(), rows[:, 0])
    quick.take([started()])
    assert quick.record is not first


def test_health_is_that_of_the_newest_sample(quick):
    begun = started()
    samples = random_rows(5, len(begun.sample_columns))
    quick.take([begun, sample_rows(np.arange(1, 6), samples)])
    assert quick.health()["node-fc2"].value == samples[-1, 2]


def test_a_record_can_be_put_away(quick):
    quick.take([started(), step_rows(1, random_rows(2, COLUMNS))])
    quick.clear()
    assert quick.record is None
    assert quick.health() == {}


def test_rows_that_the_engine_has_written_are_read_from_the_folder_until_the_run_goes_on_from_a_checkpoint(
    qapp, tmp_path, monkeypatch
):
    monkeypatch.setattr(paging, "AT_ONCE", 1)
    feed, rows = Feed(frame=0), random_rows(3 * BLOCK + 5, COLUMNS)
    feed.folder = lambda: tmp_path
    writer = ColumnWriter(tmp_path, STEPS, COLUMNS)
    writer.append(rows.tobytes())
    feed.take([started(), step_rows(1, rows)])
    table = feed.record.steps.table
    assert table.elsewhere == 3
    feed.folder = lambda: tmp_path / "of another run"
    feed.hold(BLOCK + 9)
    assert table.elsewhere == 3
    feed.folder = lambda: tmp_path
    feed.hold(BLOCK + 9)
    writer.close()
    ColumnWriter(tmp_path, STEPS, COLUMNS, BLOCK + 9).close()  # the engine cuts the files before it tells anything
    feed.changed.emit()
    np.testing.assert_array_equal(table.rows(), rows)
    feed.take([started(first_step=BLOCK + 9), step_rows(BLOCK + 10, rows[BLOCK + 9 :])])
    np.testing.assert_array_equal(table.rows(), rows)
    assert table.elsewhere == 1
