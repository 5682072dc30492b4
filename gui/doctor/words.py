"""What the panel says while there is nothing to show: what is, how to go on, and at most one button."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from gui.doctor.standing import FIRST, Standing
from gui.widgets import column, label, prose, push

Button = Literal["", "train", "problems"]
BUTTONS = {"train": "Train", "problems": "Show problems"}


class Empty(QWidget):
    """Two lines and a button."""

    train_asked = Signal()
    problems_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "clear")
        self.title = label("", "title")
        self.hint = prose("", "secondary")
        self.button = push("Train", "primary")
        self._asks: Button = ""
        self.button.clicked.connect(self._ask)
        for part in (self.title, self.hint):
            part.setAlignment(Qt.AlignmentFlag.AlignCenter)
            part.setWordWrap(True)
        layout = column(self.title, self.hint, spacing=6, margins=(8, 24, 8, 24))
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        self.setLayout(layout)

    def say(self, title: str, hint: str, button: Button) -> None:
        """Say this."""
        self.title.setText(title)
        self.hint.setText(hint)
        self._asks = button
        self.button.setVisible(bool(button))
        self.button.setText(BUTTONS.get(button, ""))
        self.setAccessibleName(f"{title} {hint}")

    def _ask(self) -> None:
        (self.train_asked if self._asks == "train" else self.problems_asked).emit()


def nothing_words(standing: Standing) -> tuple[str, str, Button]:
    """What is said where nothing was found, how to go on, and the button for it."""
    if standing.phase == "empty":
        return "Nothing to check yet.", "Drop a layer on the canvas, or open a template.", ""
    if standing.phase == "wrong":
        count = standing.errors
        errors = f"{count} error{'s' if count != 1 else ''}"
        return f"The graph has {errors}.", "The Doctor looks at networks that can train.", "problems"
    if standing.phase == "before":
        hint = f"Data, layers and settings look right. A run is checked for the first time at step {FIRST}."
        return "No findings before training.", hint, "train"
    if standing.phase == "waiting":
        return "Nothing to check yet.", f"The first check runs at step {FIRST}.", ""
    if standing.failure:
        return "The run failed.", standing.failure, ""
    until = "to its end" if standing.ended else f"up to step {standing.step:,}"
    return "No findings.", f"The run was looked at {until}: nothing keeps the network from learning.", ""


def strip_words(standing: Standing) -> str:
    """What is said above the findings."""
    if standing.is_stale and standing.findings:
        return "The project has changed since this run. Train again to see what has become of it."
    if standing.failure and standing.findings:
        return f"The run failed. {standing.failure}"
    return ""
