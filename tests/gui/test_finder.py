"""The searches over commands and nodes, with real keys."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from core.files import load
from gui.actions import ACTIONS
from gui.app import App
from gui.finder import Finder, Found
from gui.finding import node_rows
from gui.theme import Themes
from tests.gui.conftest import TEMPLATES

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def finder(dressed, qtbot: QtBot) -> Iterator[Finder]:
    parent = QWidget()
    parent.resize(900, 700)
    qtbot.addWidget(parent)
    made = Finder(Themes(), parent, "Search", "Nothing called “{}”.")
    parent.show()
    qtbot.waitExposed(parent)
    made.open_with(
        [
            Found("a", "Alpha", "one"),
            Found("b", "Beta", able=False),
            Found("c", "Gamma", words=("third",)),
            Found("d", "Alto"),
        ]
    )
    yield made
    parent.close()


def titles(finder: Finder) -> list[str]:
    return [row.title for row in finder.rows.found]


def test_letters_narrow_the_list_and_enter_takes_the_marked_row(finder: Finder, qtbot: QtBot):
    assert titles(finder) == ["Alpha", "Beta", "Gamma", "Alto"]
    QTest.keyClicks(finder.field, "al")
    assert titles(finder) == ["Alpha", "Alto"]
    QTest.keyClick(finder.field, Qt.Key.Key_Down)
    with qtbot.waitSignal(finder.taken) as taken:
        QTest.keyClick(finder.field, Qt.Key.Key_Return)
    assert taken.args == ["d"]
    assert finder.isHidden()


def test_further_words_find_too_and_what_is_not_there_is_said(finder: Finder):
    QTest.keyClicks(finder.field, "third")
    assert titles(finder) == ["Gamma"]
    QTest.keyClicks(finder.field, "zz")
    assert titles(finder) == []
    assert finder._nothing.text() == "Nothing called “thirdzz”."


def test_the_marked_row_goes_round_the_end(finder: Finder):
    QTest.keyClick(finder.field, Qt.Key.Key_Up)
    assert finder.list.currentIndex().row() == 3
    QTest.keyClick(finder.field, Qt.Key.Key_Tab)
    assert finder.list.currentIndex().row() == 0
    QTest.keyClick(finder.field, Qt.Key.Key_PageDown)
    assert finder.list.currentIndex().row() == 3


def test_what_cannot_be_taken_is_passed_over_and_does_nothing_when_pressed(finder: Finder, qtbot: QtBot):
    QTest.keyClick(finder.field, Qt.Key.Key_Down)
    assert finder.list.currentIndex().row() == 2
    place = finder.list.visualRect(finder.rows.index(1)).center()
    with qtbot.assertNotEmitted(finder.taken):
        QTest.mouseClick(finder.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert finder.isVisible()
    QTest.keyClicks(finder.field, "beta")
    with qtbot.assertNotEmitted(finder.taken):
        QTest.keyClick(finder.field, Qt.Key.Key_Return)


def test_esc_and_the_loss_of_the_keyboard_close_it(finder: Finder):
    QTest.keyClick(finder.field, Qt.Key.Key_Escape)
    assert finder.isHidden()


def test_a_press_takes_a_row_and_rows_are_read_aloud(finder: Finder, qtbot: QtBot):
    index = finder.rows.index(0)
    read = QAccessible.queryAccessibleInterface(finder.list).child(0).text(QAccessible.Text.Name)
    assert read == "Alpha, one"
    with qtbot.waitSignal(finder.taken) as taken:
        QTest.mouseClick(finder.list.viewport(), Qt.MouseButton.LeftButton, pos=finder.list.visualRect(index).center())
    assert taken.args == ["a"]


@pytest.mark.parametrize("keys", [(Qt.Key.Key_K, CTRL), (Qt.Key.Key_P, CTRL | Qt.KeyboardModifier.ShiftModifier)])
def test_a_command_is_found_by_its_words_done_and_remembered(lenet: App, keys):
    QTest.keyClick(lenet.window, *keys)
    finder = lenet.finding.commands
    assert finder.isVisible()
    assert {row.key for row in finder.rows.found} == {command.id for command in ACTIONS} - {"commands"}
    assert not next(row for row in finder.rows.found if row.key == "undo").able
    QTest.keyClicks(finder.field, "light theme")
    QTest.keyClick(finder.field, Qt.Key.Key_Return)
    assert not lenet.themes.current.dark
    QTest.keyClick(lenet.window, *keys)
    assert finder.rows.found[0].key == "theme"


def test_a_node_is_found_selected_and_shown(lenet: App, qtbot: QtBot):
    assert lenet.workspace is not None
    QTest.keyClick(lenet.workspace.canvas, Qt.Key.Key_F, CTRL)
    finder = lenet.finding.nodes
    QTest.keyClicks(finder.field, "pool2")
    QTest.keyClick(finder.field, Qt.Key.Key_Return)
    graph = lenet.workspace.editor.graph
    assert lenet.workspace.editor.selection == (graph.by_name("pool2").id,)


def test_f3_goes_through_all_that_was_found(lenet: App):
    assert lenet.workspace is not None
    editor = lenet.workspace.editor
    QTest.keyClick(lenet.workspace.canvas, Qt.Key.Key_F, CTRL)
    QTest.keyClicks(lenet.finding.nodes.field, "linear")
    assert [row.title for row in lenet.finding.nodes.rows.found] == ["fc1", "fc2", "fc3"]
    QTest.keyClick(lenet.finding.nodes.field, Qt.Key.Key_Return)
    seen = []
    for _ in range(3):
        seen.append(editor.node(editor.selection[0]).name)
        QTest.keyClick(lenet.workspace.canvas, Qt.Key.Key_F3)
    assert seen == ["fc1", "fc2", "fc3"]
    assert editor.node(editor.selection[0]).name == "fc1"
    for name in ("fc3", "fc2"):
        QTest.keyClick(lenet.workspace.canvas, Qt.Key.Key_F3, Qt.KeyboardModifier.ShiftModifier)
        assert editor.node(editor.selection[0]).name == name


def test_nodes_inside_blocks_are_listed_with_their_block():
    rows = list(node_rows(load(TEMPLATES / "resnet.chain")))
    inside = [row for row in rows if " in " in row.note]
    assert len({row.key for row in rows}) == len(rows)
    assert all(row.icon != "error" for row in rows)
    assert bool(inside) == bool(load(TEMPLATES / "resnet.chain").blocks)
