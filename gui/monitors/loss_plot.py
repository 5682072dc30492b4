"""The curves of the loss: every step, smoothed, each of several losses, and on the validation part."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from core.telemetry.record import RunRecord
from core.telemetry.sheet import Sheet, beside, of_steps
from gui.monitors import axes, crosshair, lines, strokes, ticks
from gui.monitors.axes import Line
from gui.monitors.cursor import Cursor
from gui.monitors.layer_rows import to_come
from gui.monitors.loss_curves import Curve, Name, Raw, chance_name, terms_of, validation_of
from gui.monitors.plot import Plot
from gui.monitors.scale import Scale, logarithm, padded
from gui.theme import Themes, mix
from gui.training.feed import Feed

EMPTY = (math.log10(0.01), math.log10(3.0))
"""The values that an empty plot shows, as logarithms."""
RAW = 0.36
"""How strong every step's loss is drawn, against the ground."""
PALE = 0.45
"""How strong the lines of the run before are drawn."""
SHEER = 150
"""How dense the ground of the name of the guess is, of 255: a curve behind it is still seen."""
SMOOTHING = 0.92


class LossPlot(Plot):
    """The curves of the loss."""

    stays = True

    def __init__(self, feed: Feed, themes: Themes, cursor: Cursor) -> None:
        super().__init__(feed, themes, cursor)
        self.factor = SMOOTHING
        self.scaling = "automatic"
        self.log = True
        self.raw, self.smooth, self.validation = Raw(), Curve(), Curve()
        self.compares = True
        """Whether the run before is drawn too, where there is one."""
        self.earlier = Curve(), Curve()
        """Its smoothed and its validation loss."""
        self.terms: dict[str, Curve] = {}
        """Each loss of several, smoothed, by the path of its step."""
        self._fit = EMPTY

    @property
    def before(self) -> RunRecord | None:
        """The run to compare with."""
        return self.feed.earlier if self.compares and self.record is not None else None

    def extent(self) -> tuple[float, float]:
        """The steps of both runs."""
        begin, end = super().extent()
        before = self.before
        return (begin, end) if before is None else (min(begin, before.first_step), max(end, before.last_step))

    def area(self) -> QRectF:
        """Below the row of names, right of the labels."""
        return self.kept_area(self._below_names)

    def _below_names(self) -> QRectF:
        px = self.theme.px
        return QRectF(px(42), px(30), self.width() - px(56), self.height() - px(60))

    def values(self) -> Scale:
        """Losses from bottom to top."""
        area = self.area()
        return Scale(*self.span.within(*self._fit), area.bottom(), area.top(), self.log)

    def value_extent(self) -> tuple[float, float]:
        """The losses in view."""
        return self._fit

    def prepare(self) -> None:
        """Curves for the steps in view, at what the pixels can show."""
        record = self.record
        self.gathering = False
        behind = record is not None and self.gathers(record.column("loss"), record)
        if record is None or self.gathering:
            self.raw, self.smooth, self.validation = Raw(), Curve(), Curve()
            self.earlier, self.terms = (Curve(), Curve()), {}
            self.log, self._fit = True, EMPTY
            return
        if not behind:
            self._measure(record)
        self._choose_scale()
        self._place()

    def _measure(self, record: RunRecord) -> None:
        steps, pixels, loss = self.steps(), max(round(self.area().width()), 1), record.column("loss")
        envelope = loss.envelope(steps.low, steps.high, self._pixels(), self.log_time)
        self.raw = Raw(envelope.x, envelope.low.astype(np.float64), envelope.high.astype(np.float64))
        self.smooth = Curve(*loss.smooth(steps.low, steps.high, pixels, self.factor, self.log_time))
        self.validation = validation_of(record)
        self.terms = {
            path: Curve(*column.smooth(steps.low, steps.high, pixels, self.factor, self.log_time))
            for path, column in terms_of(record).items()
        }
        before = self.before
        self.earlier = Curve(), Curve()
        if before is not None:
            column = before.column("loss")
            smooth = Curve(*column.smooth(steps.low, steps.high, pixels, self.factor, self.log_time))
            self.earlier = smooth, validation_of(before)

    def sheet(self) -> Sheet | None:
        """Every step's losses in view, and the validation's where there was one."""
        record, steps = self.record, self.steps()
        if record is None or not len(record.steps):
            return None
        columns = {"loss": record.column("loss"), **terms_of(record)}
        found = {point.step: point.loss for point in record.validations}
        return beside(of_steps(columns, steps.low, steps.high), "validation", found)

    def paint(self, painter: QPainter) -> None:
        """Axes, curves, names, and what the cursor points at."""
        theme, area, record = self.theme, self.area(), self.record
        steps, values = self.steps(), self.values()
        axes.value_axis(painter, theme, area, values, self._value_ticks(values))
        axes.step_axis(painter, theme, area, steps, self.width() - 4)
        if record is None or not len(record.steps) or self.gathering:
            axes.nothing_yet(painter, theme, area, *self._empty_lines())
            return
        painter.save()
        painter.setClipRect(self._curve_room())
        self._paint_curves(painter)
        self._paint_chance(painter, area, values, record.started.loss_at_chance)
        painter.restore()
        self._paint_names(painter, record)

    def _curve_room(self) -> QRectF:
        """The area with the ends of the lines at its edges."""
        return self.area().adjusted(0, -2, self.theme.px(6), 1)

    @property
    def _faint(self) -> QColor:
        """The colour of every step's loss."""
        return mix(self.theme.color("panel"), self.theme.color("train"), RAW)

    def _pixels(self) -> int:
        return max(round(self.area().width() * self.devicePixelRatioF()), 1)

    def _choose_scale(self) -> None:
        """Logarithmic unless all lies within one decade, or a person chose."""
        earlier = [curve.y for curve in (*self.earlier, *self.terms.values())]
        found = np.concatenate([self.raw.low, self.raw.high, self.smooth.y, self.validation.y, *earlier])
        found = found[np.isfinite(found)]
        if not len(found):
            self.log, self._fit = self.scaling != "linear", EMPTY
            return
        shown = np.concatenate([self.smooth.y, self.validation.y, *earlier])
        low = float(found.min())
        high = float(found.max())
        log = self.scaling == "log" or (self.scaling == "automatic" and low > 0 and high > 10 * low)
        if log != self.log:
            self.log, self.span = log, type(self.span)()
        if log:
            # Every step's smallest losses may leave a long tail below: the lowest 2 % may run out of the view.
            kth = len(found) // 50
            low = min(float(np.partition(found, kth)[kth]), float(np.nanmin(shown, initial=np.inf)))
            logs = logarithm(found[found > 0] if (found > 0).any() else np.array([1.0]))
            low, high = (math.log10(low) if low > 0 else float(logs.min())), float(logs.max())
        self._fit = padded(low, high, 0.05, least=0.3 if log else 1e-3 * max(abs(high), 1e-6))

    def _place(self) -> None:
        steps, values = self.steps(), self.values()
        x, low = steps.pixels(self.raw.x), values.pixels(self.raw.low)
        self.raw.columns, self.raw.picture, self.raw.pieces = np.empty((0, 4)), lines.NO_PICTURE, np.empty((0, 4))
        if len(x) <= self._pixels() / 2:
            self.raw.pieces = lines.segments(x, low)
        else:
            high, ratio = values.pixels(self.raw.high), self.devicePixelRatioF()
            if self.keeps_lines:
                (self.raw.columns,) = lines.columns(x, low[:, None], high[:, None], ratio, self.log_time)
            else:
                self.raw.picture = lines.column_picture(
                    x, low, high, self._faint, self._curve_room(), ratio, self.log_time
                )
        for curve in (self.smooth, self.earlier[0], *self.terms.values()):
            curve.drawn = steps.pixels(curve.x), values.pixels(curve.y)
        for curve in (self.validation, self.earlier[1]):
            dashed = lines.dashes(steps.pixels(curve.x), values.pixels(curve.y))
            curve.pieces = lines.segments(*dashed)

    def _value_ticks(self, values: Scale) -> list[ticks.Tick]:
        most = max(3, int(self.area().height() / self.theme.px(30)))
        find = ticks.ones_and_threes if self.log else ticks.linear
        return find(values.low, values.high, min(most, 6))

    def _empty_lines(self) -> tuple[str, str]:
        if self.record is None:
            return "No steps yet. Press Train.", ""
        if self.gathering:
            return f"Gathering {len(self.record.steps):,} steps…", ""
        return to_come(self.record, "No steps yet.", "The first one is under way.")

    def _paint_curves(self, painter: QPainter) -> None:
        theme = self.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        lines.draw_columns(painter, self.raw.columns, self._faint)
        self.raw.picture.draw(painter)
        painter.setPen(QPen(self._faint, 1 / self.devicePixelRatioF()))
        lines.draw_segments(painter, self.raw.pieces)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        smooth, validation = self.earlier
        room = None if self.keeps_lines else self._curve_room()
        strokes.stroke_segments(painter, validation.pieces, self._pale("val"), 2)
        strokes.curve(painter, *smooth.drawn, self._pale("train"), 2, room)
        for curve, color in zip(self.terms.values(), self._term_colors(), strict=True):
            strokes.curve(painter, *curve.drawn, color, 1, room)
            self._paint_end(painter, curve, color)
        strokes.stroke_segments(painter, self.validation.pieces, theme.color("val"), 2)
        strokes.curve(painter, *self.smooth.drawn, theme.color("train"), 2, room)
        self._paint_end(painter, self.validation, theme.color("val"))
        self._paint_end(painter, self.smooth, theme.color("train"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _term_colors(self) -> list[QColor]:
        """A colour a loss, unlike those of training and validation."""
        theme, count = self.theme.theme, len(self.terms)
        return [theme.series(index + 2) for index in range(count)] if count <= 4 else theme.depth_ramp(count)

    def _pale(self, token: str) -> QColor:
        return mix(self.theme.color("panel"), self.theme.color(token), PALE)

    def _paint_end(self, painter: QPainter, curve: Curve, color: QColor) -> None:
        if len(curve.x) and math.isfinite(curve.y[-1]):
            painter.setPen(QPen(color, 0))
            painter.setBrush(color)
            at = QPointF(float(self.steps().pixels(curve.x[-1])), float(self.values().pixels(curve.y[-1])))
            painter.drawEllipse(at, 3.5, 3.5)

    def _paint_chance(self, painter: QPainter, area: QRectF, values: Scale, chance: float | None) -> None:
        """A line at the loss of a guess, with its name under it at the right."""
        if chance is None or chance <= 0:
            return
        theme = self.theme
        y = float(values.pixels(chance))
        if not area.top() < y < area.bottom():
            return
        painter.setPen(QPen(theme.color("line3"), 1))
        lines.draw_segments(painter, lines.dashed((area.left(), y), (area.right(), y), 3, 3))
        below = y + theme.px(18) < area.bottom()
        box = QRectF(area.left(), y + (2 if below else -theme.px(18)), area.width() - 2, theme.px(16))
        wide = theme.wide(chance_name(chance)) + theme.px(8)
        ground = QColor(theme.color("panel"))  # the theme's own is everybody's
        ground.setAlpha(SHEER)
        painter.fillRect(box.adjusted(box.width() - wide, 0, 2, 0), ground)
        axes.text(painter, box, axes.RIGHT, chance_name(chance), theme.color("text2"), theme.caption)

    def _paint_names(self, painter: QPainter, record: RunRecord) -> None:
        """The row above the plot: each curve's name, its newest value, and the kind of scale."""
        theme, area = self.theme, self.area()
        middle, x = theme.px(16), area.left() - theme.px(14)
        for name in self._fitting(self.names(record), area.width()):
            begin = x + theme.px(14)
            if x > area.left() and begin + self._name_width(name) > area.right():
                break
            x = self._paint_name(painter, begin, middle, name)
        words = "log scale" if self.log else "linear"
        wide = theme.wide(words)
        if x + wide + 8 < area.right():
            box = QRectF(area.right() - wide, middle - 10, wide, 20)
            axes.text(painter, box, axes.RIGHT, words, theme.color("text3"), theme.caption)

    def _fitting(self, names: list[Name], room: float) -> list[Name]:
        """The names with as many of their values as leave room for all names: the last ones lose theirs first."""
        apart = self.theme.px(14)
        for kept in range(len(names), -1, -1):
            found = [name if place < kept else name._replace(value=None) for place, name in enumerate(names)]
            if sum(self._name_width(name) + apart for name in found) - apart <= room:
                break
        return found if names else names

    def names(self, record: RunRecord) -> list[Name]:
        """What the row above the plot tells: the curves with their newest values, or those of the chosen step."""
        theme, step = self.theme, self.crosshair.pinned
        found = [Name("train", theme.color("train"), record.column("loss").value(step))]
        if (judged := record.validated(step)) is not None:
            found.append(Name("validation", theme.color("val"), judged.loss, dashed=True))
        for (path, column), color in zip(terms_of(record).items(), self._term_colors(), strict=False):
            found.append(Name(path, color, column.value(step)))
        if self.before is not None:
            found.append(Name("earlier run", self._pale("train"), None))
        return found

    def _name_width(self, name: Name) -> float:
        wide = 22 + self.theme.wide(name.words)
        return wide if name.value is None else wide + 6 + self.theme.wide_number(ticks.reading(name.value))

    def _paint_name(self, painter: QPainter, x: float, middle: float, name: Name) -> float:
        """Where it ends."""
        theme = self.theme
        for begin, end in ((0, 6), (9, 15)) if name.dashed else ((0, 15),):
            axes.hairline(painter, QPointF(x + begin, middle), QPointF(x + end, middle), name.color, 2)
        said = () if name.value is None else ((ticks.reading(name.value), theme.number, "text", 6),)
        for words, font, ink, gap in ((name.words, theme.caption, "text2", 22), *said):
            x += gap
            wide = theme.wide(words) if font is theme.caption else theme.wide_number(words)
            axes.text(painter, QRectF(x, middle - 10, wide, 20), axes.LEFT, words, theme.color(ink), font)
            x += wide
        return x

    def paint_over(self, painter: QPainter) -> None:
        """The step that all monitors point at, and what stands there."""
        record, area, steps, step = self.record, self.area(), self.steps(), self.crosshair.step
        if record is None or not len(record.steps) or self.gathering:
            return
        crosshair.paint(painter, self.theme, area, steps, self.crosshair)
        if step is None:
            return
        shown = self.reading(step)
        if self.pointer is not None and shown:
            axes.readout(painter, self.theme, area, self.pointer, shown)

    def reading(self, step: float) -> list[Line]:
        """What the plot says at a step: the nearest row, and the newest validation up to it."""
        record, theme = self.record, self.theme
        row = record.column("loss").at(step) if record is not None else None
        if record is None or row is None:
            return []
        found = [Line("step", f"{row[0]:,}"), Line("train", ticks.reading(row[1]), theme.color("train"))]
        near = np.abs(self.smooth.x - row[0])
        if len(near):
            found.append(Line("smoothed", ticks.reading(float(self.smooth.y[int(np.argmin(near))]))))
        for (path, column), color in zip(terms_of(record).items(), self._term_colors(), strict=False):
            term = column.at(step)
            if term is not None:
                found.append(Line(path, ticks.reading(term[1]), color))
        before = [point for point in record.validations if point.step <= row[0]]
        if before:
            found.append(Line(f"validation at {before[-1].step:,}", ticks.reading(before[-1].loss), theme.color("val")))
        smooth = self.earlier[0]
        if len(smooth.x) and smooth.x[0] - 1 <= step <= smooth.x[-1] + 1:
            value = float(smooth.y[int(np.argmin(np.abs(smooth.x - step)))])
            found.append(Line("earlier run, smoothed", ticks.reading(value), self._pale("train")))
        return found
