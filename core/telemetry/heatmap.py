"""The heatmap: layers x time, the mean in each bin of rows, of log10 where the scale is logarithmic.

The mean of the logarithms (the logarithm of the geometric mean) is used rather than the median because it can be added
to: a bin is a sum and a count, two bins make one exactly, and the table of the rows has both summed up already. A bin
counts as zero where at least half of its values are exactly zero, as its median would, and as non-finite where any is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.engine.messages import RowInfo
from core.telemetry.heat_cells import GOOD, NO_DATA, NONE, OK, OVER, PARTS, Bytes, Cells, judged
from core.telemetry.heat_scales import SCALES, HeatScale
from core.telemetry.octaves import octaves
from core.telemetry.record import RunRecord
from core.telemetry.series import EveryStep
from core.telemetry.table import Floats, Indices

LATEST = 9
"""Rows of which the spacing is told: a schedule begins dense and thins itself."""


@dataclass(frozen=True)
class Grid:
    """Cells to draw, (rows, bins): bin b holds the steps first_step + b width ... first_step + (b + 1) width - 1.

    Where not every step is measured, bins begin at `starts`: a measurement holds until the next.
    """

    rows: tuple[RowInfo, ...]
    first_step: int
    width: int
    """Rows in a bin: steps, where every step has one."""
    last_step: int
    """The newest step in the last bin, which may be incomplete."""
    log10: Floats
    """In the terms of the scale; NaN where the state is none of OK and OVER."""
    indices: Bytes
    """0..255 over the scale, ends included; what lies outside takes the end."""
    states: Bytes
    """OK, ZERO, NONFINITE, OVER (above the scale), NO_DATA, or FROZEN for a row that is not trained."""
    spacing: int
    """Steps between two measurements, as most of the last ones in view have it."""
    starts: Indices | None = None
    """The first step of each bin and one more behind the last, where bins differ in length; `width` is the last's."""
    apart: float = 1.0
    """Steps between two measurements, as the mean of all in view has it."""

    def steps(self, column: int) -> tuple[int, int]:
        """The first and the last step in a bin."""
        if self.starts is not None:
            first, following = self.starts[column : column + 2].tolist()
            return first, min(following - 1, max(self.last_step, first))
        first = self.first_step + column * self.width
        return first, min(first + self.width - 1, max(self.last_step, first))

    def bins(self, steps: npt.NDArray[np.float64]) -> Indices:
        """The bin of each step, fractions of one included; outside of all -1 or their number."""
        if self.starts is not None:
            found = np.searchsorted(self.starts, steps, side="right") - 1
        else:
            found = np.floor((steps - self.first_step) / self.width)
        inside: Indices = np.clip(found, -1, self.indices.shape[1]).astype(np.int64)
        return inside

    def of_rows(self, places: list[int]) -> Grid:
        """Only these rows."""
        if len(places) == len(self.rows):
            return self
        return replace(
            self, rows=tuple(self.rows[place] for place in places), log10=self.log10[places],
            indices=self.indices[places], states=self.states[places],
        )  # fmt: skip

    def relative(self, row: int, scale: HeatScale) -> Grid:
        """The same as shares of what stands in `row`: the mean of log10 of the ratio is the difference of the means."""
        log10 = self.log10 - self.log10[row]
        states = np.where(np.isnan(log10) & (self.states != OK) & (self.states != OVER), self.states, np.uint8(OK))
        states[np.isnan(log10) & (states == OK)] = NO_DATA
        states[log10 > scale.high] = OVER
        return replace(self, log10=log10, indices=index_of(log10, scale), states=states)


def index_of(log10: Floats, scale: HeatScale = SCALES["output"]) -> Bytes:
    """The entry of the 256-colour table for each value on the scale; the lowest for NaN."""
    scaled = np.rint((log10 - scale.low) * (255 / (scale.high - scale.low)))
    np.fmax(scaled, 0, out=scaled)  # of NaN and a number the number
    np.minimum(scaled, 255, out=scaled)
    indices: Bytes = scaled.astype(np.uint8)
    return indices


class Heatmap:
    """The cells of one quantity of a record: a view costs its cells."""

    def __init__(self, record: RunRecord, quantity: str) -> None:
        self.record = record
        self.quantity = quantity
        self.scale = SCALES[quantity]
        self.rows = tuple(record.rows(quantity))
        self._series = record.series(quantity)
        self._cells = Cells(record, quantity)

    def grid(self, first: float, last: float, columns: int) -> Grid:
        """Steps `first` to `last` in at most `columns` bins, a power of two of rows wide."""
        low, high = self._between(first, last)
        width = _width(low, high, columns)
        begin, stop = low // width, max(-(-high // width), low // width)
        cells = self._held(self._cells.read(begin, stop, width), begin * width)
        edges = np.arange(begin, stop + 1, dtype=np.int64) * width
        return self._grid(cells, edges, width, (low, high))

    def grid_log(self, first: float, last: float, columns: int) -> Grid:
        """Steps `first` to `last` in bins that grow with the rows before them, about `columns` over all."""
        low, high = self._between(first, last)
        parts, edges, width = [], [], 1
        for begin, stop, width in octaves(low, high, columns):
            parts.append(self._cells.read(begin // width, -(-stop // width), width))
            edges.append(np.arange(begin // width, -(-stop // width), dtype=np.int64) * width)
        end = edges[-1][-1] + width if edges else low
        cells = np.concatenate(parts, axis=2) if parts else self._cells.read(0, 0, 1)
        grid = self._grid(self._held(cells, low), np.concatenate([*edges, [end]]).astype(np.int64), width, (low, high))
        return (
            grid if grid.starts is not None else replace(grid, starts=self._steps_at(np.concatenate([*edges, [end]])))
        )

    def _between(self, first: float, last: float) -> tuple[int, int]:
        """The rows for these steps, and the one whose value holds where they begin."""
        series = self._series
        high = series.index(math.ceil(last) + 1)
        low = series.index(int(first))
        if low == len(series) or (low and int(series.steps(low, low + 1)[0]) > int(first)):
            low = max(low - 1, 0)
        return min(low, high), high

    def _grid(self, cells: Floats, edges: Indices, width: int, rows: tuple[int, int]) -> Grid:
        """The grid of bins that begin at these rows."""
        log10, states = judged(cells, self.scale)
        starts = self._steps_at(edges)
        every = isinstance(self._series, EveryStep)
        uniform = every and (len(edges) < 2 or bool((np.diff(edges) == width).all()))
        newest = self._newest(int(edges[-1]))
        return Grid(
            self.rows, int(starts[0]), width, newest, log10, index_of(log10, self.scale), states,
            self._spacing(*rows), None if uniform else starts, self._apart(*rows),
        )  # fmt: skip

    def _newest(self, end: int) -> int:
        """The last step before row `end`; where the rows end, the run's newest."""
        if end < len(self._series):
            return int(self._series.steps(end, end + 1)[0]) - 1
        count = len(self._series)
        measured = int(self._series.steps(count - 1, count)[0]) if count else self.record.first_step
        return max(measured, self.record.last_step)

    def _steps_at(self, rows: npt.ArrayLike) -> Indices:
        """The step at which each row begins to hold; of one that is still to come, the step after the run's newest."""
        places, count = np.asarray(rows, np.int64), len(self._series)
        if isinstance(self._series, EveryStep):
            return self._series.steps_of(places)
        if not count:
            return places + self.record.first_step + 1
        steps = self._series.steps_of(np.minimum(places, count - 1))
        return np.where(places < count, steps, np.maximum(steps, self.record.last_step) + 1)

    def _held(self, cells: Floats, begin: int) -> Floats:
        """The cells from row `begin` on, where those in which nothing was measured repeat the one before them."""
        if not cells.shape[2]:
            return cells
        end = PARTS if self.scale.frozen else NONE  # what is seldom measured is nothing at all between
        measured = cells[GOOD:end].any(axis=(0, 1))
        if measured.all():
            return cells
        places: Indices = np.maximum.accumulate(np.where(measured, np.arange(cells.shape[2]), -1))
        held = cells[:, :, np.maximum(places, 0)]
        held[:, :, places < 0] = self._cells.before(begin)[:, :, None]
        return held

    def _spacing(self, first: int, last: int) -> int:
        """Steps between two rows, as most of the last ones in view have it."""
        steps = self._series.steps(max(first, last - LATEST), last)
        return int(np.sort(np.diff(steps))[(len(steps) - 1) // 2]) if len(steps) > 1 else 1

    def _apart(self, first: int, last: int) -> float:
        """Steps between two rows, as the mean of all in view."""
        last = min(last, len(self._series))
        if last - first < 2:
            return 1.0
        begin, end = (int(self._series.steps(place, place + 1)[0]) for place in (first, last - 1))
        return (end - begin) / (last - first - 1)


def _width(low: int, high: int, bins: int) -> int:
    """The smallest power of two so that at most `bins` bins, begun at multiples of it, cover `low` to `high`."""
    width = 1
    while -(-high // width) - low // width > max(bins, 1) and width < high:
        width *= 2
    return width
