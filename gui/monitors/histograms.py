"""How a layer's numbers are spread, over the steps: as a heat of shares, or as one outline behind the other."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QAction, QColor, QImage, QPainter, QPen, QPolygonF

from core.engine.histograms import HALF, Counts
from core.telemetry.distributions import Spread, What
from core.telemetry.sheet import Sheet, fixed
from gui.monitors import axes, cells, crosshair, ticks
from gui.monitors.axes import Line
from gui.monitors.choice import Choice
from gui.monitors.controls import Segmented
from gui.monitors.cursor import Cursor
from gui.monitors.layer_monitor import LayerMonitor
from gui.monitors.panel import shared
from gui.monitors.plot import Plot
from gui.monitors.scale import Scale
from gui.theme import Themes, mix
from gui.training.feed import Feed

MODES: Mapping[str, What] = MappingProxyType(
    {"Weights": "weights", "Gradients": "gradients", "Activations": "activations"}
)
FAINTEST = -4.0
"""log10 of the share of all numbers that the palest colour stands for."""
PALEST = 0.12
"""How strong that colour is against the ground, which is where no number lies."""
SHADES = (0.0, *np.logspace(FAINTEST, 0, 255).tolist())
"""The shares that have a colour of their own."""
OUTLINED = "one outline a moment"
OUTLINES = 24
"""Of moments, at the most."""
TALL = 0.3
"""The share of the plot's height that an outline takes; each is scaled to its own highest bin."""
NOTHING = (
    "Nothing counted.",
    "Layers are counted while a network trains here, and of a script that keeps weights (keep=20).",
)
ABSENT = ("This layer has none.", "A frozen layer has no gradient, and of a script's run weights alone are kept.")


class HistogramPlot(Plot):
    """The moments of one layer, counted again and again while the network trains."""

    @property
    def has_steps(self) -> bool:  # type: ignore[override]  # it depends on what is drawn
        """Whether the width is time."""
        return not self.ridge

    def __init__(self, feed: Feed, themes: Themes, cursor: Cursor) -> None:
        super().__init__(feed, themes, cursor)
        self.what: What = "weights"
        self.path = ""
        self.ridge = False
        self._known: object = None
        self._moments: list[Spread] = []
        self.exponent = 0
        """The ends of the values are two to the power of it, below and above zero."""
        self.shares: npt.NDArray[np.float64] = np.empty((2 * HALF, 0))
        """Of each moment in view, which share of its numbers lies in each bin, the lowest first."""
        self._image = QImage()

    @property
    def paths(self) -> list[str]:
        """The layers that were counted, in network order."""
        return self.record.distributions.paths if self.record is not None else []

    @property
    def moments(self) -> Sequence[Spread]:
        """Those of the layer and quantity that are shown."""
        known = (self._counted(), self.path, self.what)
        if known != self._known:
            record = self.record
            self._known = known
            self._moments = record.distributions.of(self.path, self.what) if record is not None else []
        return self._moments

    @property
    def pinned(self) -> int | None:
        """The place of the moment that is looked back at: the newest up to the step that was chosen."""
        step = self.crosshair.pinned
        return self.moment_at(step) if step is not None and self.moments else None

    def area(self) -> QRectF:
        """Right of the labels, below the layer's name."""
        px = self.theme.px
        return QRectF(px(58), px(30), max(self.width() - px(72), 10), max(self.height() - px(60), 10))

    def values(self) -> Scale:
        """From the lowest to the highest bin, linear."""
        area, edge = self.area(), 2.0**self.exponent
        return Scale(*self.span.within(-edge, edge), area.bottom(), area.top())

    def value_extent(self) -> tuple[float, float]:
        """The ends of all moments."""
        return -(2.0**self.exponent), 2.0**self.exponent

    def prepare(self) -> None:
        """The shares of all moments in the bins of the widest, and their picture."""
        moments = self.moments
        self.exponent = max((moment.counts.exponent for moment in moments), default=0)
        found = [widened(moment.counts, self.exponent) / max(moment.counts.count, 1) for moment in moments]
        self.shares = np.stack(found, axis=1) if found else np.empty((2 * HALF, 0))
        self._image = QImage()
        if found and not self.ridge:
            table = np.array([self._color(share).rgb() for share in SHADES], np.uint32)
            self._image = cells.picture(_indices(self._columns()), table)

    def paint(self, painter: QPainter) -> None:
        """Axes, heat or outlines, and what the cursor points at."""
        theme, area = self.theme, self.area()
        name = f"{self.path}, {self.what}" if self.path else ""
        caption = QRectF(area.left(), theme.px(6), area.width(), theme.px(20))
        name = theme.elided(name, caption.width())
        axes.text(painter, caption, axes.LEFT, name, theme.color("text2"), theme.caption)
        if not self.moments:
            axes.step_axis(painter, theme, area, self.steps())
            axes.nothing_yet(painter, theme, area, *(ABSENT if self.path and self.paths else NOTHING))
            return
        self._paint_key(painter, caption.adjusted(theme.wide(name) + theme.px(16), 0, 0, 0))
        if self.ridge:
            self._paint_outlines(painter, area)
        else:
            self._paint_heat(painter, area)

    def _counted(self) -> tuple[int, int]:
        """What tells whether there are other moments."""
        found = self.record.distributions.moments if self.record is not None else []
        return id(self.record), found[-1].step if found else -1

    def _has_moved(self) -> bool:
        """A moment is seen at once."""
        return self._known != (self._counted(), self.path, self.what) or super()._has_moved()

    def _paint_key(self, painter: QPainter, room: QRectF) -> None:
        """At the right, as far as there is room, what the colours or the outlines are."""
        theme, bar = self.theme, self.theme.px(56)
        if self.ridge:
            if theme.wide(OUTLINED) < room.width():
                axes.text(painter, room, axes.RIGHT, OUTLINED, theme.color("text3"), theme.caption)
            return
        low, high, words = f"{10**FAINTEST:.2%}".replace("%", " %"), "100 %", "of all in a bin"
        for word, gap in ((high, 6), ("", 6), (low, 10), (words, 0)):
            wide = theme.wide(word) if word else float(bar)
            if wide > room.width():
                return
            if word:
                axes.text(painter, room, axes.RIGHT, word, theme.color("text3"), theme.caption)
            else:
                for place in range(bar):
                    color = self._color(SHADES[1 + round(place * (len(SHADES) - 2) / (bar - 1))])
                    painter.fillRect(QRectF(room.right() - bar + place, room.center().y() - 4, 1, 8), color)
            room = room.adjusted(0, 0, -wide - theme.px(gap), 0)

    def _paint_heat(self, painter: QPainter, area: QRectF) -> None:
        """Steps across, values up, shares as colours."""
        theme, steps, values = self.theme, self.steps(), self.values()
        axes.step_axis(painter, theme, area, steps)
        marks = ticks.linear(values.low, values.high, min(max(3, int(area.height() / theme.px(30))), 6))
        axes.value_axis(painter, theme, area, values, marks)
        painter.save()
        painter.setClipRect(area)
        top, bottom = values.pixel(2.0**self.exponent), values.pixel(-(2.0**self.exponent))
        painter.drawImage(QRectF(area.left(), top, area.width(), bottom - top), self._image)
        painter.restore()
        crosshair.paint(painter, theme, area, steps, self.crosshair)
        shown = self.reading(self.pointer) if self.pointer is not None and area.contains(self.pointer) else []
        crosshair.read_out(painter, theme, area, self.pointer, shown)

    def moment_at(self, step: float) -> int:
        """The place of the newest moment up to a step, the first where there is none before."""
        known = [moment.step for moment in self.moments]
        return max(int(np.searchsorted(known, step, side="right")) - 1, 0)

    def reading(self, place: QPointF) -> list[Line]:
        """What stands at a place: the moment, the bin, and how many numbers are in it."""
        if not self.moments:
            return []
        moment = self.moment_at(self.steps().number(place.x()))
        value = self.values().number(place.y())
        edge = 2.0**self.exponent
        row = min(max(int((value + edge) / edge * HALF), 0), 2 * HALF - 1)
        low, high = (row / HALF - 1) * edge, ((row + 1) / HALF - 1) * edge
        share = float(self.shares[row, moment])
        counts = self.moments[moment].counts
        found = [
            Line(f"step {self.moments[moment].step:,}"),
            Line("from", ticks.reading(low)),
            Line("to", ticks.reading(high)),
            Line("numbers", f"{share * counts.count:,.0f} of {counts.count:,}", self._color(share)),
        ]
        return [*found, Line("not finite", f"{counts.nonfinite:,}")] if counts.nonfinite else found

    def sheet(self) -> Sheet | None:
        """A row a moment: its step, and how many numbers lie in each bin, by the bin's lower end."""
        if not self.moments:
            return None
        edge = 2.0**self.exponent
        names = [f"{(row / HALF - 1) * edge:.9g}" for row in range(2 * HALF)]
        counts = [widened(moment.counts, self.exponent) for moment in self.moments]
        table = np.stack(counts, axis=1).astype(np.int64)
        return fixed(("step", *names), [np.array([moment.step for moment in self.moments]), *table])

    def _columns(self) -> npt.NDArray[np.float64]:
        """The shares under each pixel of the area's width; those of no moment before the first."""
        area, ratio = self.area(), self.devicePixelRatioF()
        x = (np.arange(round(area.width() * ratio)) + 0.5) / ratio + area.left()
        known = np.array([moment.step for moment in self.moments])
        places = np.searchsorted(known, self.steps().numbers(x), side="right") - 1
        return np.where(places >= 0, self.shares[::-1, np.maximum(places, 0)], 0.0)

    def _color(self, share: float) -> QColor:
        """The ground for none, else the accent, the stronger the larger the logarithm of the share."""
        ground, ink = self.theme.color("inset"), self.theme.color("accent")
        if share <= 0:
            return ground
        place = min(max((math.log10(share) - FAINTEST) / -FAINTEST, 0.0), 1.0)
        return mix(ground, ink, PALEST + (1 - PALEST) * place)

    def _paint_outlines(self, painter: QPainter, area: QRectF) -> None:
        """The moments in view from the oldest, at the back, to the newest; across the values, not the steps."""
        theme, steps, edge = self.theme, self.steps(), 2.0**self.exponent
        across = Scale(-edge, edge, area.left(), area.right())
        painter.fillRect(QRectF(area.left(), round(area.bottom()), area.width(), 1), theme.color("line2"))
        for mark in ticks.linear(-edge, edge, min(max(3, int(area.width() / theme.px(80))), 7)):
            box = QRectF(across.pixel(mark.value) - 40, area.bottom() + theme.px(5), 80, theme.px(16))
            axes.text(painter, box, axes.CENTER, mark.label, theme.color("text3"), theme.caption)
        seen = [place for place, one in enumerate(self.moments) if steps.low <= one.step <= steps.high]
        chosen = (
            [seen[round(place)] for place in np.linspace(0, len(seen) - 1, min(OUTLINES, len(seen)))] if seen else []
        )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tints = theme.theme.depth_ramp(max(len(chosen), 2))
        for order, place in enumerate(chosen):
            shape = outline(self.shares[:, place], area, order / max(len(chosen) - 1, 1))
            painter.setBrush(mix(theme.color("panel"), tints[order], 0.25))
            painter.setPen(QPen(tints[order], 1))
            painter.drawPolygon(shape)
            if order in (0, len(chosen) - 1):
                words = QRectF(0, shape.first().y() - 10, area.left() - theme.px(6), 20)
                step = f"step {self.moments[place].step:,}"
                axes.text(painter, words, axes.RIGHT, step, theme.color("text3"), theme.caption)
        if self.pinned is not None:
            depth = self.pinned / max(len(self.moments) - 1, 1)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("accent"), 2))
            painter.drawPolygon(outline(self.shares[:, self.pinned], area, depth))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


class HistogramMonitor(LayerMonitor):
    """The distributions of the selected layer, or of one out of the list."""

    SENTENCE = (
        "How the numbers of one layer are spread as it learns: bright where many lie, from left to right in time."
    )

    def __init__(self, feed: Feed, themes: Themes, cursor: Cursor | None = None) -> None:
        self.spread = HistogramPlot(feed, themes, shared(cursor))
        super().__init__("Histograms", self.spread, feed, themes, turn=4)
        self.layer = Choice("Layer", lambda: {path: path for path in self.spread.paths}, themes)
        self.layer.hold("", "Layer")
        self.layer.chosen.connect(self.choose)
        self.modes = Segmented(tuple(MODES), themes)
        self.modes.chosen.connect(self._use)
        self.header.controls.addWidget(self.layer)
        self.header.controls.addWidget(self.modes)
        self.ridge = QAction("Outlines instead of heat", self, checkable=True)
        self.ridge.toggled.connect(self._draw_outlines)
        self.header.menu.addAction(self.ridge)
        feed.started.connect(self._settle)
        feed.changed.connect(self._settle)

    def shown_step(self) -> int | None:
        """The step at which was counted what is shown."""
        place = self.spread.pinned
        return self.spread.moments[place].step if place is not None else None

    def moment_words(self, step: int) -> str:
        """When was counted what is shown."""
        shown = self.shown_step()
        return "nothing counted" if shown is None else f"counted at step {shown:,}"

    def choose(self, path: str) -> None:
        """Show this layer."""
        self.spread.path = path
        self.layer.hold(path, path)
        self.spread.refresh()

    def set_selected(self, ids: frozenset[str]) -> None:
        """Show the layer that is selected, if it was counted."""
        rows = self.feed.record.started.weights if self.feed.record is not None else []
        path = next((row.path for row in rows if row.node in ids), "")
        if path and path in self.spread.paths:
            self.choose(path)

    def state(self) -> dict[str, str]:
        """What was chosen."""
        return {**super().state(), "what": self.spread.what, "ridge": "1" if self.ridge.isChecked() else ""}

    def restore(self, state: dict[str, str]) -> None:
        """Choose the same again."""
        super().restore(state)
        self.ridge.setChecked(bool(state.get("ridge")))
        for mode, what in MODES.items():
            if what == state.get("what"):
                self.modes.choose(mode)

    def _use(self, mode: str) -> None:
        self.spread.what = MODES[mode]
        self.spread.span = type(self.spread.span)()
        self.spread.refresh()

    def _draw_outlines(self, on: bool) -> None:
        self.spread.ridge = on
        self.spread.refresh()

    def _settle(self, *_news: object) -> None:
        """Show the first layer where the one that was shown was not counted."""
        paths = self.spread.paths
        if paths and self.spread.path not in paths:
            self.choose(paths[0])


def widened(counts: Counts, exponent: int) -> npt.NDArray[np.float64]:
    """The bins of a moment as those of a wider one: each is a whole number of its own."""
    bins = np.array(counts.bins, np.float64)
    group = 2 ** min(exponent - counts.exponent, HALF.bit_length())
    if group == 1:
        return bins
    if group > HALF:
        below, above = bins[:HALF].sum(), bins[HALF:].sum()
        found = np.zeros(2 * HALF)
        found[HALF - 1], found[HALF] = below, above
        return found
    merged = bins.reshape(-1, group).sum(axis=1)
    found = np.zeros(2 * HALF)
    found[HALF - len(merged) // 2 : HALF + len(merged) // 2] = merged
    return found


def outline(shares: npt.NDArray[np.float64], area: QRectF, depth: float) -> QPolygonF:
    """The outline of a moment, its bins across the area; the newest (depth 1) stands at the bottom."""
    tall = area.height() * TALL
    base = area.top() + tall + depth * (area.height() - tall)
    heights = shares / max(float(shares.max()), 1e-12) * tall
    x = area.left() + (np.arange(len(shares)) + 0.5) / len(shares) * area.width()
    points = [QPointF(float(at), float(base - up)) for at, up in zip(x, heights, strict=True)]
    return QPolygonF([QPointF(area.left(), base), *points, QPointF(area.right(), base)])


def _indices(shares: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    """The places of shares among the shades, by their logarithm; 0 for none."""
    with np.errstate(divide="ignore"):
        places = 1 + (np.log10(shares) - FAINTEST) / -FAINTEST * 254
    return np.where(shares > 0, np.clip(places, 1, 255).round(), 0).astype(np.uint8)
