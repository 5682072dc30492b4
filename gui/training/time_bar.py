"""The line under the canvas while a moment of the run that is past is shown: which, and the way back to now."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QSlider

from gui.theme import Themes
from gui.widgets import IconButton, IconLabel, label, push, row


class TimeBar(QFrame):
    """Hidden while what is shown is what is now."""

    moved = Signal(int)
    """A step was chosen."""
    stepped = Signal(int)
    """One measurement back (-1) or on (1)."""
    left = Signal()
    """Back to now."""

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self.setProperty("role", "info-box")
        self.setAccessibleName("Look back in time")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Step that is shown")
        self.slider.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.back = IconButton(themes, "left", "The measurement before (Left)")
        self.on = IconButton(themes, "right", "The next measurement (Right)")
        self.words, self.live = label("", "mono11"), push("Back to now", "small")
        self.live.setToolTip("Show again what is now (Esc)")
        clock = IconLabel(themes, "clock", "accent", 16)
        layout = row(clock, self.words, self.back, self.slider, self.on, self.live, margins=(12, 6, 8, 6))
        layout.setStretch(3, 1)
        self.setLayout(layout)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.slider.valueChanged.connect(self.moved)
        self.back.clicked.connect(lambda: self.stepped.emit(-1))
        self.on.clicked.connect(lambda: self.stepped.emit(1))
        self.live.clicked.connect(self.left)
        self.hide()

    def show_moment(self, step: int, first: int, last: int, words: str) -> None:
        """Show that this step of those from `first` to `last` is shown."""
        with QSignalBlocker(self.slider):
            self.slider.setRange(first, last)
            self.slider.setValue(step)
        self.back.setEnabled(step > first)
        self.on.setEnabled(step < last)
        self.words.setText(words)
        self.setAccessibleName(f"A moment that is past: {words}")
        self.show()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102  # Qt's name
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        key = Qt.Key(event.key())
        if key in steps:
            self.stepped.emit(steps[key])
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
