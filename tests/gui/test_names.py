"""Everything that can have the keyboard has a name for screen readers: the window and its dialogs, walked through."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea, QDialog, QScrollArea, QWidget

from gui.app import App


def nameless(root: QWidget) -> list[str]:
    """The widgets below this one that take the keyboard and that nobody could tell apart by ear."""
    found = []
    for widget in root.findChildren(QWidget):
        inner = isinstance(widget.parentWidget(), QAbstractScrollArea) or widget.objectName().startswith("qt_")
        asked = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and not widget.focusProxy()
        unused = isinstance(widget, QAbstractButton) and widget.isHidden()
        if not asked or inner or unused or isinstance(widget, QScrollArea):
            continue
        if not QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name):
            found.append(f"{type(widget).__name__} in {type(widget.parentWidget()).__name__}")
    return found


def test_the_window_with_a_document_has_no_nameless_widget(lenet: App):
    assert lenet.workspace is not None
    assert nameless(lenet.window) == []
    for node in lenet.workspace.editor.graph.nodes:
        lenet.workspace.canvas.select((node,))
        assert nameless(lenet.window) == [], node


@pytest.mark.parametrize("command", ["settings", "shortcuts", "help", "about", "export", "import"])
def test_dialogs_have_no_nameless_widget(lenet: App, command: str):
    before = set(lenet.window.findChildren(QDialog))
    lenet.do(command)
    opened = [dialog for dialog in lenet.window.findChildren(QDialog) if dialog not in before]
    assert opened, command
    for dialog in opened:
        assert nameless(dialog) == []
        QTest.keyClick(dialog, Qt.Key.Key_Escape)


def test_a_nameless_widget_is_found(lenet: App):
    from PySide6.QtWidgets import QLineEdit

    field = QLineEdit(lenet.window)
    assert nameless(lenet.window) == ["QLineEdit in MainWindow"]
    field.setAccessibleName("Field")
    assert nameless(lenet.window) == []
