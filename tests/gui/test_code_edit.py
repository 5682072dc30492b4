"""The code editor, typed into with real keys."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest

from gui.code_edit import CodeEdit
from gui.theme import Themes


@pytest.fixture
def edit(dressed, qtbot) -> Iterator[CodeEdit]:
    made = CodeEdit(Themes(), "Code")
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.show()
    qtbot.waitExposed(made)
    made.setFocus()
    yield made
    made.close()


def typed(edit: CodeEdit, *keys: str | Qt.Key) -> str:
    for key in keys:
        if isinstance(key, str):
            QTest.keyClicks(edit, key)
        else:
            QTest.keyClick(edit, key)
    return edit.code


ENTER, TAB, BACK = Qt.Key.Key_Return, Qt.Key.Key_Tab, Qt.Key.Key_Backspace


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        (("def f(self):", ENTER, "pass"), "def f(self):\n    pass"),
        (("if x:  # why", ENTER, "y"), "if x:  # why\n    y"),
        (("    a = 1", ENTER, "b"), "    a = 1\n    b"),
        (("    return a", ENTER, "b"), "    return a\nb"),
        (("x = {1:", ENTER, "2}"), "x = {1:\n    2}"),
        (("a = 'b:c'", ENTER, "d"), "a = 'b:c'\nd"),
        ((TAB, "a"), "    a"),
        (("ab", TAB, "c"), "ab  c"),
        (("x:", ENTER, BACK, "y"), "x:\ny"),
        (("x:", ENTER, ENTER, BACK, BACK, "y"), "x:\n    \ny"[:-1].replace("\n    \n", "\n    ") + "y"),
        (("ab", BACK, "c"), "ac"),
        (("     ", BACK), "    "),
    ],
)
def test_indents_follow(edit: CodeEdit, keys: tuple[str | Qt.Key, ...], text: str) -> None:
    assert typed(edit, *keys) == text


def test_tab_and_shift_tab_move_whole_lines(edit: CodeEdit) -> None:
    edit.show_code("a\n\n  b\nc")
    edit.selectAll()
    typed(edit, TAB)
    assert edit.code == "    a\n    \n      b\n    c"
    QTest.keyClick(edit, Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert edit.code == "a\n\n  b\nc"
    QTest.keyClick(edit, Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert edit.code == "a\n\nb\nc"
    edit.undo()
    assert edit.code == "a\n\n  b\nc"


def test_lines_that_are_typed_take_pythons_colours(edit: CodeEdit) -> None:
    typed(edit, "def f():", ENTER, "return 'x'")

    def inks(line: int) -> list[str]:
        layout = edit.document().findBlockByNumber(line).layout()
        return [found.format.foreground().color().name() for found in layout.formats()]

    theme = Themes().current
    assert inks(0)[:2] == [theme.category("Convolution").name(), theme.color("accent").name()]
    assert inks(1)[-1] == theme.color("ok").name()
    edit.moveCursor(QTextCursor.MoveOperation.Start)
    typed(edit, "#")
    assert inks(0) == [theme.color("text3").name()]


def test_the_line_of_an_error_is_marked(edit: CodeEdit) -> None:
    edit.show_code("a\nb\nc")
    edit.show_error(2)
    marks = [
        mark for mark in edit.extraSelections() if mark.format.background().color() == Themes().current.color("errorBg")
    ]
    assert [mark.cursor.blockNumber() for mark in marks] == [1]
    image = edit._numbers.grab().toImage()
    error = Themes().current.color("error").rgb()
    reds = [y for y in range(image.height()) if image.pixel(0, y) == error]
    height = edit.blockBoundingRect(edit.firstVisibleBlock()).height()
    assert reds
    assert height <= reds[0] + 6
    assert reds[-1] <= 2 * height + 6
    edit.show_error(0)
    assert all(mark.format.background().color() != Themes().current.color("errorBg") for mark in edit.extraSelections())


def test_what_may_only_be_read_is_not_changed_by_keys(dressed, qtbot) -> None:
    shown = CodeEdit(Themes(), "Code", read_only=True)
    qtbot.addWidget(shown)
    shown.show_code("a:\nb")
    shown.show()
    typed(shown, "x", ENTER, TAB, BACK)
    assert shown.code == "a:\nb"
    shown.close()


def test_another_text_keeps_the_line(edit: CodeEdit) -> None:
    edit.show_code("\n".join(map(str, range(100))))
    edit.go_to(60)
    edit.show_code("\n".join(map(str, range(1, 101))))
    assert edit.textCursor().blockNumber() == 59
