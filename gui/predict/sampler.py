"""How tokens are drawn: temperature, the k likeliest, a seed."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QSlider, QWidget

from gui.theme import Theme, Themes
from gui.widgets import label

HOTTEST = 200
"""Hundredths of the highest temperature."""
MOST = 50
"""The most that “k likeliest” can say; beyond it, all."""


class Sampler(QWidget):
    """Three settings, one below the other."""

    changed = Signal()

    def __init__(self, themes: Themes, temperature: float) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self.heat = self._slider(0, HOTTEST, round(100 * temperature))
        self.likeliest = self._slider(1, MOST + 1, MOST + 1)
        self.seed_ = QLineEdit("0")
        self.seed_.setProperty("role", "value")
        self.seed_.setValidator(QIntValidator(0, 99_999, self))
        self.seed_.setAccessibleName("Seed")
        self.seed_.setToolTip("The same seed draws the same text")
        self.heat_text, self.likeliest_text = label("", "mono-secondary"), label("", "mono-secondary")
        self._line(0, "Temperature", "0 takes the likeliest; higher takes more chances", self.heat, self.heat_text)
        self._line(1, "Top k", "Draw among the k likeliest alone", self.likeliest, self.likeliest_text)
        self._grid.addWidget(label("Seed", "secondary"), 2, 0)
        self._grid.addWidget(self.seed_, 2, 1)
        for part in (self.heat, self.likeliest):
            part.valueChanged.connect(self._change)
        self.seed_.textEdited.connect(self._change)
        themes.changed.connect(self._restyle)
        self._restyle(themes.current)
        self._tell()

    @property
    def temperature(self) -> float:
        """By what scores are divided; 0 takes the likeliest."""
        return self.heat.value() / 100

    @property
    def top_k(self) -> int:
        """How many tokens are drawn from; 0 for all."""
        return self.likeliest.value() if self.likeliest.value() <= MOST else 0

    @property
    def seed(self) -> int:
        """What the drawing begins from."""
        return int(self.seed_.text() or 0)

    def _slider(self, low: int, high: int, value: int) -> QSlider:
        made = QSlider(Qt.Orientation.Horizontal)
        made.setRange(low, high)
        made.setPageStep(max((high - low) // 10, 1))
        made.setValue(value)
        return made

    def _line(self, at: int, name: str, help_: str, slider: QSlider, text: QLabel) -> None:
        slider.setAccessibleName(name)
        slider.setToolTip(help_)
        for across, part in enumerate((label(name, "secondary"), slider, text)):
            self._grid.addWidget(part, at, across)

    def _change(self, *_value: object) -> None:
        self._tell()
        self.changed.emit()

    def _tell(self) -> None:
        self.heat_text.setText(f"{self.temperature:.2f}")
        self.likeliest_text.setText(str(self.top_k) if self.top_k else "all")

    def _restyle(self, theme: Theme) -> None:
        for text in (self.heat_text, self.likeliest_text):
            text.setMinimumWidth(theme.px(34))
        self.seed_.setMaximumWidth(theme.px(90))
