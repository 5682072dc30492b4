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

    def showEvent(self, event: QShowEvent) -> None:
        """Ask while it is seen."""
        super().showEvent(event)
        self.is_shown = True
        self.looked_at.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks."""
        super().hideEvent(event)
        self.is_shown = False
