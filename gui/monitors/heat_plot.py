"""The cells of the heatmap: layers in network order, input on top, over the steps."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPixmap

from core.engine.messages import RowInfo
from core.telemetry.heat_cells import FROZEN, NO_DATA, NONFINITE, OK, OVER, ZERO
from core.telemetry.heat_scales import RELATIVE_MARK, SCALES, HeatScale
from core.telemetry.heatmap import Grid, Heatmap
from core.telemetry.sheet import Sheet, of_rows
from core.telemetry.table import Indices
from gui.monitors import axes, cells, crosshair, depth_profile, heat_legend, heat_rows
from gui.monitors.axes import Line
from gui.monitors.cursor import Cursor
from gui.monitors.depth_profile import words
from gui.monitors.ink import Ink
from gui.monitors.layer_rows import nothing_measured, short_name
from gui.monitors.plot import Plot
from gui.monitors.scale import Scale
from gui.monitors.time_map import GAP, HEIGHT, TimeMap, shrunk
from gui.theme import Themes
from gui.training.feed import Feed

STATES = {
    ZERO: "exactly 0", NONFINITE: "not finite", NO_DATA: "no data", FROZEN: "frozen",
}  # fmt: skip
_LEAST = 48
"""Width that the cells keep before the legend has any."""
_ROOMY = 300
"""Width from which on the profile has room of its own."""


class HeatmapPlot(Plot):
    """The cells, their names and their legend."""

    stays = True

    def __init__(self, feed: Feed, themes: Themes, cursor: Cursor) -> None:
        super().__init__(feed, themes, cursor)
        self.quantity = "output"
        self.all_nodes = False
        self.relative = False
        """Whether values are shares of the last layer's."""
        self.has_profile = True
        """Whether the values at one step are drawn beside the cells, where there is room."""
        self.map = TimeMap()
        self._map_of: object = None
        self.selected: frozenset[str] = frozenset()
        self.grid: Grid | None = None
        self._sources: dict[str, Heatmap] = {}
        self._image = QImage()
        """A column a device pixel, so that Qt stretches it only downwards."""
        self._image_at = (0.0, 0.0)
        """Where it begins in the area, and how wide it is."""
        self._patterns = QImage()
        self._names = 0.0
        self.named: frozenset[str] = frozenset()
        """The paths of the rows that a finding of the Doctor names."""
        self._names_of: object = None
        self._table_of: Ink | None = None
        self._table = np.empty(0, np.uint32)
        self._bar = QImage()
        self._still = QPixmap()
        self._still_of: object = None
        self._boxes: list[QRectF] = []
        self._boxes_of: object = None

    @property
    def rows(self) -> tuple[RowInfo, ...]:
        """The rows that are drawn, from top to bottom."""
        return self.grid.rows if self.grid is not None else ()

    @property
    def scale(self) -> HeatScale:
        """What the colours mean."""
        scale = SCALES[self.quantity]
        if not self.is_relative:
            return scale
        return replace(scale, caption="log₁₀ share of the last layer's", mark=RELATIVE_MARK, word="limit")

    @property
    def is_relative(self) -> bool:
        """Whether shares are drawn: of logarithms only."""
        return self.relative and SCALES[self.quantity].log

    def area(self) -> QRectF:
        """Between the names and the legend; whole pixels, so that cells are sharp."""
        return self.kept_area(self._between, self._names, self.has_profile, self.time.chosen is None)

    def _between(self) -> QRectF:
        px = self.theme.px
        left, top = px(22) + math.ceil(self._names), px(10)
        right = px(heat_legend.WIDTH) if self._has_legend else px(16)
        if self.shows_profile:
            right += px(depth_profile.WIDTH + depth_profile.GAP)
        if self.time.chosen is not None:
            top += px(HEIGHT + GAP)
        return QRectF(left, top, max(self.width() - left - right, 10), max(self.height() - top - px(40), 10))

    @property
    def _room(self) -> float:
        """The width for cells, profile and legend."""
        return float(self.width() - self.theme.px(22) - math.ceil(self._names))

    @property
    def _has_legend(self) -> bool:
        """Whether there is room for it: the cells come first, and the canvas has the same scale."""
        return self._room - self.theme.px(heat_legend.WIDTH) >= self.theme.px(_LEAST)

    @property
    def shows_profile(self) -> bool:
        """Whether it is asked for and there is room."""
        return self.has_profile and self._room - self.theme.px(heat_legend.WIDTH) >= self.theme.px(_ROOMY)

    def profile_room(self) -> QRectF:
        """Where the profile is drawn."""
        area, px = self.area(), self.theme.px
        return QRectF(area.right() + px(depth_profile.GAP), area.top(), px(depth_profile.WIDTH), area.height())

    def profile_column(self) -> int:
        """The bin that the profile shows: that under the cursor, else the newest."""
        assert self.grid is not None
        step, last = self.crosshair.step, int(self.grid.indices.shape[1]) - 1
        if step is None:
            return last
        return min(max(int(self.grid.bins(np.array([math.floor(step) + 1.0]))[0]), 0), last)

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
        self._prepare_map()
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
        axes.step_axis(
            painter, theme, area, steps, area.right() + theme.px(4) if self.shows_profile else self.width() - 4
        )
        if self.keeps_lines:
            self._paint_still(painter)
        else:
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
        heat_rows.paint_gaps(painter, theme, area, self.values(), len(self.rows))
        heat_rows.paint_named(painter, theme, self.rows, self.row_boxes(), self.named)
        heat_rows.paint_selected(painter, theme, self.rows, self.row_boxes(), self.selected)
        self._paint_captions(painter, area, self.grid)
        if self.time.chosen is not None:
            self.map.paint(painter, theme, steps.low, steps.high)

    def sheet(self) -> Sheet | None:
        """Every measurement of the rows and steps in view."""
        record, grid = self.record, self.grid
        if record is None or grid is None or not grid.indices.size:
            return None
        paths = [row.path for row in record.rows(self.quantity)]
        steps = self.steps()
        places = [paths.index(row.path) for row in grid.rows]
        return of_rows(record, self.quantity, math.floor(steps.low) + 1, math.ceil(steps.high), places)

    def row_boxes(self) -> list[QRectF]:
        """Each row's cells, from top to bottom."""
        area, count = self.area(), len(self.rows)
        if (area, count) != self._boxes_of:
            self._boxes_of = area, count
            edges = pairwise(np.rint(self.values().place(np.arange(count + 1))).tolist())
            self._boxes = [QRectF(area.left(), top, area.width(), bottom - top) for top, bottom in edges]
        return self._boxes

    def cell_at(self, place: QPointF) -> tuple[int, int] | None:
        """The row and the bin at a place."""
        area, grid = self.area(), self.grid
        if grid is None or not grid.indices.size or not area.contains(place):
            return None
        column = int(grid.bins(np.array([math.floor(self.steps().number(place.x())) + 1.0]))[0])
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
        value = words(self.scale, log10) if state in (OK, OVER) else STATES[state]
        color = self._color(log10) if state in (OK, OVER) else None
        span = f"step {first:,}" if first == last else f"steps {first:,}–{last:,}"
        name = SCALES[self.quantity].title + (", share of the last layer's" if self.is_relative else "")
        kind = name if grid.width == 1 else f"{name}, mean"
        return [Line(short_name(grid.rows[cell[0]])), Line(span), Line(kind, value, color)]

    def _color(self, value: float) -> QColor:
        """The colour of a value on the scale; over it that of exploding."""
        scale = self.scale
        if value > scale.high:
            return self.theme.color("explode")
        return self.theme.theme.on_map((value - scale.low) / (scale.high - scale.low))

    def _places(self, grid: Grid) -> tuple[Indices, Indices]:
        """The row of each line of the area's pixels, and the bin of each column."""
        area, ratio = self.area(), self.devicePixelRatioF()
        rows = (np.arange(round(area.height() * ratio)) + 0.5) / (area.height() * ratio) * len(grid.rows)
        x = (np.arange(round(area.width() * ratio)) + 0.5) / ratio + area.left()
        return rows.astype(np.int64), grid.bins(self.steps().numbers(x) + 1)

    def _measured(self) -> Grid | None:
        record = self.record
        self.gathering = False
        if record is None:
            self._sources = {}
            return None
        source = self._sources.get(self.quantity)
        if source is None or source.record is not record:
            source = self._sources[self.quantity] = Heatmap(record, self.quantity)
        steps = self.steps()
        columns = max(round(self.area().width() * self.devicePixelRatioF()), 1)
        read = source.grid_log if self.log_time else source.grid
        return self._shown(read(steps.low + 1, steps.high, columns))

    def _shown(self, grid: Grid) -> Grid:
        """The rows of layers with a weight, or all of them; as shares of the last one where that is asked."""
        if self.record is None or not grid.indices.size:
            return grid
        places = heat_rows.chosen(self.record, grid, of_activations=self.scale.of_activations)
        if self.is_relative:
            grid = grid.relative(places[-1] if places else len(grid.rows) - 1, self.scale)
        return grid if self.all_nodes or not places else grid.of_rows(places)

    def _prepare_map(self) -> None:
        """The whole run for the strip above, while a part of it is in view."""
        source = self._sources.get(self.quantity)
        if self.time.chosen is None or source is None:
            return
        area, px = self.area(), self.theme.px
        low, high = self.extent()
        state = (
            source,
            len(self.record.samples) if self.record is not None else 0,
            high,
            area,
            self.scale,
            self._table_of,
        )
        if state == self._map_of:
            return
        self._map_of = state
        room = QRectF(area.left(), px(10), area.width(), px(HEIGHT))
        whole = self._shown(source.grid(low + 1, high, max(round(area.width() / 2), 1)))
        self.map.room, self.map.shown = room, (low, high)
        x = np.arange(round(area.width())) + 0.5 + area.left()
        columns = np.clip(whole.bins(self.map.steps().numbers(x) + 1), 0, max(whole.indices.shape[1] - 1, 0))
        self.map.image = cells.picture(shrunk(whole.indices, px(HEIGHT))[:, columns], self._table)

    def _measure_names(self) -> None:
        """Room for the longest name of a run, within bounds."""
        record = self.record
        state = (record, self.quantity, self.all_nodes, self.theme)
        if state != self._names_of:
            self._names_of = state
            every = self.all_nodes or self.scale.of_activations
            rows = [] if record is None else record.rows(self.quantity) if every else record.started.weights
            widest = max((self.theme.wide(short_name(row)) for row in rows), default=0.0)
            self._names = min(max(widest, self.theme.px(34)), self.theme.px(96)) + self.theme.px(10)

    def _still_picture(self) -> QPixmap:
        """Names and legend, which stay as they are from frame to frame."""
        ratio = self.devicePixelRatioF()
        state = (self.size(), ratio, self.theme, self.rows, self.selected, self.named, self.area(), self.scale)
        if state != self._still_of:
            self._still_of = state
            self._still = QPixmap(self.size() * ratio)
            self._still.setDevicePixelRatio(ratio)
            self._still.fill(Qt.GlobalColor.transparent)
            painter = QPainter(self._still)
            self._paint_still(painter)
            painter.end()
        return self._still

    def _paint_still(self, painter: QPainter) -> None:
        if self._has_legend:
            area = self.area()
            if self.shows_profile:
                area.setRight(self.profile_room().right())
            heat_legend.paint(painter, self.theme, area, self.scale, self._bar)
        if self.rows:
            bold = self.selected.union(row.node for row in self.rows if row.path in self.named)
            heat_rows.paint_names(painter, self.theme, self.rows, self.row_boxes(), bold, self._names)

    def _paint_captions(self, painter: QPainter, area: QRectF, grid: Grid) -> None:
        """How many steps a column stands for, and what is drawn."""
        theme, font = self.theme, self.theme.caption
        left, right = heat_legend.bin_size(grid, self.log_time), self.scale.caption
        end = self.width() - theme.px(12)
        begin = max(min(area.left(), end - theme.wide(left)), theme.px(4))
        row = QRectF(begin, area.bottom() + theme.px(21), end - begin, theme.px(18))
        if theme.wide(left + right) + theme.px(12) > row.width():
            right = right.removesuffix(" × batch")
        axes.text(painter, row, axes.LEFT, left, theme.color("text3"), font)
        if theme.wide(left + right) + theme.px(8) <= row.width():
            axes.text(painter, row, axes.RIGHT, right, theme.color("text2"), font)

    def paint_over(self, painter: QPainter) -> None:
        """The step that all monitors point at, the profile there, and the cell under the pointer."""
        theme, area, grid = self.theme, self.area(), self.grid
        if grid is None or not grid.indices.size:
            return
        if self.shows_profile:
            depth_profile.paint(painter, theme, self.profile_room(), self.scale, grid, self.profile_column())
        crosshair.paint(painter, theme, area, self.steps(), self.crosshair)
        shown = self.reading(self.pointer) if self.pointer is not None else []
        room = QRectF(area.left(), area.top(), self.width() - area.left() - 4, area.height())
        crosshair.read_out(painter, theme, room, self.pointer, shown)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """In the strip above go there, else as every plot."""
        if not self._go_on_map(event):
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The same while the button is down."""
        if not (event.buttons() & Qt.MouseButton.LeftButton and self._press is None and self._go_on_map(event)):
            super().mouseMoveEvent(event)

    def _go_on_map(self, event: QMouseEvent) -> bool:
        """Whether the pointer is in the strip, whose step then comes into the middle of the view."""
        if self.time.chosen is None or not self.map.room.contains(event.position()):
            return False
        low, high = self.extent()
        begin, end = self.time.within(low, high)
        self.time = self.time.moved(low, high, self.map.steps().number(event.position().x()) - (begin + end) / 2)
        self.refresh()
        return True
