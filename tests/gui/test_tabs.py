"""Several projects in tabs: each keeps its own, and the row of tabs is worked with mouse and keys."""

from __future__ import annotations

import os
import subprocess
import sys
import weakref
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QSettings, Qt, QUrl
from PySide6.QtGui import QAccessible, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTabBar, QWidgetItem
from shiboken6 import getAllValidWrappers

from core.files import load
from core.project import Project
from core.recovery import Recovery
from gui.app import App
from gui.opened import Opened
from gui.preferences import Preferences
from gui.tab_bar import Tabs
from gui.tab_state import TabState
from tests.gui.conftest import TEMPLATES

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton


@pytest.fixture
def three(app: App, qtbot, tmp_path: Path) -> App:
    """Iris, LeNet-5 and the spiral in three tabs, the last in front."""
    for name in ("iris", "lenet5", "spiral"):
        path = tmp_path / f"{name}.chain"
        path.write_bytes((TEMPLATES / f"{name}.chain").read_bytes())
        app.filing.open(path)
        qtbot.waitUntil(lambda: app.workspace.feed is not None)
    return app


def tabs(app: App) -> Tabs:
    return app.window.tabs.tabs


def names(app: App) -> list[str]:
    return [tabs(app).tabText(index) for index in range(tabs(app).count())]


def front(app: App) -> str:
    return app.projects.front.held.name


def middle(app: App, index: int) -> QPoint:
    return tabs(app).tabRect(index).center()


def press(app: App, key: Qt.Key, modifiers: Qt.KeyboardModifier = CTRL) -> None:
    QTest.keyClick(app.window, key, modifiers)


def change(opened: Opened, words: str = "changed") -> None:
    document = opened.held.document
    document.edit("Change", replace(document.project, description=words))


def test_a_click_on_a_tab_shows_its_project_and_each_has_its_own_undo_and_selection(three: App):
    iris, lenet, _spiral = three.projects.all
    QTest.mouseClick(tabs(three), LEFT, pos=middle(three, 0))
    assert front(three) == "iris"
    assert iris.page.isVisible()
    assert iris.workspace.inspector.isVisible()
    assert not lenet.page.isVisible()
    assert not lenet.workspace.inspector.isVisible()
    node = next(iter(iris.workspace.editor.graph.nodes))
    iris.workspace.canvas.select((node,))
    iris.workspace.canvas.delete_selection()
    assert three.window.actions_["undo"].isEnabled()
    QTest.mouseClick(tabs(three), LEFT, pos=middle(three, 1))
    assert front(three) == "lenet5"
    assert not three.window.actions_["undo"].isEnabled()
    lenet.workspace.canvas.select((next(iter(lenet.workspace.editor.graph.nodes)),))
    QTest.mouseClick(tabs(three), LEFT, pos=middle(three, 0))
    assert len(lenet.workspace.canvas.selection()) == 1
    press(three, Qt.Key.Key_Z)
    assert node in iris.workspace.editor.graph.nodes
    assert lenet.held.document.past == ()


def test_every_panel_in_front_is_that_of_the_project_in_front(three: App):
    docks = three.window.workbench.docks
    for opened in (*three.projects.all, three.projects.all[0]):
        three.projects.show(opened)
        work = opened.workspace
        assert docks["inspector"].panel is work.inspector
        assert docks["problems"].panel is work.problems
        assert docks["source"].panel is work.source
        if work.monitors:
            assert docks["loss"].panel is work.monitors["loss"]
            assert work.monitors["loss"].header.isVisible()
        assert three.window.top.name.text() == opened.held.name
        shown = [one for one in three.projects.all if one.workspace.problems.isVisibleTo(docks["problems"])]
        assert shown == [opened]


def test_a_middle_click_and_the_cross_close_a_tab(three: App):
    QTest.mouseClick(tabs(three), MIDDLE, pos=middle(three, 1))
    assert names(three) == ["iris", "spiral"]
    assert front(three) == "spiral"
    cross = tabs(three).tabButton(1, QTabBar.ButtonPosition.RightSide)
    QTest.mouseClick(cross, LEFT)
    assert names(three) == ["iris"]
    assert front(three) == "iris"
    assert not three.window.tabs.isVisible()


@pytest.mark.parametrize(("answer", "closes"), [("cancel", False), ("discard", True), ("save", True)])
def test_closing_what_is_not_saved_asks_with_that_project_in_front(three: App, answer: str, closes: bool):
    change(three.projects.all[0], answer)
    path = three.projects.all[0].held.document.path
    asked: list[str] = []
    three.filing.ask_save = lambda name: (asked.append(f"{name} before {front(three)}"), answer)[1]
    QTest.mouseClick(tabs(three), MIDDLE, pos=middle(three, 0))
    assert asked == ["iris before iris"]
    assert ("iris" not in names(three)) is closes
    assert (load(path).description == "save") is (answer == "save")
    three.filing.ask_save = lambda _name: "discard"


def test_keys_make_close_and_go_round_the_tabs(three: App):
    press(three, Qt.Key.Key_Tab)
    assert front(three) == "iris"
    press(three, Qt.Key.Key_PageDown)
    assert front(three) == "lenet5"
    press(three, Qt.Key.Key_PageUp)
    press(three, Qt.Key.Key_Tab, CTRL | SHIFT)
    assert front(three) == "spiral"
    press(three, Qt.Key.Key_W)
    assert (names(three), front(three)) == (["iris", "lenet5"], "lenet5")
    press(three, Qt.Key.Key_T)
    press(three, Qt.Key.Key_N)
    assert names(three) == ["iris", "lenet5", "untitled", "untitled"]
    assert not three.workspace.document.project.graph.nodes


def test_tabs_are_reordered_by_dragging_and_by_keys(three: App):
    start, end = middle(three, 0), middle(three, 2)
    QTest.mousePress(tabs(three), LEFT, pos=start)
    for share in (0.3, 0.6, 0.9, 1.0):
        QTest.mouseMove(tabs(three), start + (end + QPoint(20, 0) - start) * share)
    QTest.mouseRelease(tabs(three), LEFT, pos=end + QPoint(20, 0))
    assert [opened.held.name for opened in three.projects.all] == ["lenet5", "spiral", "iris"] == names(three)
    assert front(three) == "iris"
    press(three, Qt.Key.Key_PageUp, CTRL | SHIFT)
    assert names(three) == ["lenet5", "iris", "spiral"] == [opened.held.name for opened in three.projects.all]
    press(three, Qt.Key.Key_PageUp, CTRL | SHIFT)
    press(three, Qt.Key.Key_PageUp, CTRL | SHIFT)
    assert names(three)[0] == "iris"
    assert front(three) == "iris"


def test_a_file_that_is_open_comes_to_the_front_and_is_not_opened_twice(three: App, tmp_path: Path):
    three.filing.open(tmp_path / "sub" / ".." / "iris.chain")
    assert front(three) == "iris"
    assert len(three.projects.all) == 3


def test_saving_over_a_file_that_is_open_elsewhere_is_refused(three: App, tmp_path: Path):
    before = (tmp_path / "iris.chain").read_bytes()
    three.filing.choose = lambda _purpose, _start: tmp_path / "iris.chain"
    assert not three.filing.save_as()
    assert (tmp_path / "iris.chain").read_bytes() == before
    assert "is open in another tab" in three.workspace.message.words
    three.filing.choose = lambda _purpose, _start: tmp_path / "spiral.chain"
    assert three.filing.save_as()


def test_a_tab_says_its_file_and_whether_it_was_edited(three: App, qtbot, tmp_path: Path):
    bar = tabs(three)
    assert bar.tabToolTip(0) == str(tmp_path / "iris.chain")
    plain = bar.tabIcon(0).cacheKey()
    change(three.projects.all[0])
    qtbot.waitUntil(lambda: "Edited since it was saved" in bar.tabToolTip(0))
    assert bar.tabIcon(0).cacheKey() != plain
    heard = QAccessible.queryAccessibleInterface(bar)
    assert heard.role() == QAccessible.Role.PageTabList
    assert heard.child(0).text(QAccessible.Text.Name) == "iris, edited"
    assert three.filing.save() is True  # the spiral's, which changes nothing of the first
    three.projects.show(three.projects.all[0])
    three.filing.save()
    qtbot.waitUntil(lambda: bar.tabToolTip(0) == str(tmp_path / "iris.chain"))


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (TabState("net", "", False, "idle", 0.0), "net"),
        (TabState("net", "", True, "training", 0.42), "net, edited, training 42%"),
        (TabState("net", "/net.chain", False, "starting", 0.0), "net, starting"),
    ],
)
def test_what_a_tab_says_to_a_screen_reader(state: TabState, words: str):
    assert state.words == words


def test_each_project_keeps_its_place_zoom_and_docks(three: App, qtbot):
    bench, (iris, lenet, _spiral) = three.window.workbench, three.projects.all
    three.projects.show(iris)
    iris.workspace.canvas.zoom_by(1.7)
    bench.docks["inspector"].hide()
    seen = iris.workspace.canvas.view_state()
    three.projects.show(lenet)
    bench.docks["inspector"].show()
    lenet.workspace.canvas.fit()
    assert lenet.workspace.canvas.view_state().zoom != pytest.approx(seen.zoom)
    three.projects.show(iris)
    qtbot.waitUntil(bench.docks["inspector"].isHidden)
    assert iris.workspace.canvas.view_state().zoom == pytest.approx(seen.zoom)
    three.projects.show(lenet)
    qtbot.waitUntil(bench.docks["inspector"].isVisible)


def test_an_untouched_new_graph_makes_room_for_what_is_opened(app: App):
    app.filing.new()
    assert names(app) == ["untitled"]
    app.filing.open(TEMPLATES / "iris.chain")
    assert names(app) == ["Iris MLP"]
    app.filing.new()
    change(app.projects.front)
    app.filing.open(TEMPLATES / "lenet5.chain")
    assert names(app) == ["Iris MLP", "untitled", "LeNet-5"]


def test_the_start_page_leaves_the_tabs_and_a_click_leads_back(three: App):
    three.show_start()
    assert not three.window.is_working
    assert three.window.tabs.isVisible()
    QTest.mouseClick(tabs(three), LEFT, pos=middle(three, 2))
    assert three.window.is_working
    assert front(three) == "spiral"
    three.show_start()
    press(three, Qt.Key.Key_Tab)
    assert three.window.is_working


def test_closing_the_last_tab_leads_to_the_start_page(app: App):
    app.filing.open(TEMPLATES / "iris.chain")
    press(app, Qt.Key.Key_W)
    assert not app.window.is_working
    assert app.workspace is None
    assert not app.window.tabs.isVisible()
    assert not app.window.actions_["train"].isEnabled()


def test_every_open_project_is_kept_aside_and_all_are_offered_again(three: App, qtbot, tmp_path: Path):
    folder = tmp_path / "recovery"
    for opened in three.projects.all[:2]:
        change(opened, "nearly lost")
    qtbot.waitUntil(lambda: len(list(folder.glob("*.chain"))) == 2, timeout=4000)
    assert {load(file).description for file in folder.glob("*.chain")} == {"nearly lost"}


def test_all_that_a_crash_left_is_recovered_with_one_press(app: App, qtbot, tmp_path: Path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    for name in ("iris", "lenet5"):
        recovery = Recovery(tmp_path / "recovery")
        recovery.keep(load(TEMPLATES / f"{name}.chain"), None)
        note = recovery.file.with_suffix(".json")
        note.write_text(note.read_text().replace(f'"pid": {os.getpid()}', f'"pid": {dead.pid}'))
    app._after_paint()
    bar = app.window.start_message(app.themes)
    qtbot.waitUntil(bar.isVisible)
    assert "LeNet-5 and Iris MLP were not saved." in bar.words
    bar._buttons.itemAt(0).widget().click()
    assert names(app) == ["Iris MLP", "LeNet-5"]
    assert front(app) == "LeNet-5"
    assert all(opened.held.document.modified for opened in app.projects.all)


def test_the_last_sessions_files_are_opened_where_that_is_wanted(three: App, qtbot, tmp_path: Path):
    three.filing.new()
    three.window.close()
    settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    (tmp_path / "lenet5.chain").unlink()
    for wanted, expected in ((False, []), (True, ["iris", "spiral"])):
        preferences = Preferences(settings)
        preferences.reopen = wanted
        again = App(preferences, three.bridge, tmp_path / "recovery", tmp_path / "runs", questions=three.bridge)
        qtbot.addWidget(again.window)
        again.start()
        assert names(again) == expected
        assert again.window.is_working is wanted
        again.window.close()
        preferences.session = (tmp_path / "iris.chain", tmp_path / "lenet5.chain", tmp_path / "spiral.chain")


def test_the_last_sessions_projects_are_seen_as_they_were_left_also_those_behind(three: App, qtbot, tmp_path: Path):
    left = {}
    for opened in three.projects.all:
        three.projects.show(opened)
        qtbot.waitUntil(lambda opened=opened: opened.is_placed)
        opened.workspace.canvas.zoom_by(1.4)
        left[opened.held.name] = opened.workspace.canvas.view_state()
    size = three.window.size()
    three.window.close()
    three.preferences.reopen = True
    again = App(three.preferences, three.bridge, tmp_path / "recovery", tmp_path / "runs", questions=three.bridge)
    qtbot.addWidget(again.window)
    again.window.resize(size)
    again.start()
    for opened in again.projects.all:
        again.projects.show(opened)
        qtbot.waitUntil(lambda opened=opened: opened.is_placed)
        seen = opened.workspace.canvas.view_state()
        assert (seen.x, seen.y, seen.zoom) == pytest.approx(left[opened.held.name][:3], abs=3)
    again.window.close()


def test_the_grid_of_the_window_holds_in_every_tab_and_the_menu_tells_the_minimap_of_the_one_in_front(three: App):
    iris, lenet, spiral = three.projects.all
    three.window.actions_["snap"].trigger()
    three.projects.show(lenet)
    assert (spiral.workspace.canvas.stage.snaps, lenet.workspace.canvas.stage.snaps) == (True, True)
    lenet.workspace.canvas.set_minimap(False)
    iris.workspace.canvas.set_minimap(True)
    three.projects.show(iris)
    assert three.window.actions_["minimap"].isChecked()
    three.projects.show(lenet)
    assert not three.window.actions_["minimap"].isChecked()


def test_several_files_dropped_at_once_are_all_opened(app: App, tmp_path: Path):
    paths = [tmp_path / f"{name}.chain" for name in ("iris", "lenet5")]
    for path in paths:
        path.write_bytes((TEMPLATES / path.name).read_bytes())
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    none = Qt.KeyboardModifier.NoModifier
    app.window.dropEvent(QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, data, LEFT, none))
    assert names(app) == ["iris", "lenet5"]


def test_the_menu_of_a_tab_closes_others_and_copies_the_path(three: App, dressed, tmp_path: Path):
    menu = tabs(three).menu(1)
    entries = {action.text(): action for action in menu.actions()}
    entries["Copy path of file"].trigger()
    assert dressed.clipboard().text() == str(tmp_path / "lenet5.chain")
    entries["Close other tabs"].trigger()
    assert names(three) == ["lenet5"]


def test_what_was_copied_in_one_tab_is_pasted_in_another(three: App):
    iris, lenet, _spiral = three.projects.all
    three.projects.show(iris)
    linear = next(node.id for node in iris.workspace.editor.graph.nodes.values() if node.kind == "Linear")
    iris.workspace.canvas.select((linear,))
    QTest.keyClick(iris.workspace.canvas.view, Qt.Key.Key_C, CTRL)
    three.projects.show(lenet)
    before = set(lenet.workspace.editor.graph.nodes)
    QTest.keyClick(lenet.workspace.canvas.view, Qt.Key.Key_V, CTRL)
    (added,) = set(lenet.workspace.editor.graph.nodes) - before
    assert lenet.workspace.editor.graph.nodes[added].kind == "Linear"
    assert iris.held.document.past == ()


def test_a_tab_takes_the_keyboard_and_the_arrows_choose(three: App):
    tabs(three).setFocus()
    QTest.keyClick(tabs(three), Qt.Key.Key_Left)
    assert front(three) == "lenet5"


def test_an_empty_document_is_untouched_until_something_is_done(app: App):
    app.filing.new()
    assert app.projects.front.held.is_untouched
    app.filing.document.edit("x", replace(Project(), description="x"))
    app.filing.document.undo()
    assert not app.projects.front.held.is_untouched


def test_changing_tabs_keeps_no_items_of_layouts_which_would_outlive_their_widgets_and_crash(three: App):
    for opened in (*three.projects.all, *three.projects.all):
        three.projects.show(opened)
    shown = {id(widget) for opened in three.projects.all for widget in opened.workspace.widgets}
    items = [one for one in getAllValidWrappers() if isinstance(one, QWidgetItem)]
    assert [item for item in items if id(item.widget()) in shown] == []


def test_a_closed_project_is_given_back_whole(three: App, qtbot):
    lenet = weakref.ref(three.projects.all[1])
    room, canvas = weakref.ref(lenet().workspace), weakref.ref(lenet().workspace.canvas)
    QTest.mouseClick(tabs(three), MIDDLE, pos=middle(three, 1))
    qtbot.waitUntil(lambda: (lenet(), room(), canvas()) == (None, None, None), timeout=10_000)
