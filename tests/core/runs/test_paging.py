from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from chainrule.columns import BLOCK, blocks_file
from chainrule.summaries import FINE
from core.engine.messages import Event, SampleRows, Started, StepRows, Train
from core.files import to_text
from core.project import Project
from core.runs import paging
from core.runs.layout import STEPS
from core.runs.paging import Paging
from core.runs.recording import recorded
from core.telemetry.binned import TableBins
from core.telemetry.record import RunRecord
from core.telemetry.table import Table
from tests.core.telemetry.runs import random_rows, sample_rows, started, step_rows

AT_ONCE = 1500


class LiveRun:
    """A run that is written into its folder and taken into a record with each message, as engine and window do."""

    def __init__(self, folder: Path, begun: Started) -> None:
        self.folder, self.begun = folder, begun
        self.record = RunRecord(begun)
        self.paging = Paging(self.record, folder)

    def goes(self, rows: np.ndarray, first: int = 0, samples: np.ndarray | None = None) -> None:
        """Train these steps behind `first`."""
        begun = self.begun if not first else started(len(self.begun.weights), first_step=first)
        request = Train(project=to_text(Project()), folder=str(self.folder), resume="checkpoint" if first else "")
        for event in recorded(request, self._events(begun, rows, first, samples)):
            if isinstance(event, Started) and first:
                self.record.resume(event)
                self.paging.go_on()
            elif isinstance(event, StepRows):
                self.record.add_steps(event)
            elif isinstance(event, SampleRows):
                self.record.add_samples(event)
            self.paging.look()

    def _events(self, begun: Started, rows: np.ndarray, first: int, samples: np.ndarray | None) -> Iterator[Event]:
        yield begun
        for place in range(0, len(rows), AT_ONCE):
            yield step_rows(first + place + 1, rows[place : place + AT_ONCE])
            if samples is not None:
                part = samples[place : place + AT_ONCE]
                yield sample_rows(np.arange(first + place + 1, first + place + 1 + len(part)), part)


@pytest.fixture(autouse=True)
def block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table of few columns is handed over as a wide one is."""
    monkeypatch.setattr(paging, "AT_ONCE", 1)


def base(array: np.ndarray) -> object:
    """The mapping that an array is a part of."""
    found: object = array
    while (inner := getattr(found, "base", None)) is not None:
        found = inner
    return found


def of(columns: int) -> Started:
    """A run with about so many columns."""
    return started((columns - 4) // 3)


def seen(record: RunRecord, width: int) -> tuple[np.ndarray, ...]:
    """The bins of all columns, as monitors read them."""
    table = record.steps.table
    bins = TableBins(table, np.arange(table.columns), single=False).bins(0, -(-len(table) // width), width)
    return bins.low, bins.high, bins.total, bins.count


def test_what_is_written_is_read_from_the_folder_and_nothing_is_lost(tmp_path: Path) -> None:
    begun = of(10)
    rows = random_rows(19 * BLOCK + 123, len(begun.step_columns))
    samples = random_rows(len(rows), len(begun.sample_columns))
    rows[700, 5], rows[BLOCK : BLOCK + 40, 2] = np.nan, 0
    run = LiveRun(tmp_path, begun)
    run.goes(rows, samples=samples)
    table = run.record.steps.table
    assert table.elsewhere == run.record.samples.table.elsewhere == 19
    assert table.summed.in_memory().start == 16
    np.testing.assert_array_equal(table.rows(), rows)
    np.testing.assert_array_equal(run.record.samples.table.rows(), samples)
    whole = RunRecord(begun)
    whole.add_steps(step_rows(1, rows))
    for width in (4, FINE, 512, 4 * BLOCK):
        for ours, theirs in zip(seen(run.record, width), seen(whole, width), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_however_often_a_file_has_grown_it_is_mapped_in_few_pieces(tmp_path: Path) -> None:
    begun = of(4)
    run = LiveRun(tmp_path, begun)
    rows = random_rows(70 * BLOCK, len(begun.step_columns))
    run.goes(rows)
    table = run.record.steps.table
    assert table.elsewhere == 70
    pieces = {id(base(table.block(number))) for number in range(70)}
    assert len(pieces) <= 7
    np.testing.assert_array_equal(table.rows(), rows)


def test_the_memory_of_a_run_does_not_grow_with_its_rows(tmp_path: Path) -> None:
    begun = of(10)
    run = LiveRun(tmp_path, begun)
    rows = random_rows(49 * BLOCK, len(begun.step_columns))
    tracemalloc.start()
    try:
        run.goes(rows)
        grown = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert run.record.steps.table.elsewhere == 49
    block = rows.nbytes / 49
    assert grown < 2 * block + 16 * 0.22 * block + 2**19  # what is new, a shelf of bins, and all else


@pytest.mark.parametrize("step", [2 * BLOCK, 9 * BLOCK + 777, 18 * BLOCK + 5])
def test_a_run_that_goes_on_from_a_checkpoint_has_what_was_kept_and_what_is_new(tmp_path: Path, step: int) -> None:
    begun = of(10)
    rows, new = random_rows(19 * BLOCK, len(begun.step_columns)), random_rows(13 * BLOCK, len(begun.step_columns), 1)
    run = LiveRun(tmp_path, begun)
    run.goes(rows)
    table = run.record.steps.table
    run.paging.hold(step)
    assert table.elsewhere == step // BLOCK
    blocks_file(tmp_path, STEPS).touch()
    run.paging.look()
    assert table.elsewhere == step // BLOCK  # the files are cut before the record hears of it
    run.goes(new, first=step)
    expected = np.concatenate([rows[:step], new])
    assert table.elsewhere == len(expected) // BLOCK
    np.testing.assert_array_equal(table.rows(), expected)
    whole = RunRecord(begun)
    whole.add_steps(step_rows(1, expected))
    for width in (FINE, 1024):
        for ours, theirs in zip(seen(run.record, width), seen(whole, width), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_while_files_are_cut_every_row_can_still_be_read(tmp_path: Path) -> None:
    begun = of(10)
    rows = random_rows(18 * BLOCK, len(begun.step_columns))
    run = LiveRun(tmp_path, begun)
    run.goes(rows)
    loss = run.record.column("loss")
    views = loss.values(5 * BLOCK, 5 * BLOCK + 9), loss.envelope(5 * BLOCK, 5 * BLOCK + 400, 400).low
    run.paging.hold(3 * BLOCK + 9)
    for path in tmp_path.glob("steps.*"):
        size = path.stat().st_size
        with path.open("r+b") as file:
            file.truncate(size // 18 * 3)
    np.testing.assert_array_equal(run.record.steps.table.rows(), rows)
    assert np.isfinite(seen(run.record, 512)[0]).all()
    for view in (*views, loss.envelope(5 * BLOCK, 5 * BLOCK + 400, 400).low):  # a page that is gone ends the process
        assert np.isfinite(view).all()


def test_a_folder_that_holds_another_run_or_is_not_there_is_left_alone(tmp_path: Path) -> None:
    begun = of(10)
    rows = random_rows(3 * BLOCK, len(begun.step_columns))
    LiveRun(tmp_path, begun).goes(random_rows(3 * BLOCK, len(begun.step_columns), seed=5))
    for folder in (tmp_path, tmp_path / "none"):
        record = RunRecord(begun)
        paging = Paging(record, folder)
        record.add_steps(step_rows(1, rows))
        paging.look()
        assert record.steps.table.elsewhere == 0
        np.testing.assert_array_equal(record.steps.table.rows(), rows)


def test_a_table_that_lets_go_has_all_of_it_in_memory_again(tmp_path: Path) -> None:
    rows = random_rows(3 * BLOCK, 4)
    table, other = Table(4), Table(4)
    table.append(rows)
    other.append(rows)
    stored = np.stack([other.block(number) for number in range(3)])
    stored.flags.writeable = False
    table.lean(0, stored)
    table.let_go(BLOCK + 1)
    assert table.elsewhere == 1
    assert np.shares_memory(table.block(0), stored)
    assert not np.shares_memory(table.block(1), stored)
    table.truncate(BLOCK + 1)
    table.append(rows[BLOCK + 1 :])
    np.testing.assert_array_equal(table.rows(), rows)
