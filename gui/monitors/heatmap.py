"""The gradient heatmap: layers in network order, input on top, over the steps."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QAction, QImage, QPainter, QPen, QPixmap, QPolygonF

from core.engine.messages import RowInfo
from core.telemetry.heatmap import HIGHEST, LOWEST, NO_DATA, NONFINITE, OK, OVER, ZERO, Grid, Heatmap
from core.telemetry.table import Indices
from gui.monitors import axes, cells, lines, ticks
from gui.monitors.axes import Line
from gui.monitors.controls import Segmented
from gui.monitors.cursor import Cursor
from gui.monitors.ink import Ink
from gui.monitors.layer_rows import VANISHING, nothing_measured, short_name
from gui.monitors.panel import Monitor, shared
from gui.monitors.plot import Plot
from gui.monitors.scale import Scale
from gui.theme import Themes
from gui.training.feed import Feed

MODES = {"Weights": "gradient_rms", "Outputs": "output"}
CAPTIONS = {"gradient_rms": "log₁₀ RMS ∂L/∂W", "output": "log₁₀ RMS ∂L/∂output × batch"}
STATES = {ZERO: "exactly 0", NONFINITE: "not finite", NO_DATA: "no data"}
LEGEND_TICKS = (1, -1, -3, -5, -7)
_LEAST = 48
"""Width that the cells keep before the legend has any."""


class HeatmapPlot(Plot):
    """The cells, their names and their legend."""

    def __init__(self, feed: Feed, themes: Themes, cursor: Cursor) -> None:
        super().__init__(feed, themes, cursor)
        self.quantity = "output"
        self.all_nodes = False
        self.selected: frozenset[str] = frozenset()
        self.grid: Grid | None = None
        self._sources: dict[str, Heatmap] = {}
        self._image = QImage()
        """A column a device pixel, so that Qt stretches it only downwards."""
        self._image_at = (0.0, 0.0)
        """Where it begins in the area, and how wide it is."""
        self._patterns = QImage()
        self._names = 0.0
        self._names_of: object = None
        self._table_of: Ink | None = None
        self._table = np.empty(0, np.uint32)
        self._bar = QImage()
        self._still = QPixmap()
        self._still_of: object = None

    @property
    def rows(self) -> tuple[RowInfo, ...]:
        """The rows that are drawn, from top to bottom."""
        return self.grid.rows if self.grid is not None else ()

    def area(self) -> QRectF:
        """Between the names and the legend; whole pixels, so that cells are sharp."""
        px = self.theme.px
        left, top = px(22) + math.ceil(self._names), px(10)
        right = px(106) if self._has_legend else px(16)
        return QRectF(left, top, max(self.width() - left - right, 10), max(self.height() - top - px(40), 10))

    @property
    def _has_legend(self) -> bool:
        """Whether there is room for it: the cells come first, and the canvas has the same scale."""
        px = self.theme.px
        return self.width() - px(22) - math.ceil(self._names) - px(106) >= px(_LEAST)

    def extent(self) -> tuple[float, float]:
        """The steps that were measured: a schedule's last one may lie before the run's."""
        series = self.record.series(self.quantity) if self.record is not None else None
        if series is None or not len(series):
            return super().extent()
        newest = int(series.steps(len(series) - 1, len(series))[0])
        return series.first_step, max(newest, series.first_step + 10)

    def values(self) -> Scale:
        """Rows from top to bottom."""
        area = self.area()
        return Scale(0, max(len(self.rows), 1), area.top(), area.bottom())

    def value_extent(self) -> tuple[float, float]:
        """All rows; they do not zoom."""
        return 0, max(len(self.rows), 1)

    def prepare(self) -> None:
        """The cells for the steps in view, a bin for a pixel at most."""
        self.span = type(self.span)()
        self._measure_names()
        if self._table_of is not self.theme:
            self._table_of, self._table = self.theme, cells.color_table(self.theme.theme)
            self._bar = cells.picture(np.arange(255, -1, -1, dtype=np.uint8)[:, None], self._table)
        self.grid = self._measured()
        if self.grid is None or not self.grid.indices.size:
            return
        rows, columns = self._places(self.grid)
        inside = np.flatnonzero((columns >= 0) & (columns < self.grid.indices.shape[1]))
        self._image = cells.picture(self.grid.indices[:, columns[inside]], self._table)
        ratio = self.devicePixelRatioF()
        self._image_at = (float(inside[0]) / ratio, len(inside) / ratio) if len(inside) else (0.0, 0.0)
        self._patterns = QImage()
        if self.grid.states.any():
            self._patterns = cells.patterns(self.grid.states, (rows, columns), self.theme.theme)
            self._patterns.setDevicePixelRatio(ratio)

    def paint(self, painter: QPainter) -> None:
        """Cells, names, axis, legend, and what the cursor points at."""
        theme, area, steps = self.theme, self.area(), self.steps()
        axes.step_axis(painter, theme, area, steps)
        painter.drawPixmap(0, 0, self._still_picture())
        if self.grid is None or not self.grid.indices.size:
            axes.nothing_yet(painter, theme, area, *nothing_measured(self.record, self.quantity, self.gathering))
            return
        painter.save()
        painter.setClipRect(area)
        left, wide = self._image_at
        painter.drawImage(QRectF(area.left() + left, area.top(), wide, area.height()), self._image)
        if not self._patterns.isNull():
            painter.drawImage(area.topLeft(), self._patterns)
        painter.restore()
        self._paint_gaps(painter, area)
        self._paint_selected(painter)
        self._paint_captions(painter, area, self.grid)
        self._paint_cursor(painter, area, steps, self.grid)

    def target(self) -> QRectF:
        """Where the grid's cells are drawn: step s fills s - 1 to s of the axis."""
        area, grid = self.area(), self.grid
        if grid is None:
            return area
        steps, begin = self.steps(), grid.first_step - 1
        left, right = steps.pixel(begin), steps.pixel(begin + grid.width * grid.indices.shape[1])
        return QRectF(left, area.top(), right - left, area.height())

    def row_boxes(self) -> list[QRectF]:
        """Each row's cells, from top to bottom."""
        area = self.area()
        edges = np.rint(self.values().place(np.arange(len(self.rows) + 1))).tolist()
        return [QRectF(area.left(), top, area.width(), bottom - top) for top, bottom in pairwise(edges)]

    def cell_at(self, place: QPointF) -> tuple[int, int] | None:
        """The row and the bin at a place."""
        area, grid = self.area(), self.grid
        if grid is None or not grid.indices.size or not area.contains(place):
            return None
        step = math.floor(self.steps().number(place.x())) + 1
        column = (step - grid.first_step) // grid.width
        row = min(int(self.values().number(place.y())), len(grid.rows) - 1)
        return (row, column) if 0 <= column < grid.indices.shape[1] else None

    def row_at(self, place: QPointF) -> int | None:
        """The row at a place, names included."""
        area = self.area()
        if not self.rows or not area.top() <= place.y() < area.bottom() or place.x() > area.right():
            return None
        return min(int(self.values().number(place.y())), len(self.rows) - 1)

    def reading(self, place: QPointF) -> list[Line]:
        """What the plot says about the cell at a place."""
        cell, grid = self.cell_at(place), self.grid
        if cell is None or grid is None:
            return []
        first, last = grid.steps(cell[1])
        log10, state = float(grid.log10[cell]), int(grid.states[cell])
        value = ticks.scientific(10**log10) if state in (OK, OVER) else STATES[state]
        color = self.theme.theme.gradient(log10) if state in (OK, OVER) else None
        span = f"step {first:,}" if first == last else f"steps {first:,}–{last:,}"
        kind = "RMS" if first == last or grid.spacing >= grid.width > 1 else "RMS, mean"
        return [Line(short_name(grid.rows[cell[0]])), Line(span), Line(kind, value, color)]

    def _places(self, grid: Grid) -> tuple[Indices, Indices]:
        """The row of each line of the area's pixels, and the bin of each column."""
        area, target, ratio = self.area(), self.target(), self.devicePixelRatioF()
        rows = (np.arange(round(area.height() * ratio)) + 0.5) / (area.height() * ratio) * len(grid.rows)
        x = (np.arange(round(area.width() * ratio)) + 0.5) / ratio + area.left() - target.left()
        return rows.astype(np.int64), np.floor(x / target.width() * grid.indices.shape[1]).astype(np.int64)

    def _measured(self) -> Grid | None:
        record = self.record
        self.gathering = False
        if record is None:
            self._sources = {}
            return None
        source = self._sources.get(self.quantity)
        if source is None or source.record is not record:
            source = self._sources[self.quantity] = Heatmap(record, self.quantity)
        if self.gathers(source, (record, self.quantity, self.all_nodes)):
            return None if self.gathering else self.grid
        steps = self.steps()
        columns = max(round(self.area().width() * self.devicePixelRatioF()), 1)
        return self._shown(source.grid(steps.low + 1, steps.high, columns))

    def _shown(self, grid: Grid) -> Grid:
        """The rows of layers with a weight, or all of them."""
        if self.all_nodes or self.record is None:
            return grid
        weights = {row.path for row in self.record.started.weights}
        places = [place for place, row in enumerate(grid.rows) if row.path in weights]
        if len(places) == len(grid.rows):
            return grid
        rows = tuple(grid.rows[place] for place in places)
        return replace(
            grid, rows=rows, log10=grid.log10[places], indices=grid.indices[places], states=grid.states[places]
        )

    def _measure_names(self) -> None:
        """Room for the longest name of a run, within bounds."""
        record = self.record
        state = (record, self.quantity, self.all_nodes, self.theme)
        if state != self._names_of:
            self._names_of = state
            rows = [] if record is None else record.rows(self.quantity) if self.all_nodes else record.started.weights
            widest = max((self.theme.wide(short_name(row)) for row in rows), default=0.0)
            self._names = min(max(widest, self.theme.px(34)), self.theme.px(96)) + self.theme.px(10)

    def _paint_gaps(self, painter: QPainter, area: QRectF) -> None:
        """A pixel of ground between two rows, unless rows are that thin themselves."""
        if area.height() / len(self.rows) < 6:
            return
        y = np.rint(self.values().place(np.arange(1, len(self.rows)))) - 1
        left, wide = np.full_like(y, area.left()), np.full_like(y, area.width())
        lines.draw_columns(painter, np.stack([left, y, wide, np.ones_like(y)], axis=1), self.theme.color("inset"))

    def _paint_names(self, painter: QPainter, area: QRectF) -> None:
        """Names at the left with the key of their category; of thin rows, every so many."""
        theme = self.theme
        pitch = area.height() / len(self.rows)
        every = max(1, math.ceil(theme.px(12) / pitch))
        for row, (info, box) in enumerate(zip(self.rows, self.row_boxes(), strict=True)):
            chosen = info.node in self.selected
            if row % every and not chosen:
                continue
            name = theme.elided(short_name(info), self._names - theme.px(6))
            middle = box.center().y()
            key = QRectF(theme.px(8), middle - 3.5, theme.px(7), theme.px(7))
            axes.chip(painter, key, theme.theme.category(info.category))
            at = QRectF(theme.px(20), middle - 10, self._names, 20)
            ink = theme.color("text" if chosen else "text2")
            axes.text(painter, at, axes.LEFT, name, ink, theme.strong if chosen else theme.caption)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_selected(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.theme.color("sel"), 1.4))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for info, box in zip(self.rows, self.row_boxes(), strict=True) if self.selected else ():
            if info.node in self.selected:
                painter.drawRoundedRect(box.adjusted(-1, -0.7, 1, -0.3), 2, 2)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _still_picture(self) -> QPixmap:
        """Names and legend, which stay as they are from frame to frame."""
        ratio = self.devicePixelRatioF()
        state = (self.size(), ratio, self.theme, self.rows, self.selected)
        if state != self._still_of:
            self._still_of = state
            self._still = QPixmap(self.size() * ratio)
            self._still.setDevicePixelRatio(ratio)
            self._still.fill(Qt.GlobalColor.transparent)
            painter = QPainter(self._still)
            if self._has_legend:
                self._paint_legend(painter, self.area())
            if self.rows:
                self._paint_names(painter, self.area())
            painter.end()
        return self._still

    def _paint_legend(self, painter: QPainter, area: QRectF) -> None:
        """The bar at the right with a tick each two decades and the vanishing mark."""
        theme = self.theme
        bar = QRectF(area.right() + theme.px(26), area.top(), theme.px(10), area.height())
        painter.drawImage(bar, self._bar)
        scale = Scale(LOWEST, HIGHEST, bar.bottom(), bar.top())
        mark = scale.pixel(VANISHING)
        words = QRectF(bar.right() + theme.px(9), 0, theme.px(60), 20)
        for decade in LEGEND_TICKS:
            y = min(max(scale.pixel(decade), bar.top() + 0.5), bar.bottom() - 0.5)
            axes.hairline(painter, QPointF(bar.right() + 1, y), QPointF(bar.right() + 5, y), theme.color("line3"))
            if abs(y - mark) > theme.px(13):
                place = words.translated(0, max(y, theme.px(12)) - 10)
                axes.text(painter, place, axes.LEFT, ticks.power(decade), theme.color("text3"), theme.caption)
        self._paint_mark(painter, bar, mark)
        place = words.translated(0, mark - 10)
        axes.text(painter, place, axes.LEFT, "vanishing", theme.color("text"), theme.caption)

    def _paint_mark(self, painter: QPainter, bar: QRectF, y: float) -> None:
        """Black and white, so that it is seen on every colour."""
        ink = self.theme.color("text")
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.theme.color("inset"), 3.5))
        painter.drawLine(QPointF(bar.left() - 1, y), QPointF(bar.right() + 5, y))
        painter.setPen(QPen(ink, 1.5))
        painter.drawLine(QPointF(bar.left() - 2, y), QPointF(bar.right() + 5, y))
        painter.setBrush(ink)
        painter.setPen(Qt.PenStyle.NoPen)
        left = bar.left() - 6
        painter.drawPolygon(QPolygonF([QPointF(left, y - 3.5), QPointF(left + 5, y), QPointF(left, y + 3.5)]))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_captions(self, painter: QPainter, area: QRectF, grid: Grid) -> None:
        """How many steps a column stands for, and what is drawn."""
        theme, font = self.theme, self.theme.caption
        left, right = bin_size(grid), CAPTIONS[self.quantity]
        end = self.width() - theme.px(12)
        begin = max(min(area.left(), end - theme.wide(left)), theme.px(4))
        row = QRectF(begin, area.bottom() + theme.px(21), end - begin, theme.px(18))
        if theme.wide(left + right) + theme.px(12) > row.width():
            right = right.removesuffix(" × batch")
        axes.text(painter, row, axes.LEFT, left, theme.color("text3"), font)
        if theme.wide(left + right) + theme.px(8) <= row.width():
            axes.text(painter, row, axes.RIGHT, right, theme.color("text2"), font)

    def _paint_cursor(self, painter: QPainter, area: QRectF, steps: Scale, grid: Grid) -> None:
        step = self.crosshair.step
        if step is None:
            return
        axes.cursor_line(painter, self.theme, area, steps.pixel(step))
        shown = self.reading(self.pointer) if self.pointer is not None else []
        if self.pointer is not None and shown:
            axes.readout(painter, self.theme, area, self.pointer, shown)


class HeatmapMonitor(Monitor):
    """The heatmap with its choices: of the outputs, which judge, or of the weights."""

    node_clicked = Signal(str, int)
    """The node of the row that was clicked, and the step."""

    def __init__(self, feed: Feed, themes: Themes, cursor: Cursor | None = None) -> None:
        self.cells = HeatmapPlot(feed, themes, shared(cursor))
        super().__init__("Gradient heatmap", self.cells, feed, themes, turn=2)
        self.modes = Segmented(tuple(MODES), themes)
        self.modes.choose("Outputs")
        self.header.controls.addWidget(self.modes)
        self.modes.chosen.connect(self._choose)
        self.every_node = QAction("All nodes", self, checkable=True)
        self.every_node.setToolTip("Rows for activations and other nodes too, not only layers with a weight")
        self.every_node.toggled.connect(self._show_all)
        self.header.menu.addAction(self.every_node)
        self.cells.clicked.connect(self._click)

    def set_selected(self, ids: frozenset[str]) -> None:
        """Outline the rows of these nodes."""
        self.cells.selected = frozenset(ids)
        self.cells.update()

    def _choose(self, mode: str) -> None:
        self.cells.quantity = MODES[mode]
        self.every_node.setEnabled(self.cells.quantity == "output")
        self.cells.refresh()

    def _show_all(self, on: bool) -> None:
        self.cells.all_nodes = on
        self.cells.refresh()

    def _click(self, place: QPointF) -> None:
        row = self.cells.row_at(place)
        if row is not None:
            step = math.floor(self.cells.steps().number(max(place.x(), self.cells.area().left()))) + 1
            self.node_clicked.emit(self.cells.rows[row].node, step)


def bin_size(grid: Grid) -> str:
    """What one column of cells stands for."""
    if grid.spacing > grid.width:
        return f"steps, measured every {grid.spacing:,} steps"
    return "steps, one column = " + ("1 step" if grid.width == 1 else f"{grid.width:,} steps")
