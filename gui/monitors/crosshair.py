"""The line of the cursor that all monitors share, and the readout beside the pointer."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from gui.monitors import axes
from gui.monitors.axes import Line
from gui.monitors.cursor import Cursor
from gui.monitors.ink import Ink
from gui.monitors.scale import Scale


def paint(painter: QPainter, theme: Ink, area: QRectF, steps: Scale, at: Cursor) -> None:
    """A line at the step under the pointer, and a stronger one with a flag at the step that was chosen."""
    if at.pinned is not None:
        x = steps.pixel(at.pinned)
        if area.left() <= x <= area.right():
            painter.fillRect(QRectF(round(x), area.top(), 1, area.height()), theme.color("accent"))
            painter.fillRect(QRectF(round(x) - 2, area.top() - 3, 5, 3), theme.color("accent"))
    if at.step is not None and at.step != at.pinned:
        axes.cursor_line(painter, theme, area, steps.pixel(at.step))


def read_out(painter: QPainter, theme: Ink, area: QRectF, pointer: QPointF | None, shown: Sequence[Line]) -> None:
    """What stands at the pointer, where it points at something."""
    if pointer is not None and shown:
        axes.readout(painter, theme, area, pointer, shown)
