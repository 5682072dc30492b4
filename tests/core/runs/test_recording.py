from __future__ import annotations

import math
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec
import numpy as np
import pytest

from chainrule.columns import BLOCK, blocks_file, tail_file
from core.data.identity import data_hash
from core.data.settings import DatasetSettings
from core.engine.messages import Event, Finished, Progress, Said, SampleRows, Started, StepRows, Train, Validated
from core.errors import FileError
from core.files import to_text
from core.project import Project
from core.runs.layout import CHECKPOINT, EVENTS, RUN, SAMPLE_STEPS, SAMPLES, STEPS, checkpoint, default_root, new_folder
from core.runs.reading import read, read_info, runs_in
from core.runs.recording import recorded

DATA = DatasetSettings("iris", seed=3)
PROJECT = to_text(Project("Ada's iris").with_data("flowers", DATA))
COLUMNS = ["loss", "metric"]


def started(first_step: int = 0) -> Started:
    return Started(
        run="r",
        weights=[],
        outputs=[],
        step_columns=COLUMNS,
        sample_columns=["output:a", "output:b"],
        epochs=1,
        steps_per_epoch=10,
        total_steps=10,
        first_step=first_step,
        threads=1,
    )


def steps(first: int, count: int, factor: float = 1.0) -> StepRows:
    values = np.array([[step * factor, -step] for step in range(first, first + count)], "<f4")
    return StepRows(first=first, count=count, data=values.tobytes())


def samples(*numbers: int) -> SampleRows:
    values = np.array([[number, number / 2] for number in numbers], "<f4")
    return SampleRows(steps=np.array(numbers, "<i8").tobytes(), data=values.tobytes())


def a_run() -> list[Event]:
    return [
        started(),
        steps(1, 4),
        samples(1, 3),
        Progress(state="training", step=4, epoch=0),
        Validated(step=4, epoch=1, loss=0.5),
        steps(5, 3),
        samples(6),
        Finished(state="finished", step=7, epoch=1, seconds=1.0),
    ]


def kept(folder: Path, events: list[Event], resume: str = "") -> list[Event]:
    return list(recorded(Train(project=PROJECT, folder=str(folder), resume=resume), events))


def test_a_run_is_read_back_as_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "run"
    assert kept(folder, a_run()) == a_run()
    run = read(folder)
    assert (folder / "project.chain").read_text() == PROJECT
    assert run.info.project == "Ada's iris"
    assert run.info.data == {"flowers": data_hash(DATA)}
    assert run.info.versions["torch"]
    assert run.info.started == started()
    assert run.steps.rows().tolist() == [[step, -step] for step in range(1, 8)]
    assert run.sample_steps.tolist() == [1, 3, 6]
    assert run.samples.rows().tolist() == [[1, 0.5], [3, 1.5], [6, 3]]
    assert run.events == tuple(event for event in a_run() if isinstance(event, Started | Validated | Finished))
    assert run.ended


def test_rows_are_on_disk_as_soon_as_they_are_passed_on(tmp_path: Path) -> None:
    events = recorded(Train(project=PROJECT, folder=str(tmp_path)), iter(a_run()))
    for _ in range(4):
        next(events)
    run = read(tmp_path)
    assert len(run.steps) == 4
    assert len(run.samples) == 2
    assert not run.ended
    events.close()  # type: ignore[attr-defined]  # it is a generator


def test_without_a_folder_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert list(recorded(Train(project=PROJECT), a_run())) == a_run()
    assert not list(tmp_path.iterdir())


def test_a_resumed_run_goes_on_where_its_checkpoint_stood(tmp_path: Path) -> None:
    kept(tmp_path, a_run()[:-1])
    kept(tmp_path, [started(first_step=5), steps(6, 2, factor=10.0), samples(6, 7)], resume="checkpoint")
    run = read(tmp_path)
    assert run.steps.read(0, 0, 99).tolist() == [1, 2, 3, 4, 5, 60, 70]
    assert run.sample_steps.tolist() == [1, 3, 6, 7]
    assert [type(event) for event in run.events] == [Started, Validated, Started]
    assert run.info.started.first_step == 0


def test_a_run_resumed_into_a_folder_of_its_own_begins_there_and_can_be_resumed_again(tmp_path: Path) -> None:
    kept(tmp_path, [started(first_step=5), steps(6, 3)], resume="elsewhere")
    kept(tmp_path, [started(first_step=7), steps(8, 2, factor=10.0)], resume="checkpoint")
    run = read(tmp_path)
    assert run.info.started.first_step == 5
    assert run.steps.read(0, 0, 99).tolist() == [6, 7, 80, 90]


def test_rows_that_a_power_cut_has_taken_are_nan_and_the_later_ones_keep_their_place(tmp_path: Path) -> None:
    kept(tmp_path, a_run()[:-1])
    os.truncate(tail_file(tmp_path, STEPS, 0), 3 * 8 + 5)
    kept(tmp_path, [started(first_step=5), steps(6, 2)], resume="checkpoint")
    first = read(tmp_path).steps.read(0, 0, 99)
    assert first[[0, 1, 2, 5, 6]].tolist() == [1, 2, 3, 6, 7]
    assert first[3] == 4  # its four bytes were whole
    assert np.isnan(first[4])
    assert np.isnan(read(tmp_path).steps.rows()[3, 1])


def test_a_long_run_stands_in_blocks_and_goes_on_from_any_of_its_steps(tmp_path: Path) -> None:
    count = 2 * BLOCK + 5
    kept(tmp_path, [started(), steps(1, count)])
    assert {path.name for path in tmp_path.glob("steps*")} == {
        "steps.f32", "steps-2.rows", "steps.fine", "steps.wide",
    }  # fmt: skip
    for first in (BLOCK + 3, 2 * BLOCK, 0):
        kept(tmp_path, [started(first_step=first), steps(first + 1, 2, factor=10.0)], resume="checkpoint")
        assert read(tmp_path).steps.read(0, 0, count).tolist() == [
            *range(1, first + 1),
            10 * first + 10,
            10 * first + 20,
        ]
        kept(tmp_path, [started(first_step=first), steps(first + 1, count - first)], resume="checkpoint")
        assert read(tmp_path).steps.rows().tolist() == [[step, -step] for step in range(1, count + 1)]


def test_a_run_of_format_1_is_read_and_goes_on_in_blocks(tmp_path: Path) -> None:
    kept(tmp_path, a_run()[:-1])
    for name in (STEPS, SAMPLES):
        tail_file(tmp_path, name, 0).rename(blocks_file(tmp_path, name))
    (tmp_path / RUN).write_text((tmp_path / RUN).read_text().replace('"format": 2', '"format": 1'))
    assert read(tmp_path).steps.rows().tolist() == [[step, -step] for step in range(1, 8)]
    kept(tmp_path, [started(first_step=5), steps(6, 1, factor=10.0)], resume="checkpoint")
    assert read(tmp_path).steps.read(0, 0, 99).tolist() == [1, 2, 3, 4, 5, 60]
    assert read(tmp_path).samples.rows().tolist() == [[1, 0.5], [3, 1.5]]
    assert read(tmp_path).info.format == 2


def test_a_process_killed_between_block_and_tail_leaves_every_row_once(tmp_path: Path) -> None:
    kept(tmp_path, [started(), steps(1, BLOCK)])
    whole = blocks_file(tmp_path, STEPS).read_bytes()
    rows = np.frombuffer(steps(1, BLOCK).data, "<f4")
    tail_file(tmp_path, STEPS, 0).write_bytes(rows.tobytes())  # it was not removed yet
    assert len(read(tmp_path).steps) == BLOCK
    blocks_file(tmp_path, STEPS).write_bytes(whole[:-7])  # the block was not whole yet
    assert read(tmp_path).steps.rows().ravel().tolist() == rows.tolist()
    kept(tmp_path, [started(first_step=BLOCK), steps(BLOCK + 1, 1)], resume="checkpoint")
    assert read(tmp_path).steps.read(0, 0, 9999).tolist() == list(range(1, BLOCK + 2))


def test_a_resumed_run_does_not_write_into_the_folder_of_another(tmp_path: Path) -> None:
    kept(tmp_path, a_run())
    other = msgspec.structs.replace(started(first_step=3), step_columns=["loss"])
    came = kept(tmp_path, [other, steps(4, 1)], resume="checkpoint")
    assert [event.level for event in came if isinstance(event, Said)] == ["warning"]
    assert len(read(tmp_path).steps) == 7


def test_a_new_run_in_an_old_folder_replaces_it(tmp_path: Path) -> None:
    kept(tmp_path, a_run())
    kept(tmp_path, a_run()[:2])
    assert len(read(tmp_path).steps) == 4
    assert not read(tmp_path).ended


def test_what_a_crash_left_of_a_row_or_a_line_is_left_out(tmp_path: Path) -> None:
    kept(tmp_path, a_run())
    with tail_file(tmp_path, STEPS, 0).open("ab") as file:
        file.write(b"\1\2\3")
    with (tmp_path / EVENTS).open("ab") as file:
        file.write(b'{"type":"vali')
    assert len(read(tmp_path).steps) == 7
    assert read(tmp_path).ended


def test_a_validation_loss_that_is_not_finite_is_read_back_as_nan(tmp_path: Path) -> None:
    kept(tmp_path, [started(), Validated(step=1, epoch=1, loss=math.inf)])
    told = read(tmp_path).events[-1]
    assert isinstance(told, Validated)
    assert math.isnan(told.loss)


def test_a_folder_that_cannot_be_made_costs_a_warning_and_not_the_run(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    came = kept(tmp_path / "file" / "run", a_run())
    assert [event for event in came if not isinstance(event, Said)] == a_run()
    assert [event.level for event in came if isinstance(event, Said)] == ["warning"]


@pytest.fixture
def full_device() -> Path:
    """A file that refuses every byte as a full disk does."""
    device = Path("/dev/full")
    if not device.exists():
        pytest.skip("this system has no /dev/full")
    return device


def test_a_full_disk_costs_a_warning_and_not_the_run(tmp_path: Path, full_device: Path) -> None:
    (tmp_path / SAMPLE_STEPS).symlink_to(full_device)
    came = kept(tmp_path, a_run())
    assert [event for event in came if not isinstance(event, Said)] == a_run()
    warnings = [event.text for event in came if isinstance(event, Said)]
    assert len(warnings) == 1
    assert "No space left" in warnings[0]
    assert str(tmp_path) in warnings[0]


def test_an_error_of_the_run_itself_passes_through(tmp_path: Path) -> None:
    def broken() -> Iterator[Event]:
        yield started()
        raise OSError("the run's own")

    with pytest.raises(OSError, match="own"):
        list(recorded(Train(project=PROJECT, folder=str(tmp_path)), broken()))


@pytest.mark.parametrize("content", [None, b"", b"{}", b"\0\1", b"[]"])
def test_a_folder_without_a_run_is_refused_in_words(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / RUN).write_bytes(content)
    with pytest.raises(FileError, match=str(tmp_path)):
        read(tmp_path)


def test_a_run_of_a_newer_format_is_refused(tmp_path: Path) -> None:
    kept(tmp_path, a_run())
    told = msgspec.json.decode((tmp_path / RUN).read_bytes())
    (tmp_path / RUN).write_bytes(msgspec.json.encode({**told, "format": 99}))
    with pytest.raises(FileError, match="99"):
        read(tmp_path)


def test_runs_are_listed_newest_first_and_no_two_get_the_same_folder(tmp_path: Path) -> None:
    first = new_folder(tmp_path, "LeNet-5 / on: MNIST", datetime(2025, 3, 1, 12, 0, 0))
    assert first.name == "2025-03-01_12-00-00_LeNet-5-on-MNIST"
    kept(first, a_run())
    second = new_folder(tmp_path, "LeNet-5 / on: MNIST", datetime(2025, 3, 1, 12, 0, 0))
    later = new_folder(tmp_path, "../..", datetime(2025, 3, 1, 12, 0, 1))
    for folder in (second, later):
        kept(folder, a_run())
    assert later.parent == tmp_path
    assert runs_in(tmp_path) == (later, second, first)
    assert runs_in(tmp_path / "nowhere") == ()


def test_runs_stand_in_the_users_own_folder(own_home: Path) -> None:
    assert default_root().is_relative_to(own_home)
    assert default_root().parts[-2:] == ("chainrule", "runs")


def test_a_checkpoint_is_found_where_there_is_one(tmp_path: Path) -> None:
    assert checkpoint(tmp_path) is None
    (tmp_path / CHECKPOINT).touch()
    assert checkpoint(tmp_path) == tmp_path / CHECKPOINT


def test_a_folder_that_holds_no_run_is_told_in_words(tmp_path: Path):
    for folder, came in ((tmp_path, "it has no run.json"), (tmp_path / "gone", "there is none")):
        with pytest.raises(FileError) as told:
            read_info(folder)
        assert told.value.came == came
