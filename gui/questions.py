"""Questions that stop the user for a moment: each answer is a verb and its object."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QPushButton, QWidget

from gui.widgets import column, label, prose, push, row


class Question(QDialog):
    """A title, a sentence and buttons; Esc is the last of them."""

    def __init__(self, window: QWidget | None, title: str, text: str, answers: Sequence[tuple[str, str]]) -> None:
        super().__init__(window)
        self.setWindowTitle(title)
        self.setModal(True)
        self.answer = answers[-1][0]
        self.buttons: dict[str, QPushButton] = {}
        line = row(None, spacing=8)
        for index, (key, words) in enumerate(answers):
            button = push(words, "primary" if index == 0 else "")
            button.clicked.connect(lambda _on=False, chosen=key: self._choose(chosen))
            button.setAutoDefault(index == 0)
            button.setDefault(index == 0)
            self.buttons[key] = button
            line.addWidget(button)
        sentence = prose(text)
        sentence.setMinimumWidth(380)
        layout = column(label(title, "name"), sentence, 8, spacing=8, margins=(20, 18, 20, 16))
        layout.addLayout(line)
        self.setLayout(layout)
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, False)

    def _choose(self, answer: str) -> None:
        self.answer = answer
        self.accept()


def ask_save(window: QWidget, name: str) -> Literal["save", "discard", "cancel"]:
    """What to do with the unsaved document of this name."""
    question = Question(
        window,
        f"Save the changes to {name}?",
        "The graph has changes that are in no file yet.",
        (("save", f"Save {name}"), ("discard", "Discard changes"), ("cancel", "Keep editing")),
    )
    question.exec()
    answer = question.answer
    question.deleteLater()
    return answer if answer in ("save", "discard") else "cancel"  # type: ignore[return-value]  # narrowed by the test


def ask_stop(window: QWidget, name: str) -> bool:
    """Whether the run of this document may end, as its tab is being closed."""
    question = Question(
        window,
        f"Stop training {name}?",
        "Its run is under way and ends with the tab. What it has learned up to its last checkpoint is kept on disk.",
        (("stop", f"Stop training and close {name}"), ("cancel", "Keep training")),
    )
    question.exec()
    answer = question.answer
    question.deleteLater()
    return answer == "stop"
