"""The whole run as a strip above a zoomed heatmap, with the part in view marked; a press or drag goes elsewhere."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from gui.monitors.ink import Ink
from gui.monitors.scale import Scale

HEIGHT, GAP = 18, 6


class TimeMap:
    """Where the strip is, what it shows, and which steps stand under a pixel of it."""

    def __init__(self) -> None:
        self.image = QImage()
        self.room = QRectF()
        self.shown = (0.0, 1.0)
        """The steps at its ends."""

    def steps(self) -> Scale:
        """From steps to pixels."""
        return Scale(*self.shown, self.room.left(), self.room.right())

    def view(self, low: float, high: float) -> QRectF:
        """The box around the steps in view, at least 6 pixels wide."""
        steps = self.steps()
        left, right = steps.pixel(low), steps.pixel(high)
        missing = max(6 - (right - left), 0) / 2
        return QRectF(left - missing, self.room.top(), right - left + 2 * missing, self.room.height())

    def paint(self, painter: QPainter, theme: Ink, low: float, high: float) -> None:
        """The strip, dimmed outside of the view."""
        painter.drawImage(self.room, self.image)
        box, shade = self.view(low, high), QColor(theme.color("panel"))
        shade.setAlphaF(0.6)
        room = self.room
        painter.fillRect(QRectF(room.left(), room.top(), max(box.left() - room.left(), 0), room.height()), shade)
        painter.fillRect(QRectF(box.right(), room.top(), max(room.right() - box.right(), 0), room.height()), shade)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.color("accent"), 1.5))
        painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))


def shrunk(indices: np.ndarray, rows: int) -> np.ndarray:
    """At most so many of the rows, evenly chosen: what a strip can show."""
    count = indices.shape[0]
    return indices if count <= rows else indices[np.linspace(0, count - 1, rows).round().astype(int)]
