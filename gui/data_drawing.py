"""How samples are drawn, in the inspector and on cards: a series as a curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from gui.theme import Theme

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MARGIN = 8.0
"""Pixels around a curve."""


def draw_curve(painter: QPainter, room: QRectF, curve: NDArray[np.float32], cut: int, theme: Theme) -> None:
    """A series from left to right; from `cut` on, where it is held out, in another colour on a ground."""
    inner = room.adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
    edge = inner.left() + inner.width() * cut / max(len(curve) - 1, 1)
    if cut < len(curve):
        ground = QColor(theme.series(1))
        ground.setAlphaF(0.12)
        painter.fillRect(QRectF(QPointF(edge, room.top()), QPointF(inner.right(), room.bottom())), ground)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for start, stop, index in ((0, min(cut + 1, len(curve)), 0), (cut, len(curve), 1)):
        painter.setPen(QPen(theme.series(index), 1.3))
        painter.drawPolyline(_points(inner, curve, start, stop))


def _points(room: QRectF, curve: NDArray[np.float32], start: int, stop: int) -> QPolygonF:
    """The part of the curve, at most the least and the most of what falls on each pixel."""
    low, high = float(curve.min()), float(curve.max())
    across, down = room.width() / max(len(curve) - 1, 1), room.height() / max(high - low, 1e-9)
    step = max(int(len(curve) / max(room.width(), 1)), 1)
    found = QPolygonF()
    for place in range(start, stop, step):
        part = curve[place : min(place + step, stop)]
        ends = (float(part[0]),) if step == 1 else (float(part.min()), float(part.max()))
        for value in ends:
            found.append(QPointF(room.left() + place * across, room.bottom() - (value - low) * down))
    return found
