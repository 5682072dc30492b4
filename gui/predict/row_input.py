"""The input of a network that reads a row of numbers: a slider and a field for each, over the range that occurs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QGridLayout, QLineEdit, QSizePolicy, QSlider, QWidget

from core.engine.predictions import Column
from gui.numbers import plain
from gui.theme import Theme, Themes
from gui.widgets import ElidedLabel, restyled

STEPS = 200
"""Places of a slider over numbers that are not whole."""


class Entry(QObject):
    """One number: a slider over what occurs, and a field that takes any number."""

    changed = Signal()

    def __init__(self, name: str, column: Column, parent: QObject) -> None:
        super().__init__(parent)
        self.column = column
        self.title = ElidedLabel(name, "secondary")
        self.title.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, self._places)
        self.slider.setAccessibleName(name)
        self.slider.setAccessibleDescription(f"From {plain(column.low)} to {plain(column.high)}")
        self.slider.setToolTip(f"{name}: {plain(column.low)} to {plain(column.high)} in the data")
        self.slider.setPageStep(max(self._places // 10, 1))
        self.field = QLineEdit()
        self.field.setProperty("role", "value")
        self.field.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.field.setAccessibleName(f"{name}, as a number")
        self.value = column.middle
        self.show_value(column.middle)
        self.slider.valueChanged.connect(self._slid)
        self.field.textEdited.connect(self._typed)
        self.field.editingFinished.connect(lambda: self.show_value(self.value))

    def show_value(self, value: float) -> None:
        """Show this number, which need not lie in the range."""
        self.value = value
        with QSignalBlocker(self.slider):
            self.slider.setValue(self._place(value))
        self.field.setText(plain(value))
        restyled(self.field, state="")

    @property
    def _places(self) -> int:
        column = self.column
        if column.levels:
            return len(column.levels) - 1
        span = column.high - column.low
        return int(span) if column.whole and 0 < span <= 10_000 else STEPS

    def _place(self, value: float) -> int:
        column = self.column
        if column.levels:
            return int(np.argmin(np.abs(np.array(column.levels) - value)))
        span = column.high - column.low
        share = (value - column.low) / span if span else 0.0
        return round(min(max(share, 0.0), 1.0) * self._places)

    def _slid(self, place: int) -> None:
        column = self.column
        if column.levels:
            self.value = column.levels[place]
        else:
            exact = column.low + (column.high - column.low) * place / self._places
            self.value = float(round(exact)) if column.whole else exact
        self.field.setText(plain(self.value))
        restyled(self.field, state="")
        self.changed.emit()

    def _typed(self, text: str) -> None:
        try:
            value = float(text.strip().replace("−", "-").replace(",", ""))
        except ValueError:
            value = math.nan
        good = math.isfinite(value) and abs(value) < 3e38
        restyled(self.field, state="" if good else "error")
        if good:
            self.value = value
            with QSignalBlocker(self.slider):
                self.slider.setValue(self._place(value))
            self.changed.emit()


class RowInput(QWidget):
    """All numbers of a row, one below the other."""

    changed = Signal()
    """The user gave another number."""

    def __init__(self, themes: Themes, names: Sequence[str], columns: Sequence[Column]) -> None:
        super().__init__()
        self._themes = themes
        self.entries = [Entry(name, one, self) for name, one in zip(names, columns, strict=True)]
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(4)
        self._grid.setHorizontalSpacing(8)
        self._grid.setColumnStretch(1, 1)
        for place, entry in enumerate(self.entries):
            for across, part in enumerate((entry.title, entry.slider, entry.field)):
                self._grid.addWidget(part, place, across)
            entry.changed.connect(self.changed)
        themes.changed.connect(self._restyle)
        self._restyle(themes.current)

    @property
    def values(self) -> NDArray[Any]:
        """The numbers as a sample (1, N)."""
        return np.array([[entry.value for entry in self.entries]], np.float32)

    @property
    def is_given(self) -> bool:
        """There always is a row to be judged."""
        return True

    def show_sample(self, values: NDArray[Any]) -> None:
        """Show this sample (1, N) of the data."""
        for entry, value in zip(self.entries, values[0].tolist(), strict=True):
            entry.show_value(float(value))

    def _restyle(self, theme: Theme) -> None:
        metrics = QFontMetrics(theme.ui(12))
        wide = max((metrics.horizontalAdvance(entry.title.whole) for entry in self.entries), default=0) + 4
        for entry in self.entries:
            entry.title.setFixedWidth(min(wide, theme.px(112)))
            entry.field.setFixedWidth(theme.px(64))
