"""Walks through the samples of the data: the one before, the next, one by chance."""

from __future__ import annotations

from random import Random
from typing import Literal

from PySide6.QtCore import QSignalBlocker, QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from gui.segments import Segments
from gui.theme import Themes
from gui.widgets import ElidedLabel, IconButton, row

Part = Literal["train", "validation"]


class Samples(QWidget):
    """Which sample is shown, or that the input is the user's own."""

    asked = Signal(str, int)
    """A part, and the place of a sample in it."""

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self.sizes: dict[str, int] = {"train": 0, "validation": 0}
        self.part: Part = "validation"
        self.place = -1
        """Of the sample that is shown; −1: none."""
        self.is_own = True
        """Whether the input is the user's own."""
        self._random = Random(0)
        self.words = ElidedLabel("", "caption2")
        self.before = IconButton(themes, "left", "The sample before", 14)
        self.after = IconButton(themes, "right", "The next sample", 14)
        self.dice = IconButton(themes, "dice", "A sample by chance", 14)
        self.parts = Segments(themes, (("validation", "Held out"), ("train", "Train")))
        self.parts.setAccessibleName("Which samples")
        self.parts.chosen.connect(self._choose)
        self.before.clicked.connect(lambda: self._go(self.place - 1))
        self.after.clicked.connect(lambda: self._go(self.place + 1))
        self.dice.clicked.connect(lambda: self._go(self._random.randrange(max(self._size, 1))))
        layout = row(self.parts, self.words, self.dice, self.before, self.after, spacing=4)
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self._tell()

    @property
    def _size(self) -> int:
        return self.sizes[self.part]

    def minimumSizeHint(self) -> QSize:  # noqa: D102  # Qt's name
        least = self.parts.width_when(compact=True) + self._buttons
        return QSize(least, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102  # Qt's name
        super().resizeEvent(event)
        room = self.width() - self._buttons - self.fontMetrics().horizontalAdvance("9,999 of 9,999") * 3 // 4
        self.parts.set_compact(self.parts.width_when(compact=False) > room)

    @property
    def _buttons(self) -> int:
        """The pixels of the buttons and the gaps."""
        return sum(part.sizeHint().width() + 4 for part in (self.dice, self.before, self.after)) + 4

    def use(self, train: int, held_out: int) -> None:
        """There are so many samples in each part; the input is the user's own until one is shown."""
        self.sizes = {"train": train, "validation": held_out}
        self.place, self.is_own = -1, True
        self.part = "validation" if held_out else "train"
        with QSignalBlocker(self.parts):
            self.parts.choose(self.part)
        self.parts.setVisible(bool(held_out and train))
        self.setVisible(bool(held_out or train))
        self._tell()

    def shown(self, place: int) -> None:
        """This sample is shown."""
        self.place, self.is_own = place, False
        self._tell()

    def own(self) -> None:
        """The user changed what is shown."""
        self.is_own = True
        self._tell()

    def ask(self) -> None:
        """Ask for the first sample, or the one that was shown."""
        self._go(max(self.place, 0))

    def _go(self, place: int) -> None:
        if self._size:
            self.asked.emit(self.part, place % self._size)

    def choose(self, part: Part) -> None:
        """Walk through this part from now on, without asking for one of it."""
        self.part = part
        with QSignalBlocker(self.parts):
            self.parts.choose(part)

    def _choose(self, part: str) -> None:
        self.part = "train" if part == "train" else "validation"
        self.place = -1
        self._go(0)

    def _tell(self) -> None:
        if self.is_own or self.place < 0:
            self.words.set_text("your own" if self.is_own and self.place >= 0 else "")
        else:
            self.words.set_text(f"{self.place + 1:,} of {self._size:,}")
