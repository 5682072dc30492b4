"""Files of a run that are cut or written anew while they are mapped: no process ends by it, nothing false is read.

The reader is a process of its own: what is read behind the end of a mapped file ends the one that reads.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from chainrule.columns import BLOCK, ColumnWriter, blocks, blocks_file, rows_behind
from chainrule.cutting import cut
from chainrule.folder import RunFolder
from chainrule.summaries import FINE, WIDE, fine_file, mapped, wide_file
from core.engine.messages import Finished, SampleRows, Started, StepRows, Train
from core.files import to_text
from core.project import Project
from core.runs.following import FollowedRun
from core.runs.paging import Paging
from core.runs.recording import recorded
from core.telemetry.record import RunRecord
from tests.core.runs.test_following import SCRIPT, rows
from tests.core.runs.test_following import started as of_script
from tests.core.telemetry.runs import random_rows, sample_rows, started, step_rows

READER = """
import os, sys
from pathlib import Path
import numpy as np
from chainrule.columns import BLOCK
from core.runs.following import FollowedRun
folder = Path(sys.argv[1])
record = FollowedRun(folder).record()
whole = np.arange(1, 3 * BLOCK + 51)
def looked(shown):
    loss, every = shown.column("loss"), shown.columns("gradient")
    wide, near = loss.envelope(0, 3 * BLOCK, 20), loss.envelope(2 * BLOCK, 2 * BLOCK + 600, 800)
    return loss.values(), wide.low, near.low, every.envelope(0, 3 * BLOCK, 20).high, every.smooth(0, 3 * BLOCK, 30, 0.9)
values = looked(record)[0]
assert (values == whole).all(), values
for path in folder.glob("steps.*"):
    if path.suffix in sys.argv[3]:
        os.truncate(path, int(path.stat().st_size * float(sys.argv[2])))
values, wide, near, _high, _smooth = looked(record)
assert len(values) == len(whole)
known = np.isfinite(values)
assert (values[known] == whole[known]).all()
assert known[3 * BLOCK:].all(), "rows that lie in memory are there"
if ".f32" in sys.argv[3]:
    assert not known[2 * BLOCK:3 * BLOCK].any(), "what is gone is not known"
print("lives")
"""


@pytest.mark.parametrize("share", [0, 0.4])
@pytest.mark.parametrize("which", [".f32", ".fine.wide", ".f32.fine.wide"])
def test_a_file_that_is_cut_in_place_by_another_program_costs_its_rows_alone(tmp_path: Path, share: float, which: str):
    columns = len(of_script()["step_columns"])
    folder = RunFolder(tmp_path / "run", "Net", of_script(), SCRIPT)
    folder.rows(rows(1, 3 * BLOCK + 50, columns))
    folder.close()
    line = [sys.executable, "-c", READER, str(tmp_path / "run"), str(share), which]
    told = subprocess.run(line, capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout) == (0, "lives\n"), told.stderr


@pytest.mark.parametrize("kept", [0, 700, BLOCK, 2 * BLOCK + 9])
def test_a_writer_that_begins_again_leaves_what_others_have_mapped(tmp_path: Path, kept: int):
    before, after = random_rows(3 * BLOCK + 20, 5), random_rows(4 * BLOCK, 5, seed=1)
    writer = ColumnWriter(tmp_path, "steps", 5)
    writer.append(before.tobytes())
    writer.close()
    held = blocks(tmp_path, "steps", 5)
    bins = [mapped(path, 5, BLOCK, size) for path, size in ((fine_file(tmp_path, "steps"), FINE),
                                                            (wide_file(tmp_path, "steps"), WIDE))]  # fmt: skip
    known = [np.copy(one.numbers) for one in bins if one is not None]
    writer = ColumnWriter(tmp_path, "steps", 5, kept)
    writer.append(after.tobytes())
    writer.close()
    np.testing.assert_array_equal(held.transpose(0, 2, 1).reshape(-1, 5), before[: 3 * BLOCK])
    for one, numbers in zip(bins, known, strict=True):
        assert one is not None
        np.testing.assert_array_equal(one.numbers, numbers)
    np.testing.assert_array_equal(rows_behind(tmp_path, "steps", 5, 0), np.concatenate([before[:kept], after]))
    assert not list(tmp_path.glob("*.part"))


def test_where_no_copy_can_be_made_the_file_is_cut_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "steps.f32"
    path.write_bytes(bytes(range(100)))
    monkeypatch.setattr("chainrule.cutting._copy", refuse)
    cut(path, 40)
    assert path.read_bytes() == bytes(range(40))
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("known", [0, 5, BLOCK, BLOCK + 3, 2 * BLOCK + 70, 2 * BLOCK + 80, 3 * BLOCK])
def test_rows_behind_those_that_are_known_are_read_across_blocks(tmp_path: Path, known: int):
    told = random_rows(2 * BLOCK + 80, 3)
    writer = ColumnWriter(tmp_path, "steps", 3)
    writer.append(told.tobytes())
    writer.close()
    np.testing.assert_array_equal(rows_behind(tmp_path, "steps", 3, known), told[known:])


def test_a_script_that_is_run_again_into_its_folder_is_another_run(tmp_path: Path):
    columns = len(of_script()["step_columns"])
    folder = RunFolder(tmp_path, "Net", of_script(), SCRIPT)
    folder.rows(rows(1, BLOCK + 50, columns))
    folder.close()
    followed = FollowedRun(tmp_path)
    record = followed.record()
    assert not followed.is_renewed
    folder = RunFolder(tmp_path, "Net", of_script(), SCRIPT)
    folder.rows(rows(500, 3 * BLOCK, columns))
    assert followed.news() == []  # nothing of the new run is told of the old one
    assert followed.is_renewed
    np.testing.assert_array_equal(record.column("loss").values(), np.arange(1, BLOCK + 51))
    again = FollowedRun(tmp_path)
    assert not again.is_renewed
    assert not again.is_cut
    assert again.record().last_step == 3 * BLOCK
    folder.close()


def test_while_another_run_is_being_begun_nothing_is_told(tmp_path: Path):
    columns = len(of_script()["step_columns"])
    folder = RunFolder(tmp_path, "Net", of_script(), SCRIPT)
    folder.rows(rows(1, 2 * BLOCK + 50, columns))
    folder.samples([1, 2, 9], list(rows(1, 3, 5)))
    folder.event("validated", step=20, epoch=0, loss=0.5)
    folder.close()
    followed = FollowedRun(tmp_path)
    ColumnWriter(tmp_path, "steps", columns).close()  # one file after the other; the run's description comes last
    assert followed.news() == []
    ColumnWriter(tmp_path, "samples", 5).close()
    assert followed.news() == []
    (tmp_path / "samples.i64").write_bytes(b"")
    (tmp_path / "events.jsonl").write_bytes(b"")
    assert followed.news() == []
    assert followed.is_cut
    assert not followed.is_renewed


@pytest.mark.parametrize("length", [0, BLOCK // 2, BLOCK + 60])
def test_rows_that_are_gone_are_noticed(tmp_path: Path, length: int):
    folder = RunFolder(tmp_path, "Net", of_script(), SCRIPT)
    columns = len(of_script()["step_columns"])
    folder.rows(rows(1, BLOCK + 100, columns))
    folder.close()
    followed = FollowedRun(tmp_path)
    assert not followed.is_cut
    if length < BLOCK:
        path = blocks_file(tmp_path, "steps")
        path.write_bytes(path.read_bytes()[: 4 * columns * length])
    else:
        (tmp_path / "steps-1.rows").write_bytes(b"")
    assert followed.is_cut
    assert not followed.is_renewed


@pytest.mark.parametrize("step", [3, 2 * BLOCK - 9, 2 * BLOCK, 3 * BLOCK + 40])
def test_a_run_that_goes_on_from_a_checkpoint_is_followed_back_and_on(tmp_path: Path, step: int):
    begun, again = started(), started(first_step=step)
    first, new = random_rows(3 * BLOCK + 90, len(begun.step_columns)), random_rows(2 * BLOCK, 13, seed=1)
    project = to_text(Project())
    at = np.arange(1, len(first) + 1, 10)
    sampled = random_rows(len(at), len(begun.sample_columns))
    events = [begun, step_rows(1, first), sample_rows(at, sampled)]
    list(recorded(Train(project=project, folder=str(tmp_path)), events))
    followed = FollowedRun(tmp_path)
    record = followed.record()
    paging = Paging(record, tmp_path)
    end = Finished(state="finished", step=step + len(new), epoch=1, seconds=1.0)
    list(recorded(Train(project=project, folder=str(tmp_path), resume="x"), [again, step_rows(step + 1, new), end]))
    news = followed.news()
    assert [type(event) for event in news] == [Started, StepRows, Finished]
    taken(record, paging, news)
    np.testing.assert_array_equal(record.steps.table.rows(), np.concatenate([first[:step], new]))
    kept = at[at <= step]
    np.testing.assert_array_equal(record.samples.steps(0, 10**6), kept)
    np.testing.assert_array_equal(record.samples.table.rows(), sampled[: len(kept)])
    assert not followed.is_cut
    assert followed.news() == []


def taken(record: RunRecord, paging: Paging, news: list[object]) -> None:
    """Take in what the window's feed would."""
    for event in news:
        if isinstance(event, Started):
            assert record.continues(event)
            record.resume(event)
            paging.go_on()
        elif isinstance(event, StepRows):
            record.add_steps(event)
        elif isinstance(event, SampleRows):
            record.add_samples(event)
    paging.look()
