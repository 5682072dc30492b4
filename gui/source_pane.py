"""The network as PyTorch code, always true to the graph; one can read, search and copy it."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication, QShowEvent, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from core.reading import Reading
from gui.code_colors import CodeColors
from gui.palette import SearchField
from gui.session import Editor
from gui.theme import Theme, Themes
from gui.widgets import column, push, row


class SourcePane(QWidget):
    """Read-only code with a copy button and a search field; written only while it can be seen."""

    def __init__(self, themes: Themes, editor: Editor) -> None:
        super().__init__()
        self._themes = themes
        self._editor = editor
        self._stale = True
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setAccessibleName("Generated PyTorch code")
        self._colors = CodeColors(themes, self.text.document())
        self.search = SearchField(themes, "Find")
        self.search.setFixedWidth(themes.current.px(150))
        self.search.textChanged.connect(self._find)
        self.search.returnPressed.connect(self._find_next)
        self.copy = push("Copy", "small")
        self.copy.clicked.connect(self._copy)
        self.controls = QWidget()
        self.controls.setLayout(row(self.search, self.copy, spacing=6))
        self.setLayout(column(self.text, margins=(8, 4, 4, 4)))
        self.setFocusProxy(self.text)
        editor.read.connect(self._changed)
        themes.changed.connect(self._restyle)
        self._restyle(themes.current)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: D102  # Qt's name
        super().showEvent(event)
        self._write()

    def refresh(self) -> None:
        """Write the code now, seen or not."""
        self._stale = True
        self._write()

    def _changed(self, _reading: Reading) -> None:
        self._stale = True
        if self.isVisible():
            self._write()

    def _write(self) -> None:
        if not self._stale:
            return
        self._stale = False
        code = self._editor.source()
        if code == self.text.toPlainText():
            return
        place = self.text.verticalScrollBar().value()
        self._colors.read(code)
        self.text.setPlainText(code)
        self.text.verticalScrollBar().setValue(place)

    def _copy(self) -> None:
        self._write()
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self.copy.setText("Copied")

    def _find(self, words: str) -> None:
        self.text.moveCursor(QTextCursor.MoveOperation.Start)
        if words:
            self.text.find(words)

    def _find_next(self) -> None:
        if not self.text.find(self.search.text()):
            self._find(self.search.text())

    def _restyle(self, theme: Theme) -> None:
        self.text.setFont(theme.mono(12))
        self.text.setTabStopDistance(4 * self.text.fontMetrics().horizontalAdvance(" "))
        self.text.setStyleSheet(
            f"QPlainTextEdit {{ font-family: '{theme.mono().family()}'; font-size: {theme.px(12)}px }}"
        )
