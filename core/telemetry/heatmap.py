"""The heatmap: layers x time, the mean in each bin of steps, of log10 where the scale is logarithmic.

The mean of the logarithms (the logarithm of the geometric mean) is used rather than the median because it can be added
to: a bin is a sum and a count, two bins make one exactly, and no row is read twice. A bin counts as zero where at least
half of its values are exactly zero, as its median would, and as non-finite where any value is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.engine.messages import RowInfo
from core.telemetry.heat_scales import SCALES, HeatScale
from core.telemetry.record import RunRecord
from core.telemetry.table import Blocks, Floats, Indices

BASE = 16
"""Steps in the smallest bins that are kept; narrower ones are made from the rows when they are looked at."""
AT_ONCE = 1 << 14
"""Rows that are taken in together when there are many."""
OK, ZERO, NONFINITE, OVER, NO_DATA, FROZEN = range(6)
Bytes = npt.NDArray[np.uint8]
SUM, GOOD, ZEROS, BAD, NONE = range(5)
"""What a cell keeps: the sum of its ordinary values (of their log10), their number, that of zeros, of those that are
not finite, and of those that are not measured: of a frozen layer, or where the quantity means nothing."""
PARTS = 5


@dataclass(frozen=True)
class Grid:
    """Cells to draw, (rows, bins): bin b holds the steps first_step + b width ... first_step + (b + 1) width - 1."""

    rows: tuple[RowInfo, ...]
    first_step: int
    width: int
    last_step: int
    """The newest step in the last bin, which may be incomplete."""
    log10: Floats
    """In the terms of the scale; NaN where the state is none of OK and OVER."""
    indices: Bytes
    """0..255 over the scale, ends included; what lies outside takes the end."""
    states: Bytes
    """OK, ZERO, NONFINITE, OVER (above the scale), NO_DATA, or FROZEN for a row that is not trained."""
    spacing: int
    """Steps between two measurements, where that is more than a bin is wide: the bins between repeat the last one."""
    starts: Indices | None = None
    """The first step of each bin and one more behind the last, where time is logarithmic; `width` is the last bin's."""

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
    """The cells of one quantity, kept up with a record: new rows cost themselves, a view costs its cells."""

    def __init__(self, record: RunRecord, quantity: str) -> None:
        self.record = record
        self.quantity = quantity
        self.scale = SCALES[quantity]
        self.rows = tuple(record.rows(quantity))
        self._series = record.series(quantity)
        self._generation = self._series.generation
        self._length = 0
        self._base = Blocks((PARTS, len(self.rows)), np.float32)
        self._levels: list[Blocks[np.float32]] = []

    def grid(self, first: float, last: float, columns: int) -> Grid:
        """Steps `first` to `last` in at most `columns` bins, a power of two of steps wide."""
        self._follow()
        offset, end = self.record.first_step, self._steps_seen()
        low, high = max(int(first) - 1 - offset, 0), min(int(np.ceil(last)) - offset, end)
        width = _width(low, high, columns)
        begin, stop = low // width, max(-(-high // width), low // width)
        cells = self._held(self._cells(begin, stop, width), begin * width)
        newest = offset + min(stop * width, end)
        return self._grid(cells, offset + begin * width + 1, width, newest, (low, high))

    def grid_log(self, first: float, last: float, columns: int) -> Grid:
        """Steps `first` to `last` in bins that grow with the steps before them, about `columns` over all."""
        self._follow()
        offset, end = self.record.first_step, self._steps_seen()
        low, high = max(int(first) - 1 - offset, 0), max(min(int(np.ceil(last)) - offset, end), 0)
        parts, starts, width = [], [], 1
        for begin, stop, width in _octaves(low, high, columns):
            parts.append(self._cells(begin // width, -(-stop // width), width))
            starts.append(np.arange(begin // width, -(-stop // width), dtype=np.int64) * width)
        cells = np.concatenate(parts or [np.zeros((0, PARTS, len(self.rows)), np.float32)])
        edges = np.concatenate([*starts, [starts[-1][-1] + width if starts else low]]) + offset + 1
        grid = self._grid(self._held(cells, low), int(edges[0]), width, offset + high, (low, high))
        return replace(grid, starts=edges.astype(np.int64))

    def _grid(self, cells: Floats, first_step: int, width: int, last_step: int, view: tuple[int, int]) -> Grid:
        log10, states = _judged(cells, self.scale)
        offset = self.record.first_step
        return Grid(
            self.rows, first_step, width, last_step, log10, index_of(log10, self.scale), states,
            self._spacing(offset + view[0], offset + view[1]),
        )  # fmt: skip

    def _cells(self, begin: int, stop: int, width: int) -> Floats:
        """The cells of bins `begin` to `stop`, (bins, 4, rows)."""
        if width >= BASE:
            return self._level((width // BASE).bit_length() - 1).read(begin, stop)
        return self._measure(begin * width, stop * width, width)

    def _measure(self, begin: int, stop: int, width: int) -> Floats:
        """Cells made from the rows of steps `begin` to `stop`, counted from the record's first step."""
        offset = self.record.first_step + 1
        first, last = self._series.index(begin + offset), self._series.index(stop + offset)
        cells = np.zeros((-(-(stop - begin) // width), PARTS, len(self.rows)), np.float32)
        if last > first:
            values = self._contributions(first, last)
            bins = (self._series.steps(first, last) - offset - begin) // width
            starts = np.flatnonzero(np.diff(bins, prepend=-1))
            cells[bins[starts]] = np.add.reduceat(values, starts, axis=0)
        return cells

    def catch_up(self, values: int) -> bool:
        """Take in at most so many of the values that are new since the last grid; whether all are in."""
        self._follow(max(values // max(len(self.rows), 1), 1))
        return self._length == len(self._series)

    def _follow(self, most: int | None = None) -> None:
        """Take in the rows that are new, or `most` of them; begin anew where rows were taken back."""
        if self._generation != self._series.generation:
            self._generation, self._length = self._series.generation, 0
            self._base, self._levels = Blocks((PARTS, len(self.rows)), np.float32), []
        length = len(self._series) if most is None else min(self._length + most, len(self._series))
        while self._length < length:
            part = min(self._length + AT_ONCE, length)
            steps = self._series.steps(self._length, part) - (self.record.first_step + 1)
            begin, stop = int(steps[0]) // BASE, int(steps[-1]) // BASE + 1
            self._base.write(begin, self._measure(begin * BASE, stop * BASE, BASE))
            self._length = part

    def _level(self, number: int) -> Blocks[np.float32]:
        """All cells whose bins are BASE 2^number steps wide."""
        if number == 0:
            return self._base
        while len(self._levels) < number:
            self._levels.append(Blocks((PARTS, len(self.rows)), np.float32))
        below, level = self._level(number - 1), self._levels[number - 1]
        begin = max(len(level) - 1, 0)  # the last cell may have been incomplete
        pairs = below.read(2 * begin, len(below))
        if len(pairs) % 2:
            pairs = np.concatenate([pairs, np.zeros((1, *pairs.shape[1:]), np.float32)])
        level.write(begin, pairs[::2] + pairs[1::2])
        return level

    def _held(self, cells: Floats, begin: int) -> Floats:
        """The cells from step `begin` on, where those that no row fell into repeat the one before them."""
        if not len(cells):
            return cells
        end = PARTS if self.scale.frozen else NONE  # what is seldom measured is nothing at all between
        measured = cells[:, GOOD:end].any(axis=(1, 2))
        if measured.all():
            return cells
        places: Indices = np.maximum.accumulate(np.where(measured, np.arange(len(cells)), -1))
        held = cells[np.maximum(places, 0)]
        held[places < 0] = self._before(begin)
        return held

    def _before(self, begin: int) -> Floats:
        """The cell of the last row before step `begin`; an empty one where there is none."""
        place = self._series.index(begin + self.record.first_step + 1)
        if not place:
            return np.zeros((PARTS, len(self.rows)), np.float32)
        cell: Floats = self._contributions(place - 1, place)[0]
        return cell

    def _contributions(self, first: int, last: int) -> Floats:
        """What each value of these rows adds to its cell, (measurements, PARTS, paths)."""
        values = self.record.block(self.quantity, first, last).T
        missing = np.isnan(values) if self.scale.unmeasured or self.scale.frozen else np.zeros(values.shape, np.bool_)
        if self.scale.frozen and missing.any():
            sound = np.isfinite(self.record.column("gradient_norm").values(first, last))
            missing &= sound[:, None]
        return _contributions(np.abs(values) if self.scale.signed else values, missing, self.scale.log)

    def _steps_seen(self) -> int:
        return (
            int(self._series.steps(self._length - 1, self._length)[0]) - self.record.first_step if self._length else 0
        )

    def _spacing(self, first: int, last: int) -> int:
        """Steps between two rows, as most of the last ones in view have it."""
        end = self._series.index(last + 1)
        steps = self._series.steps(max(self._series.index(first + 1), end - 64), end)
        return int(np.sort(np.diff(steps))[len(steps) // 2 - 1]) if len(steps) > 1 else 1


def _contributions(values: Floats, missing: npt.NDArray[np.bool_], log: bool) -> Floats:
    """What each of (measurements, rows) adds to its cell: (measurements, PARTS, rows)."""
    good = np.isfinite(values)
    added = np.empty((len(values), PARTS, values.shape[1]), np.float32)
    if log:
        zero = values == 0
        good &= values > 0
        added[:, SUM] = np.log10(values, out=np.zeros(values.shape, np.float32), where=good)
    else:
        zero = np.zeros(values.shape, np.bool_)
        added[:, SUM] = np.where(good, values, 0)
    added[:, GOOD], added[:, ZEROS], added[:, BAD] = good, zero, ~(good | zero | missing)
    added[:, NONE] = missing
    return added


def _judged(cells: Floats, scale: HeatScale) -> tuple[Floats, Bytes]:
    """The value on the scale and the state of each cell, both (rows, bins)."""
    total, good, zeros, bad, none = cells.transpose(1, 2, 0)
    with np.errstate(invalid="ignore"):
        log10 = total / good
    states = np.where(log10 > scale.high, np.uint8(OVER), np.uint8(OK))
    if cells[:, GOOD].all() and not cells[:, ZEROS : BAD + 1].any():
        return log10, states
    states[(zeros > 0) & (zeros >= good)] = ZERO
    states[bad > 0] = NONFINITE
    states[good + zeros + bad == 0] = NO_DATA
    if scale.frozen:
        states[(good + zeros + bad == 0) & (none > 0)] = FROZEN
    log10[(states != OK) & (states != OVER)] = np.nan
    return log10, states


def _octaves(low: int, high: int, columns: int) -> list[tuple[int, int, int]]:
    """Steps `low` to `high`, counted from zero, parted at powers of two, with about `columns` bins over all.

    Of each part where it begins, where it ends, and how wide its bins are.
    """
    octaves = max(np.log2((high + 1) / (low + 1)), 1.0)
    finest = max(int(np.ceil(np.log2(max(columns / octaves, 1)))), 0)
    found, begin = [], low
    while begin < high:
        octave = begin.bit_length()
        width = 1 << max(octave - 1 - finest, 0)
        stop = min(1 << octave if begin else 1, high)
        found.append((begin // width * width, stop, width))
        begin = stop
    return found


def _width(low: int, high: int, bins: int) -> int:
    """The smallest power of two so that at most `bins` bins, begun at multiples of it, cover `low` to `high`."""
    width = 1
    while -(-high // width) - low // width > max(bins, 1) and width < high:
        width *= 2
    return width
