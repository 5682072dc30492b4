"""The step under the pointer, shared by all monitors, and the one that a click has chosen."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class Cursor(QObject):
    """One place in time; moving it over one plot moves the line in all of them, a click lets it stay."""

    moved = Signal()
    picked = Signal(object)
    """The step that was clicked, as a whole number, or None where it was let go."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.step: float | None = None
        self.pinned: int | None = None
        """Where it stays while no pointer is over a plot."""

    def move(self, step: float | None) -> None:
        """Point at `step`, or at the step that was chosen, or nowhere."""
        wanted = step if step is not None else self.pinned
        if wanted != self.step:
            self.step = wanted
            self.moved.emit()

    def pick(self, step: int | None) -> None:
        """Stay at `step`, or nowhere."""
        if step == self.pinned:
            return
        self.pinned = step
        self.picked.emit(step)
        self.step = step
        self.moved.emit()
