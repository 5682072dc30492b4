"""Python in colours, line by line, so that an edit of a long text costs the lines that it changes."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterator

from PySide6.QtGui import QSyntaxHighlighter, QTextCharFormat, QTextDocument

from gui.theme import Theme, Themes

Span = tuple[int, int, str]
"""Where in a line, how long, and what it is."""
_TOKEN = re.compile(
    r"""(?P<comment>\#.*)
    |(?P<long>[rRbBuUfF]{0,2}(?P<quotes>\"{3}|'{3}))
    |(?P<string>[rRbBuUfF]{0,2}(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'))
    |(?P<number>0[xXoObB][\da-fA-F_]+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?[jJ]?)
    |(?P<name>[^\W\d]\w*)""",
    re.VERBOSE,
)
_ENDS = ("", '"""', "'''")
"""By the state in which a line ends: what closes the text that goes on in the next one."""
_CLOSING = {end: re.compile(rf"(?:[^\\]|\\.)*?{end}", re.DOTALL) for end in _ENDS if end}
_BUILTIN = frozenset((*dir(builtins), "self"))


class CodeColors(QSyntaxHighlighter):
    """Colours a document; Qt asks for the lines that changed, and for those behind a long text that does not end."""

    def __init__(self, themes: Themes, document: QTextDocument) -> None:
        super().__init__(document)
        self._formats = _formats(themes.current)
        themes.changed.connect(self._restyle)

    def highlightBlock(self, text: str) -> None:  # noqa: D102  # Qt's name
        found, state = line_spans(text, max(self.previousBlockState(), 0))
        for start, length, kind in found:
            self.setFormat(start, length, self._formats[kind])
        self.setCurrentBlockState(state)

    def _restyle(self, theme: Theme) -> None:
        self._formats = _formats(theme)
        self.rehighlight()


def line_spans(line: str, state: int = 0) -> tuple[list[Span], int]:
    """What in this line is a keyword, string, number, comment or name of note, and the state it leaves.

    A state other than 0 says that a text in triple quotes goes on, one for each sort of quotes.
    """
    start, found = 0, list[Span]()
    if state:
        end = _CLOSING[_ENDS[state]].match(line)
        if end is None:
            return [(0, len(line), "string")] if line else [], state
        found, start = [(0, end.end(), "string")], end.end()
    before = ""
    while (token := _TOKEN.search(line, start)) is not None:
        start, word, quotes = token.end(), token[0], token["quotes"]
        if quotes:
            end = _CLOSING[quotes].match(line, start)
            start = end.end() if end is not None else len(line)
            found.append((token.start(), start - token.start(), "string"))
            if end is None:
                return found, _ENDS.index(quotes)
        elif kind := _named(word, before) if token.lastgroup == "name" else str(token.lastgroup):
            found.append((token.start(), len(word), kind))
        before = word
    return found, 0


def spans(code: str) -> dict[int, list[Span]]:
    """The same of a whole text, by line; lines without any are left out."""
    return {number: found for number, found in enumerate(_lines(code)) if found}


def _lines(code: str) -> Iterator[list[Span]]:
    state = 0
    for line in code.split("\n"):
        found, state = line_spans(line, state)
        yield found


def _named(word: str, before: str) -> str:
    if keyword.iskeyword(word):
        return "keyword"
    if before in ("def", "class"):
        return "definition"
    return "builtin" if word in _BUILTIN else ""


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
