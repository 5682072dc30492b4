"""The learning rate over the steps: what it was, what the schedule still plans, and what happened on the way."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QAction, QPainter, QPen

from core.telemetry.happenings import BEST_KEPT, Happening
from core.telemetry.sheet import Sheet, of_steps
from core.training.schedules import rate_factor
from core.training.settings import TrainingSettings
from gui.monitors import axes, lines, ticks
from gui.monitors.axes import Line
from gui.monitors.cursor import Cursor
from gui.monitors.curve_plot import CurvePlot
from gui.monitors.named_curve import Measured, Named
from gui.monitors.panel import Monitor, shared
from gui.monitors.scale import Doubles, Scale
from gui.theme import Themes
from gui.training.feed import Feed

NEAR = 5
"""Pixels from an event's line at which it is told."""
MOST = 12
"""Events whose words are drawn, where they find room."""
WIDE = 8
"""Pixels of a curve that are looked at together, for words to keep off it."""


class SchedulePlot(CurvePlot):
    """The rate of every step, the plan dashed behind it, and a line for every event."""

    def __init__(self, feed: Feed, themes: Themes, cursor: Cursor) -> None:
        super().__init__(feed, themes, cursor)
        self.settings: Callable[[], TrainingSettings | None] = lambda: None
        """What the run was begun with."""

    def extent(self) -> tuple[float, float]:
        """From the first step to the last that is planned."""
        begin, end = super().extent()
        planned = self.record.started.total_steps if self.record is not None and self.settings() is not None else 0
        return begin, max(end, planned)

    def measured(self, pixels: int) -> Sequence[Named]:
        """The rate so far, and the rest of the plan."""
        record, steps = self.record, self.steps()
        if record is None or self.gathers(column := record.column("learning_rate"), record):
            return () if self.gathering else self.curves
        envelope = column.envelope(steps.low, steps.high, pixels, self.log_time)
        y = (envelope.low.astype(np.float64) + envelope.high) / 2
        found: list[Named] = [Measured("learning rate", self.theme.color("train"), envelope.x, y, column=column)]
        x, plan = self._planned(pixels)
        return [*found, Named("planned", self.theme.color("text3"), x, plan, dashed=True)] if len(x) else found

    def in_words(self, value: float) -> str:
        """A rate with its digits."""
        return ticks.plain(float(f"{value:.3g}"))

    def reading(self, step: float) -> list[Line]:
        """The rate at a step, and the event beside it."""
        found = super().reading(step)
        near = [one for one in self.happenings if abs(self.steps().pixel(one.step) - self.steps().pixel(step)) <= NEAR]
        return [*found, *(Line(f"{one.words} at {one.step:,}") for one in near)]

    def sheet(self) -> Sheet | None:
        """The rate of every step in view."""
        record, steps = self.record, self.steps()
        if record is None or not len(record.steps):
            return None
        return of_steps({"learning_rate": record.column("learning_rate")}, steps.low, steps.high)

    @property
    def happenings(self) -> Sequence[Happening]:
        """What happened in the run; best weights give way to better ones, so that there are only the last of them."""
        found = self.record.happenings if self.record is not None else []
        best = [one for one in found if one.words == BEST_KEPT]
        return [one for one in found if one.words != BEST_KEPT or one is best[-1]]

    def paint_under(self, painter: QPainter, area: QRectF, steps: Scale) -> None:
        """A line for every event, and its words where there is room."""
        theme, shown = self.theme, self._shown(area, steps)
        drawn = [lines.dashed((x, area.top()), (x, area.bottom()), 3, 3) for x in sorted(set(shown.values()))]
        if drawn:
            painter.setPen(QPen(theme.color("line3"), 1))
            lines.draw_segments(painter, np.concatenate(drawn))
        for words, box in self._labels(area, shown):
            painter.fillRect(box, theme.color("panel"))
            axes.text(painter, box, axes.LEFT, words, theme.color("text2"), theme.caption)

    def _shown(self, area: QRectF, steps: Scale) -> dict[Happening, float]:
        """The events in view, and the pixel of each."""
        places = {one: round(steps.pixel(one.step)) + 0.5 for one in self.happenings}
        return {one: x for one, x in places.items() if area.left() <= x <= area.right()}

    def _labels(self, area: QRectF, shown: dict[Happening, float]) -> list[tuple[str, QRectF]]:
        """Words beside their lines, of the newest that say the same, where neither a curve nor other words are."""
        newest = {one.words: x for one, x in shown.items()}
        found: list[tuple[str, QRectF]] = []
        taken = curve_boxes([self._pixels_of(curve) for curve in self.curves]) if newest else []
        for words, x in list(reversed(newest.items()))[:MOST]:
            box = self._free(area, x, self.theme.wide(words), taken)
            if box is not None:
                found.append((words, box))
                taken.append(box)
        return found

    def _free(self, area: QRectF, x: float, wide: float, taken: Sequence[QRectF]) -> QRectF | None:
        """Room for so wide words beside a line at `x`, as far up as there is any."""
        px = self.theme.px
        tall, gap = px(16), px(4)
        for top in range(math.ceil(area.top()), math.floor(area.bottom() - tall), tall):
            for left in (x + gap, x - gap - wide):
                box = QRectF(left, top, wide, tall)
                if (
                    area.left() <= left
                    and left + wide <= area.right()
                    and not any(box.intersects(one) for one in taken)
                ):
                    return box
        return None

    def _pixels_of(self, curve: Named) -> tuple[Doubles, Doubles]:
        return self.steps().pixels(curve.x), self.values().pixels(curve.y)

    def _planned(self, pixels: int) -> tuple[Doubles, Doubles]:
        """Steps and rates that the schedule has from here on; none of one that waits for a plateau."""
        record, settings = self.record, self.settings()
        if record is None or settings is None or settings.schedule.name == "Plateau":
            return np.empty(0), np.empty(0)
        total, begin = record.started.total_steps, record.last_step
        if total <= begin:
            return np.empty(0), np.empty(0)
        x = np.linspace(begin + 1, total, min(pixels, total - begin))
        if self.log_time:
            steps = self.steps()
            x = steps.numbers(np.linspace(steps.pixel(begin + 1), steps.pixel(total), len(x)))
        x = np.unique(np.clip(x.round(), begin + 1, total))
        by_hand = [one.value for one in record.rate_changes if one.phase == 0]
        rate = by_hand[-1] if by_hand else settings.phases[0].optimizer.learning_rate
        per_epoch = record.started.steps_per_epoch
        factors = [rate_factor(settings.schedule, int(step) - 1, per_epoch, total) for step in x]
        return x, rate * np.array(factors)


def curve_boxes(drawn: Sequence[tuple[Doubles, Doubles]]) -> list[QRectF]:
    """Boxes, some pixels wide, that curves of pixels lie in."""
    found = []
    for x, y in drawn:
        if not len(x):
            continue
        edges = np.arange(x[0], x[-1] + WIDE, WIDE)
        heights = np.interp(edges, x, y)
        starts = np.minimum(np.searchsorted(x, edges[:-1]), len(x) - 1)
        top = np.minimum(np.fmin.reduceat(y, starts), np.minimum(heights[:-1], heights[1:]))
        bottom = np.maximum(np.fmax.reduceat(y, starts), np.maximum(heights[:-1], heights[1:]))
        found += [
            QRectF(left, high - 2, WIDE, low - high + 4)
            for left, high, low in zip(edges[:-1].tolist(), top.tolist(), bottom.tolist(), strict=True)
        ]
    return found


class ScheduleMonitor(Monitor):
    """The learning rate with its events."""

    SENTENCE = (
        "How far each step goes: the learning rate so far, dashed what the schedule plans, and upright lines where "
        "something happened."
    )

    def __init__(self, feed: Feed, themes: Themes, cursor: Cursor | None = None) -> None:
        self.curve = SchedulePlot(feed, themes, shared(cursor))
        super().__init__("Learning rate", self.curve, feed, themes, turn=3)
        self.log = QAction("Log scale", self, checkable=True)
        self.log.toggled.connect(self._use_log)
        self.header.menu.addAction(self.log)
        self.log_time = self.offer_log_time()

    def state(self) -> dict[str, str]:
        """What was chosen."""
        return {**super().state(), "log": "1" if self.log.isChecked() else ""}

    def restore(self, state: dict[str, str]) -> None:
        """Choose the same again."""
        super().restore(state)
        self.log.setChecked(bool(state.get("log")))

    def _use_log(self, on: bool) -> None:
        self.curve.log = on
        self.curve.span = type(self.curve.span)()
        self.curve.refresh()
