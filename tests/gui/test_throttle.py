"""When things are done: once a frame, and one after another."""

from __future__ import annotations

from collections.abc import Generator
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QObject, QTimer
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from gui import slices
from gui.throttle import Turns


def test_jobs_are_done_one_after_another_and_each_once(qtbot: QtBot) -> None:
    done: list[str] = []

    def first() -> None:
        done.append("first")

    def second() -> None:
        done.append("second")

    turns = Turns(1)
    for job in (first, second, first):
        turns.ask(job)
    assert done == []
    qtbot.waitUntil(lambda: len(done) == 2)
    qtbot.wait(10)
    assert done == ["first", "second"]


def test_between_two_jobs_the_window_answers(qtbot: QtBot) -> None:
    done: list[str] = []
    turns = Turns(1)
    turns.ask(lambda: QTimer.singleShot(0, lambda: done.append("the window")))
    turns.ask(lambda: done.append("second"))
    qtbot.waitUntil(lambda: "second" in done)
    assert done == ["the window", "second"]


def test_without_a_pause_a_job_is_done_at_once() -> None:
    done: list[str] = []
    Turns(0).ask(lambda: done.append("now"))
    assert done == ["now"]


def test_the_job_of_what_is_gone_is_left_out(qtbot: QtBot) -> None:
    class Plot(QObject):
        def draw(self) -> None:
            raise AssertionError("it is gone")

    done: list[str] = []
    turns, plot = Turns(1), Plot()
    turns.ask(plot.draw)
    turns.ask(lambda: done.append("next"))
    delete(plot)
    qtbot.waitUntil(lambda: bool(done))


def test_a_slice_is_short_while_frames_are_late_and_long_while_the_window_is_idle(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    steps: list[float] = []

    def work() -> Generator[None, None, None]:
        while True:
            steps.append(now[0])
            now[0] += 0.0005
            yield

    monkeypatch.setattr(slices, "time", SimpleNamespace(perf_counter=lambda: now[0]))
    parent = QObject()
    made = slices.Slices(work, lambda _nothing: None, parent)
    made.ask(0)
    made._go_on()
    counted = []
    for late in (0.0, 0.012, 0.0):
        now[0] += slices.BETWEEN / 1e3 + late
        before = len(steps)
        made._go_on()
        counted.append(len(steps) - before)
    made.cancel()
    assert counted == [8, 2, 8]
