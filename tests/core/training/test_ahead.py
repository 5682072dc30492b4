"""Batches read beside training: the order, the bound, what is not asked for, errors, and runs bitwise equal."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from core.data.lazy import LazyField
from core.data.load import load
from core.data.normalisation import IDENTITY
from core.data.own import inspected
from core.data.sources import FieldSpec
from core.engine.messages import Failed, Progress
from core.project import Project
from core.training.ahead import AHEAD, Ahead
from core.training.checkpoint import CHECKPOINT
from core.training.control import Control
from core.training.evaluate import evaluate
from core.training.loop import train
from core.training.rate_finder import find_rate
from core.training.run import Job
from tests.core.data.large import keep_on_disk
from tests.core.training.projects import classifier, node
from tests.core.training.running import assert_same, columns, finished, only, weights


class Noted:
    """Rows that note which were read, and by which thread."""

    ready = True

    def __init__(self) -> None:
        self.read_numbers: list[list[int]] = []
        self.threads: set[str] = set()

    def read(self, numbers: np.ndarray) -> np.ndarray:
        self.read_numbers.append(numbers.tolist())
        self.threads.add(threading.current_thread().name)
        if 13 in numbers:
            raise OSError(5, "Input/output error")
        return np.repeat(numbers[:, None], 2, axis=1).astype(np.float32)

    def told(self) -> str:
        return ""

    def like(self, _number: int, _other: int) -> bool:
        return False


def ahead(rows: Noted) -> Ahead:
    spec = FieldSpec("x", (2,), "float32", "input")
    return Ahead(LazyField(spec, rows, IDENTITY, np.arange(40), "data"))


def settled(rows: Noted, count: int) -> int:
    end = time.monotonic() + 2
    while len(rows.read_numbers) < count and time.monotonic() < end:
        time.sleep(0.001)
    time.sleep(0.02)
    return len(rows.read_numbers)


def test_batches_come_in_order_and_few_are_read_before_they_are_asked_for() -> None:
    rows = Noted()
    field = ahead(rows)
    batches = list(torch.tensor([5, 2, 9, 0, 1, 7, 30, 31, 32, 33, 20, 21, 22, 23]).split(2))
    field.expect(batches)
    assert settled(rows, AHEAD) == AHEAD
    for batch in batches:
        assert field.index_select(0, batch).tolist() == [[number, number] for number in batch.tolist()]
    assert rows.read_numbers == [batch.tolist() for batch in batches]
    assert threading.current_thread().name not in rows.threads
    field.close()


def test_a_batch_of_two_phases_is_read_once_and_one_of_none_is_passed_over() -> None:
    rows = Noted()
    field = ahead(rows)
    batches = list(torch.arange(8).split(2))
    field.expect(batches)
    assert field.index_select(0, batches[0]) is field.index_select(0, batches[0])
    assert field.index_select(0, batches[2]).tolist() == [[4, 4], [5, 5]]
    assert field.index_select(0, batches[3]).tolist() == [[6, 6], [7, 7]]
    assert field.index_select(0, torch.tensor([1])).tolist() == [[1, 1]]
    field.close()


def test_what_cannot_be_read_is_told_when_it_is_asked_for() -> None:
    field = ahead(Noted())
    batches = list(torch.arange(10, 16).split(2))
    field.expect(batches)
    assert field.index_select(0, batches[0]).tolist() == [[10, 10], [11, 11]]
    with pytest.raises(Exception, match="input/output error"):
        field.index_select(0, batches[1])
    field.close()


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "large.npz"
    random = np.random.default_rng(0)
    np.savez(path, x=random.normal(size=(400, 8)).astype(np.float32), label=np.arange(400) % 3)
    keep_on_disk(monkeypatch)
    return path


def made(path: Path) -> Project:
    layers = [node("fc1", "Linear", out_features=8), node("drop", "Dropout"), node("fc2", "Linear", out_features=3)]
    return classifier(layers, inspected(path), "x", epochs=3, batch_size=32)


def test_a_run_over_a_file_is_bitwise_that_in_memory(large: Path) -> None:
    project = made(large)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.data.rows.IN_MEMORY", 2**29)
        patch.setattr("core.data.ondisk.IN_MEMORY", 2**29)
        whole, control = finished(project)
    mine, other = finished(project)
    assert isinstance(load(project.data["data"]).fields["x"], LazyField)
    assert columns(mine)["loss"].tolist() == columns(whole)["loss"].tolist()
    assert_same(weights(other), weights(control))
    data = {"data": load(project.data["data"])}
    assert evaluate(project, weights(other), data, "train").samples == 320


def test_a_run_over_a_file_goes_on_exactly_where_it_was_stopped(large: Path, tmp_path: Path) -> None:
    project = made(large)
    _events, whole = finished(project)
    control = Control()
    data = {"data": load(project.data["data"])}
    for event in train(Job(project, data, tmp_path / "run"), control):
        if isinstance(event, Progress) or getattr(event, "first_step", None) == 0:
            control.stop()
    assert (tmp_path / "run" / CHECKPOINT).exists()
    _events, resumed = finished(project, resume=tmp_path / "run")
    assert_same(weights(resumed), weights(whole))


def test_a_file_that_goes_while_it_trains_ends_the_run_with_a_reason(large: Path) -> None:
    project = made(large)
    data = {"data": load(project.data["data"])}
    os.utime(large, ns=(1, 1))
    (failed,) = only(list(train(Job(project, data), Control())), Failed)
    assert "it has changed" in failed.problem.came
    assert str(large) in failed.problem.where


def test_the_test_of_rates_ends_the_thread_it_began(large: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = made(large)
    job = Job(project, {"data": load(project.data["data"])})
    made_here: list[Ahead] = []  # so that none ends by being forgotten
    real = Ahead.expect

    def noted(field: Ahead, batches: list[torch.Tensor]) -> None:
        made_here.append(field)
        real(field, batches)

    monkeypatch.setattr(Ahead, "expect", noted)
    assert len(find_rate(job, None, lambda _text, _share: None, steps=30).losses) == 30
    assert made_here
    assert [thread for thread in threading.enumerate() if thread.name.startswith("batches")] == []
