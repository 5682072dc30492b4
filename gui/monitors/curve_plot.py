"""The ground of plots that draw a few named curves over the steps: what they share beside what they measure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from gui.monitors import axes, crosshair, lines, strokes, ticks
from gui.monitors.axes import Line
from gui.monitors.cursor import Cursor
from gui.monitors.named_curve import Measured, Named
from gui.monitors.plot import Plot
from gui.monitors.scale import FLOOR, Scale, logarithm, padded
from gui.theme import Themes
from gui.training.feed import Feed


class CurvePlot(Plot):
    """Curves that a subclass measures, on a linear or a logarithmic axis that fits them."""

    stays = True
    NOTHING = ("No steps yet. Press Train.", "")

    def __init__(self, feed: Feed, themes: Themes, cursor: Cursor) -> None:
        super().__init__(feed, themes, cursor)
        self.log = False
        self.curves: Sequence[Named] = ()
        self._fit = (0.0, 1.0)

    def measured(self, pixels: int) -> Sequence[Named]:
        """The curves for the steps in view, with about so many points each."""
        raise NotImplementedError

    def in_words(self, value: float) -> str:
        """A value beside its name."""
        return ticks.reading(value)

    def area(self) -> QRectF:
        """Below the row of names, right of the labels."""
        return self.kept_area(self._below_names)

    def _below_names(self) -> QRectF:
        px = self.theme.px
        return QRectF(px(52), px(30), max(self.width() - px(66), 10), max(self.height() - px(60), 10))

    def values(self) -> Scale:
        """From bottom to top."""
        area = self.area()
        return Scale(*self.span.within(*self._fit), area.bottom(), area.top(), self.log)

    def value_extent(self) -> tuple[float, float]:
        """The values in view."""
        return self._fit

    def prepare(self) -> None:
        """The curves, and an axis that holds them."""
        pixels = max(round(self.area().width()), 1)
        self.curves = self.measured(pixels) if self.record is not None else ()
        found = np.concatenate([curve.y for curve in self.curves]) if self.curves else np.empty(0)
        found = logarithm(found) if self.log else found
        found = found[np.isfinite(found) & (found > FLOOR)]
        if not len(found):
            self._fit = (-6.0, 0.0) if self.log else (0.0, 1.0)
            return
        low, high = float(found.min()), float(found.max())
        if not self.log:
            low = min(low, 0.0)
        self._fit = padded(low, high, 0.05, least=0.5 if self.log else 1e-3 * max(abs(high), 1e-12))

    def paint(self, painter: QPainter) -> None:
        """Axes, curves, names, and what the cursor points at."""
        theme, area, steps, values = self.theme, self.area(), self.steps(), self.values()
        most = min(max(3, int(area.height() / theme.px(30))), 6)
        marks = (ticks.ones_and_threes if self.log else ticks.linear)(values.low, values.high, most)
        axes.value_axis(painter, theme, area, values, marks)
        axes.step_axis(painter, theme, area, steps, self.width() - 4)
        if not any(len(curve.x) for curve in self.curves):
            axes.nothing_yet(painter, theme, area, *self.NOTHING)
            return
        painter.save()
        painter.setClipRect(area.adjusted(0, -2, theme.px(6), 1))
        self.paint_under(painter, area, steps)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for curve in self.curves:
            self._paint_curve(painter, curve, steps, values)
        painter.restore()
        self._paint_names(painter, area)

    def paint_over(self, painter: QPainter) -> None:
        """The step that all monitors point at, and the values there."""
        if not any(len(curve.x) for curve in self.curves):
            return
        theme, area = self.theme, self.area()
        crosshair.paint(painter, theme, area, self.steps(), self.crosshair)
        if self.crosshair.step is not None:
            shown = self.reading(self.crosshair.step)
            crosshair.read_out(painter, theme, area, self.pointer, shown)

    def paint_under(self, painter: QPainter, area: QRectF, steps: Scale) -> None:
        """What lies under the curves."""

    def reading(self, step: float) -> list[Line]:
        """Each curve's value at its point nearest to the step."""
        exact = [curve.at(step) for curve in self.curves if isinstance(curve, Measured)]
        here = exact[0][0] if exact and exact[0] is not None else max(round(step), 0)
        found = [Line("step", f"{here:,}")]
        for curve in self.curves:
            if (at := curve.at(step)) is not None:
                found.append(Line(curve.name, self.in_words(at[1]), curve.color))
        return found

    def _paint_curve(self, painter: QPainter, curve: Named, steps: Scale, values: Scale) -> None:
        x, y = steps.pixels(curve.x), values.pixels(curve.y)
        if curve.dashed:
            strokes.stroke_segments(painter, lines.segments(*lines.dashes(x, y)), curve.color, 2)
            return
        room = None if self.keeps_lines else self.area().adjusted(0, -2, self.theme.px(6), 1)
        strokes.curve(painter, x, y, curve.color, curve.width, room)

    def _paint_names(self, painter: QPainter, area: QRectF) -> None:
        """The row above the plot: each curve's name and its newest value, or that at the chosen step."""
        theme, x, middle = self.theme, area.left(), self.theme.px(16)
        for curve in self.curves:
            value = self.in_words(curve.value(self.crosshair.pinned)) if len(curve.y) and not curve.dashed else ""
            wide, number = theme.wide(curve.name), theme.wide_number(value)
            if x > area.left() and x + 22 + wide + number > area.right():
                break
            for begin, end in ((0, 6), (9, 15)) if curve.dashed else ((0, 15),):
                axes.hairline(painter, QPointF(x + begin, middle), QPointF(x + end, middle), curve.color, 2)
            box = QRectF(x + 22, middle - 10, wide, 20)
            axes.text(painter, box, axes.LEFT, curve.name, theme.color("text2"), theme.caption)
            axes.text(painter, box.translated(wide + 6, 0), axes.LEFT, value, theme.color("text"), theme.number)
            x += 22 + wide + (6 + number if value else 0) + theme.px(14)
