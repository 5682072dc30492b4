"""The metrics of the validation part: curves over the steps, and a small table of what they are and were at best."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPen

from core.telemetry.judged import Judgements, MetricCurve
from core.telemetry.record import RunRecord
from core.telemetry.sheet import Sheet, fixed
from core.training.metric_kinds import METRICS, metric_text, title
from gui.monitors import axes, crosshair, lines, strokes, ticks
from gui.monitors.axes import Line
from gui.monitors.cursor import Cursor
from gui.monitors.layer_rows import to_come
from gui.monitors.panel import Monitor, judged_words, shared
from gui.monitors.plot import Plot
from gui.monitors.scale import Doubles, Scale, padded
from gui.theme import Themes
from gui.training.feed import Feed

SHARES = "shares"
"""The group of metrics that go from 0 to 1 and have one axis; each other has one of its own, under its name."""
TABLE, NAMES = 134, (58, 120)
"""Pixels of the table at the right beside its names, and of those at the least and at the most."""
ROW = 20
APART = 2
"""The first colour of the series that is unlike those of training and validation."""
TRAINED = "training, smoothed"
"""What the thin line is called."""
MEMORY = 0.92
"""Of the moving average over the training batches' metric."""


class MetricPlot(Plot):
    """Curves of one group at a time; a click on a row of the table, or up and down, shows another's."""

    stays = True

    def __init__(self, feed: Feed, themes: Themes, cursor: Cursor) -> None:
        super().__init__(feed, themes, cursor)
        self.judgements = Judgements()
        self._followed: RunRecord | None = None
        self.curves: Mapping[str, MetricCurve] = {}
        self.group = SHARES
        self.trained: tuple[Doubles, Doubles] = (np.empty(0), np.empty(0))
        """Steps and smoothed values of the metric over the training batches."""
        self._fit = (0.0, 1.0)

    def area(self) -> QRectF:
        """Between the labels and the table."""
        px = self.theme.px
        top = px(14) if self._table() or not self.curves else px(30)
        return QRectF(px(46), top, max(self.width() - px(60) - self._table(), px(40)), self.height() - top - px(30))

    def values(self) -> Scale:
        """The group's values from bottom to top."""
        area = self.area()
        return Scale(*self.span.within(*self._fit), area.bottom(), area.top())

    def value_extent(self) -> tuple[float, float]:
        """The values in view."""
        return self._fit

    @property
    def shown(self) -> list[MetricCurve]:
        """The curves of the group, in the order of the table."""
        return [curve for name, curve in self.curves.items() if group_of(name) == self.group]

    def show_group(self, group: str) -> None:
        """Draw the metrics of this group."""
        if group != self.group:
            self.group, self.span = group, type(self.span)()
            self.refresh()

    def prepare(self) -> None:
        """Take in what is new, and fit the axis to it."""
        record = self.record
        if record is not self._followed:
            self._followed, self.judgements = record, Judgements()
        self.judgements.follow(record.validations if record is not None else ())
        self.curves = self.judgements.curves()
        groups = {group_of(name) for name in self.curves}
        if groups and self.group not in groups:
            self.group = group_of(next(iter(self.curves)))
        self.trained = self._smoothed(record) if record is not None else (np.empty(0), np.empty(0))
        found = [curve.values for curve in self.shown] + [self.trained[1]]
        values = np.concatenate(found) if found else np.empty(0)
        values = values[np.isfinite(values)]
        if not len(values):
            self._fit = (0.0, 1.0)
            return
        low, high = float(values.min()), float(values.max())
        self._fit = padded(low, high, 0.06, least=0.02 if self.group == SHARES else 1e-3 * max(abs(high), 1e-6))

    def _smoothed(self, record: RunRecord) -> tuple[Doubles, Doubles]:
        """The metric of the training batches, where it is one of the group."""
        name = record.started.metric
        if name not in self.curves or group_of(name) != self.group:
            return np.empty(0), np.empty(0)
        column, steps = record.column("metric"), self.steps()
        if self.gathers(column, (record, self.group)):
            return np.empty(0), np.empty(0)
        pixels = max(round(self.area().width()), 1)
        return column.smooth(steps.low, steps.high, pixels, MEMORY, self.log_time)

    def paint(self, painter: QPainter) -> None:
        """Axes, curves, table and what the cursor points at."""
        theme, area, steps, values = self.theme, self.area(), self.steps(), self.values()
        most = max(3, min(int(area.height() / theme.px(30)), 6))
        axes.value_axis(painter, theme, area, values, self._ticks(values, most))
        axes.step_axis(painter, theme, area, steps, self.width() - 4)
        if not self.curves:
            axes.nothing_yet(painter, theme, area, *self._empty_lines())
            return
        painter.save()
        painter.setClipRect(area.adjusted(0, -2, theme.px(6), 1))
        self._paint_curves(painter, steps, values)
        painter.restore()
        self._paint_table(painter)

    def reading(self, step: float) -> list[Line]:
        """What the metrics were at the newest validation up to a step."""
        point = self.judgements.at(step)
        if point is None:
            return []
        colors = self._colors()
        named = [
            Line(title(name, point.task), metric_text(name, point.metrics[name]), colors.get(name))
            for name in self.curves
            if name in point.metrics
        ]
        return [Line(f"epoch {point.epoch:,}, step", f"{point.step:,}"), *named]

    def sheet(self) -> Sheet | None:
        """Every validation in view with all its metrics."""
        found, steps = list(self.curves.values()), self.steps()
        if not found:
            return None
        seen = (found[0].steps >= steps.low) & (found[0].steps <= steps.high)
        columns = [found[0].steps[seen].astype(np.int64), *(curve.values[seen] for curve in found)]
        return fixed(("step", *self.curves), columns)

    def row_at(self, place: QPointF) -> str:
        """The metric whose row of the table is at this place; empty for none."""
        for name, box in zip(self.curves, self._rows(), strict=False):
            if box.contains(place):
                return name
        return ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down go from group to group; the rest as in every plot."""
        by = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        groups = list(dict.fromkeys(group_of(name) for name in self.curves))
        if by and self.group in groups:
            self.show_group(groups[(groups.index(self.group) + by) % len(groups)])
        else:
            super().keyPressEvent(event)

    def _table(self) -> int:
        """The pixels of the table, which goes where there is too little room beside the curves."""
        wide = self.theme.px(TABLE) + self._name_width()
        return wide if self.curves and self.width() > wide + self.theme.px(150) else 0

    def _name_width(self) -> int:
        """The pixels of the names in the table."""
        task = self.judgements.task
        widest = max((self.theme.wide(title(name, task)) for name in self.curves), default=0.0)
        return min(max(math.ceil(widest) + 1, self.theme.px(NAMES[0])), self.theme.px(NAMES[1]))

    def _rows(self) -> list[QRectF]:
        if not self._table():
            return []
        theme = self.theme
        left, top = self.width() - self._table(), theme.px(14 + ROW)
        room = max(int((self.height() - top - theme.px(8)) / theme.px(ROW)), 1)
        size = (self._table() - theme.px(8), theme.px(ROW))
        return [QRectF(left, top + place * size[1], *size) for place in range(min(len(self.curves), room))]

    def _colors(self) -> dict[str, QColor]:
        """Of the curves that are drawn: the one of the training's own metric as its validation is, the others apart."""
        theme, record = self.theme.theme, self.record
        main = record.started.metric if record is not None else ""
        others = [curve.name for curve in self.shown if curve.name != main]
        found = {name: theme.series(index + APART) for index, name in enumerate(others)}
        return {curve.name: found.get(curve.name, self.theme.color("val")) for curve in self.shown}

    def _ticks(self, values: Scale, most: int) -> list[ticks.Tick]:
        found = ticks.linear(values.low, values.high, most)
        if self.group != SHARES:
            return found
        decimals = 0 if values.high - values.low > 0.05 else 1
        return [ticks.Tick(tick.value, f"{100 * tick.value:.{decimals}f} %".replace("-", "−")) for tick in found]

    def _empty_lines(self) -> tuple[str, str]:
        record = self.record
        if record is None:
            return "No metrics yet.", "They are measured on the validation part after each epoch."
        if not record.started.validation_samples:
            return "Nothing is held out.", "Give the data set a validation part."
        if record.validations:
            return "No metric fits this loss.", ""
        return to_come(record, "No metrics yet.", "The first epoch is under way.")

    def _paint_curves(self, painter: QPainter, steps: Scale, values: Scale) -> None:
        theme, colors = self.theme, self._colors()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if len(self.trained[0]):
            drawn = steps.pixels(self.trained[0]), values.pixels(self.trained[1])
            room = None if self.keeps_lines else self.area().adjusted(0, -2, theme.px(6), 1)
            strokes.curve(painter, *drawn, theme.color("train"), 1, room)
        for curve in reversed(self.shown):
            x, y = steps.pixels(curve.steps), values.pixels(curve.values)
            strokes.stroke(painter, lines.polygons(*_thinned(x, y, self.width())), colors[curve.name], 2)
            painter.setPen(QPen(theme.color("panel"), 1))
            painter.setBrush(colors[curve.name])
            if len(x) and math.isfinite(y[-1]):
                painter.drawEllipse(QPointF(x[-1], y[-1]), 3.5, 3.5)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_table(self, painter: QPainter) -> None:
        """By row the name, the newest value and the best one; rows of other groups are fainter."""
        rows = self._rows()
        if not rows:
            self._paint_names(painter)
            return
        theme, colors, task = self.theme, self._colors(), self.judgements.task
        head = rows[0].translated(0, -rows[0].height())
        now, best = self._columns(head)
        step = self.crosshair.pinned
        for box, words in ((now, "now" if step is None else "then"), (best, "best")):
            axes.text(painter, box, axes.RIGHT, words, theme.color("text3"), theme.caption)
        self._paint_trained(painter, rows[-1].translated(0, rows[-1].height()))
        for (name, curve), box in zip(self.curves.items(), rows, strict=False):
            drawn = group_of(name) == self.group
            if drawn:
                axes.chip(painter, QRectF(box.left(), box.center().y() - 4, 8, 8), colors[name])
            ink = theme.color("text2" if drawn else "text3")
            room = self._columns(box)[0].left() - box.left() - theme.px(14)
            words = theme.metrics.elidedText(title(name, task), Qt.TextElideMode.ElideRight, room)
            axes.text(painter, box.adjusted(theme.px(13), 0, 0, 0), axes.LEFT, words, ink, theme.caption)
            place = curve.best
            values = (curve.value(step), float(curve.values[place]) if place is not None else math.nan)
            for column, value in zip(self._columns(box), values, strict=True):
                said = metric_text(name, value) if math.isfinite(value) else "–"
                axes.text(painter, column, axes.RIGHT, said, theme.color("text" if drawn else "text2"), theme.number)

    def _paint_trained(self, painter: QPainter, box: QRectF) -> None:
        """Below the table what the thin line is: the training batches' metric, smoothed."""
        values = self.trained[1]
        if not len(values) or box.bottom() > self.height() or self.record is None:
            return
        theme, name = self.theme, self.record.started.metric
        left = QPointF(box.left(), box.center().y())
        axes.hairline(painter, left, left + QPointF(8, 0), theme.color("train"))
        room = box.adjusted(theme.px(13), 0, 0, 0)
        axes.text(painter, room, axes.LEFT, TRAINED, theme.color("text2"), theme.caption)
        step, place = self.crosshair.pinned, -1
        if step is not None:
            place = max(int(np.searchsorted(self.trained[0], step, side="right")) - 1, 0)
        said, now = metric_text(name, float(values[place])), self._columns(box)[0]
        if room.left() + theme.wide(TRAINED) + theme.px(6) <= now.right() - theme.wide_number(said):
            axes.text(painter, now, axes.RIGHT, said, theme.color("text2"), theme.number)

    def _paint_names(self, painter: QPainter) -> None:
        """Where there is no room for the table, the curves' names and newest values in a row above them."""
        theme, colors, task = self.theme, self._colors(), self.judgements.task
        x, end, y = float(theme.px(12)), self.width() - theme.px(8), theme.px(15)
        for curve in self.shown:
            number = curve.value(self.crosshair.pinned)
            words, value = title(curve.name, task), metric_text(curve.name, number)
            wide, digits = theme.wide(words), theme.wide_number(value)
            if x + theme.px(13) + wide + theme.px(6) + digits > end or not math.isfinite(number):
                continue
            axes.chip(painter, QRectF(x, y - 4, 8, 8), colors[curve.name])
            x += theme.px(13)
            axes.text(painter, QRectF(x, y - 10, wide, 20), axes.LEFT, words, theme.color("text2"), theme.caption)
            x += wide + theme.px(6)
            axes.text(painter, QRectF(x, y - 10, digits, 20), axes.LEFT, value, theme.color("text"), theme.number)
            x += digits + theme.px(14)

    def _columns(self, box: QRectF) -> tuple[QRectF, QRectF]:
        """Where the newest and the best value of a row stand."""
        wide = self.theme.px(56)
        best = QRectF(box.right() - wide, box.top(), wide, box.height())
        return best.translated(-wide, 0), best

    def paint_over(self, painter: QPainter) -> None:
        """The step that all monitors point at, and what the metrics were there."""
        if not self.curves:
            return
        area = self.area()
        crosshair.paint(painter, self.theme, area, self.steps(), self.crosshair)
        if self.crosshair.step is None:
            return
        shown = self.reading(self.crosshair.step)
        if self.pointer is not None and shown:
            axes.readout(painter, self.theme, area, self.pointer, shown)


class MetricMonitor(Monitor):
    """What the validation part says of the network, epoch after epoch."""

    SENTENCE = "How well the network does on samples that it was not trained with, epoch by epoch."

    def __init__(self, feed: Feed, themes: Themes, cursor: Cursor | None = None) -> None:
        self.metrics = MetricPlot(feed, themes, shared(cursor))
        super().__init__("Metrics", self.metrics, feed, themes, turn=2)
        self.log_time = self.offer_log_time()
        self.metrics.clicked.connect(self._click)

    def moment_words(self, step: int) -> str:
        """Of which validation the values are."""
        return judged_words(self.metrics.judgements.upto(step))

    def _click(self, place: QPointF) -> None:
        name = self.metrics.row_at(place)
        if name:
            self.metrics.show_group(group_of(name))


def group_of(name: str) -> str:
    """The metrics that share an axis with this one."""
    known = METRICS.get(name)
    return SHARES if known is not None and known.share else name


def _thinned(x: Doubles, y: Doubles, most: int) -> Sequence[Doubles]:
    """At most so many of the points, the last among them."""
    stride = max(len(x) // max(most, 1), 1)
    places = np.arange(len(x) - 1, -1, -stride)[::-1]
    return x[places], y[places]
