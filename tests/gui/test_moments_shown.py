"""While one looks back, every monitor shows that moment and says which it is; one that ignores it fails here."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gui.app import App
from gui.monitors.histograms import HistogramMonitor
from gui.monitors.panel import Monitor
from gui.monitors.seen_monitor import SeenMonitor
from gui.workspace import Workspace
from tests.gui.conftest import opened
from tests.gui.monitors.conftest import picture

SOON = 30_000
ELSEWHERE = {"attention": "transformer-sentences"}
"""Monitors that another network is needed for than the spiral's."""


def stood(app: App, qtbot: QtBot, template: str, steps: int, epochs: int) -> Workspace:
    """A run that stands still, validated after each of these epochs, so many steps later."""
    opened(app, qtbot, template)
    work = app.workspace
    for _epoch in range(epochs):
        before = len(work.feed.record.validations) if work.feed.record is not None else 0
        work.run.epoch()
        qtbot.waitUntil(
            lambda known=before: work.feed.record is not None and len(work.feed.record.validations) > known,
            timeout=SOON,
        )
        qtbot.waitUntil(lambda: work.run.state.phase == "paused", timeout=SOON)
    at = work.run.state.step
    work.run.train_steps(steps)
    qtbot.waitUntil(lambda: work.run.state.phase == "paused" and work.run.state.step == at + steps, timeout=SOON)
    qtbot.waitUntil(lambda: work.feed.record.last_step == at + steps, timeout=SOON)
    return work


def is_asked(monitor: Monitor) -> bool:
    """Whether it shows what the engine answers; histograms come with the run."""
    return isinstance(monitor, SeenMonitor) and not isinstance(monitor, HistogramMonitor)


def shows(monitor: Monitor, step: int) -> bool:
    """Whether the engine's answer about this step is there; what is drawn from the record is there at once."""
    return not is_asked(monitor) or f"step {step:,}" in told(monitor)


def told(monitor: Monitor) -> str:
    """What the monitor says of the moment."""
    return monitor.header.moment.text() if not monitor.header.moment.isHidden() else ""


def seen(monitor: Monitor) -> bytes:
    """The plot as it is drawn."""
    return bytes(picture(monitor.plot).constBits())


def looked_back(app: App, qtbot: QtBot, work: Workspace, names: list[str], moments: tuple[int, int]) -> None:
    """Check these monitors at two moments and back at what is now."""
    for name in names:
        app.window.workbench.reveal(name)
        monitor = work.monitors[name]
        qtbot.waitUntil(monitor.isVisible, timeout=SOON)
        if is_asked(monitor):
            qtbot.waitUntil(lambda one=monitor: one.shown_step() == work.run.state.step, timeout=SOON)
        assert told(monitor) == "", name
        pictures, words = [seen(monitor)], []
        if isinstance(monitor, HistogramMonitor):  # layers are counted now and then
            moments = (monitor.spread.moments[1].step + 1, monitor.spread.moments[2].step)
        for step in moments:
            work.travel.go(step)
            qtbot.waitUntil(lambda one=monitor, at=step: shows(one, at), timeout=SOON)
            pictures.append(seen(monitor))
            words.append(told(monitor))
        assert len(set(pictures)) == 3, f"{name} draws the same whatever the moment"
        assert len(set(words)) == 2, f"{name} says {words}"
        assert all(any(letter.isdigit() for letter in said) for said in words), f"{name} says {words}"
        QTest.keyClick(work.travel.bar, Qt.Key.Key_Escape)
        assert told(monitor) == "", name


def test_every_monitor_shows_the_moment_that_is_looked_back_at(app: App, qtbot: QtBot):
    work = stood(app, qtbot, "spiral", steps=6, epochs=3)
    one, other = (judged.step + 2 for judged in work.feed.record.validations[:2])
    names = [name for name in work.monitors if name not in ELSEWHERE]
    looked_back(app, qtbot, work, names, (one, other))


@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_monitor_of_a_special_network_does_too(app: App, qtbot: QtBot, name: str):
    work = stood(app, qtbot, ELSEWHERE[name], steps=30, epochs=0)
    looked_back(app, qtbot, work, [name], (9, 21))


def test_the_numbers_of_the_moment_are_those_of_the_record_there(app: App, qtbot: QtBot):
    work = stood(app, qtbot, "spiral", steps=6, epochs=2)
    record, (first, _second) = work.feed.record, work.feed.record.validations
    step = first.step + 3
    work.travel.go(step)
    monitors = {name: work.monitors[name] for name in ("loss", "metrics", "confusion", "schedule", "timings")}
    for name, monitor in monitors.items():
        app.window.workbench.reveal(name)
        qtbot.waitUntil(monitor.isVisible, timeout=SOON)
        seen(monitor)
    loss = {name.words: name.value for name in monitors["loss"].plot.names(record)}
    assert loss["train"] == float(record.column("loss").values()[step - 1])
    assert loss["validation"] == first.loss
    assert monitors["metrics"].metrics.curves["accuracy"].value(step) == first.metrics["accuracy"]
    assert monitors["confusion"].table.counts.tolist() == first.table
    assert monitors["schedule"].curve.curves[0].value(step) == record.column("learning_rate").values()[step - 1]
    known = [int(one) for one in record.samples.steps(0, len(record.samples)) if one <= step]
    forward = np.median(np.nan_to_num(record.block("forward", max(len(known) - 100, 0), len(known))), axis=-1)
    assert monitors["timings"].times.seconds[0] == pytest.approx(forward, rel=1e-6)
    work.travel.go(first.step - 1)
    assert told(monitors["confusion"]) == "not judged yet"
    seen(monitors["confusion"])
    assert not len(monitors["confusion"].table.counts)
