"""Room for bins outside of the memory: the same numbers, and none of it the process's own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import platformdirs
import pytest

from core.telemetry import pyramid
from core.telemetry.pyramid import Pyramid
from core.telemetry.scratch import PIECE, Scratch
from tests.core.telemetry.runs import random_rows


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda *_args, **_more: str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_arrays_are_zeros_of_their_own_across_pieces_of_the_file_and_no_file_stays(own_cache: Path):
    scratch = Scratch(1000)
    rows = PIECE // 4 // 8 // 3
    found = [scratch.room((5, 3), np.float64), *(scratch.room((rows, 8), np.float32) for _ in range(7))]
    assert own_cache.is_dir()
    assert not list(own_cache.iterdir())
    for number, array in enumerate(found):
        assert not array.any()
        array[:] = number + 1
    assert (
        [float(array.min()) for array in found] == [float(array.max()) for array in found] == [1, 2, 3, 4, 5, 6, 7, 8]
    )
    assert scratch.room((PIECE,), np.float32).shape == (PIECE,)  # larger than a piece


def test_a_folder_that_cannot_be_written_costs_the_memory_alone(own_cache: Path):
    own_cache.write_text("not a folder")
    found = Scratch(0).room((1000, 10), np.float64)
    assert found.flags.owndata
    assert not found.any()


def test_bins_that_lie_aside_are_those_in_memory(monkeypatch: pytest.MonkeyPatch):
    rows = random_rows(9000, 3)
    rows[100:400, 1] = np.nan
    there = Pyramid(lambda first, last: rows[first:last])
    monkeypatch.setattr(pyramid, "ASIDE", 0)
    aside = Pyramid(lambda first, last: rows[first:last])
    for length in (17, 4097, 9000):
        there.extend(length)
        aside.extend(length)
    assert not aside._levels[0]._low._blocks[0].flags.owndata
    for width in (16, 64, 4096):
        wanted, found = (one.bins(0, -(-9000 // width), width) for one in (there, aside))
        for name in ("low", "high", "total", "count"):
            np.testing.assert_array_equal(getattr(found, name), getattr(wanted, name))


GROWN = """
import numpy as np
from core.telemetry.pyramid import Pyramid
def own():
    told = dict(line.split(":", 1) for line in open("/proc/self/status"))
    return int(told["RssAnon"].split()[0]) // 1024
rows = np.random.default_rng(0).random((1024, 64), np.float32)
pyramid = Pyramid(lambda first, last: rows[np.arange(first, last) % 1024])
pyramid.extend(4096)
before = own()
for length in range(4096, 2**18 + 1, 4096):
    pyramid.extend(length)
print(own() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_bins_of_a_long_column_are_not_the_own_memory_of_the_process():
    told = subprocess.run([sys.executable, "-c", GROWN], stdout=subprocess.PIPE, text=True, check=True)
    assert int(told.stdout) < 10  # MiB, 4 of which may stay; all bins are 26
