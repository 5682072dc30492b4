"""Who trains where: one warm engine for all, a further one for who trains beside another, and none too many."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.document import Document
from core.files import load
from gui.app import App
from gui.engine_bridge import EngineBridge
from gui.opened import Opened
from tests.gui.conftest import TEMPLATES

SOON = 60_000


@pytest.fixture
def two(app: App, qtbot) -> Iterator[App]:
    """LeNet-5 and Iris in two tabs; no run outlives the test."""
    for name in ("lenet5", "iris"):
        app.filing.take(Document(load(TEMPLATES / f"{name}.chain")))
        qtbot.waitUntil(lambda: app.workspace.feed is not None)
    yield app
    for opened in app.projects.all:
        opened.workspace.run.stop()
    qtbot.waitUntil(lambda: not any(opened.workspace.run.state.active for opened in app.projects.all), timeout=SOON)


def pause_at(opened: Opened, qtbot, steps: int) -> None:
    run = opened.workspace.run
    run.train_steps(steps)
    qtbot.waitUntil(lambda: run.state.phase == "paused" and run.state.step >= steps, timeout=SOON)


def test_one_after_the_other_train_on_the_warm_engine(two: App, qtbot):
    lenet, iris = two.projects.all
    pause_at(lenet, qtbot, 2)
    lenet.workspace.run.stop()
    qtbot.waitUntil(lambda: not lenet.workspace.run.state.active, timeout=SOON)
    assert lenet.line.ran_here
    pause_at(iris, qtbot, 2)
    assert not iris.line.has_own
    assert iris.line.ran_here
    assert not lenet.line.ran_here  # what the engine holds now is another project's


@pytest.mark.slow
def test_two_train_at_once_on_engines_of_their_own_and_neither_hears_the_other(two: App, qtbot):
    made: list[EngineBridge] = []
    two.program.engines.made.connect(made.append)
    lenet, iris = two.projects.all
    pause_at(lenet, qtbot, 3)
    pause_at(iris, qtbot, 5)
    assert [bridge.running for bridge in made] == [True]
    assert made[0].pid != two.bridge.pid
    assert (lenet.line.has_own, iris.line.has_own) == (False, True)
    assert (lenet.workspace.run.state.step, iris.workspace.run.state.step) == (3, 5)
    assert lenet.workspace.feed.record.last_step == 3
    assert iris.workspace.feed.record.last_step == 5
    assert "gets an engine of its own" in " ".join(entry.text for entry in two.log.entries)
    pause_at(lenet, qtbot, 4)
    assert iris.workspace.run.state.step == 5
    iris.workspace.run.stop()
    qtbot.waitUntil(lambda: not iris.workspace.run.state.active, timeout=SOON)
    assert iris.held.document.project.weights is not None
    assert lenet.held.document.project.weights is None
    iris.line._idle.timeout.emit()  # the minute has passed
    assert not iris.line.has_own
    qtbot.waitUntil(lambda: not made[0].running, timeout=SOON)


def test_where_no_more_may_train_it_is_said_who_does_and_one_press_takes_the_turn(two: App, qtbot):
    two.program.engines.limit = 1
    lenet, iris = two.projects.all
    pause_at(lenet, qtbot, 2)
    two.projects.show(iris)
    iris.workspace.run.train()
    message = iris.workspace.message
    assert message.isVisible()
    assert "LeNet-5 trains already" in message.words
    assert not iris.workspace.run.state.active
    button = message._buttons.itemAt(0).widget()
    assert button.text() == "Stop LeNet-5 and train Iris MLP"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: iris.workspace.run.state.step > 0, timeout=SOON)
    assert not lenet.workspace.run.state.active
    assert not iris.line.has_own


def test_without_memory_for_a_further_engine_none_is_started(two: App, qtbot, monkeypatch: pytest.MonkeyPatch):
    lenet, iris = two.projects.all
    pause_at(lenet, qtbot, 2)
    monkeypatch.setattr("gui.engines.free_memory", lambda: 100 * 2**20)
    refusal = iris.line.refusal()
    assert refusal is not None
    assert "100 MiB are free" in str(refusal)
    assert lenet.line.refusal() is None
    monkeypatch.setattr("gui.engines.free_memory", lambda: None)
    assert iris.line.refusal() is None


@pytest.mark.parametrize("stops", [False, True])
def test_closing_a_tab_that_trains_asks_first(two: App, qtbot, stops: bool):
    lenet = two.projects.all[0]
    pause_at(lenet, qtbot, 2)
    asked: list[str] = []
    two.filing.ask_stop = lambda name: (asked.append(name), stops)[1]
    tabs = two.window.tabs.tabs
    QTest.mouseClick(tabs, Qt.MouseButton.MiddleButton, pos=tabs.tabRect(0).center())
    assert asked == ["LeNet-5"]
    assert (lenet in two.projects.all) is not stops


def test_the_tab_shows_how_its_run_stands(two: App, qtbot):
    lenet, tabs = two.projects.all[0], two.window.tabs.tabs
    before = tabs.tabIcon(0).cacheKey()
    pause_at(lenet, qtbot, 2)
    qtbot.waitUntil(lambda: "Paused" in tabs.tabToolTip(0))
    assert tabs.tabIcon(0).cacheKey() != before
    assert lenet.state.share == pytest.approx(2 / lenet.workspace.run.state.total)


def test_the_figures_of_the_run_are_those_of_the_project_in_front(two: App, qtbot):
    lenet, iris = two.projects.all
    two.projects.show(lenet)
    pause_at(lenet, qtbot, 2)
    transport = two.window.transport
    qtbot.waitUntil(lambda: transport.count.text().startswith("2 / "))
    two.projects.show(iris)
    assert (transport.epoch.text(), transport.count.text()) == ("0 / 100", "0")
    two.projects.show(lenet)
    assert transport.count.text().startswith("2 / ")
