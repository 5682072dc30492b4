"""Minimum, maximum and sum over ever larger bins of a column, so that a view of any length costs its pixels.

Everything here holds for one column, (rows,), and for several at once, (rows, columns).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.telemetry.scratch import Scratch
from core.telemetry.table import Blocks, Floats

FAN_OUT = 16
AT_ONCE = 4096
"""Bins that are made together, so that a long column seen for the first time needs little memory besides."""
ASIDE = 4 * 2**20
"""Bytes of bins that stay in memory before others go into a file."""
Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Bins:
    """What is known of each bin; `low` and `high` are NaN where no finite value is in it."""

    low: Floats
    high: Floats
    total: Doubles
    count: Doubles

    def __len__(self) -> int:
        return len(self.low)

    def __getitem__(self, part: slice) -> Bins:
        return Bins(self.low[part], self.high[part], self.total[part], self.count[part])


def of_values(values: Floats) -> Bins:
    """A bin a value; NaN and infinity count as no value."""
    finite = np.isfinite(values)
    if finite.all():
        return Bins(values, values, values.astype(np.float64), np.broadcast_to(1.0, values.shape))
    clean = np.where(finite, values, np.float32(np.nan))
    return Bins(clean, clean, np.where(finite, values, 0).astype(np.float64), finite.astype(np.float64))


def merged(bins: Bins, group: int) -> Bins:
    """Every `group` (a power of two) neighbours as one bin; the length must be a multiple of it."""
    while group > 1:
        even, odd = bins[::2], bins[1::2]
        bins = Bins(
            np.fmin(even.low, odd.low), np.fmax(even.high, odd.high), even.total + odd.total, even.count + odd.count
        )
        group //= 2
    return bins


def joined(parts: list[Bins]) -> Bins:
    """Bins one after another."""
    if len(parts) == 1:
        return parts[0]
    return Bins(
        np.concatenate([part.low for part in parts]),
        np.concatenate([part.high for part in parts]),
        np.concatenate([part.total for part in parts]),
        np.concatenate([part.count for part in parts]),
    )


def one(bins: Bins) -> Bins:
    """All bins as a single one."""
    return Bins(
        np.fmin.reduce(bins.low, axis=0, keepdims=True),
        np.fmax.reduce(bins.high, axis=0, keepdims=True),
        bins.total.sum(axis=0, keepdims=True),
        bins.count.sum(axis=0, keepdims=True),
    )


class _Level:
    """The complete bins of one size."""

    def __init__(self, columns: tuple[int, ...], scratch: Scratch) -> None:
        self._low, self._high = Blocks(columns, np.float32, scratch), Blocks(columns, np.float32, scratch)
        self._total, self._count = Blocks(columns, np.float64, scratch), Blocks(columns, np.float64, scratch)

    def __len__(self) -> int:
        return len(self._low)

    def read(self, first: int, last: int) -> Bins:
        return Bins(
            self._low.read(first, last),
            self._high.read(first, last),
            self._total.read(first, last),
            self._count.read(first, last),
        )

    def extend(self, new: Bins) -> None:
        end = len(self)
        self._low.write(end, new.low)
        self._high.write(end, new.high)
        self._total.write(end, new.total)
        self._count.write(end, new.count)


class Pyramid:
    """Bins of 16, 256, 4,096, ... rows over a growing column that `read(first, last)` gives.

    Extending it costs the rows that are new; reading costs the bins asked for. Those of a long run lie in a file for
    the while: the system keeps in memory what is looked at.
    """

    def __init__(self, read: Callable[[int, int], Floats]) -> None:
        self._read = read
        self._scratch = Scratch(ASIDE)
        self._levels: list[_Level] = []
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def extend(self, length: int) -> None:
        """Take in the rows up to `length`."""
        self._length = length
        number = 1
        while (complete := length // FAN_OUT**number) > 0:
            if len(self._levels) < number:
                self._levels.append(_Level(self._read(0, 0).shape[1:], self._scratch))
            for known in range(len(self._levels[number - 1]), complete, AT_ONCE):
                below = self._level(number - 1, known * FAN_OUT, min(known + AT_ONCE, complete) * FAN_OUT)
                self._levels[number - 1].extend(merged(below, FAN_OUT))
            number += 1

    def bins(self, first: int, last: int, width: int) -> Bins:
        """Bins `first` to `last` (exclusive) of `width` rows, a power of two; the very last may be incomplete."""
        level, group = _level_of(width)
        complete = min(last, self._length // width)
        parts = [merged(self._level(level, first * group, complete * group), group)] if complete > first else []
        if complete < last:
            parts.append(self._rest(complete * width, level))
        return joined(parts) if parts else of_values(self._read(0, 0))

    def sums(self, first: int, last: int, width: int) -> tuple[Doubles, Doubles]:
        """The sums and counts alone."""
        bins = self.bins(first, last, width)
        return bins.total, bins.count

    def _rest(self, row: int, level: int) -> Bins:
        """The rows from `row`, which no complete bin covers, as one bin."""
        parts = []
        for number in range(level, -1, -1):
            size = FAN_OUT**number
            count = (self._length - row) // size
            if count:
                parts.append(self._level(number, row // size, row // size + count))
                row += count * size
        return one(joined(parts))

    def _level(self, number: int, first: int, last: int) -> Bins:
        return of_values(self._read(first, last)) if number == 0 else self._levels[number - 1].read(first, last)


def _level_of(width: int) -> tuple[int, int]:
    """The level whose bins divide `width`, and how many of them make one."""
    level = (width.bit_length() - 1) // 4
    return level, width // FAN_OUT**level
