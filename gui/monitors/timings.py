"""Where a step's time goes: how long every layer takes forward and backward, and how many samples pass a second."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter

from core.engine.messages import RowInfo
from core.telemetry.sheet import Sheet, fixed
from core.telemetry.timing import SAMPLES
from gui.monitors import axes, crosshair
from gui.monitors.axes import Line
from gui.monitors.controls import Segmented
from gui.monitors.cursor import Cursor
from gui.monitors.curve_plot import CurvePlot
from gui.monitors.layer_rows import short_name
from gui.monitors.named_curve import Named
from gui.monitors.panel import Monitor, shared
from gui.monitors.scale import Doubles, Scale
from gui.theme import Themes
from gui.training.feed import Feed

WAYS = ("forward", "backward")


class ThroughputPlot(CurvePlot):
    """Samples a second over the steps, and with `by_layer` the bars of the layers instead."""

    def __init__(self, feed: Feed, themes: Themes, cursor: Cursor) -> None:
        super().__init__(feed, themes, cursor)
        self.by_layer = True
        self.selected: frozenset[str] = frozenset()
        self.layers: Sequence[RowInfo] = ()
        self.seconds: Doubles = np.empty((2, 0))
        """Medians forward and backward of each layer drawn."""
        self.hidden = 0
        """Layers that have no room: the quickest."""

    @property
    def has_steps(self) -> bool:  # type: ignore[override]  # it depends on what is drawn
        """Whether the width is time."""
        return not self.by_layer

    def measured(self, _pixels: int) -> Sequence[Named]:
        """The speed as it was told, a few times a second."""
        speeds = self.record.speeds if self.record is not None else []
        if not speeds:
            return ()
        x, y = np.array(speeds, np.float64).T
        return [Named("samples per second", self.theme.color("train"), x, y)]

    def in_words(self, value: float) -> str:
        """Whole samples."""
        return f"{value:,.0f}"

    def prepare(self) -> None:
        """The line, or the bars."""
        if self.by_layer:
            self._measure_layers()
        else:
            super().prepare()

    def sheet(self) -> Sheet | None:
        """The table of layers, or of speeds."""
        if self.by_layer:
            names = [row.path for row in self.layers]
            return fixed(("layer", "forward_s", "backward_s"), [names, *self.seconds]) if names else None
        if not self.curves:
            return None
        return fixed(("step", "samples_per_second"), [self.curves[0].x.astype(np.int64), self.curves[0].y])

    def paint(self, painter: QPainter) -> None:
        """The line, or a bar for each layer."""
        if not self.by_layer:
            super().paint(painter)
            return
        if not self.layers:
            hint = "They are measured on sampled steps." if self.record is None else "The first sample is under way."
            axes.nothing_yet(painter, self.theme, QRectF(self.rect()), "No times yet.", hint)
            return
        for row, box, seconds in zip(self.layers, self.row_boxes(), self.seconds.T, strict=True):
            self._paint_row(painter, row, box, seconds)
        self._paint_total(painter)

    def paint_over(self, painter: QPainter) -> None:
        """The step that all monitors point at, or the times of the layer under the pointer."""
        if not self.by_layer:
            super().paint_over(painter)
            return
        at = self.row_at(self.pointer) if self.pointer is not None else None
        if at is not None:
            crosshair.read_out(painter, self.theme, QRectF(self.rect()), self.pointer, self.reading_of(at))

    def row_boxes(self) -> list[QRectF]:
        """Each layer's line, from the input on."""
        theme = self.theme
        tall = min((self.height() - theme.px(40)) / max(len(self.layers), 1), theme.px(24))
        return [QRectF(0, theme.px(30) + index * tall, self.width(), tall) for index in range(len(self.layers))]

    def bars(self) -> Scale:
        """From seconds to pixels."""
        theme = self.theme
        longest = float(self.seconds.sum(axis=0).max(initial=1e-9))
        return Scale(0.0, longest, theme.px(130), max(self.width() - theme.px(86), theme.px(150)))

    def row_at(self, place: QPointF) -> int | None:
        """The layer at a place."""
        return next((index for index, box in enumerate(self.row_boxes()) if box.contains(place)), None)

    def reading_of(self, index: int) -> list[Line]:
        """A layer's times both ways, and its share of all."""
        forward, backward = self.seconds[:, index].tolist()
        share = (forward + backward) / max(float(self.seconds.sum()), 1e-12)
        return [
            Line(short_name(self.layers[index])),
            Line("forward", seconds_in_words(forward), self._colors[0]),
            Line("backward", seconds_in_words(backward), self._colors[1]),
            Line("of all shown", f"{share:.0%}".replace("%", " %")),
        ]

    @property
    def _colors(self) -> tuple[QColor, QColor]:
        return self.theme.color("train"), self.theme.color("val")

    def _measure_layers(self) -> None:
        record = self.record
        rows = record.rows("forward") if record is not None else []
        step = self.crosshair.pinned
        end = len(record.samples) if record is not None else 0
        if record is not None and step is not None:
            end = min(max(record.samples.index(step + 1), 1), end)
        if record is None or not rows or not end:
            self.layers, self.seconds, self.hidden = (), np.empty((2, 0)), 0
            return
        block = np.stack([record.block(way, max(end - SAMPLES, 0), end) for way in WAYS]).astype(np.float64)
        seconds = np.median(np.nan_to_num(block), axis=-1)
        room = max(int((self.height() - self.theme.px(40)) / self.theme.px(13)), 1)
        kept = np.sort(np.argsort(-seconds.sum(axis=0), kind="stable")[:room])
        self.layers, self.seconds = [rows[place] for place in kept], seconds[:, kept]
        self.hidden = len(rows) - len(kept)

    def _paint_row(self, painter: QPainter, row: RowInfo, box: QRectF, seconds: Doubles) -> None:
        theme, bars, middle = self.theme, self.bars(), box.center().y()
        chosen = row.node in self.selected
        name = theme.elided(short_name(row), theme.px(96))
        axes.chip(
            painter, QRectF(theme.px(12), middle - 3.5, theme.px(7), theme.px(7)), theme.theme.category(row.category)
        )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        at = QRectF(theme.px(26), middle - 10, theme.px(100), 20)
        font = theme.strong if chosen else theme.caption
        axes.text(painter, at, axes.LEFT, name, theme.color("text" if chosen else "text2"), font)
        begin, thick = 0.0, min(theme.px(9), box.height() - 2)
        for value, color in zip(seconds.tolist(), self._colors, strict=True):
            left, right = bars.pixel(begin), bars.pixel(begin + value)
            painter.fillRect(QRectF(left, middle - thick / 2, max(right - left, 0.5), thick), color)
            begin += value
        at = QRectF(bars.pixel(begin) + theme.px(6), middle - 10, theme.px(80), 20)
        axes.text(painter, at, axes.LEFT, seconds_in_words(begin), theme.color("text"), theme.number)

    def _paint_total(self, painter: QPainter) -> None:
        """The line above: the key of the colours, and what all layers take."""
        theme, x, middle = self.theme, float(self.theme.px(12)), self.theme.px(16)
        total = self.seconds.sum(axis=1)
        for way, color, seconds in zip(WAYS, self._colors, total.tolist(), strict=True):
            painter.fillRect(QRectF(x, middle - 4, 8, 8), color)
            words = f"{way} {seconds_in_words(seconds)}"
            axes.text(
                painter, QRectF(x + 14, middle - 10, 200, 20), axes.LEFT, words, theme.color("text2"), theme.caption
            )
            x += 14 + theme.wide(words) + theme.px(16)
        if self.hidden:
            rest = f"{self.hidden:,} quicker ones not shown"
            box = QRectF(x, middle - 10, self.width() - x - theme.px(12), 20)
            axes.text(painter, box, axes.RIGHT, rest, theme.color("text3"), theme.caption)


class TimingMonitor(Monitor):
    """The time of every layer, or the throughput of the run."""

    SENTENCES = (
        "How long each layer takes in a step, forward and backward: the median of the last samples.",
        "How many samples a second go through training, as the run went on.",
    )

    def __init__(self, feed: Feed, themes: Themes, cursor: Cursor | None = None) -> None:
        self.times = ThroughputPlot(feed, themes, shared(cursor))
        super().__init__("Timings", self.times, feed, themes, turn=3)
        self.modes = Segmented(("Layers", "Throughput"), themes)
        self.header.controls.addWidget(self.modes)
        self.log_time = self.offer_log_time()
        self.log_time.setEnabled(False)  # layers have no time
        self.modes.chosen.connect(self._choose)
        self.times.clicked.connect(self._click)
        self.go_by_keys(
            self.times, lambda: self.times.layers if self.times.by_layer else (), lambda: self.times.selected
        )

    @property
    def sentence(self) -> str:
        """What one is looking at."""
        return self.SENTENCES[0 if self.times.by_layer else 1]

    def moment_words(self, step: int) -> str:
        """Layers are those of the last samples up to there."""
        return f"samples up to step {step:,}" if self.times.by_layer else super().moment_words(step)

    def set_selected(self, ids: frozenset[str]) -> None:
        """Write the names of these nodes strong."""
        self.times.selected = frozenset(ids)
        self.times.update()

    def state(self) -> dict[str, str]:
        """What was chosen."""
        return {**super().state(), "mode": "Layers" if self.times.by_layer else "Throughput"}

    def restore(self, state: dict[str, str]) -> None:
        """Choose the same again."""
        super().restore(state)
        if state.get("mode") in ("Layers", "Throughput"):
            self.modes.choose(state["mode"])

    def _choose(self, mode: str) -> None:
        self.times.by_layer = mode == "Layers"
        self.log_time.setEnabled(not self.times.by_layer)
        self.say_sentence()
        self.times.refresh()

    def _click(self, place: QPointF) -> None:
        row = self.times.row_at(place) if self.times.by_layer else None
        if row is not None and self.feed.record is not None:
            self.node_clicked.emit(self.times.layers[row].node, self.feed.record.last_step)


def seconds_in_words(seconds: float) -> str:
    """0.18 ms, 12 µs or 1.2 s."""
    for factor, unit in ((1.0, "s"), (1e3, "ms")):
        if seconds * factor >= (1.0 if unit == "s" else 0.1):
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e6:.3g} µs"
