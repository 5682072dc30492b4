"""What a run takes of the machine: its pace by a clock that the test turns, its memory by what the test allocates."""

from __future__ import annotations

import mmap
import sys

import numpy as np
import pytest
import torch

from core.engine.messages import Progress
from core.training import loop, run
from core.training.measuring.machine import memory
from tests.core.training.projects import small_convnet
from tests.core.training.running import columns, finished, only, samples

MEBIBYTE = 2**20
FEW, MANY = 0.02, 0.08
"""Seconds of a step."""


class Clock:
    """Stands still but for what steps take: it is turned within each."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.steps: list[float] = []
        """When each step was over."""
        self.samples = 0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for module in (loop, run):
        monkeypatch.setattr(module, "perf_counter", clock)
    plain = run.Run._round

    def slowed(self: run.Run, row: np.ndarray, sample: np.ndarray | None) -> None:
        plain(self, row, sample)
        clock.now += FEW if self.step_number <= self.total_steps / 2 else MANY
        clock.steps.append(clock.now)
        clock.samples = self.batches.samples

    monkeypatch.setattr(run.Run, "_round", slowed)
    return clock


def test_throughput_is_the_samples_that_passed_for_the_time_that_passed(clock: Clock):
    events, _control = finished(small_convnet(epochs=12))
    told = [event for event in only(events, Progress) if event.state == "training" and event.samples_per_second]
    steps = len(clock.steps)
    assert len(columns(events)["loss"]) == steps
    a_step = clock.samples * 12 / steps
    early = [event for event in told if event.step <= steps / 2]
    assert len(early) > 3
    assert [event.samples_per_second for event in early] == pytest.approx([a_step / FEW] * len(early), rel=1e-6)
    seconds = clock.now - clock.steps[steps // 2]
    left = np.exp(-seconds / 3.0)  # what passed three seconds ago counts for a third
    assert told[-1].samples_per_second == pytest.approx(a_step / MANY, rel=5 * left + 0.02)
    assert told[-1].seconds_left == pytest.approx((steps - told[-1].step) * MANY, rel=5 * left + 0.02, abs=MANY)


def test_the_time_of_a_step_is_that_of_those_at_which_nothing_is_sampled(clock: Clock):
    events, _control = finished(small_convnet(epochs=12))
    at, told = samples(events)
    known = told["seconds"][~np.isnan(told["seconds"])]
    assert len(known) > 1
    assert known[0] == pytest.approx(FEW, rel=1e-5)
    assert set(np.round(known, 6)) <= {np.float32(0.02), np.float32(0.05), np.float32(0.08)}
    assert at[-1] > len(clock.steps) / 2
    assert known[-1] == pytest.approx(MANY, rel=1e-5)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells it by /proc")
@pytest.mark.parametrize("size", [32, 96])
def test_memory_grows_and_falls_by_what_is_taken_and_given_back(size: int):
    before = memory(torch.device("cpu"))
    with mmap.mmap(-1, size * MEBIBYTE) as pages:  # of its own, so that no allocator keeps it
        assert memory(torch.device("cpu")) - before < 2 * MEBIBYTE  # asked for, not yet touched
        pages.write(b"\1" * (size * MEBIBYTE))
        during = memory(torch.device("cpu"))
    after = memory(torch.device("cpu"))
    assert during - after == pytest.approx(size * MEBIBYTE, abs=2 * MEBIBYTE)


def test_a_sample_tells_the_memory_that_the_process_holds():
    finished(small_convnet(epochs=1))  # what is taken once for all
    with mmap.mmap(-1, 96 * MEBIBYTE) as held:  # of its own, so that no allocator keeps it
        held.write(b"\1" * (96 * MEBIBYTE))
        with_it = samples(finished(small_convnet(epochs=1))[0])[1]["memory"]
    without = samples(finished(small_convnet(epochs=1))[0])[1]["memory"]
    assert with_it.min() - without.max() == pytest.approx(96 * MEBIBYTE, rel=0.15)
