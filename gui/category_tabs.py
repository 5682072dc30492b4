"""A row of categories of which one is on, each with how many it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QSizePolicy, QWidget

from gui.widgets import push, row

ALL = "All"


class CategoryTabs(QWidget):
    """All and the categories; the arrow keys go from one to the next."""

    chosen = Signal(str)

    def __init__(self, categories: Sequence[str]) -> None:
        super().__init__()
        self._group = QButtonGroup(self)
        self.buttons: dict[str, QPushButton] = {}
        for name in (ALL, *categories):
            button = push(name, "chip")
            button.setCheckable(True)
            button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            button.clicked.connect(lambda _on=False, name=name: self.chosen.emit(name))
            self._group.addButton(button)
            self.buttons[name] = button
        self.buttons[ALL].setChecked(True)
        self.setLayout(row(*self.buttons.values(), spacing=6))

    @property
    def current(self) -> str:
        """The category that is on."""
        return next(name for name, button in self.buttons.items() if button.isChecked())

    def show_counts(self, counts: Mapping[str, int]) -> None:
        """Say how many there are of each; all are their sum and what has no category."""
        for name, button in self.buttons.items():
            button.setText(f"{name}  {counts.get(name, 0)}")
