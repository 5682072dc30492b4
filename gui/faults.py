"""Problems of a node in boxes of their own, each with its fixes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MappingProxyType

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from core.problems import Problem
from gui.theme import Themes
from gui.widgets import IconLabel, column, frame, prose, push, row

Fixes = list[tuple[str, Callable[[], object]]]
"""What a problem offers: the words on the button, and what it does."""
LOOKS = MappingProxyType(
    {
        "error": ("error", "error", "error-box"),
        "warning": ("warn", "warn", "warn-box"),
        "hint": ("info", "accent", "info-box"),
    }
)
"""By severity: the picture, its colour and the role of the box."""


class Faults(QWidget):
    """The problems that belong to no field of the form."""

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self._themes = themes
        self._boxes: list[QFrame] = []
        self._shown: tuple[Problem, ...] = ()
        self._stack = QVBoxLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.setSpacing(6)

    def show_problems(self, problems: Sequence[Problem], fixes: Callable[[Problem], Fixes]) -> None:
        """Show these."""
        self.setVisible(bool(problems))
        if tuple(problems) == self._shown:
            return
        self._shown = tuple(problems)
        for box in self._boxes:
            self._stack.removeWidget(box)
            box.deleteLater()
        self._boxes = [self._box(problem, fixes(problem)) for problem in problems]
        for box in self._boxes:
            self._stack.addWidget(box)

    def _box(self, problem: Problem, fixes: Fixes) -> QFrame:
        icon, color, role = LOOKS[problem.severity]
        head = row(IconLabel(self._themes, icon, color, 13), spacing=6)
        head.addWidget(prose(problem.message, ""), 1)
        inner = column(spacing=6, margins=(8, 6, 8, 6))
        inner.addLayout(head)
        if fixes:
            buttons = row(spacing=6)
            for title, call in fixes:
                button = push(title, "small-primary")
                button.clicked.connect(lambda _on=False, run=call: run())
                buttons.addWidget(button)
            buttons.addStretch(1)
            inner.addLayout(buttons)
        elif problem.error.fix:
            inner.addWidget(prose(problem.error.fix))
        return frame(role, inner)
