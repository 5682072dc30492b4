"""Histograms are kept with a run: read back as they came, thinned as it grows, and what is damaged says so."""

from __future__ import annotations

import itertools
import zlib
from pathlib import Path

import msgspec
import pytest

from core.engine.histograms import Counts, LayerCounts
from core.engine.messages import Counted, Finished, Train
from core.files import to_text
from core.runs.following import FollowedRun
from core.runs.histograms import HEAD, HISTOGRAMS, MAGIC, HistogramWriter, read_histograms
from core.runs.reading import read
from core.runs.recording import recorded
from core.runs.replaying import record_of
from core.telemetry.distributions import KEPT, Distributions, places_kept
from core.training.control import Control
from core.training.loop import train
from tests.core.runs.test_recording import PROJECT, started, steps
from tests.core.training.projects import small_convnet
from tests.core.training.running import job, only


def counted(step: int) -> Counted:
    counts = Counts(exponent=-2, bins=[step % 7] * 64, count=64 * (step % 7), nonfinite=step % 2)
    return Counted(step=step, layers=[LayerCounts(path="fc1", weights=counts), LayerCounts(path="fc2")])


def written(folder: Path, count: int, resume: str = "", first: int = 0) -> list[Counted]:
    told = [counted(step) for step in range(first + 1, first + count + 1)]
    events = [started(first), steps(first + 1, count), *told]
    list(recorded(Train(project=PROJECT, folder=str(folder), resume=resume), events))
    return told


def test_a_run_in_training_keeps_its_histograms_and_gives_them_back(tmp_path: Path) -> None:
    made = small_convnet(epochs=2)
    request = Train(project=to_text(made), folder=str(tmp_path))
    events = list(recorded(request, train(job(made, folder=tmp_path), Control())))
    told, (finished,) = only(events, Counted), only(events, Finished)
    assert len(told) > 2
    assert told[-1].step == finished.step
    assert [layer.path for layer in told[0].layers] == ["conv", "fc"]
    assert told[0].layers[0].gradients is not None
    run = read(tmp_path)
    assert (list(run.histograms), run.wrong) == (told, "")
    assert record_of(run).distributions.moments == told
    assert read_histograms(tmp_path).moments == run.histograms


def test_the_file_is_what_the_documentation_says(tmp_path: Path) -> None:
    told = written(tmp_path, 3)
    data = (tmp_path / HISTOGRAMS).read_bytes()
    assert data[:8] == b"CRHIST1\n"
    length, check = int.from_bytes(data[8:12], "little"), int.from_bytes(data[12:16], "little")
    body = data[16 : 16 + length]
    assert zlib.crc32(body) == check
    plain = msgspec.msgpack.decode(zlib.decompress(body))
    assert plain["type"] == "counted"
    assert plain["step"] == 1
    assert plain["layers"][0]["weights"] == {"exponent": -2, "bins": [1] * 64, "count": 64, "nonfinite": 1}
    assert msgspec.convert(plain, Counted) == told[0]


def test_a_long_run_is_thinned_on_disk_as_in_memory_and_stays_small(tmp_path: Path) -> None:
    told = written(tmp_path, 3 * KEPT)
    memory = Distributions()
    for one in told:
        memory.add(one)
    run = read(tmp_path)
    assert list(run.histograms) == memory.moments
    assert KEPT // 2 < len(memory) <= KEPT
    assert (memory.moments[0].step, memory.moments[-1].step) == (1, 3 * KEPT)
    assert (tmp_path / HISTOGRAMS).stat().st_size < KEPT * 400


def test_moments_that_stay_lie_evenly_over_the_run_however_long_it_is() -> None:
    kept: list[int] = []
    for step in range(1, 30 * KEPT):
        kept.append(step)
        kept = [kept[place] for place in places_kept(kept)]
        assert len(kept) <= KEPT
    widest = max(later - one for one, later in itertools.pairwise(kept))
    assert widest <= 2 * len(range(30 * KEPT)) / (KEPT / 2)


def test_a_run_that_goes_on_takes_back_what_came_after_its_step(tmp_path: Path) -> None:
    first = written(tmp_path, 6)
    again = written(tmp_path, 3, resume="x", first=4)
    assert list(read(tmp_path).histograms) == [*first[:4], *again]


def test_an_old_run_has_none_and_opens(tmp_path: Path) -> None:
    list(recorded(Train(project=PROJECT, folder=str(tmp_path)), [started(), steps(1, 4)]))
    assert not (tmp_path / HISTOGRAMS).exists()
    assert (read(tmp_path).histograms, read(tmp_path).wrong) == ((), "")
    assert record_of(read(tmp_path)).distributions.moments == []


@pytest.mark.parametrize("lost", [1, 60, 100])
def test_a_file_that_breaks_off_shows_what_came_before_and_says_so(tmp_path: Path, lost: int) -> None:
    told = written(tmp_path, 5)
    path = tmp_path / HISTOGRAMS
    path.write_bytes(path.read_bytes()[:-lost])
    run = read(tmp_path)
    assert list(run.histograms) == told[: len(run.histograms)]
    assert 2 <= len(run.histograms) < 5
    assert "breaks off at byte" in run.wrong
    assert f"the {len(run.histograms)} moments before are shown" in run.wrong


def test_a_damaged_moment_is_left_out_alone_and_nothing_is_lost_when_the_run_goes_on(tmp_path: Path) -> None:
    told = written(tmp_path, 5)
    path = tmp_path / HISTOGRAMS
    data = bytearray(path.read_bytes())
    length = HEAD.unpack_from(data, len(MAGIC))[0]
    data[len(MAGIC) + HEAD.size + length // 2] ^= 0xFF
    path.write_bytes(data)
    run = read(tmp_path)
    assert list(run.histograms) == told[1:]
    assert run.wrong == "1 of 5 moments in histograms.bin are damaged and left out."
    HistogramWriter(tmp_path, kept=4).close()
    assert (tmp_path / f"damaged-{HISTOGRAMS}").read_bytes() == data
    assert list(read(tmp_path).histograms) == told[1:4]
    path.write_bytes(b"something else")
    assert "is not a file of histograms" in read(tmp_path).wrong


def test_who_follows_a_run_is_told_each_moment_once_across_a_thinning(tmp_path: Path) -> None:
    written(tmp_path, 3)
    followed = FollowedRun(tmp_path)
    assert followed.news() == []
    writer = HistogramWriter(tmp_path, kept=3)
    heard: list[int] = []
    for step in range(4, KEPT + 40):
        writer.append(counted(step))
        if step % 37 == 0:
            heard += [event.step for event in only(followed.news(), Counted)]
    writer.close()
    heard += [event.step for event in only(followed.news(), Counted)]
    assert heard[-1] == KEPT + 39
    assert len(heard) == len(set(heard)) > KEPT - 40
