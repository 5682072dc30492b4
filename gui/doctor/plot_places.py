"""Where the numbers of a finding's small plot stand: pixels of bars, lines, marks and the limit."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPolygonF

from core.diagnosis.finding import Curve, Plot
from gui.monitors import ticks
from gui.monitors.ink import Ink
from gui.monitors.scale import Scale

ABOVE, BELOW, TICK = 8, 18, 28
"""Pixels over and under the area, and between two labels of its axis."""
MOST_DECADES = 12.0
"""That a logarithmic axis shows: exact zeros and what lies deeper stand on the ground."""
STEPS = (1, 2, 3, 5, 10, 20, 50, 100)
"""Decades between two labels."""
NARROW = 8
"""Pixels of a bar from which on there is more than a hairline between two."""


@dataclass(frozen=True)
class Places:
    """One plot in a widget of this size."""

    plot: Plot
    ink: Ink
    width: int
    height: int

    @property
    def area(self) -> QRectF:
        """Where the numbers are drawn."""
        px = self.ink.px
        wide = max((self.ink.wide(mark.label) for mark in self.marks), default=0.0)
        left = math.ceil(wide) + px(10)
        return QRectF(left, px(ABOVE), max(self.width - left - px(2), 10), max(self.height - px(ABOVE + BELOW), 10))

    @property
    def scale(self) -> Scale:
        """Upwards, in logarithms on a logarithmic axis."""
        px, (low, high) = self.ink.px, value_range(self.plot)
        return Scale(low, high, max(self.height - px(BELOW), px(ABOVE) + 10), px(ABOVE), log=self.plot.logarithmic)

    @property
    def marks(self) -> list[ticks.Tick]:
        """What the axis is labelled with."""
        low, high = value_range(self.plot)
        most = max(int((self.height - self.ink.px(ABOVE + BELOW)) / self.ink.px(TICK)), 2)
        return decades(low, high, most) if self.plot.logarithmic else ticks.linear(low, high, most)

    @property
    def count(self) -> int:
        """Names under the bars."""
        return max((len(curve.y) for curve in self.plot.curves), default=0)

    def bars(self) -> list[tuple[int, int, QRectF]]:
        """Which name, which curve, and where its bar is drawn."""
        area, curves = self.area, self.plot.curves
        pitch = area.width() / max(self.count, 1)
        gap = 1.0 if pitch < NARROW else self.ink.px(3)
        wide = max((pitch - gap) / max(len(curves), 1), 1.0)
        return [
            (place, turn, self._bar(area, area.left() + place * pitch + gap / 2 + turn * wide, wide, curve.y[place]))
            for place in range(self.count)
            for turn, curve in enumerate(curves)
            if place < len(curve.y)
        ]

    def line(self, curve: Curve) -> list[QPolygonF]:
        """The pixels of a line, in pieces where a value is none or not finite."""
        across, pieces = self.across, [QPolygonF()]
        for place, value in enumerate(curve.y):
            if math.isfinite(value) and (value > 0 or not self.plot.logarithmic):
                x = curve.x[place] if curve.x else float(place)
                pieces[-1].append(QPointF(across.pixel(x), self.at(value)))
            elif not pieces[-1].isEmpty():
                pieces.append(QPolygonF())
        return pieces

    @property
    def across(self) -> Scale:
        """From steps, or places in a row, to pixels."""
        area, curves = self.area, self.plot.curves
        places = [x for curve in curves for x in (curve.x or (0.0, float(max(len(curve.y) - 1, 1))))]
        low, high = min(places, default=0.0), max(places, default=1.0)
        return Scale(low, high if high > low else low + 1, area.left(), area.right())

    @property
    def limit(self) -> float | None:
        """The pixel at which the limit is drawn; None where there is none."""
        limit = self.plot.limit
        return None if limit is None or (self.plot.logarithmic and limit <= 0) else self.at(limit)

    def at(self, value: float) -> float:
        """The pixel of a value, within the area."""
        scale = self.scale
        number = value if not scale.log else math.log10(value) if value > 0 else scale.low
        return scale.pixel(min(max(number, scale.low), scale.high))

    def _bar(self, area: QRectF, x: float, wide: float, value: float) -> QRectF:
        """From the ground to the value; one that is not finite fills the area."""
        if not math.isfinite(value):
            return QRectF(x, area.top(), wide, area.height())
        ground = area.bottom() if self.plot.logarithmic else self.at(0.0)
        top = self.at(value)
        return QRectF(x, min(top, ground - 1), wide, max(abs(ground - top), 1.0))


def decades(low: float, high: float, most: int) -> list[ticks.Tick]:
    """Powers of ten from the highest down, between whole decades; never more than `most` and one."""
    step = next((step for step in STEPS if (high - low) / step <= most), STEPS[-1])
    return [ticks.Tick(at, ticks.power(at)) for at in range(round(high), round(low) - 1, -step)]


def value_range(plot: Plot) -> tuple[float, float]:
    """From where to where the values and the limit go, as logarithms on a logarithmic axis."""
    values = [value for curve in plot.curves for value in curve.y]
    values += [plot.limit] if plot.limit is not None else []
    if plot.logarithmic:
        return _decades([math.log10(value) for value in values if value > 0 and math.isfinite(value)])
    finite = [value for value in values if math.isfinite(value)] or [0.0]
    low, high = min(finite), max(finite)
    if plot.form != "line":
        low, high = min(low, 0.0), max(high, 0.0)
    pad = (high - low) * 0.06 or abs(high) * 0.1 or 1.0
    return (low - pad if low < 0 or plot.form == "line" else low), (high + pad if high > 0 or low == high else high)


def _decades(logs: list[float]) -> tuple[float, float]:
    """Whole decades that hold these logarithms, at most so many below the highest."""
    if not logs:
        return -1.0, 0.0
    high = math.ceil(max(logs) - 1e-9)
    low = max(math.floor(min(logs) + 1e-9), high - MOST_DECADES)
    return (low, high) if low < high else (low - 1, high)
