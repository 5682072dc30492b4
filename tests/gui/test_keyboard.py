"""Keys of one's own: pressed in the sheet of keys, kept, and followed by everything that tells or does them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from gui.actions import ACTIONS
from gui.app import App
from gui.keyboard import KeyboardDialog
from gui.keymap import FIXED, Keymap, is_letter, written
from gui.preferences import Preferences
from tools.make_keyboard import TARGET, page

KEY = Qt.Key
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def keymap(dressed, preferences: Preferences) -> Keymap:
    return Keymap(preferences)


@pytest.fixture
def sheet(lenet: App) -> Iterator[KeyboardDialog]:
    assert lenet.workspace is not None
    QTest.keyClick(lenet.workspace.canvas.view, KEY.Key_Question, SHIFT)
    made = lenet.window.findChild(KeyboardDialog)
    assert made is not None, "? opens the sheet"
    yield made
    for left in lenet.window.findChildren(KeyboardDialog):
        left.close()


def closed(sheet: KeyboardDialog, app: App, qtbot: QtBot) -> None:
    """The sheet is closed and the canvas has the keyboard again."""
    sheet.close()
    assert app.workspace is not None
    app.window.activateWindow()
    app.workspace.canvas.setFocus()
    qtbot.waitUntil(app.workspace.canvas.view.hasFocus)


def press(sheet: KeyboardDialog, name: str, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
    sheet.choose(name)
    QTest.keyClick(sheet.field, key, held)


def test_new_keys_do_the_command_and_tooltip_sheet_and_palette_follow(lenet: App, sheet: KeyboardDialog, qtbot: QtBot):
    press(sheet, "layout", KEY.Key_J, CTRL)
    assert sheet.words.text() == "Ctrl J is free."
    QTest.mouseClick(sheet.give, Qt.MouseButton.LeftButton)
    action = lenet.window.actions_["layout"]
    assert [one.toString() for one in action.shortcuts()] == ["Ctrl+J"]
    assert "(Ctrl J)" in action.toolTip()
    assert sheet.list.currentItem().text(1) == "Ctrl J"
    closed(sheet, lenet, qtbot)
    QTest.keyClick(lenet.window, KEY.Key_K, CTRL)
    rows = {row.key: row.keys for row in lenet.finding.commands.rows.found}
    assert rows["layout"] == "Ctrl J"
    lenet.finding.commands.close_finder()
    assert lenet.workspace is not None
    before = len(lenet.workspace.document.past)
    QTest.keyClick(lenet.workspace.canvas.view, KEY.Key_L, CTRL)
    assert len(lenet.workspace.document.past) == before
    lenet.workspace.canvas.select_all()
    QTest.keyClick(lenet.workspace.canvas.view, KEY.Key_Right, Qt.KeyboardModifier.AltModifier)
    QTest.keyClick(lenet.workspace.canvas.view, KEY.Key_J, CTRL)
    assert lenet.workspace.document.past[-1] == "Auto layout"


def test_a_conflict_names_the_command_that_has_the_keys_and_takes_them_over(lenet: App, sheet: KeyboardDialog):
    press(sheet, "layout", KEY.Key_S, CTRL)
    assert "Save" in sheet.words.text()
    assert sheet.give.text() == "Take from Save"
    QTest.mouseClick(sheet.give, Qt.MouseButton.LeftButton)
    actions = lenet.window.actions_
    assert actions.keymap.keys("layout") == ("Ctrl+S",)
    assert actions.keymap.keys("save") == ()
    assert actions["save"].shortcuts() == []
    QTest.mouseClick(sheet.reset, Qt.MouseButton.LeftButton)
    assert actions.keymap.keys("layout") == ("Ctrl+L",)
    assert actions.keymap.keys("save") == ()
    QTest.mouseClick(sheet.reset_all, Qt.MouseButton.LeftButton)
    assert actions.keymap.keys("save") == ("Ctrl+S",)


def test_keys_that_the_canvas_needs_itself_are_refused(sheet: KeyboardDialog):
    press(sheet, "layout", KEY.Key_Right)
    assert "stays so" in sheet.words.text()
    assert not sheet.give.isEnabled()
    assert {written(keys) for keys in FIXED} == set(FIXED)


def test_single_letters_are_turned_off_and_on_at_once(lenet: App, sheet: KeyboardDialog, qtbot: QtBot):
    assert lenet.workspace is not None
    canvas = lenet.workspace.canvas
    QTest.mouseClick(sheet.letters, Qt.MouseButton.LeftButton, pos=sheet.letters.rect().center())
    sheet.letters.setChecked(False)
    assert lenet.window.actions_["wire"].shortcuts() == []
    assert [one.toString() for one in lenet.window.actions_["fit"].shortcuts()] == ["Home"]
    closed(sheet, lenet, qtbot)
    canvas.select(tuple(canvas.scene.nodes)[:1])
    QTest.keyClick(canvas.view, KEY.Key_W)
    assert canvas.view.held is None
    lenet.window.actions_.keymap.use_letters(True)
    QTest.keyClick(canvas.view, KEY.Key_W)
    assert canvas.view.held is not None


def test_the_search_finds_words_and_keys(sheet: KeyboardDialog):
    def shown() -> list[str]:
        tops = (sheet.list.topLevelItem(place) for place in range(sheet.list.topLevelItemCount()))
        return [top.child(place).text(0) for top in tops for place in range(top.childCount())]

    assert len(shown()) >= len(ACTIONS)
    QTest.keyClicks(sheet.search, "ctrl l")
    assert "Auto layout" in shown()
    sheet.search.clear()
    QTest.keyClicks(sheet.search, "dissolv")
    assert shown() == []
    sheet.search.clear()
    QTest.keyClicks(sheet.search, "minimap")
    assert shown() == ["Minimap"]


def test_keys_are_kept_and_what_cannot_be_read_is_left_out(keymap: Keymap, preferences: Preferences):
    keymap.give("epoch", ("Ctrl+Alt+E", "F5"))
    keymap.use_letters(False)
    again = Keymap(preferences)
    assert again.given("epoch") == ("Ctrl+Alt+E", "F5")
    assert not again.letters
    for rubbish in ("{", "[1]", '{"nobody": ["F5"], "epoch": "F5"}', '{"epoch": [3, ""]}'):
        preferences.keep_word("keys", rubbish)
        assert Keymap(preferences).given("epoch") == ()


def test_no_two_commands_ever_have_the_same_keys(keymap: Keymap):
    keymap.give("save", ("Ctrl+Z",))
    keymap.give("zoom_in", ("ctrl+y",))
    keymap.reset("redo")
    everything = [written(keys) for one in ACTIONS for keys in keymap.given(one.id)]
    assert len(everything) == len(set(everything))
    assert keymap.holder("ctrl+z") is not None


def test_letters_are_told_from_other_keys():
    assert all(map(is_letter, ("A", ".", "?", "Shift+A", "1")))
    assert not any(map(is_letter, ("F1", "Ctrl+A", "Del", "Alt+Return", "Shift+F8", "Home")))


def test_the_page_of_keys_is_what_the_table_says():
    assert TARGET.read_text(encoding="utf-8") == page()


def test_every_command_is_reached_without_a_mouse(lenet: App):
    """By keys, by a menu that a mnemonic opens, and by the palette; the palette itself by keys of two hands."""
    menus = [menu for menu in lenet.window.top.menus.findChildren(QMenu) if menu.parent() is lenet.window.top.menus]
    mnemonics = [QKeySequence.mnemonic(menu.title()).toString() for menu in menus]
    assert len(set(mnemonics)) == len(mnemonics) == 7
    assert all(mnemonics)
    held = {action for menu in menus for action in menu.actions()}
    assert held >= set(lenet.window.actions_.by_id.values())
    QTest.keyClick(lenet.window, KEY.Key_K, CTRL)
    assert {row.key for row in lenet.finding.commands.rows.found} == {one.id for one in ACTIONS} - {"commands"}
    lenet.finding.commands.close_finder()
