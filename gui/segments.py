"""A row of choices of which one is on; a drop-down where there is little room."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QToolButton

from gui.compact import ARROW, drop_down
from gui.theme import Theme, Themes

_PADDING = 8
"""Left and right of the words of a choice, as the style sheet has it."""


class Segments(QFrame):
    """A row of choices of which one is on."""

    chosen = Signal(str)
    """With the key that the user chose."""

    def __init__(self, themes: Themes, choices: Sequence[tuple[str, str]], height: int = 24) -> None:
        super().__init__()
        self._themes = themes
        self.setProperty("role", "segments")
        self._height = height
        self._buttons: dict[str, QToolButton] = {}
        self._words: dict[str, str] = {}
        self._compact = False
        group = QButtonGroup(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for key, text in choices:
            button = self._segment(key, text)
            group.addButton(button)
            layout.addWidget(button)
        themes.changed.connect(self._restyle)
        self._restyle(themes.current)
        self.choose(choices[0][0])

    def choose(self, key: str) -> None:
        """Turn this choice on, without a signal."""
        self._buttons[key].setChecked(True)
        self._show()

    def rename(self, key: str, text: str) -> None:
        """Give a choice another text."""
        if text == self._words[key]:
            return
        self._words[key] = text
        self._buttons[key].setAccessibleName(text)
        self._show()

    def width_when(self, compact: bool) -> int:
        """The pixels that all choices take, or the widest of them as a drop-down."""
        theme = self._themes.current
        metrics = QFontMetrics(theme.ui(11, 600))
        wide = [metrics.horizontalAdvance(words) + theme.px(2 * _PADDING) for words in self._words.values()]
        return max(wide) + metrics.horizontalAdvance(ARROW) if compact else sum(wide)

    def set_compact(self, compact: bool) -> None:
        """Show the choice that is on alone, as a drop-down, or all of them."""
        if compact != self._compact:
            self._compact = compact
            self._show()

    @property
    def current(self) -> str:
        """The key that is on."""
        return next(key for key, button in self._buttons.items() if button.isChecked())

    def _segment(self, key: str, text: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setAccessibleName(text)
        button.setCheckable(True)
        button.setProperty("role", "segment")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self._clicked(key))
        self._buttons[key], self._words[key] = button, text
        return button

    def _clicked(self, key: str) -> None:
        if self._compact:
            drop_down(self._buttons[key], self._words, self._choose)
        else:
            self.chosen.emit(key)

    def _choose(self, key: str) -> None:
        self.choose(key)
        self.chosen.emit(key)

    def _show(self) -> None:
        for key, button in self._buttons.items():
            button.setText(self._words[key] + (ARROW if self._compact else ""))
            button.setVisible(not self._compact or button.isChecked())

    def _restyle(self, theme: Theme) -> None:
        for button in self._buttons.values():
            button.setFixedHeight(theme.px(self._height))
