"""A text exchanged for another by the lines that differ: what stays keeps its colours and its place in the view."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

AT_ONCE = 400
"""Lines that are put in between two pauses."""


def show_text(edit: QPlainTextEdit, before: str, text: str) -> Iterator[None]:
    """Show `text` where the editor shows `before`, with pauses where much is new."""
    if before == text:
        return
    place = edit.verticalScrollBar().value()
    old, new = before.split("\n"), text.split("\n")
    same = min(len(old), len(new)) - 1
    start = next((at for at in range(same) if old[at] != new[at]), same)
    stop = next((at for at in range(same - start) if old[-1 - at] != new[-1 - at]), same - start)
    cursor = _marked(edit, start, len(old) - stop)
    cursor.removeSelectedText()
    parts = _parts(new[start : len(new) - stop])
    for number, part in enumerate(parts):
        cursor.insertText(f"\n{part}" if number else part)
        edit.verticalScrollBar().setValue(place)
        yield


def _marked(edit: QPlainTextEdit, start: int, stop: int) -> QTextCursor:
    """A cursor that has selected the lines from `start` to before `stop`."""
    document = edit.document()
    cursor = QTextCursor(document.findBlockByNumber(start))
    last = document.findBlockByNumber(stop - 1)
    cursor.setPosition(last.position() + last.length() - 1, QTextCursor.MoveMode.KeepAnchor)
    return cursor


def _parts(lines: Sequence[str]) -> Iterator[str]:
    for at in range(0, len(lines), AT_ONCE):
        yield "\n".join(lines[at : at + AT_ONCE])
