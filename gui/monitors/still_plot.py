"""Plots whose width is no time: nothing to zoom or to move, and a click chooses no step."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent

from gui.monitors.cursor import Cursor
from gui.monitors.plot import Plot
from gui.theme import Themes
from gui.training.feed import Feed


class StillPlot(Plot):
    """Tells of what is under the pointer."""

    has_steps = False

    def wheelEvent(self, event: QWheelEvent) -> None:
        """There is nothing to zoom."""
        event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell of what is under the pointer."""
        self.pointer = event.position()
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click chooses no step."""
        self._press = None
        event.accept()


class SamplePlot(StillPlot):
    """One sample at a time; Left and Right go to another."""

    sample_changed = Signal()
    """Another sample is wanted."""

    def __init__(self, feed: Feed, themes: Themes, cursor: Cursor) -> None:
        super().__init__(feed, themes, cursor)
        self.sample = 0
        """The place of the sample among the held-out ones."""

    def choose_sample(self, place: int) -> None:
        """Ask for another sample."""
        self.sample = max(place, 0)
        self.sample_changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right go to another sample."""
        by = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if by is None:
            super().keyPressEvent(event)
        else:
            self.choose_sample(self.sample + by)
