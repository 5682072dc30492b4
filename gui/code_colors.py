"""Python in colours, by Python's own tokens."""

from __future__ import annotations

import builtins
import io
import keyword
import token
import tokenize

from PySide6.QtGui import QSyntaxHighlighter, QTextCharFormat, QTextDocument

from gui.theme import Theme, Themes

Span = tuple[int, int, str]
"""Where in a line, how long, and what it is."""


class CodeColors(QSyntaxHighlighter):
    """Colours a document from what was read of its whole text at once."""

    def __init__(self, themes: Themes, document: QTextDocument) -> None:
        super().__init__(document)
        self._spans: dict[int, list[Span]] = {}
        self._formats = _formats(themes.current)
        themes.changed.connect(self._restyle)

    def read(self, code: str) -> None:
        """Learn the tokens of this code, before it is shown."""
        self._spans = spans(code)

    def follow(self, code: str) -> None:
        """Learn the tokens of the code that is being typed, and colour the lines anew that differ."""
        before, self._spans = self._spans, spans(code)
        for number in before.keys() | self._spans.keys():
            if before.get(number) != self._spans.get(number):
                self.rehighlightBlock(self.document().findBlockByNumber(number))

    def highlightBlock(self, _text: str) -> None:  # noqa: D102  # Qt's name
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
