"""The input of a network that reads tokens: a text that is typed, and what of it the network knows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy, QWidget

from core.data.sources import FieldSpec
from core.data.tokens import SPECIAL, is_spelled
from core.prediction.texts import place_of, tokens_of, visible, written
from gui.theme import Theme, Themes
from gui.widgets import column, prose

LISTED = 6
"""Unknown words that are named, at the most."""


class TextInput(QWidget):
    """A field of a few lines; below it what is wrong with the text."""

    changed = Signal()

    def __init__(self, themes: Themes, spec: FieldSpec, is_open: bool = False) -> None:
        """An `is_open` text may have any length: only its end is looked at."""
        super().__init__()
        self._themes, self._spec, self._is_open = themes, spec, is_open
        self._pad = place_of(SPECIAL[0], spec.classes)
        self.field = QPlainTextEdit()
        self.field.setProperty("role", "field")
        self.field.setTabChangesFocus(True)
        self.field.setAccessibleName(spec.name)
        unit = "characters" if is_spelled(spec.classes) else "words"
        self.field.setPlaceholderText(f"Type {unit}…")
        self.field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.note = prose("", "caption2")
        self.setLayout(column(self.field, self.note, spacing=4))
        self.field.textChanged.connect(self._typed)
        themes.changed.connect(self._restyle)
        self._restyle(themes.current)
        self._tell()

    @property
    def tokens(self) -> list[int]:
        """The text as tokens, however many."""
        return tokens_of(self.field.toPlainText(), self._spec.classes).tokens

    @property
    def values(self) -> NDArray[Any]:
        """The text as a sample (1, T): cut, or filled up where there is a token for that."""
        size = self._spec.shape[0]
        kept = self.tokens[:size]
        return np.array([kept + [self._pad or 0] * (size - len(kept))], np.int64)

    @property
    def is_given(self) -> bool:
        """Whether there is a text that the network can read."""
        count = len(self.tokens)
        return bool(count) and (self._is_open or self._pad is not None or count >= self._spec.shape[0])

    def show_sample(self, values: NDArray[Any]) -> None:
        """Show this sample (1, T) of the data."""
        with QSignalBlocker(self.field):
            self.field.setPlainText(written(values[0].tolist(), self._spec.classes))
        self._tell()

    def _typed(self) -> None:
        self._tell()
        self.changed.emit()

    def _tell(self) -> None:
        """Say which words nobody knows, and whether the text is too long or too short."""
        typed, size = tokens_of(self.field.toPlainText(), self._spec.classes), self._spec.shape[0]
        said = []
        if typed.unknown:
            named = ", ".join(visible(one) for one in typed.unknown[:LISTED])
            more = f" and {len(typed.unknown) - LISTED} more" if len(typed.unknown) > LISTED else ""
            said.append(f"Not in the vocabulary: {named}{more}.")
        count = len(typed.tokens)
        if count > size:
            end = "last" if self._is_open else "first"
            said.append(f"{count} tokens: the network reads the {end} {size}.")
        elif self._pad is None and not self._is_open and 0 < count < size:
            said.append(f"{size} tokens are wanted, {count} came.")
        self.note.setText(" ".join(said))
        self.note.setVisible(bool(said))

    def _restyle(self, theme: Theme) -> None:
        self.field.setFont(theme.mono(12) if is_spelled(self._spec.classes) else theme.ui(12))
        self.field.setFixedHeight(theme.px(76))
