"""The bins of a table's rows, kept up as rows come, or read from where a run on disk has them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from chainrule.columns import BLOCK
from chainrule.summaries import FINE, FINITE, MEAN, WIDE, Summary, merged, summary

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]
GROUP = WIDE // FINE


class Summed:
    """Fine and wide bins by block; of a block that nobody has summed up yet, made when they are asked for."""

    def __init__(self, columns: int, block: Callable[[int], Floats]) -> None:
        """`block` gives a block's rows, (columns, rows that there are)."""
        self._columns, self._block = columns, block
        self._fine: list[Summary | None] = []
        self._wide: list[Summary | None] = []

    def begin(self, count: int, fine: Sequence[Summary], wide: Sequence[Summary]) -> None:
        """Let `count` blocks be there, of which these are summed up already."""
        self._fine = [*fine[:count], *[None] * (count - len(fine[:count]))]
        self._wide = [*wide[:count], *[None] * (count - len(wide[:count]))]

    def note(self, before: int, length: int) -> None:
        """Sum up what has become complete, all in one block, as the table has grown from `before` rows."""
        number = before // BLOCK
        if number == len(self._fine):
            self._fine.append(_empty(self._columns))
            self._wide.append(None)
        fine = self._fine[number]
        first, last = before % BLOCK // FINE, (length - number * BLOCK) // FINE
        if fine is None or last <= first:
            return
        rows = self._block(number)[:, first * FINE : last * FINE]
        found = summary(np.ascontiguousarray(rows.T), FINE)
        fine.numbers[:, :, first:last], fine.counts[:, :, first:last] = found
        self._wide[number] = None

    def truncate(self, length: int) -> None:
        """Forget what lies behind so many rows."""
        count = -(-length // BLOCK)
        del self._fine[count:], self._wide[count:]
        if length % BLOCK:
            self._fine[-1], self._wide[-1] = _empty(self._columns), None
            self.note(length // BLOCK * BLOCK, length)

    def fine(self, columns: Indices | slice, first: int, last: int) -> Summary:
        """Bins `first` to `last` (exclusive) of 32 rows, all complete."""
        return self._read(self._fine_of, FINE, columns, first, last)

    def wide(self, columns: Indices | slice, first: int, last: int) -> Summary:
        """Bins of 512 rows, likewise."""
        return self._read(self._wide_of, WIDE, columns, first, last)

    def means(self, size: int, columns: Indices, first: int, last: int) -> tuple[Floats, Floats]:
        """The means and the numbers of finite values of bins of `size` rows, both (columns, bins)."""
        of, a_block = self._wide_of if size == WIDE else self._fine_of, BLOCK // size
        means, counts = [], []
        for number in range(first // a_block, -(-last // a_block) if last > first else 0):
            part = slice(max(first - number * a_block, 0), min(last - number * a_block, a_block))
            found = of(number)
            means.append(found.numbers[columns, MEAN, part])
            counts.append(found.counts[columns, FINITE, part])
        return np.concatenate(means, axis=1), np.concatenate(counts, axis=1).astype(np.float32)

    def _read(
        self, of: Callable[[int], Summary], rows: int, columns: Indices | slice, first: int, last: int
    ) -> Summary:
        a_block = BLOCK // rows
        parts = []
        for number in range(first // a_block, -(-last // a_block) if last > first else 0):
            begin, end = max(first - number * a_block, 0), min(last - number * a_block, a_block)
            found = of(number)
            parts.append((found.numbers[columns, :, begin:end], found.counts[columns, :, begin:end]))
        if not parts:
            nothing = _empty(self._columns)
            return Summary(nothing.numbers[columns, :, :0], nothing.counts[columns, :, :0])
        numbers, counts = zip(*parts, strict=True)
        return Summary(np.concatenate(numbers, axis=2), np.concatenate(counts, axis=2))

    def _fine_of(self, number: int) -> Summary:
        found = self._fine[number]
        if found is None:
            rows = self._block(number)
            found = _empty(self._columns)
            count = rows.shape[1] // FINE
            numbers, counts = summary(np.ascontiguousarray(rows[:, : count * FINE].T), FINE)
            found.numbers[:, :, :count], found.counts[:, :, :count] = numbers, counts
            self._fine[number] = found
        return found

    def _wide_of(self, number: int) -> Summary:
        found = self._wide[number]
        if found is None:
            found = self._wide[number] = merged(self._fine_of(number), GROUP)
        return found


def _empty(columns: int) -> Summary:
    shape = (columns, 4, BLOCK // FINE)
    return Summary(np.full(shape, np.nan, np.float32), np.zeros(shape, np.uint16))
