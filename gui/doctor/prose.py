"""Sentences of the Doctor as labels: numbers stand out in the font of numbers, and nothing else is markup."""

from __future__ import annotations

import re
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from gui.theme import Theme, Themes
from gui.widgets import prose

_NUMBER = re.compile(r"(?<![\w.,])[−-]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[−+-]?\d+)?(?:\s?%)?(?!\w)")


class Told(QLabel):
    """A wrapping sentence whose numbers are set in mono."""

    def __init__(self, themes: Themes, words: str = "", ink: str = "text") -> None:
        super().__init__()
        made = prose()
        self.setWordWrap(True)
        self.setSizePolicy(made.sizePolicy())
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.words = words
        self._themes, self._ink = themes, ink
        themes.changed.connect(self._restyle)
        self._restyle(themes.current)
        self.setHidden(not words)

    def tell(self, words: str) -> None:
        """Say this instead."""
        if words != self.words:
            self.words = words
            self._restyle(self._themes.current)
            if self.parentWidget() is not None:  # else it would be a window
                self.setVisible(bool(words))

    def _restyle(self, theme: Theme) -> None:
        self.setText(marked_up(self.words, theme, self._ink))
        self.setAccessibleName(self.words)


def _written(number: str) -> str:
    """With a minus as it is printed, and its parts kept in one line."""
    return number.replace("-", "−").replace(" ", "\u00a0")


def marked_up(words: str, theme: Theme, ink: str = "text") -> str:
    """The sentence as markup of its own: every number bold in mono, all else as it is written."""
    mono = f"font-family:'{theme.mono().family()}';font-weight:600"
    numbered = _NUMBER.sub(
        lambda found: f'<span style="{mono}">{_written(found[0])}</span>', escape(words, quote=False)
    )
    return f'<span style="color:{theme.hex(ink)}">{numbered}</span>'
