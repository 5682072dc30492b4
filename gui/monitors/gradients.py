"""The size of each layer's gradient over the steps."""

from __future__ import annotations

import math
from itertools import repeat
from types import MappingProxyType

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen

from core.engine.messages import RowInfo
from core.telemetry.column import Envelope
from core.telemetry.record import RunRecord
from core.telemetry.sheet import Sheet, of_rows
from gui.monitors import axes, crosshair, lines, strokes, ticks
from gui.monitors.axes import Line
from gui.monitors.controls import Segmented
from gui.monitors.cursor import Cursor
from gui.monitors.layer_curves import LayerCurve, colors, ends_of, last_ones, logs_of, weight_rows
from gui.monitors.layer_rows import VANISHING, nothing_measured, short_name
from gui.monitors.panel import Monitor, shared
from gui.monitors.plot import Plot
from gui.monitors.scale import Doubles, Floats, Scale, log_pixels, padded
from gui.monitors.weave import woven
from gui.theme import Themes, mix
from gui.training.feed import Feed

EMPTY = (-8.0, 1.0)
SMOOTHING = 0.9
MANY = 24
"""Layers of which more are drawn as one picture."""
RAW_UP_TO = 12
"""Layers of which every step is drawn too; more would only be a haze."""
MODES = {"Weights": "gradient", "Outputs": "output", "Update ratio": "update_ratio"}
CAPTIONS = {
    "gradient": "‖∂L/∂W‖₂ per layer",
    "output": "RMS of ∂L/∂output × batch, per layer",
    "update_ratio": "‖ΔW‖₂ / ‖W‖₂ per layer",
}


class GradientPlot(Plot):
    """A curve a layer, labelled at its end."""

    stays = True

    def __init__(self, feed: Feed, themes: Themes, cursor: Cursor) -> None:
        super().__init__(feed, themes, cursor)
        self.quantity = "gradient"
        self.selected: frozenset[str] = frozenset()
        self.layers: list[LayerCurve] = []
        self.envelope: Envelope | None = None
        """The smallest and largest values at each x, of all rows of the quantity; None where they are not drawn."""
        self.places: list[int] = []
        """Where each layer stands among those rows."""
        self._fit = EMPTY
        self._margin = 0.0
        self._smooth: Doubles = np.empty((0, 0))
        """The smoothed values of all layers, (points, layers)."""
        self._tints_of: object = None
        self._layers_of: object = None
        self._colors: list[QColor] = []
        self._label_of: object = None
        self._label_wide = 0.0
        self._woven = QImage()
        """All lines, where there are very many of them."""
        self._told: list[LayerCurve] = []
        """The layers that have a label."""

    def area(self) -> QRectF:
        """Between the axis and the labels."""
        return self.kept_area(self._before_labels, self._margin)

    def _before_labels(self) -> QRectF:
        px = self.theme.px
        left, top = px(42), px(30)
        return QRectF(left, top, self.width() - left - max(self._margin, px(54)), self.height() - top - px(30))

    def values(self) -> Scale:
        """Logarithms from bottom to top."""
        area = self.area()
        return Scale(*self.span.within(*self._fit), area.bottom(), area.top(), log=True)

    def value_extent(self) -> tuple[float, float]:
        """The logarithms in view."""
        return self._fit

    def prepare(self) -> None:
        """A line a layer, at what the pixels can show."""
        record = self.record
        rows = weight_rows(record, self.quantity)
        self._margin = self._label_width(rows)
        self.gathering = False
        self.layers = [] if record is None else self._measured(record, rows)
        self._fit = self._range()
        self._place()

    def paint(self, painter: QPainter) -> None:
        """Zone, axes, lines, labels, and what the cursor points at."""
        theme, area, steps, values = self.theme, self.area(), self.steps(), self.values()
        zone = self._paint_zone(painter, area, values)
        marks = ticks.powers(values.low, values.high, min(max(3, int(area.height() / theme.px(30))), 6))
        axes.value_axis(painter, theme, area, values, marks)
        axes.step_axis(painter, theme, area, steps, self.width() - 4)
        if not any(len(layer.x) for layer in self.layers):
            axes.nothing_yet(painter, theme, area, *nothing_measured(self.record, self.quantity, self.gathering))
            return
        painter.save()
        painter.setClipRect(area.adjusted(0, -2, 2, 1))
        if zone is not None:
            self._paint_zone_name(painter, area, zone)
        self._paint_lines(painter, area)
        painter.restore()
        self._paint_caption(painter, area)
        self._paint_labels(painter, area)

    def sheet(self) -> Sheet | None:
        """Every measurement of the layers and steps in view."""
        if self.record is None or not self.layers:
            return None
        steps = self.steps()
        return of_rows(self.record, self.quantity, steps.low, steps.high, self.places)

    def layer_at(self, place: QPointF) -> LayerCurve | None:
        """The layer whose label or line is at a place, within 8 pixels."""
        if place.x() > self.area().right():
            found = [(abs(layer.label - place.y()), layer) for layer in self.layers if math.isfinite(layer.label)]
        else:
            step = self.steps().number(place.x())
            found = [(abs(self._height(layer, step) - place.y()), layer) for layer in self.layers if len(layer.x)]
        found = [one for one in found if one[0] <= self.theme.px(8)]
        return min(found, key=lambda one: one[0])[1] if found else None

    def _measured(self, record: RunRecord, rows: list[RowInfo]) -> list[LayerCurve]:
        """All layers at once: the cost is that of the pixels, hardly that of the layers."""
        steps = self.steps()
        pixels = max(round(self.area().width() * self.devicePixelRatioF()) // (2 if len(rows) > MANY else 1), 1)
        columns = record.columns(self.quantity)
        if self.gathers(columns, (record, self.quantity)):
            return [] if self.gathering else self.layers
        x, smooth = columns.smooth(steps.low, steps.high, pixels, SMOOTHING, self.log_time)
        measured = {row.path: place for place, row in enumerate(record.rows(self.quantity))}
        places = [measured[row.path] for row in rows]
        self.envelope = None
        if len(rows) <= RAW_UP_TO:
            self.envelope = columns.envelope(steps.low, steps.high, pixels, self.log_time)
        self.places = places
        self._smooth = smooth if places == list(range(smooth.shape[1])) else smooth[:, places]
        tints = self._tints(len(rows))
        if len(self.layers) != len(rows) or self._layers_of != (record, self.quantity, self._tints_of):
            self._layers_of = record, self.quantity, self._tints_of
            return [LayerCurve(*layer) for layer in zip(rows, tints, repeat(x), self._smooth.T)]
        for layer, y in zip(self.layers, self._smooth.T, strict=True):
            layer.become(x, y)
        return self.layers

    def _tints(self, count: int) -> list[QColor]:
        if self._tints_of != (self.theme, count):
            self._tints_of, self._colors = (self.theme, count), colors(self.theme.theme, count)
        return self._colors

    def _range(self) -> tuple[float, float]:
        """From the smallest line to the largest, most of the raw values with them, and at least two decades."""
        least, most = ends_of(self._smooth) if self.layers else (math.nan, math.nan)
        if math.isnan(least):
            return EMPTY
        smooth = np.log10([least, most])
        raw = logs_of([self.envelope.low[:, self.places], self.envelope.high[:, self.places]] if self.envelope else [])
        ends = np.percentile(raw, (0.5, 99.5)) if len(raw) else smooth
        low, high = min(smooth.min(), ends[0]), max(smooth.max(), ends[1])
        if low < VANISHING:
            name = self.theme.px(20) / max(self.area().height(), self.theme.px(60))  # room for the name of the zone
            low -= (high - low) * name / (1 - name)
        return padded(float(low), float(high), 0.06, least=2.0)

    def _place(self) -> None:
        steps, values = self.steps(), self.values()
        self._place_raw(steps, values)
        if self.layers:
            x = steps.pixels(self.layers[0].x)
            heights = log_pixels(values, self._smooth) if len(self.layers) > MANY else values.pixels(self._smooth)
            self._weave(x, heights)
            for layer, end in zip(self.layers, last_ones(heights).tolist(), strict=True):
                layer.end = end
            every = self._woven.isNull() or self.keeps_lines
            for layer, y in zip(self.layers, heights.T, strict=True) if every or self.selected else ():
                if every or layer.row.node in self.selected:
                    layer.drawn = lines.polygons(x, y)
        self._place_labels()

    def _weave(self, x: Doubles, heights: Doubles | Floats) -> None:
        """Very many lines as one picture."""
        self._woven = QImage()
        if len(self.layers) <= MANY or not len(x):
            return
        area, ratio = self.area(), self.devicePixelRatioF()
        tints = np.array([layer.color.rgb() for layer in self.layers], np.uint32)
        size = round(area.width() * ratio), round(area.height() * ratio)
        down = (heights.astype(np.float32, copy=False) - np.float32(area.top())) * np.float32(ratio)
        self._woven = woven((x - area.left()) * ratio, down, tints, *size, wide=2)
        self._woven.setDevicePixelRatio(ratio)

    def _place_raw(self, steps: Scale, values: Scale) -> None:
        if self.envelope is None or not self.layers:
            return
        x, ratio = steps.pixels(self.envelope.x), self.devicePixelRatioF()
        low, high = values.pixels(self.envelope.low), values.pixels(self.envelope.high)
        joined = self.log_time or len(x) < self.area().width() * ratio / 2  # else a point here and there would be dust
        found = lines.columns(x, low, high, ratio, joined)
        for layer, place in zip(self.layers, self.places, strict=True):
            layer.raw = found[place]

    def _place_labels(self) -> None:
        """Labels at the ends of the lines, 15 pixels apart; of too many, some evenly chosen."""
        area, pitch = self.area(), self.theme.px(15)
        top, bottom = area.top() - 1, area.bottom() + 1
        shown = [layer for layer in self.layers if top <= layer.end <= bottom]
        room = max(int(area.height() / pitch) + 1, 2)
        if len(shown) > room:
            shown = [shown[round(place)] for place in np.linspace(0, len(shown) - 1, room)]
        places = lines.spread([layer.end for layer in shown], pitch, area.top(), area.bottom())
        for layer, place in zip(shown, places, strict=True):
            layer.label = place
        self._told = shown

    def _label_width(self, rows: list[RowInfo]) -> float:
        state = (self.record, self.quantity, self.theme)
        if state != self._label_of:
            metrics = QFontMetricsF(self.theme.strong)
            widest = max((metrics.horizontalAdvance(short_name(row)) for row in rows), default=0.0)
            self._label_of, self._label_wide = state, min(widest, self.theme.px(80)) + self.theme.px(26)
        return self._label_wide

    def _paint_zone(self, painter: QPainter, area: QRectF, values: Scale) -> QColor | None:
        """The ground below 10⁻⁶, where it is in view and means something; its colour."""
        y = values.pixel(VANISHING)
        if self.quantity == "update_ratio" or self.record is None or not area.top() < y < area.bottom() - 12:
            return None
        theme = self.theme
        tint, share = (-7.2, 0.35) if theme.dark else (-6.0, 0.1)
        zone = mix(theme.color("panel"), theme.theme.gradient(tint), share)
        painter.fillRect(QRectF(area.left(), y, area.width(), area.bottom() - y), zone)
        dashed = lines.dashed((area.left(), round(y) + 0.5), (area.right(), round(y) + 0.5), 4, 3)
        painter.setPen(QPen(theme.color("text3"), 1))
        lines.draw_segments(painter, dashed)
        return zone

    def _paint_zone_name(self, painter: QPainter, area: QRectF, zone: QColor) -> None:
        """What the ground means, on a piece of it without gridlines."""
        theme, words = self.theme, "vanishing zone, below 10⁻⁶"
        left, wide = area.left() + theme.px(8), theme.wide(words) + theme.px(6)
        box = QRectF(left, area.bottom() - theme.px(18), wide, theme.px(16))
        painter.fillRect(box, zone)
        axes.text(painter, box, axes.LEFT, words, theme.color("text2"), theme.caption)

    def _paint_lines(self, painter: QPainter, area: QRectF) -> None:
        ground = self.theme.color("panel")
        for layer in self.layers if self.envelope is not None else ():
            lines.draw_columns(painter, layer.raw, mix(ground, layer.color, 0.25))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._woven.isNull() and not self.keeps_lines:
            painter.drawImage(area.topLeft(), self._woven)
        width = 1 if len(self.layers) > RAW_UP_TO else 2
        some = self.layers if self._woven.isNull() or self.keeps_lines or self.selected else []
        for layer in sorted(
            (layer for layer in some if layer.drawn), key=lambda layer: layer.row.node in self.selected
        ):
            strokes.stroke(painter, layer.drawn, layer.color, width + (layer.row.node in self.selected))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_caption(self, painter: QPainter, area: QRectF) -> None:
        theme = self.theme
        row = QRectF(area.left(), theme.px(6), self.width() - area.left() - theme.px(12), theme.px(20))
        axes.text(painter, row, axes.LEFT, CAPTIONS[self.quantity], theme.color("text2"), theme.caption)
        right = f"log₁₀, smoothing {SMOOTHING:g}"
        used = theme.wide(CAPTIONS[self.quantity] + right) + theme.px(16)
        if used < row.width():
            axes.text(painter, row, axes.RIGHT, right, theme.color("text3"), theme.caption)

    def _paint_labels(self, painter: QPainter, area: QRectF) -> None:
        theme = self.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.caption)
        end = float(self.steps().pixels(self.layers[0].x[-1])) if self.layers else 0.0
        begin, left, names = min(end, area.right()) + 2, area.right() + theme.px(14), area.right() + theme.px(18)
        for layer in self._told:
            painter.setPen(layer.color)
            painter.drawLine(QLineF(begin, layer.end, left, layer.label))
            name = theme.elided(short_name(layer.row), self._margin - theme.px(22))
            if layer.row.node in self.selected:
                box = QRectF(names, layer.label - 10, self.width(), 20)
                axes.text(painter, box, axes.LEFT, name, layer.color, theme.strong)
                painter.setFont(theme.caption)
                continue
            words = theme.label(name)
            painter.drawStaticText(QPointF(names, layer.label - words.size().height() / 2), words)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def paint_over(self, painter: QPainter) -> None:
        """The step that all monitors point at, and the values there."""
        if not any(len(layer.x) for layer in self.layers):
            return
        area = self.area()
        crosshair.paint(painter, self.theme, area, self.steps(), self.crosshair)
        if self.crosshair.step is None:
            return
        shown = self.reading(self.crosshair.step)
        if self.pointer is not None and shown:
            axes.readout(painter, self.theme, area, self.pointer, shown)

    def reading(self, step: float) -> list[Line]:
        """The values at a step, largest first, as far as there is room; with the pointer at a line, that one alone."""
        record = self.record
        at = self.layer_at(self.pointer) if self.pointer is not None else None
        columns = record.columns(self.quantity) if record is not None else None
        place = columns.nearest(step) if columns is not None else None
        if columns is None or place is None or not self.layers:
            return []
        values = columns.values(place, place + 1)[0][self.places]
        found = [(float(value), layer) for value, layer in zip(values, self.layers, strict=True) if at in (None, layer)]
        found.sort(key=lambda one: -one[0] if math.isfinite(one[0]) else -math.inf)
        room = max(int(self.area().height() / self.theme.px(16)) - 2, 1)
        named = [Line(short_name(layer.row), ticks.scientific(value), layer.color) for value, layer in found[:room]]
        return [Line("step", f"{int(columns.steps(place, place + 1)[0]):,}"), *named]

    def _height(self, layer: LayerCurve, step: float) -> float:
        place = int(np.argmin(np.abs(layer.x - step)))
        y = float(self.values().pixels(layer.y[place]))
        return y if math.isfinite(y) else math.inf


class GradientMonitor(Monitor):
    """Gradients per layer: of the weights, of the outputs, or how much a step changes the weights."""

    SENTENCES = MappingProxyType(
        {
            "gradient": "How long the gradient of each layer's weights is at every step, before clipping.",
            "output": "How strongly the loss pulls at each layer's output: lines far below the last layer's are "
            "gradients that vanish.",
            "update_ratio": "How far each step moves a layer's weights, as a share of their length; 10⁻³ is usual.",
        }
    )

    def __init__(self, feed: Feed, themes: Themes, cursor: Cursor | None = None) -> None:
        self.curves = GradientPlot(feed, themes, shared(cursor))
        super().__init__("Gradients", self.curves, feed, themes, turn=4)
        self.modes = Segmented(tuple(MODES), themes)
        self.header.controls.addWidget(self.modes)
        self.log_time = self.offer_log_time()
        self.modes.chosen.connect(self._choose)
        self.curves.clicked.connect(self._click)
        self.go_by_keys(self.curves, lambda: [one.row for one in self.curves.layers], lambda: self.curves.selected)

    @property
    def sentence(self) -> str:
        """What one is looking at."""
        return self.SENTENCES[self.curves.quantity]

    def state(self) -> dict[str, str]:
        """What was chosen."""
        return {**super().state(), "quantity": self.curves.quantity}

    def restore(self, state: dict[str, str]) -> None:
        """Choose the same again."""
        super().restore(state)
        for mode, quantity in MODES.items():
            if quantity == state.get("quantity"):
                self.modes.choose(mode)

    def set_selected(self, ids: frozenset[str]) -> None:
        """Draw the lines of these nodes stronger."""
        self.curves.selected = frozenset(ids)
        self.curves.refresh() if len(self.curves.layers) > MANY else self.curves.update()

    def _choose(self, mode: str) -> None:
        self.curves.quantity = MODES[mode]
        self.curves.span = type(self.curves.span)()
        self.say_sentence()
        self.curves.refresh()

    def _click(self, place: QPointF) -> None:
        layer = self.curves.layer_at(place)
        if layer is not None:
            self.node_clicked.emit(layer.row.node, round(self.curves.steps().number(place.x())))
