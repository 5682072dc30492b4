"""Times of layers: the slow one is told as slow, all together take no longer than the step, training stays the same."""

from __future__ import annotations

import time

import numpy as np
import pytest
import torch

from core.engine.messages import RowInfo
from core.graph import Block, Graph
from core.telemetry.record import RunRecord
from core.telemetry.timing import SAMPLES, timing
from core.training.loop import start
from core.training.report import started
from core.training.stopwatch import Stopwatch, forward
from tests.core.training.projects import DIGITS, chain, classifier, node, project, wire
from tests.core.training.running import job


class Slow(torch.autograd.Function):
    """Takes its time both ways."""

    @staticmethod
    def forward(ctx, values, seconds):
        ctx.seconds = seconds
        time.sleep(seconds)
        return values * 1.0

    @staticmethod
    def backward(ctx, gradient):
        time.sleep(3 * ctx.seconds)
        return gradient, None


def test_each_output_is_given_the_time_of_its_own_way_back():
    source = torch.ones(3, requires_grad=True)
    first = Slow.apply(source, 0.01)
    double = first * 2
    third = Slow.apply(double, 0.02)
    branch = Slow.apply(first, 0.03)
    watch = Stopwatch([first, double, third, branch])
    began = time.perf_counter()
    (third + branch).sum().backward()
    elapsed = time.perf_counter() - began
    took = dict(watch.backward())
    assert [took[0] >= 0.03, took[2] >= 0.06, took[3] >= 0.09] == [True] * 3
    assert took[1] < 0.03
    assert sum(took.values()) < elapsed + 0.01


def test_an_output_without_a_gradient_has_no_way_back():
    watch = Stopwatch([torch.ones(2)])
    assert list(watch.backward()) == []


def test_lines_take_what_lies_between_two_times():
    assert list(forward((1.0, 1.5, 3.0))) == [0.5, 1.5]


def test_a_runs_samples_tell_which_layer_is_slow_and_take_no_longer_than_its_steps():
    layers = [
        node("flatten", "Flatten"),
        node("small", "Linear", out_features=8),
        node("large", "Linear", out_features=20_000),
        node("last", "Linear", out_features=10),
    ]
    run = start(job(classifier(layers, DIGITS)))
    record = RunRecord(started(run, 0))
    run.batches.begin_epoch()
    began = time.perf_counter()
    for _ in range(6):
        run.step()
    seconds = time.perf_counter() - began
    record.add_samples(run.samples.packed())
    found = timing(record)
    assert list(found) == ["small", "large", "last"]
    assert found["large"].samples == 6
    slow = found["large"].forward + found["last"].forward
    assert slow > 5 * found["small"].forward > 0
    assert found["last"].backward > 5 * found["small"].backward > 0
    everything = sum(record.block(name, 0, 6).sum() for name in ("forward", "backward"))
    assert 0 < everything < seconds


def test_a_block_takes_what_its_layers_take_and_the_median_is_of_the_last_samples():
    run = start(job(classifier([node("flatten", "Flatten"), node("fc", "Linear", out_features=10)], DIGITS)))
    told = started(run, 0)
    told.outputs[:] = [RowInfo(f"block[{n}].fc", "n1", "Linear", "Linear") for n in (0, 1)]
    told.sample_columns[:] = [
        f"{name}:{row.path}" for name in ("output", "forward", "backward") for row in told.outputs
    ]
    record = RunRecord(told)
    rows = np.arange(1, SAMPLES + 52, dtype=np.float32)[:, None] * np.array([0, 0, 1, 10, 100, np.nan], np.float32)
    record.samples.append(np.arange(1, len(rows) + 1), rows.astype(np.float32))
    median = float(np.median(np.arange(52, SAMPLES + 52)))
    assert timing(record)["block"] == pytest.approx((11 * median, 100 * median, SAMPLES))
    assert timing(record, "block[1].")["fc"][:2] == pytest.approx((10 * median, 0.0))


def test_a_record_without_times_tells_none():
    run = start(job(classifier([node("flatten", "Flatten"), node("fc", "Linear", out_features=10)], DIGITS)))
    told = started(run, 0)
    told.sample_columns[:] = [name for name in told.sample_columns if name.startswith("output")]
    assert timing(RunRecord(told)) == {}


SECONDS = 0.015


@pytest.fixture
def slow_recurrence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every LSTM sleeps within its forward, and three times as long on its way back."""
    plain = torch.nn.LSTM.forward

    def slowed(self, *inputs):
        output, state = plain(self, *inputs)
        return Slow.apply(output, SECONDS), state

    monkeypatch.setattr(torch.nn.LSTM, "forward", slowed)


@pytest.mark.parametrize("accumulate", [1, 2])
def test_every_instance_is_given_the_time_that_it_sleeps_and_no_other_step_is(slow_recurrence: None, accumulate: int):
    inside = [node("x", "BlockInput"), node("lstm", "LSTM", hidden_size=6), node("bend", "Tanh")]
    inside.append(node("y", "BlockOutput"))
    names = [item.name for item in inside]
    blocks = (Block("b", "b", Graph.of(inside, chain(names))),)
    nodes = [
        node("data", "Dataset", dataset="data"),
        node("rows", "Reshape", shape=(8, 8)),
        node("lift", "Linear", out_features=6),
        node("row", "Block", block="b", repeat=2),
        node("one", "Block", block="b", link="same"),
        node("two", "Block", block="b", link="same"),
        node("add", "Add"),
        node("last", "Select"),
        node("fc", "Linear", out_features=10),
        node("loss", "CrossEntropy"),
    ]
    edges = [
        wire("data.image", "rows"),
        *chain(["rows", "lift"]),
        wire("lift", "row.x"),
        wire("row.y", "one.x"),
        wire("row.y", "two.x"),
        wire("one.y", "add.inputs"),
        wire("two.y", "add.inputs", 1),
        *chain(["add", "last", "fc"]),
        wire("fc", "loss.logits"),
        wire("data.label", "loss.label"),
    ]
    run = start(job(project(nodes, edges, DIGITS, blocks=blocks, accumulate=accumulate)))
    record = RunRecord(started(run, 0))
    run.batches.begin_epoch()
    for _ in range(5):
        run.step()
    record.add_samples(run.samples.packed())
    slow = ["row[0].lstm", "row[1].lstm", "one.lstm", "two.lstm"]
    assert {row.path for row in record.rows("forward")} > set(slow)
    for row in record.rows("forward"):
        there = float(np.median(record.column("forward", row.path).values()))
        back = float(np.median(record.column("backward", row.path).values()))
        if row.path in slow:
            assert SECONDS <= there < 3 * SECONDS, row.path
            assert 3 * SECONDS <= back < 6 * SECONDS, row.path
        else:
            assert there < SECONDS, row.path
            assert back < SECONDS, row.path
