"""What can be copied and saved: a widget that draws, and the numbers behind its drawing."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from core.telemetry.sheet import Sheet


class Drawn(QWidget):
    """A drawing; with `keeps_lines` it is drawn as lines that scale, not as pixels."""

    keeps_lines = False

    def refresh(self) -> None:
        """Draw anew, as something has changed."""
        self.update()

    def sheet(self) -> Sheet | None:
        """Its numbers; None where it is empty."""
        return None
