"""What the program and the engine have said, with the time and how grave it is."""

from __future__ import annotations

from datetime import datetime
from html import escape
from types import MappingProxyType
from typing import Literal, NamedTuple

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from gui.theme import Theme, Themes
from gui.widgets import column, push, row

Level = Literal["info", "warning", "error"]
LINES = 5000
"""Lines that are kept; older ones go."""
INKS = MappingProxyType({"info": "text2", "warning": "warn", "error": "error"})


class Entry(NamedTuple):
    """One line of the log."""

    time: datetime
    level: Level
    text: str

    def __str__(self) -> str:
        """The line as it is copied."""
        return f"{self.time:%H:%M:%S}  {self.level:<7}  {self.text}"


class Log(QWidget):
    """The lines, newest at the end, and a button that copies them all."""

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self._themes = themes
        self.entries: list[Entry] = []
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setMaximumBlockCount(LINES)
        self.text.setAccessibleName("Log")
        self.copy = push("Copy", "small")
        self.copy.clicked.connect(self._copy)
        self.controls = QWidget()
        self.controls.setLayout(row(self.copy))
        self.setLayout(column(self.text, margins=(8, 4, 4, 4)))
        self.setFocusProxy(self.text)
        themes.changed.connect(self._restyle)
        self._restyle(themes.current)

    def add(self, level: Level, text: str) -> None:
        """Add what was said now."""
        for part in text.splitlines() or [""]:
            entry = Entry(datetime.now(), level, part)
            self.entries.append(entry)
            self.text.appendHtml(self._html(entry))
        del self.entries[:-LINES]

    def _html(self, entry: Entry) -> str:
        theme = self._themes.current
        time, ink = theme.hex("text3"), theme.hex(INKS[entry.level])
        words = escape(entry.text).replace(" ", "&nbsp;")
        return (
            f'<span style="color:{time}">{entry.time:%H:%M:%S}</span>&nbsp;&nbsp;'
            f'<span style="color:{ink}">{entry.level}&nbsp;&nbsp;{words}</span>'
        )

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(map(str, self.entries)))

    def _restyle(self, theme: Theme) -> None:
        self.text.setStyleSheet(
            f"QPlainTextEdit {{ font-family: '{theme.mono().family()}'; font-size: {theme.px(11)}px }}"
        )
        self.text.clear()
        for entry in self.entries:
            self.text.appendHtml(self._html(entry))
