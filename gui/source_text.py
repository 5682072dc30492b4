"""A text exchanged for another by the lines that differ: what stays keeps its colours and its place in the view."""

from __future__ import annotations

from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QPlainTextEdit


def show_text(edit: QPlainTextEdit, before: str, text: str) -> None:
    """Show `text` where the editor shows `before`."""
    if before == text:
        return
    place = edit.verticalScrollBar().value()
    old, new = before.split("\n"), text.split("\n")
    same = min(len(old), len(new)) - 1
    start = next((at for at in range(same) if old[at] != new[at]), same)
    stop = next((at for at in range(same - start) if old[-1 - at] != new[-1 - at]), same - start)
    _exchange(edit, start, len(old) - stop, "\n".join(new[start : len(new) - stop]))
    edit.verticalScrollBar().setValue(place)


def _exchange(edit: QPlainTextEdit, start: int, stop: int, text: str) -> None:
    """Put this text in place of the lines from `start` to before `stop`."""
    document = edit.document()
    cursor = QTextCursor(document.findBlockByNumber(start))
    last = document.findBlockByNumber(stop - 1)
    cursor.setPosition(last.position() + last.length() - 1, QTextCursor.MoveMode.KeepAnchor)
    cursor.insertText(text)
