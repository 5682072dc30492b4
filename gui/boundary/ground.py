"""What plots over one number or two stand on: from values to pixels, the two axes, the frame."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from core.data.sources import FieldSpec
from core.engine.predictions import Column
from gui.monitors import axes, ticks
from gui.monitors.ink import Ink
from gui.monitors.scale import Scale

LEFT, BELOW, ABOVE, RIGHT = 40, 22, 6, 6
"""Pixels around the area."""
Span = tuple[float, float]


class Ground(NamedTuple):
    """An area and what its axes span."""

    area: QRectF
    across: Span
    up: Span

    def scales(self) -> tuple[Scale, Scale]:
        """From values to pixels, across and up."""
        area, (left, right), (low, high) = self
        return Scale(left, right, area.left(), area.right()), Scale(low, high, area.bottom(), area.top())

    def pixels(self, places: NDArray[Any]) -> NDArray[np.float64]:
        """The pixels (N, 2) of places (N, 2)."""
        across, up = self.scales()
        return np.stack([across.pixels(places[:, 0]), up.pixels(places[:, 1])], axis=1)


def is_of_one_unit(spec: FieldSpec) -> bool:
    """Whether all numbers of a field are measured in one unit: places of a plane."""
    return spec.name == "point"


def spans_of(columns: list[Column], equal: bool, margin: float) -> tuple[Span, Span]:
    """What the axes show: all that occurs and a margin; as much along both where the unit is the same."""
    ranges = [(one.high - one.low or 1.0, (one.low + one.high) / 2) for one in columns]
    wide = [max(span for span, _middle in ranges)] * 2 if equal else [span for span, _middle in ranges]
    (left, right), (low, high) = (
        (middle - span * (0.5 + margin), middle + span * (0.5 + margin))
        for span, (_span, middle) in zip(wide, ranges, strict=True)
    )
    return (left, right), (low, high)


def paint_axes(painter: QPainter, theme: Ink, ground: Ground, width: float) -> None:
    """The area's own colour, its gridlines, and the numbers at the left and below; nothing beyond `width`."""
    area, (across, up) = ground.area, ground.scales()
    painter.fillRect(area, theme.color("inset"))
    marks = ticks.linear(up.low, up.high, max(int(area.height() / theme.px(44)), 2))
    axes.value_axis(painter, theme, area, up, marks)
    painter.setPen(theme.color("text3"))
    painter.setFont(theme.caption)
    for mark in ticks.linear(across.low, across.high, max(int(area.width() / theme.px(56)), 2)):
        x = round(across.pixel(mark.value))
        painter.fillRect(QRectF(x, area.bottom(), 1, 4), theme.color("line2"))
        text = theme.label(mark.label)
        left = min(x - text.size().width() / 2, width - text.size().width() - 1)
        painter.drawStaticText(QPointF(left, area.bottom() + 5), text)


def paint_frame(painter: QPainter, theme: Ink, area: QRectF, is_focused: bool) -> None:
    """The line around the area."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.color("accent" if is_focused else "line2"), 1))
    painter.drawRect(area.adjusted(0, 0, -1, -1))
