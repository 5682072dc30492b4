"""The line under the canvas while a moment of the run that is past is shown: which, and the way back to now."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QSlider, QStyle, QStyleOptionSlider

from gui.theme import Theme, Themes
from gui.widgets import ElidedLabel, IconButton, IconLabel, label, push, row


class MarkedSlider(QSlider):
    """A slider with marks under the steps whose weights are there."""

    def __init__(self, themes: Themes) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._themes = themes
        self.marks: Sequence[int] = ()
        themes.changed.connect(self._restyle)

    def mark(self, steps: Sequence[int]) -> None:
        """Mark these steps."""
        self.marks = steps
        self.update()

    def _restyle(self, _theme: Theme) -> None:
        self.update()

    def place(self, step: int) -> float:
        """Where a step stands, in pixels."""
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        control = QStyle.ComplexControl.CC_Slider
        groove = self.style().subControlRect(control, option, QStyle.SubControl.SC_SliderGroove, self)
        handle = self.style().subControlRect(control, option, QStyle.SubControl.SC_SliderHandle, self)
        room = groove.width() - handle.width()
        along = QStyle.sliderPositionFromValue(self.minimum(), self.maximum(), step, room)
        return groove.left() + handle.width() / 2 + along

    def paintEvent(self, event: QPaintEvent) -> None:
        """The marks below the groove, then the slider."""
        painter = QPainter(self)
        theme, low = self._themes.current, self.height() - 4
        for x in sorted({round(self.place(step)) for step in self.marks if self.minimum() <= step <= self.maximum()}):
            painter.fillRect(QRectF(x, low, 1, 4), theme.color("accent"))
        painter.end()
        super().paintEvent(event)


class TimeBar(QFrame):
    """Hidden while what is shown is what is now."""

    moved = Signal(int)
    """A step was chosen."""
    stepped = Signal(int)
    """One measurement back (-1) or on (1)."""
    jumped = Signal(int)
    """To the step before (-1) or after (1) whose weights are there."""
    left = Signal()
    """Back to now."""
    going_on = Signal()
    """Train on from the step that is shown."""

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self.setProperty("role", "info-box")
        self.setAccessibleName("Look back in time")
        self.slider = MarkedSlider(themes)
        self.slider.setAccessibleName("Step that is shown")
        self.slider.setToolTip("Marks: steps whose weights are there")
        self.slider.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.back = IconButton(themes, "left", "The measurement before (Left); kept weights before (Ctrl+Left)")
        self.on = IconButton(themes, "right", "The next measurement (Right); next kept weights (Ctrl+Right)")
        self.words, self.weights = label("", "mono11"), ElidedLabel("", "caption2")
        self.resume, self.live = push("Go on from here", "small"), push("Back to now", "small")
        self.live.setToolTip("Show again what is now (Esc)")
        clock = IconLabel(themes, "clock", "accent", 16)
        parts = (clock, self.words, self.back, self.slider, self.on, self.weights, self.resume, self.live)
        layout = row(*parts, margins=(12, 6, 8, 6))
        layout.setStretch(3, 2)
        layout.setStretch(5, 1)
        self.setLayout(layout)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.slider.valueChanged.connect(self.moved)
        self.back.clicked.connect(lambda: self.stepped.emit(-1))
        self.on.clicked.connect(lambda: self.stepped.emit(1))
        self.resume.clicked.connect(self.going_on)
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
        self._name()
        self.show()

    def show_weights(self, words: str, help_: str, can_go_on: bool, why: str) -> None:
        """Say whose weights are shown, and whether the run can go on from there, or why not."""
        self.weights.set_text(words)
        self.weights.setToolTip(f"{words[:1].upper()}{words[1:]}. {help_}")
        self.resume.setEnabled(can_go_on)
        self.resume.setToolTip(why)
        self._name()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102  # Qt's name
        key, jumps = Qt.Key(event.key()), bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        ways = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        pages = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}
        ends = {Qt.Key.Key_Home: self.slider.minimum(), Qt.Key.Key_End: self.slider.maximum()}
        if key in pages or (key in ways and jumps):
            self.jumped.emit((pages | ways)[key])
        elif key in ways:
            self.stepped.emit(ways[key])
        elif key in ends:
            self.moved.emit(ends[key])
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def _name(self) -> None:
        told = ", ".join(words for words in (self.words.text(), self.weights.whole) if words)
        self.setAccessibleName(f"A moment that is past: {told}")
