"""A monitor that shows what the engine says when it is asked, while it is seen."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QShowEvent

from gui.monitors.panel import Monitor


class SeenMonitor(Monitor):
    """Who asks the engine for it listens to `looked_at`."""

    looked_at = Signal()
    """The monitor has come into view, or wants to know something else."""
    is_shown = False

    def shown_step(self) -> int | None:
        """The step of the answer that is shown; None where there is none. Subclasses say it."""
        return None

    def moment_words(self, step: int) -> str:
        """Whose weights answered: of a step that is not kept, the nearest did."""
        shown = self.shown_step()
        if shown is None:
            return "nothing of that step"
        return f"step {step:,}" if shown == step else f"weights of step {shown:,}"

    def showEvent(self, event: QShowEvent) -> None:
        """Ask while it is seen."""
        super().showEvent(event)
        self.is_shown = True
        self.looked_at.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks."""
        super().hideEvent(event)
        self.is_shown = False
