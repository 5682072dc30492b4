"""An editor for Python: line numbers, the current line, the line of an error, indents that follow."""

from __future__ import annotations

import re

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
)
from PySide6.QtWidgets import QDialog, QFrame, QPlainTextEdit, QTextEdit, QWidget

from gui.code_colors import CodeColors
from gui.theme import Theme, Themes

INDENT = "    "
_OPENS = re.compile(r":\s*(#.*)?$")
_LEAVES = re.compile(r"^\s*(return|pass|raise|break|continue)\b")


class CodeEdit(QPlainTextEdit):
    """Plain text in Python's colours; Tab indents, Enter keeps the indent, Ctrl+Enter applies, Esc leads out."""

    left = Signal()
    """The keyboard has gone elsewhere."""
    apply_asked = Signal()
    escaped = Signal()
    """The keyboard shall go on to the next thing."""

    def __init__(self, themes: Themes, name: str, read_only: bool = False) -> None:
        super().__init__()
        self._themes = themes
        self._colors = CodeColors(themes, self.document())
        self.error_line = 0
        """The line that is marked, counted from 1; 0: none."""
        self._numbers = _Numbers(self)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setReadOnly(read_only)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(name)
        self.setProperty("role", "code")
        if read_only:
            self.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
        self.blockCountChanged.connect(lambda _count: self._fit())
        self.updateRequest.connect(self._scrolled)
        self.cursorPositionChanged.connect(self._mark)
        themes.changed.connect(self._restyle)
        self._restyle(themes.current)

    @property
    def code(self) -> str:
        """The text."""
        return self.toPlainText()

    def show_code(self, code: str) -> None:
        """Show another text; the cursor stays in its line."""
        if code == self.toPlainText():
            return
        place, top = self.textCursor().blockNumber(), self.verticalScrollBar().value()
        self.setPlainText(code)
        cursor = QTextCursor(self.document().findBlockByNumber(min(place, self.blockCount() - 1)))
        self.setTextCursor(cursor)
        self.verticalScrollBar().setValue(top)

    def show_error(self, line: int) -> None:
        """Mark this line, counted from 1; 0 marks none."""
        if line != self.error_line:
            self.error_line = line
            self._mark()
            self._numbers.update()

    def go_to(self, line: int) -> None:
        """Put the cursor into this line and show it."""
        cursor = QTextCursor(self.document().findBlockByNumber(max(line - 1, 0)))
        self.setTextCursor(cursor)
        self.centerCursor()
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102  # Qt's name
        key, held = Qt.Key(event.key()), event.modifiers()
        plain = not held & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
        is_enter = key in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if self.isReadOnly():
            super().keyPressEvent(event)
        elif _applies(event):
            self.apply_asked.emit()
        elif key == Qt.Key.Key_Escape and not isinstance(self.window(), QDialog):
            self.escaped.emit()
        elif is_enter and plain:
            self._new_line()
        elif key == Qt.Key.Key_Tab and plain:
            self._indent()
        elif key == Qt.Key.Key_Backtab:
            self._shift_lines(-1)
        elif key == Qt.Key.Key_Backspace and plain and self._unindents():
            return
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, _forward: bool) -> bool:  # noqa: D102  # Qt's name
        return False  # Tab is for the code; Esc leads out

    def event(self, event: QEvent) -> bool:  # noqa: D102  # Qt's name
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            leads_out = event.key() == Qt.Key.Key_Escape and not isinstance(self.window(), QDialog)
            if leads_out or _applies(event):
                event.accept()  # whatever the window may use the keys for
                return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: D102  # Qt's name
        super().focusOutEvent(event)
        self.left.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102  # Qt's name
        super().resizeEvent(event)
        inside = self.contentsRect()
        self._numbers.setGeometry(QRect(inside.left(), inside.top(), self.number_width(), inside.height()))

    def number_width(self) -> int:
        """The room for line numbers, in pixels."""
        digits = len(str(max(self.blockCount(), 10)))
        return self.fontMetrics().horizontalAdvance("9") * digits + self._themes.current.px(14)

    def paint_numbers(self, event: QPaintEvent) -> None:
        """Draw the numbers of the lines that can be seen."""
        theme = self._themes.current
        painter = QPainter(self._numbers)
        painter.setFont(self.font())
        current = self.textCursor().blockNumber()
        block, width = self.firstVisibleBlock(), self._numbers.width() - theme.px(8)
        while block.isValid():
            place = self.blockBoundingGeometry(block).translated(self.contentOffset())
            if place.top() > event.rect().bottom():
                break
            number = block.blockNumber()
            is_wrong = number + 1 == self.error_line
            painter.setPen(theme.color("error" if is_wrong else "text2" if number == current else "text3"))
            room = QRect(0, round(place.top()), width, round(place.height()))
            painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(number + 1))
            if is_wrong:
                painter.fillRect(QRect(0, round(place.top()), theme.px(3), round(place.height())), theme.color("error"))
            block = block.next()
        painter.end()

    def _new_line(self) -> None:
        cursor = self.textCursor()
        before = cursor.block().text()[: cursor.positionInBlock()]
        indent = before[: len(before) - len(before.lstrip(" "))]
        if _OPENS.search(before):
            indent += INDENT
        elif _LEAVES.match(before):
            indent = indent[: -len(INDENT)]
        cursor.insertText("\n" + indent)
        self.setTextCursor(cursor)
        self.ensureCursorVisible()

    def _indent(self) -> None:
        cursor = self.textCursor()
        if cursor.hasSelection() and "\u2029" in cursor.selectedText():
            self._shift_lines(1)
        else:
            cursor.insertText(" " * (len(INDENT) - cursor.positionInBlock() % len(INDENT)))

    def _shift_lines(self, direction: int) -> None:
        """Move the selected lines by one indent."""
        cursor = self.textCursor()
        document = self.document()
        first, last = document.findBlock(cursor.selectionStart()), document.findBlock(cursor.selectionEnd())
        stop = last.blockNumber()
        if cursor.hasSelection() and cursor.selectionEnd() == last.position() and stop > first.blockNumber():
            stop -= 1
        cursor.beginEditBlock()
        for number in range(first.blockNumber(), stop + 1):
            line = QTextCursor(document.findBlockByNumber(number))
            if direction > 0:
                line.insertText(INDENT)
                continue
            text = line.block().text()
            count = min(len(text) - len(text.lstrip(" ")), len(INDENT))
            line.movePosition(QTextCursor.MoveOperation.Right, QTextCursor.MoveMode.KeepAnchor, count)
            line.removeSelectedText()
        cursor.endEditBlock()

    def _unindents(self) -> bool:
        """Take back one indent where only spaces stand before the cursor; says whether it did."""
        cursor = self.textCursor()
        before = cursor.block().text()[: cursor.positionInBlock()]
        if cursor.hasSelection() or not before or before.strip(" "):
            return False
        count = len(before) % len(INDENT) or len(INDENT)
        cursor.movePosition(QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor, count)
        cursor.removeSelectedText()
        return True

    def _scrolled(self, area: QRect, down: int) -> None:
        if down:
            self._numbers.scroll(0, down)
        else:
            self._numbers.update(0, area.y(), self._numbers.width(), area.height())

    def _mark(self) -> None:
        """Lay the colours of the current line and of the error under the text."""
        theme = self._themes.current
        marks = [self._marked(self.textCursor(), theme.color("line1"))] if not self.isReadOnly() else []
        if 0 < self.error_line <= self.blockCount():
            cursor = QTextCursor(self.document().findBlockByNumber(self.error_line - 1))
            marks.append(self._marked(cursor, theme.color("errorBg")))
        self.setExtraSelections(marks)
        self._numbers.update()

    def _marked(self, cursor: QTextCursor, color: QColor) -> QTextEdit.ExtraSelection:
        mark = QTextEdit.ExtraSelection()
        made = QTextCharFormat()
        made.setBackground(color)
        made.setProperty(QTextFormat.Property.FullWidthSelection, True)
        mark.format = made
        cursor.clearSelection()
        mark.cursor = cursor
        return mark

    def _fit(self) -> None:
        self.setViewportMargins(self.number_width(), 0, 0, 0)

    def _restyle(self, theme: Theme) -> None:
        self.setFont(theme.mono(12))
        self.setStyleSheet(
            f"QPlainTextEdit {{ font-family: '{theme.mono().family()}'; font-size: {theme.px(12)}px; "
            f"background: {theme.hex('inset')}; border: 0 }}"
        )
        self.setTabStopDistance(4 * self.fontMetrics().horizontalAdvance(" "))
        self._fit()
        self._mark()


def _applies(event: QKeyEvent) -> bool:
    is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
    return is_enter and bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)


class _Numbers(QWidget):
    """The column of line numbers."""

    def __init__(self, edit: CodeEdit) -> None:
        super().__init__(edit)
        self._edit = edit

    def sizeHint(self) -> QSize:
        return QSize(self._edit.number_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._edit.paint_numbers(event)
