"""The window as a user meets it: start page, palette drag, undo, theme, close question, keys."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

from core.document import Document
from core.files import load
from core.project import Project
from gui.actions import ACTIONS, command, keys_text
from gui.app import App
from gui.commands import commands
from gui.docks import Dock
from gui.message_bar import MessageBar
from gui.palette import Palette
from gui.questions import Question
from gui.theme import Themes
from gui.welcome import Welcome
from gui.widgets import column
from tests.gui.conftest import TEMPLATES, opened


def drag(palette: Palette, title: str, onto: QWidget, at: QPoint, escape: bool = False) -> None:
    """Press on the row of this title, move onto the widget and let go, as a mouse does."""
    palette.search.setText(title)
    tree = palette.tree
    row = next(
        index for index in (tree.model().index(n, 0) for n in range(tree.model().rowCount())) if index.data() == title
    )
    viewport = tree.viewport()
    start = tree.visualRect(row).center()
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
    for share in (0.1, 0.5, 1.0):
        there = viewport.mapFromGlobal(onto.mapToGlobal(at))
        QTest.mouseMove(viewport, start + (there - start) * share)
    if escape:
        QTest.keyClick(tree, Qt.Key.Key_Escape)
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=viewport.mapFromGlobal(onto.mapToGlobal(at)))


def test_importing_the_window_loads_neither_torch_nor_numpy_nor_pyqtgraph():
    heavy = "{'torch', 'numpy', 'pyqtgraph'}"
    told = subprocess.run(
        [sys.executable, "-c", f"import sys, gui.app; print(sorted({heavy} & set(sys.modules)))"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "[]"


def test_the_start_page_shows_every_template_with_its_true_size(app: App):
    page = app.window.findChild(Welcome)
    assert page is not None
    shown = {card.template.path for card in page.cards}
    assert shown == {*TEMPLATES.glob("*.chain"), *(TEMPLATES.parent / "exercises").glob("*.chain")}
    sizes = {card.template.project.name: card.template.parameters for card in page.cards}
    assert sizes["LeNet-5"] == 61_706  # 156 + 2,416 + 48,120 + 10,164 + 850, as LeCun's with tanh and 10 classes


def test_a_click_on_a_template_opens_it_as_a_new_document(app: App):
    page = app.window.findChild(Welcome)
    card = next(card for card in page.cards if card.template.path.stem == "iris")
    QTest.mouseClick(card, Qt.MouseButton.LeftButton)
    assert app.window.is_working
    assert app.filing.document.path is None
    assert app.filing.document.project == load(TEMPLATES / "iris.chain")


def test_searching_templates_keeps_those_that_match(app: App):
    page = app.window.findChild(Welcome)
    QTest.keyClicks(page.search, "iris")
    assert [card.template.path.stem for card in page.cards if card.isVisible()] == ["iris", "wire-iris"]


def test_a_layer_dragged_from_the_palette_stands_where_it_was_let_go(lenet: App):
    work = lenet.workspace
    before = set(work.document.project.graph.nodes)
    drag(work.palette, "Dropout", work.canvas, QPoint(300, 200))
    (added,) = set(work.document.project.graph.nodes) - before
    assert work.document.project.graph.nodes[added].kind == "Dropout"
    card = work.canvas.scene.nodes[added].sceneBoundingRect()
    assert card.contains(work.canvas.view.mapToScene(QPoint(300, 200)))
    assert work.editor.selection == (added,)


def test_a_drag_given_up_or_let_go_elsewhere_adds_nothing(lenet: App):
    work = lenet.workspace
    before = work.document.project
    drag(work.palette, "Dropout", work.canvas, QPoint(300, 200), escape=True)
    drag(work.palette, "Dropout", work.inspector, QPoint(50, 200))
    assert work.document.project is before
    assert not work.palette.tree.dragging


def test_a_press_that_hardly_moves_is_no_drag(lenet: App):
    work = lenet.workspace
    before = work.document.project
    work.palette.search.setText("Dropout")
    viewport = work.palette.tree.viewport()
    place = work.palette.tree.visualRect(work.palette.tree.model().index(0, 0)).center()
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseMove(viewport, place + QPoint(2, 1))
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=place + QPoint(2, 1))
    assert work.document.project is before


def test_enter_in_the_search_adds_the_layer_behind_the_selection_and_wires_it(app: App, qtbot):
    opened(app, qtbot, "iris")
    work = app.workspace
    last = next(node.id for node in work.document.project.graph.nodes.values() if node.kind == "Linear")
    work.canvas.select((last,))
    before = set(work.document.project.graph.nodes)
    QTest.keyClicks(work.palette.search, "dropout")
    QTest.keyClick(work.palette.search, Qt.Key.Key_Return)
    (added,) = set(work.document.project.graph.nodes) - before
    assert any(edge.target == added for edge in work.document.project.graph.edges.values())


def test_a_misspelt_layer_is_asked_about_and_the_answer_finds_it(lenet: App):
    palette = lenet.workspace.palette
    QTest.keyClicks(palette.search, "lstn")
    assert palette.nothing.text() == "No layer called “lstn”."
    assert palette.suggestion.text() == "Did you mean LSTM?"
    QTest.mouseClick(palette.suggestion, Qt.MouseButton.LeftButton)
    assert palette.tree.currentIndex().data() == "LSTM"


def test_data_sets_are_dropped_from_the_palette_too(app: App, qtbot):
    app.filing.take(Document(Project()))
    work = app.workspace
    drag(work.palette, "Iris", work.canvas, QPoint(300, 200))
    assert [settings.source for settings in work.document.project.data.values()] == ["iris"]


def test_keys_undo_and_redo(lenet: App, qtbot):
    work = lenet.workspace
    start = work.document.project
    work.canvas.select((next(iter(start.graph.nodes)),))
    work.canvas.delete_selection()
    after = work.document.project
    assert after != start
    QTest.keyClick(lenet.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert work.document.project is start
    QTest.keyClick(lenet.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert work.document.project == after


def test_the_theme_changes_while_the_window_is_open(lenet: App):
    def ground() -> QColor:
        return lenet.window.grab().toImage().pixelColor(lenet.window.width() // 2, 2)

    assert ground() == lenet.themes.current.color("window")
    lenet.window.actions_["theme"].trigger()
    assert lenet.themes.current.name == "light"
    assert ground() == lenet.themes.current.color("window")
    assert lenet.preferences.theme == "light"


@pytest.mark.parametrize("scale", [0.9, 1.5, 2.0])
def test_the_text_scale_changes_every_font(lenet: App, scale: float):
    lenet.themes.scale(scale)
    assert lenet.window.status.font().pixelSize() == round(12 * scale)
    assert lenet.window.top.height() == round(36 * scale)
    assert lenet.window.top.name.fontMetrics().height() >= 12 * scale


@pytest.mark.parametrize(("answer", "closes"), [("discard", True), ("cancel", False)])
def test_closing_a_changed_document_asks_first(lenet: App, answer: str, closes: bool):
    lenet.filing.ask_save = lambda _name: answer
    work = lenet.workspace
    work.canvas.select_all()
    work.canvas.delete_selection()
    assert lenet.window.close() is closes
    assert lenet.window.isVisible() is not closes
    lenet.filing.ask_save = lambda _name: "discard"


def test_the_question_names_the_document_and_its_buttons_say_what_they_do(dressed: QApplication, qtbot):
    from gui.questions import ask_save

    window = QWidget()
    qtbot.addWidget(window)
    seen: list[str] = []

    def press() -> None:
        question = window.findChild(Question)
        seen.extend(button.text() for button in question.buttons.values())
        QTest.mouseClick(question.buttons["discard"], Qt.MouseButton.LeftButton)

    QTimer.singleShot(0, press)
    assert ask_save(window, "lenet5") == "discard"
    assert seen == ["Save lenet5", "Discard changes", "Keep editing"]


def test_every_command_of_the_table_does_something_and_no_key_is_given_twice(app: App):
    assert set(commands(app)) == {one.id for one in ACTIONS}
    keys = [(keys, one.on_canvas) for one in ACTIONS for keys in one.keys]
    assert len(keys) == len(set(keys))


def test_commands_of_a_document_are_off_on_the_start_page(app: App):
    assert not app.window.actions_["train"].isEnabled()
    assert app.window.actions_["open"].isEnabled()


def test_every_icon_button_has_a_name_for_screen_readers(lenet: App):
    from PySide6.QtWidgets import QToolButton

    own = [button for button in lenet.window.findChildren(QToolButton) if type(button).__module__.startswith("gui.")]
    assert own
    assert [button for button in own if not button.accessibleName()] == []


def test_keys_are_written_as_people_say_them():
    assert keys_text("Ctrl+Return") == "Ctrl Enter"
    assert keys_text("Ctrl++") == "Ctrl +"
    assert command("train").keys == ("Ctrl+Return", "F5")


def test_a_narrow_window_shows_the_rail_whose_glyphs_open_a_list(lenet: App, qtbot):
    lenet.window.resize(1150, 800)
    bench = lenet.window.workbench
    qtbot.waitUntil(lambda: bench.is_narrow)
    assert lenet.window.rail.isVisible()
    work = lenet.workspace
    QTest.mouseClick(lenet.window.rail.buttons["Normalization"], Qt.MouseButton.LeftButton)
    flyout = next(child for child in lenet.window.children() if type(child).__name__ == "Flyout")
    before = set(work.document.project.graph.nodes)
    drag(flyout.palette_, "LayerNorm", work.canvas, QPoint(400, 300))
    assert len(set(work.document.project.graph.nodes) - before) == 1
    assert not flyout.isVisible()


def test_presets_put_problems_first_to_build_and_monitors_side_by_side_to_train(lenet: App, qtbot):
    docks = lenet.window.workbench.docks
    lenet.window.actions_["preset_train"].trigger()
    qtbot.waitUntil(lambda: docks["heatmap"].x() > docks["gradients"].x() > docks["loss"].x())
    assert not docks["problems"].isVisible()
    lenet.window.actions_["preset_build"].trigger()
    qtbot.waitUntil(lambda: not docks["problems"].visibleRegion().isEmpty())
    assert docks["loss"].visibleRegion().isEmpty()


def test_f6_goes_round_the_panels_and_comes_back(lenet: App, qtbot):
    order = lenet.window.workbench.focus_order()
    lenet.workspace.canvas.setFocus()
    seen = []
    for _dock in order:
        lenet.window.actions_["next_dock"].trigger()
        seen.append(QApplication.focusWidget())
    assert lenet.workspace.canvas.view.hasFocus()
    assert len({id(widget) for widget in seen}) > 2


def test_docks_and_window_come_back_where_they_were(lenet: App, preferences, tmp_path: Path):
    lenet.window.workbench.docks["inspector"].hide()
    lenet.window.close()
    other = App(preferences, lenet.bridge, tmp_path / "recovery", tmp_path / "runs")
    other.window.workbench.restore(preferences.layout("docks"))
    assert other.window.workbench.docks["inspector"].isHidden()
    other.window.deleteLater()
    other.deleteLater()


def test_the_view_menu_changes_the_style_of_wires_and_it_is_kept(lenet: App):
    scene = lenet.workspace.canvas.scene
    spline, straight = (lenet.window.actions_[f"wires_{style}"] for style in ("spline", "straight"))
    assert spline.isChecked()
    straight.trigger()
    assert scene.wiring.style == lenet.preferences.wires == "straight"
    assert straight.isChecked()
    assert not spline.isChecked()
    lenet.filing.take(Document(lenet.workspace.document.project))
    assert lenet.workspace.canvas.scene is not scene
    assert lenet.workspace.canvas.scene.wiring.style == "straight"


class _Windows(QObject):
    """Notes what is shown as a window of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.shown.append(repr(watched))
        return False


def test_the_head_of_a_dock_is_no_window_while_it_is_made(dressed, qtbot):
    host, windows = QMainWindow(), _Windows()
    qtbot.addWidget(host)
    QApplication.instance().installEventFilter(windows)
    Dock(Themes(), "loss", "Loss", host)
    QApplication.instance().removeEventFilter(windows)
    assert windows.shown == []


def test_a_message_waits_for_its_place_and_is_no_window_before(dressed, qtbot):
    host, bar, windows = QWidget(), MessageBar(Themes()), _Windows()
    qtbot.addWidget(host)
    QApplication.instance().installEventFilter(windows)
    bar.say("warning", "Its own code", "Nothing of it has run.")
    QApplication.instance().removeEventFilter(windows)
    assert windows.shown == []
    assert bar.isHidden()
    host.setLayout(column(bar))
    assert not bar.isHidden()
    bar.hide()
    assert bar.isHidden()


def test_no_part_of_the_window_is_a_window_for_a_moment(app: App, qtbot):
    """It would flash on the screen, and take the keyboard with it."""
    windows = _Windows()
    QApplication.instance().installEventFilter(windows)
    opened(app, qtbot, "lenet5")
    app.workspace.canvas.drop("Python", QPointF(-300.0, 0.0))  # it is selected then, and its code shown
    assert app.workspace.inspector.page is not None
    app.do("undo")
    app.close_others(None)
    opened(app, qtbot, "spiral")
    qtbot.wait(50)
    QApplication.instance().removeEventFilter(windows)
    assert windows.shown == []
    assert QApplication.activeWindow() is app.window
