"""The network as PyTorch code, always true to the graph; one can read, search and copy it."""

from __future__ import annotations

import builtins
import io
import keyword
import token
import tokenize

from PySide6.QtGui import QGuiApplication, QShowEvent, QSyntaxHighlighter, QTextCharFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from core.reading import Reading
from gui.palette import SearchField
from gui.session import Editor
from gui.theme import Theme, Themes
from gui.widgets import column, push, row

Span = tuple[int, int, str]
"""Where in a line, how long, and what it is."""


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
        self._colors = _Colors(themes, self.text.document())
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


class _Colors(QSyntaxHighlighter):
    """Colours by Python's own tokens, read from the whole text at once."""

    def __init__(self, themes: Themes, document: QTextDocument) -> None:
        super().__init__(document)
        self._spans: dict[int, list[Span]] = {}
        self._formats = _formats(themes.current)
        themes.changed.connect(self._restyle)

    def read(self, code: str) -> None:
        """Learn the tokens of this code, before it is shown."""
        self._spans = spans(code)

    def highlightBlock(self, _text: str) -> None:
        for start, length, kind in self._spans.get(self.currentBlock().blockNumber(), ()):
            self.setFormat(start, length, self._formats[kind])

    def _restyle(self, theme: Theme) -> None:
        self._formats = _formats(theme)
        self.rehighlight()


def spans(code: str) -> dict[int, list[Span]]:
    """By line, what is a keyword, string, number, comment or name of note; nothing where the code has no end."""
    found: dict[int, list[Span]] = {}
    lines = code.splitlines()
    before = ""
    try:
        for item in tokenize.generate_tokens(io.StringIO(code).readline):
            kind = _kind(item, before)
            if item.type == token.NAME or not item.string.isspace():
                before = item.string
            if kind:
                for number in range(item.start[0], item.end[0] + 1):
                    start = item.start[1] if number == item.start[0] else 0
                    end = item.end[1] if number == item.end[0] else len(lines[number - 1])
                    found.setdefault(number - 1, []).append((start, end - start, kind))
    except (tokenize.TokenError, IndentationError):
        return found
    return found


def _kind(item: tokenize.TokenInfo, before: str) -> str:
    if item.type == token.NAME:
        if keyword.iskeyword(item.string):
            return "keyword"
        if before in ("def", "class"):
            return "definition"
        if item.string == "self" or item.string in dir(builtins):
            return "builtin"
        return ""
    return {token.STRING: "string", token.NUMBER: "number", tokenize.COMMENT: "comment"}.get(item.type, "")


def _formats(theme: Theme) -> dict[str, QTextCharFormat]:
    inks = {
        "keyword": theme.category("Convolution" if theme.dark else "Pooling"),
        "definition": theme.color("accent"),
        "builtin": theme.category("Data"),
        "string": theme.color("ok"),
        "number": theme.color("label"),
        "comment": theme.color("text3"),
    }
    formats: dict[str, QTextCharFormat] = {}
    for kind, ink in inks.items():
        formats[kind] = QTextCharFormat()
        formats[kind].setForeground(ink)
    return formats
