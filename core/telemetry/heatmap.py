"""The gradient heatmap: layers x time, the mean of log10 in each bin of steps.

The mean of the logarithms (the logarithm of the geometric mean) is used rather than the median because it can be added
to: a bin is a sum and a count, two bins make one exactly, and no row is read twice. A bin counts as zero where at least
half of its values are exactly zero, as its median would, and as non-finite where any value is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.engine.messages import RowInfo
from core.telemetry.record import RunRecord
from core.telemetry.table import Blocks, Floats, Indices

LOWEST, HIGHEST = -8.0, 1.0
"""The fixed domain of the colours, as log10: a colour means the same number in every run."""
BASE = 16
"""Steps in the smallest bins that are kept; narrower ones are made from the rows when they are looked at."""
AT_ONCE = 1 << 14
"""Rows that are taken in together when there are many."""
OK, ZERO, NONFINITE, OVER, NO_DATA = range(5)
Bytes = npt.NDArray[np.uint8]
SUM, GOOD, ZEROS, BAD = range(4)
"""What a cell keeps: the sum of log10 over its positive finite values, their number, that of zeros, of the others."""


@dataclass(frozen=True)
class Grid:
    """Cells to draw, (rows, bins): bin b holds the steps first_step + b width ... first_step + (b + 1) width - 1."""

    rows: tuple[RowInfo, ...]
    first_step: int
    width: int
    last_step: int
    """The newest step in the last bin, which may be incomplete."""
    log10: Floats
    """NaN where the state is none of OK and OVER."""
    indices: Bytes
    """0..255 over -8..+1, ends included; what lies outside takes the end."""
    states: Bytes
    """OK, ZERO, NONFINITE, OVER (above +1) or NO_DATA."""
    spacing: int
    """Steps between two measurements, where that is more than a bin is wide: the bins between repeat the last one."""

    def steps(self, column: int) -> tuple[int, int]:
        """The first and the last step in a bin."""
        first = self.first_step + column * self.width
        return first, min(first + self.width - 1, max(self.last_step, first))


def index_of(log10: Floats) -> Bytes:
    """The entry of the 256-colour table for each logarithm; the lowest for NaN."""
    scaled = np.rint((log10 - LOWEST) * (255 / (HIGHEST - LOWEST)))
    np.fmax(scaled, 0, out=scaled)  # of NaN and a number the number
    np.minimum(scaled, 255, out=scaled)
    indices: Bytes = scaled.astype(np.uint8)
    return indices


class Heatmap:
    """The cells of one quantity, kept up with a record: new rows cost themselves, a view costs its cells."""

    def __init__(self, record: RunRecord, quantity: str) -> None:
        self.record = record
        self.quantity = quantity
        self.rows = tuple(record.rows(quantity))
        self._series = record.series(quantity)
        self._generation = self._series.generation
        self._length = 0
        self._base = Blocks((4, len(self.rows)), np.float32)
        self._levels: list[Blocks[np.float32]] = []

    def grid(self, first: float, last: float, columns: int) -> Grid:
        """Steps `first` to `last` in at most `columns` bins, a power of two of steps wide."""
        self._follow()
        offset, end = self.record.first_step, self._steps_seen()
        low, high = max(int(first) - 1 - offset, 0), min(int(np.ceil(last)) - offset, end)
        width = _width(low, high, columns)
        begin, stop = low // width, max(-(-high // width), low // width)
        cells = self._held(self._cells(begin, stop, width), begin * width)
        log10, states = _judged(cells)
        return Grid(
            self.rows, offset + begin * width + 1, width, min(offset + stop * width, offset + end),
            log10, index_of(log10), states, self._spacing(offset + low, offset + high),
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
        cells = np.zeros((-(-(stop - begin) // width), 4, len(self.rows)), np.float32)
        if last > first:
            values = _contributions(self.record.block(self.quantity, first, last))
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
            self._base, self._levels = Blocks((4, len(self.rows)), np.float32), []
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
            self._levels.append(Blocks((4, len(self.rows)), np.float32))
        below, level = self._level(number - 1), self._levels[number - 1]
        begin = max(len(level) - 1, 0)  # the last cell may have been incomplete
        pairs = below.read(2 * begin, len(below))
        if len(pairs) % 2:
            pairs = np.concatenate([pairs, np.zeros((1, *pairs.shape[1:]), np.float32)])
        level.write(begin, pairs[::2] + pairs[1::2])
        return level

    def _held(self, cells: Floats, begin: int) -> Floats:
        """The cells from step `begin` on, where those that no row fell into repeat the one before them."""
        measured = cells[:, GOOD:, :1].any(axis=(1, 2))  # rows are whole: what one path has, all have
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
            return np.zeros((4, len(self.rows)), np.float32)
        cell: Floats = _contributions(self.record.block(self.quantity, place - 1, place))[0]
        return cell

    def _steps_seen(self) -> int:
        return (
            int(self._series.steps(self._length - 1, self._length)[0]) - self.record.first_step if self._length else 0
        )

    def _spacing(self, first: int, last: int) -> int:
        """Steps between two rows, as most of the last ones in view have it."""
        end = self._series.index(last + 1)
        steps = self._series.steps(max(self._series.index(first + 1), end - 64), end)
        return int(np.sort(np.diff(steps))[len(steps) // 2 - 1]) if len(steps) > 1 else 1


def _contributions(block: Floats) -> Floats:
    """What each value adds to its cell: (rows, measurements) to (measurements, 4, rows)."""
    values = block.T
    positive = np.isfinite(values) & (values > 0)
    zero = values == 0
    added = np.empty((len(values), 4, values.shape[1]), np.float32)
    added[:, SUM] = np.log10(values, out=np.zeros(values.shape, np.float32), where=positive)
    added[:, GOOD], added[:, ZEROS], added[:, BAD] = positive, zero, ~(positive | zero)
    return added


def _judged(cells: Floats) -> tuple[Floats, Bytes]:
    """The logarithm and the state of each cell, both (rows, bins)."""
    total, good, zeros, bad = cells.transpose(1, 2, 0)
    with np.errstate(invalid="ignore"):
        log10 = total / good
    states = np.where(log10 > HIGHEST, np.uint8(OVER), np.uint8(OK))
    if cells[:, GOOD].all() and not cells[:, ZEROS : BAD + 1].any():
        return log10, states
    states[(zeros > 0) & (zeros >= good)] = ZERO
    states[bad > 0] = NONFINITE
    states[good + zeros + bad == 0] = NO_DATA
    log10[(states != OK) & (states != OVER)] = np.nan
    return log10, states


def _width(low: int, high: int, bins: int) -> int:
    """The smallest power of two so that at most `bins` bins, begun at multiples of it, cover `low` to `high`."""
    width = 1
    while -(-high // width) - low // width > max(bins, 1) and width < high:
        width *= 2
    return width
