"""The maps of a layer for one sample, or its filters, side by side: orange above zero, blue below."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from core.engine.features import Featured, Maps
from core.telemetry.sheet import Sheet, fixed
from gui.monitors import axes
from gui.monitors.axes import Line
from gui.monitors.cursor import Cursor
from gui.monitors.layer_monitor import NONE
from gui.monitors.scale import Scale
from gui.monitors.still_plot import SamplePlot
from gui.monitors.ticks import reading as in_words
from gui.shades import shaded
from gui.theme import Themes
from gui.training.feed import Feed

GAP = 4.0
WIDEST = 24
"""Kernels of a filter that have one row to themselves; more begin wherever there is room."""
Floats = npt.NDArray[np.float32]


class FeaturePlot(SamplePlot):
    """Pictures of numbers; a vector is a row of bars."""

    def __init__(self, feed: Feed, themes: Themes, cursor: Cursor) -> None:
        super().__init__(feed, themes, cursor)
        self.found: Featured | None = None
        self.layer, self.hint = "", NONE
        self.filters = False
        """Whether the kernels are shown instead of what they give."""
        self.numbers: Floats = np.empty((0, 1, 1), np.float32)
        """(maps, height, width) of what is shown."""

    def take(self, layer: str, found: Featured | None, hint: tuple[str, str] = NONE) -> None:
        """Show this layer, or why there is nothing."""
        self.layer, self.found, self.hint = layer, found, hint
        self.setAccessibleDescription(self.words)
        self.refresh()

    @property
    def maps(self) -> Maps | None:
        """What is shown."""
        if self.found is None:
            return None
        return self.found.filters if self.filters else self.found.maps

    @property
    def edge(self) -> float:
        """The size of a number that is as strong as a colour gets."""
        finite = np.abs(self.numbers[np.isfinite(self.numbers)])
        return float(finite.max(initial=0.0)) or 1.0

    @property
    def words(self) -> str:
        """Which layer, step and sample it is, how many maps of which size, and how large the numbers are."""
        maps, found = self.maps, self.found
        if found is None or maps is None:
            return self.hint[0]
        told = f"{self.layer}, step {found.step:,}"
        if self.filters:
            return f"{told}: {self._kernels(maps)}, up to {in_words(self.edge)}"
        shape = "×".join(map(str, found.shape)) or "1"
        part = f", the first {maps.shown:,}" if maps.shown < maps.count else ""
        averaged = ", averaged" if maps.scaled else ""
        return f"{told}, sample {found.number:,}: {shape}{part}{averaged}, up to {in_words(self.edge)}"

    def _kernels(self, maps: Maps) -> str:
        """How many filters there are, of how many kernels, and of what size."""
        channels = self.found.channels if self.found is not None else 1
        size, all_of, shown = f"{maps.height}×{maps.width}", maps.count // channels, maps.shown / channels
        if shown < 1:
            return f"{maps.shown} of the {channels:,} kernels {size} of the first of {all_of:,} filters"
        kept = f"{shown:.0f} of {all_of:,}" if shown < all_of else f"{all_of:,}"
        return f"{kept} filters {size}" + (f" of {channels:,} inputs" if channels > 1 else "")

    @property
    def is_line(self) -> bool:
        """Whether it is one vector, drawn as bars."""
        return len(self.numbers) == 1 and self.numbers.shape[1] == 1

    def area(self) -> QRectF:
        """All but the line of words above."""
        px = self.theme.px
        return QRectF(px(10), px(28), max(self.width() - px(20), 10), max(self.height() - px(36), 10))

    def values(self) -> Scale:
        """Of bars, from bottom to top."""
        area = self.area()
        return Scale(-self.edge, self.edge, area.bottom(), area.top())

    def prepare(self) -> None:
        """The numbers as an array."""
        maps = self.maps
        shape = (maps.shown, maps.height, maps.width) if maps is not None else (0, 1, 1)
        self.numbers = np.frombuffer(maps.numbers if maps is not None else b"", "<f4").reshape(shape)

    def paint(self, painter: QPainter) -> None:
        """Pictures or bars, and what is pointed at."""
        theme = self.theme
        if self.found is None or not len(self.numbers):
            hint = (
                self.hint if self.found is None else (f"{self.layer} has no filters.", "Only convolutions have some.")
            )
            axes.nothing_yet(painter, theme, QRectF(self.rect()), *hint)
            return
        above = QRectF(theme.px(10), theme.px(4), self.width() - theme.px(20), theme.px(20))
        axes.text(
            painter, above, axes.LEFT, theme.elided(self.words, above.width()), theme.color("text2"), theme.caption
        )
        if self.is_line:
            self._paint_bars(painter)
        else:
            self._paint_pictures(painter)
        cell = self.cell_at(self.pointer) if self.pointer is not None else None
        if cell is not None and self.pointer is not None:
            box = QRectF(self.rect()).adjusted(2, 2, -2, -2)
            axes.readout(painter, theme, box, self.pointer, self.reading(*cell))

    def places(self) -> list[QRectF]:
        """The room of each map."""
        count, tall, wide = self.numbers.shape
        together = self.found.channels if self.found is not None and self.filters else 1
        return mosaic(count, wide / tall, self.area(), together)

    def cell_at(self, place: QPointF) -> tuple[int, int, int] | None:
        """Map, row and column at a place."""
        _count, tall, wide = self.numbers.shape
        rooms = [self.area()] if self.is_line else self.places()
        for index, room in enumerate(rooms):
            if room.contains(place):
                row = min(int((place.y() - room.top()) / room.height() * tall), tall - 1)
                return index, row, min(int((place.x() - room.left()) / room.width() * wide), wide - 1)
        return None

    def reading(self, index: int, row: int, column: int) -> list[Line]:
        """Which number it is, and its value."""
        value = float(self.numbers[index, row, column])
        if self.is_line:
            return [Line(f"number {column}", in_words(value))]
        channels = self.found.channels if self.found is not None else 0
        name = f"filter {index // channels}, input {index % channels}" if self.filters else f"channel {index}"
        return [Line(name), Line(f"row {row}, column {column}", in_words(value))]

    def sheet(self) -> Sheet | None:
        """A row a number."""
        if not self.numbers.size:
            return None
        grid = np.indices(self.numbers.shape).reshape(3, -1)
        return fixed(("map", "row", "column", "value"), [*grid, self.numbers.ravel()])

    def _paint_pictures(self, painter: QPainter) -> None:
        count, tall, wide = self.numbers.shape
        scaled = np.nan_to_num(self.numbers / self.edge, nan=0.0, posinf=1.0, neginf=-1.0)
        pixels = (128 + 127 * np.clip(scaled, -1, 1)).round().astype(np.uint8)
        image = shaded(self.theme.theme, pixels.tobytes(), wide, tall * count)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self.theme.color("line2"), 1))
        for index, room in enumerate(self.places()):
            painter.drawImage(room, image.copy(0, index * tall, wide, tall))  # SVG would take no notice of a source
            painter.drawRect(room.adjusted(-0.5, -0.5, 0.5, 0.5))

    def _paint_bars(self, painter: QPainter) -> None:
        area, values = self.area(), self.values()
        line = self.numbers[0, 0]
        wide = area.width() / len(line)
        zero = values.pixel(0.0)
        painter.fillRect(QRectF(area.left(), round(zero), area.width(), 1), self.theme.color("line2"))
        for index, number in enumerate(line.tolist()):
            if not math.isfinite(number):
                continue
            y = values.pixel(number)
            bar = QRectF(
                area.left() + index * wide, min(y, zero), max(wide - (1 if wide > 3 else 0), 0.5), abs(y - zero)
            )
            painter.fillRect(bar, self.theme.theme.class_color(1 if number > 0 else 0))


def mosaic(count: int, aspect: float, room: QRectF, together: int = 1) -> list[QRectF]:
    """So many equal cells, of this width to height, in rows that make them largest; whole pixels wide.

    Those that belong `together` stand in one row, if they are not so many that they would be hardly seen.
    """
    best, across = 0.0, 1
    several = together if together <= WIDEST else 1
    for columns in range(several, max(count, several) + 1, several):
        rows = math.ceil(count / columns)
        high = min((room.height() - GAP * (rows - 1)) / rows, (room.width() - GAP * (columns - 1)) / columns / aspect)
        if high > best:
            best, across = high, columns
    tall, wide = max(best, 1.0), max(best * aspect, 1.0)
    return [
        QRectF(
            round(room.left() + index % across * (wide + GAP)),
            round(room.top() + index // across * (tall + GAP)),
            wide,
            tall,
        )
        for index in range(count)
    ]
