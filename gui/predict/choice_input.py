"""The input of a network that reads the number of a class: one out of several."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from core.data.sources import FieldSpec
from gui.theme import Themes
from gui.widgets import ComboBox, column


class ChoiceInput(QWidget):
    """A drop-down with the names of the classes."""

    changed = Signal()

    def __init__(self, themes: Themes, spec: FieldSpec) -> None:
        super().__init__()
        self._spec = spec
        self.choice = ComboBox(themes)
        self.choice.addItems(list(spec.classes))
        self.choice.setAccessibleName(spec.name)
        self.choice.activated.connect(self.changed)
        self.setLayout(column(self.choice))

    @property
    def values(self) -> NDArray[Any]:
        """The number of the class as a sample (1, ...)."""
        return np.full((1, *self._spec.shape), self.choice.currentIndex(), np.int64)

    @property
    def is_given(self) -> bool:
        """One is always chosen."""
        return True

    def show_sample(self, values: NDArray[Any]) -> None:
        """Show this sample of the data."""
        self.choice.setCurrentIndex(int(values.reshape(-1)[0]))
