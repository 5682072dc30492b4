"""What stands in a panel while there is nothing to show: why, how to change that, and the button for it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from gui.widgets import column, label, prose, push


class Notice(QWidget):
    """One line that says what is, one that says how to go on, and at most one button."""

    train_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.title = label("", "title")
        self.hint = prose("", "secondary")
        self.button = push("Train", "primary")
        self.button.clicked.connect(self.train_asked)
        for part in (self.title, self.hint):
            part.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.title.setWordWrap(True)
        layout = column(None, self.title, self.hint, spacing=6, margins=(16, 16, 16, 16))
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(2)
        self.setLayout(layout)

    def say(self, title: str, hint: str, trains: bool = False) -> None:
        """Say this; with the button where training helps."""
        self.title.setText(title)
        self.hint.setText(hint)
        self.button.setVisible(trains)
        self.setAccessibleName(f"{title} {hint}")
