"""What a plot draws with: colours and fonts of the theme, each made once: a frame asks for them a hundred times."""

from __future__ import annotations

from functools import cached_property

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QStaticText, QTransform

from gui.theme import Theme

KEPT = 500
"""Captions that are kept laid out."""


class Ink:
    """A theme, with its answers kept."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self.dark, self._scale = theme.dark, theme.scale
        self._colors: dict[str, QColor] = {}
        self._elided: dict[tuple[str, int], str] = {}
        self._labels: dict[str, QStaticText] = {}

    def color(self, token: str) -> QColor:
        """The colour of a token; not to be changed."""
        if token not in self._colors:
            self._colors[token] = self.theme.color(token)
        return self._colors[token]

    def px(self, pixels: float) -> int:
        """A length of the design at the text scale."""
        return round(pixels * self._scale)

    def wide(self, words: str) -> float:
        """The width of a caption."""
        return self.metrics.horizontalAdvance(words)

    def wide_number(self, digits: str) -> float:
        """The width of a number beside its name."""
        return self._number_metrics.horizontalAdvance(digits)

    def label(self, words: str) -> QStaticText:
        """A caption, laid out."""
        if words not in self._labels:
            if len(self._labels) >= KEPT:
                self._labels.clear()
            made = self._labels[words] = QStaticText(words)
            made.setTextFormat(Qt.TextFormat.PlainText)
            made.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
            made.prepare(QTransform(), self.caption)
        return self._labels[words]

    def elided(self, words: str, width: float) -> str:
        """The caption as far as it fits; of a path, the end tells most."""
        key = (words, int(width))
        if key not in self._elided:
            self._elided[key] = self.metrics.elidedText(words, Qt.TextElideMode.ElideLeft, key[1])
        return self._elided[key]

    @cached_property
    def metrics(self) -> QFontMetricsF:
        """The measures of captions."""
        return QFontMetricsF(self.caption)

    @cached_property
    def _number_metrics(self) -> QFontMetricsF:
        return QFontMetricsF(self.number)

    @cached_property
    def caption(self) -> QFont:
        """Axis numbers, names and captions."""
        return self.theme.ui(11)

    @cached_property
    def strong(self) -> QFont:
        """The name of what is selected."""
        return self.theme.ui(11, 600)

    @cached_property
    def number(self) -> QFont:
        """Values beside their names."""
        return self.theme.mono(11)

    @cached_property
    def body(self) -> QFont:
        """The line in an empty plot."""
        return self.theme.ui(12)
