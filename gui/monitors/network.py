"""What is measured of the whole network at once, one quantity after the other over the steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QAction, QPainter

from core.telemetry.column import Column
from core.telemetry.quantities import QUANTITIES, names_at
from core.telemetry.record import RunRecord
from core.telemetry.sheet import Sheet, of_steps
from core.training.settings import TrainingSettings
from gui.monitors import ticks
from gui.monitors.axes import Line
from gui.monitors.choice import Choice
from gui.monitors.cursor import Cursor
from gui.monitors.curve_plot import CurvePlot
from gui.monitors.layer_rows import to_come
from gui.monitors.named_curve import Measured, Named
from gui.monitors.panel import Monitor, shared
from gui.monitors.scale import Doubles, Scale
from gui.theme import Themes, mix
from gui.training.feed import Feed

ELSEWHERE = ("loss", "metric", "learning_rate")
"""Quantities that have a monitor of their own."""
SHOWN = tuple(name for name in names_at("network") if name not in ELSEWHERE)
LOGARITHMIC = ("gradient_norm", "noise_scale")
"""Those that span decades."""
SMOOTHING = 0.9
UNITS = MappingProxyType({"seconds": (1e3, "ms"), "memory": (2.0**-20, "MiB")})
"""How much of what a person reads is one of what is recorded."""


class Mark(NamedTuple):
    """A height that tells what a curve means: its words and its value."""

    words: str
    value: float


FEW = 60
"""Measurements up to which each has a dot: between them nothing is known."""


class NetworkPlot(CurvePlot):
    """One quantity: its measurements, their moving average, and what it is held against."""

    def __init__(self, feed: Feed, themes: Themes, cursor: Cursor) -> None:
        super().__init__(feed, themes, cursor)
        self.quantity, self.log = SHOWN[0], True
        self.settings: Callable[[], TrainingSettings | None] = lambda: None
        """What the run was begun with."""

    @property
    def unit(self) -> tuple[float, str]:
        """What a recorded number is multiplied by, and what that is called."""
        return UNITS.get(self.quantity, (1.0, ""))

    def measured(self, pixels: int) -> Sequence[Named]:
        """The measurements in view, their average, and the mark."""
        record, steps = self.record, self.steps()
        if record is None or not record.measures(self.quantity):
            return ()
        column = record.column(self.quantity)
        if self.gathers(column, (record, self.quantity)):
            return () if self.gathering else self.curves
        title, color = QUANTITIES[self.quantity].title.lower(), self.theme.color("train")
        x, y = _extremes(column, steps.low, steps.high, pixels, self.log_time)
        factor = self.unit[0]
        if not len(x):
            return ()
        if QUANTITIES[self.quantity].schedule != "every step":
            return [Measured(title, color, x, factor * y, column=column, factor=factor), *self._marked()]
        pale = mix(self.theme.color("panel"), color, 0.45)
        mean = column.smooth(steps.low, steps.high, pixels, SMOOTHING, self.log_time)
        known = np.isfinite(mean[1])
        smooth = Named("moving average", color, mean[0][known], factor * mean[1][known])
        return [Measured(title, pale, x, factor * y, width=1, column=column, factor=factor), smooth, *self._marked()]

    def in_words(self, value: float) -> str:
        """A value with its unit."""
        return f"{ticks.reading(value)} {self.unit[1]}".rstrip()

    def reading(self, step: float) -> list[Line]:
        """What was measured nearest to the step, and when; and the average."""
        found: list[Line] = []
        for curve in self.curves:
            if isinstance(curve, Measured) and (at := curve.at(step)) is not None:
                found = [Line("step", f"{at[0]:,}"), Line(curve.name, self.in_words(at[1]), curve.color)]
            elif not curve.dashed and len(curve.x):
                value = float(curve.y[int(np.argmin(np.abs(curve.x - step)))])
                found.append(Line(curve.name, self.in_words(value), curve.color))
        return found

    def sheet(self) -> Sheet | None:
        """Every measurement in view, in the terms of the record."""
        record, steps = self.record, self.steps()
        if record is None or not self.curves:
            return None
        return of_steps({self.quantity: record.column(self.quantity)}, steps.low, steps.high)

    def prepare(self) -> None:
        """The curves, and what is said where there are none."""
        super().prepare()
        self.NOTHING = nothing(self.record, self.quantity, self.gathering)

    def paint_under(self, painter: QPainter, _area: QRectF, steps: Scale) -> None:
        """A dot for each measurement, where they are few."""
        for curve in self.curves:
            if isinstance(curve, Measured) and len(curve.x) <= FEW:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(curve.color)
                radius = self.theme.px(5) / 2
                for x, y in zip(steps.pixels(curve.x), self.values().pixels(curve.y), strict=True):
                    painter.drawEllipse(QPointF(float(x), float(y)), radius, radius)

    def _marked(self) -> list[Named]:
        """A dashed line at the height that the quantity is held against."""
        settings = self.settings()
        mark = mark_of(self.quantity, settings) if settings is not None else None
        if mark is None:
            return []
        steps = self.steps()
        ends = np.array([steps.low, steps.high])
        return [Named(mark.words, self.theme.color("text3"), ends, np.full(2, mark.value), dashed=True)]


class NetworkMonitor(Monitor):
    """The quantities that a run has once for the whole network."""

    def __init__(self, feed: Feed, themes: Themes, cursor: Cursor | None = None) -> None:
        self.curve = NetworkPlot(feed, themes, shared(cursor))
        super().__init__("Whole network", self.curve, feed, themes, turn=3)
        self.quantity = Choice("Quantity", lambda: {name: QUANTITIES[name].title for name in self.offered}, themes)
        self.header.controls.addWidget(self.quantity)
        self.quantity.chosen.connect(self.choose)
        self.log = QAction("Log scale", self, checkable=True)
        self.log.toggled.connect(self._use_log)
        self.header.menu.addAction(self.log)
        self.log_time = self.offer_log_time()
        self.choose(self.curve.quantity)

    @property
    def offered(self) -> tuple[str, ...]:
        """The quantities that the run measures; all where there is none."""
        record = self.feed.record
        return SHOWN if record is None else tuple(name for name in SHOWN if record.measures(name)) or SHOWN

    @property
    def sentence(self) -> str:
        """What one is looking at."""
        return QUANTITIES[self.curve.quantity].sentence

    def choose(self, quantity: str) -> None:
        """Show this quantity, on the scale that suits it."""
        self.curve.quantity = quantity
        self.curve.span = type(self.curve.span)()
        self.quantity.hold(quantity, QUANTITIES[quantity].title)
        self.log.setEnabled(quantity not in ("cosine", "alpha"))  # they have a sign
        self.log.setChecked(quantity in LOGARITHMIC)
        self._use_log(self.log.isChecked())
        self.say_sentence()

    def state(self) -> dict[str, str]:
        """What was chosen."""
        return {**super().state(), "quantity": self.curve.quantity, "log": "1" if self.log.isChecked() else ""}

    def restore(self, state: dict[str, str]) -> None:
        """Choose the same again."""
        super().restore(state)
        if state.get("quantity") in SHOWN:
            self.choose(state["quantity"])
            self.log.setChecked(self.log.isEnabled() and bool(state.get("log")))

    def _use_log(self, on: bool) -> None:
        self.curve.log = on
        self.curve.span = type(self.curve.span)()
        self.curve.refresh()


def mark_of(quantity: str, settings: TrainingSettings) -> Mark | None:
    """What a quantity of a run with these settings is held against."""
    match quantity:
        case "gradient_norm" if settings.clip_norm > 0:
            return Mark(f"clipped at {ticks.plain(settings.clip_norm)}", settings.clip_norm)
        case "cosine":
            return Mark("at a right angle", 0.0)
        case "alpha":
            return Mark("lowest point", 0.0)
        case "noise_scale":
            size = settings.batch_size * settings.accumulate
            return Mark(f"batch of {size:,}", float(size))
    return None


def nothing(record: RunRecord | None, quantity: str, gathering: bool) -> tuple[str, str]:
    """What an empty plot says, and how there will be something."""
    title = QUANTITIES[quantity].title
    if record is None:
        return "No steps yet. Press Train.", ""
    if gathering:
        return f"Gathering {record.last_step - record.first_step:,} steps…", ""
    if not record.measures(quantity):
        return f"{title}: not measured in this run.", "Train again to measure it."
    if quantity == "clip":
        return "This run clips no gradients.", "Clip norm among the training settings does."
    return to_come(record, "Nothing measured yet.", "It is measured as often as the watching cost allows.")


def _extremes(column: Column, low: float, high: float, pixels: int, log_time: bool) -> tuple[Doubles, Doubles]:
    """Steps and values that are known: of many to a pixel the smallest and the largest, one after the other."""
    envelope = column.envelope(low, high, pixels, log_time)
    x, y = envelope.x, envelope.low.astype(np.float64)
    if envelope.width > 1 or log_time:
        x, y = np.repeat(x, 2), np.stack([envelope.low, envelope.high], axis=1).ravel().astype(np.float64)
    known = np.isfinite(y)
    return x[known], y[known]
