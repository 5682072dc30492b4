"""Several windows: tabs go from one to another with all they hold, and only the last window ends the program."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from gui.app import App
from gui.tab_bar import Tabs
from tests.gui.conftest import TEMPLATES

LEFT = Qt.MouseButton.LeftButton
SOON = 20_000


@pytest.fixture
def two(app: App, qtbot, tmp_path: Path) -> Iterator[App]:
    """Iris and LeNet-5 in two tabs of one window; whatever windows are opened are closed afterwards."""
    for name in ("iris", "lenet5"):
        path = tmp_path / f"{name}.chain"
        path.write_bytes((TEMPLATES / f"{name}.chain").read_bytes())
        app.filing.open(path)
        qtbot.waitUntil(lambda: app.workspace.feed is not None)
    yield app
    for window in tuple(app.program.windows):
        window.filing.ask_save = lambda _name: "discard"
        window.window.close()


def tabs(app: App) -> Tabs:
    return app.window.tabs.tabs


def names(app: App) -> list[str]:
    return [opened.held.name for opened in app.projects.all]


def drag_tab(app: App, index: int, to: QPoint, escape: bool = False) -> str:
    """Drag a tab to this place of the screen and let go; what was said there before."""
    bar = tabs(app)
    start, end = bar.tabRect(index).center(), bar.mapFromGlobal(to)
    QTest.mousePress(bar, LEFT, pos=start)
    for share in (0.2, 0.6, 1.0):
        QTest.mouseMove(bar, start + (end - start) * share)
    said = bar.hint.text() if bar.hint.isVisible() else ""
    if escape:
        QTest.keyClick(bar, Qt.Key.Key_Escape)
    QTest.mouseRelease(bar, LEFT, pos=end)
    return said


def below(app: App) -> QPoint:
    """A place of the screen that no window of ours covers."""
    return app.window.frameGeometry().bottomLeft() + QPoint(60, 80)


def test_a_tab_dragged_out_goes_on_in_a_window_of_its_own_with_undo_and_selection(two: App, qtbot):
    lenet = two.projects.all[1]
    node = next(iter(lenet.workspace.editor.graph.nodes))
    lenet.held.document.edit("Change", replace(lenet.held.document.project, description="changed"))
    lenet.workspace.canvas.select((node,))
    assert drag_tab(two, 1, below(two)) == "Move to a new window"
    _first, other = two.program.windows
    assert names(two) == ["iris"]
    assert names(other) == ["lenet5"]
    qtbot.waitExposed(other.window)
    assert lenet.workspace.canvas.window() is other.window
    assert lenet.workspace.canvas.selection() == (node,)
    assert other.window.actions_["undo"].isEnabled()
    assert other.window.workbench.docks["loss"].panel is lenet.workspace.monitors["loss"]
    qtbot.waitUntil(other.window.isActiveWindow)
    QTest.keyClick(other.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not lenet.held.document.modified
    assert two.window.top.name.text() == "iris"


def test_escape_while_a_tab_is_dragged_leaves_it_where_it_is(two: App):
    drag_tab(two, 1, below(two), escape=True)
    assert len(two.program.windows) == 1
    assert names(two) == ["iris", "lenet5"]
    assert tabs(two).hint.isHidden()


def test_a_tab_dragged_over_another_window_goes_there_and_an_emptied_window_closes(two: App, qtbot):
    other = two.open_window(two.projects.all[1])
    qtbot.waitExposed(other.window)
    other.window.move(two.window.frameGeometry().bottomLeft() + QPoint(0, 200))
    assert two.window.tabs.isVisible()  # one tab alone is shown too while there is another window to drag it to
    assert drag_tab(other, 0, two.window.mapToGlobal(QPoint(500, 400))) == "Move into that window"
    assert names(two) == ["iris", "lenet5"]
    assert two.projects.front.held.name == "lenet5"
    qtbot.waitUntil(lambda: two.program.windows == [two])
    assert two.workspace.canvas.isVisible()


def test_a_run_goes_on_while_its_tab_moves_to_another_window(two: App, qtbot):
    iris = two.projects.all[0]
    two.projects.show(iris)
    run = iris.workspace.run
    run.train_steps(20)
    qtbot.waitUntil(lambda: run.state.phase == "paused", timeout=SOON)
    other = two.open_window(iris)
    run.train_steps(20)
    qtbot.waitUntil(lambda: run.state.step >= 40 and run.state.phase == "paused", timeout=SOON)
    assert iris.workspace.feed.record.last_step >= 40
    assert "Resume" in other.window.transport.train.text()
    assert "Train" in two.window.transport.train.text()
    run.stop()
    qtbot.waitUntil(lambda: not run.state.active, timeout=SOON)


def test_new_window_opens_on_the_start_page_and_shares_look_and_keys(two: App, qtbot):
    two.window.actions_["new_window"].trigger()
    other = two.program.windows[1]
    qtbot.waitExposed(other.window)
    assert not other.window.is_working
    two.themes.use("light")
    assert other.window.actions_["theme"].isChecked()
    two.program.keymap.give("fit", ("Ctrl+Alt+J",))
    assert [keys.toString() for keys in other.window.actions_["fit"].shortcuts()] == ["Ctrl+Alt+J"]
    two.window.actions_["wires_straight"].trigger()
    assert other.window.actions_["wires_straight"].isChecked()


def test_a_file_open_in_another_window_comes_to_the_front_there(two: App, tmp_path: Path):
    other = two.open_window()
    other.filing.open(tmp_path / "iris.chain")
    assert not other.projects.all
    assert two.projects.front.held.name == "iris"


def test_closing_one_window_leaves_the_other_at_work(two: App, qtbot, tmp_path: Path):
    other = two.open_window(two.projects.all[1])
    other.window.close()
    qtbot.waitUntil(lambda: two.program.windows == [two])
    assert two.bridge.running
    assert not two.window.tabs.isVisible()
    assert two.preferences.session == (tmp_path / "iris.chain",)
    two.themes.use("light")
    iris = two.workspace
    iris.run.train_steps(2)
    qtbot.waitUntil(lambda: iris.run.state.phase == "paused", timeout=SOON)


def test_the_first_window_may_close_before_the_second(two: App, qtbot):
    other = two.open_window(two.projects.all[1])
    qtbot.waitExposed(other.window)
    two.window.close()
    assert other.program.windows == [other]
    work = other.workspace
    work.run.train_steps(2)
    qtbot.waitUntil(lambda: work.run.state.phase == "paused", timeout=SOON)


def test_quit_asks_in_every_window_and_the_first_no_ends_it(two: App):
    other = two.open_window(two.projects.all[1])
    for window in (two, other):
        document = window.projects.front.held.document
        document.edit("Change", replace(document.project, description="changed"))
    asked: list[str] = []
    two.filing.ask_save = lambda name: (asked.append(name), "discard")[1]
    other.filing.ask_save = lambda name: (asked.append(name), "cancel")[1]
    two.window.actions_["quit"].trigger()
    assert asked == ["iris", "lenet5"]
    assert two.program.windows == [other]
    other.filing.ask_save = lambda _name: "discard"
    other.window.actions_["quit"].trigger()
    assert other.program.windows == []
