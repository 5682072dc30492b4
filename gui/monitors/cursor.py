"""The step under the pointer, shared by all monitors."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class Cursor(QObject):
    """One place in time; moving it over one plot moves the line in all of them."""

    moved = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.step: float | None = None

    def move(self, step: float | None) -> None:
        """Point at `step`, or nowhere."""
        if step != self.step:
            self.step = step
            self.moved.emit()
