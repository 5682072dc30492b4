"""Bins of plain columns of a table, read from what the table has summed up; only short views read rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.columns import BLOCK
from chainrule.summaries import FINE, FINITE, HIGH, LOW, MEAN, WIDE
from core.telemetry.pyramid import Bins, Doubles, joined, merged, of_values, one
from core.telemetry.table import Floats, Indices, Table

ROWS = 4 * BLOCK
"""Rows of a single column that are sooner gone through than the bins that sum them up are found."""


class TableBins:
    """What a Pyramid is, over columns of a table: nothing is to be taken in, as the table does that."""

    def __init__(self, table: Table, columns: Indices, single: bool, share: Floats | None = None) -> None:
        """Of these columns; values and bins are (rows,) for a single one. They may be multiplied by `share`."""
        self._table, self._columns, self._single, self._share = table, columns, single, share

    def __len__(self) -> int:
        return len(self._table)

    def extend(self, length: int) -> None:
        """Nothing to do: the table sums up what comes."""

    def bins(self, first: int, last: int, width: int) -> Bins:
        """Bins `first` to `last` (exclusive) of `width` rows, a power of two; the very last may be incomplete."""
        length = len(self._table)
        complete = min(last, length // width)
        parts = [self._complete(first, complete, width)] if complete > first else []
        if complete < last:
            parts.append(self._rest(complete * width, length))
        return self._shaped(joined(parts) if parts else of_values(self._rows(0, 0)))

    def sums(self, first: int, last: int, width: int) -> tuple[Doubles, Doubles]:
        """The sums and counts alone of such bins: what a mean needs, and less to read and to work out."""
        rows = len(self._table)
        whole = min(last, rows // width)
        if whole <= first or (self._single and width < FINE):  # a single column's rows are summed up exactly
            bins = self.bins(first, last, width)
            return bins.total, bins.count
        total, count = self._wide_sums(first, whole, width) if width >= FINE else self._narrow_sums(first, whole, width)
        if whole < last:
            rest = self._rest_sums(whole * width, rows)
            total, count = (np.concatenate([known, new]) for known, new in zip((total, count), rest, strict=True))
        total = total if self._share is None else total * self._share
        return (total[:, 0], count[:, 0]) if self._single else (total, count)

    def _wide_sums(self, first: int, last: int, width: int) -> tuple[Doubles, Doubles]:
        """Of whole bins that are summed up."""
        size = WIDE if width >= WIDE else FINE
        group = width // size
        where = (self._columns, first * group, last * group)
        kind: Any = np.float64 if self._single else np.float32  # a single column is summed up as exactly as can be
        total = self._table.summed.numbers(size, MEAN, *where).astype(kind, copy=False)
        ones, shape = np.ones(group, kind), (len(self._columns), last - first, group)
        if self._table.summed.are_full(size, FINITE, *where):
            total = total.reshape(shape) @ (ones * kind(size)) if group > 1 else total * kind(size)
            return total.T.astype(np.float64), np.broadcast_to(np.float64(width), total.T.shape)
        count = self._table.summed.counts(size, FINITE, *where)
        total = total * count
        if not count.all():
            total[count == 0] = 0
        if group > 1:
            total, count = total.reshape(shape) @ ones, count.reshape(shape) @ ones
        return total.T.astype(np.float64), count.T.astype(np.float64)

    def _narrow_sums(self, first: int, last: int, width: int) -> tuple[Doubles, Doubles]:
        """Of rows."""
        total = self._table.sums(self._columns, first * width, last * width, width).T.astype(np.float64)
        if not np.isfinite(total).all():
            bins = self._complete(first, last, width)
            return bins.total, bins.count
        return total, np.broadcast_to(np.float64(width), total.shape)

    def _complete(self, first: int, last: int, width: int) -> Bins:
        """Whole bins."""
        if width < FINE:
            return merged(of_values(self._rows(first * width, last * width)), width)
        size = WIDE if width >= WIDE else FINE
        group = width // size
        return merged(self._summed(size, first * group, last * group), group)

    def _summed(self, size: int, first: int, last: int) -> Bins:
        """Bins that the table has, (bins, columns)."""
        summed, where = self._table.summed, (self._columns, first, last)
        if summed.are_full(size, FINITE, *where):
            count: Doubles = np.broadcast_to(np.float64(size), (last - first, len(self._columns)))
        else:
            count = summed.counts(size, FINITE, *where).T.astype(np.float64)
        total = summed.numbers(size, MEAN, *where).T * count
        if not count.all():
            total[count == 0] = 0
        return Bins(summed.numbers(size, LOW, *where).T, summed.numbers(size, HIGH, *where).T, total, count)

    def _rest(self, row: int, length: int) -> Bins:
        """The rows from `row` on, which no whole bin covers, as one bin."""
        parts = [one(self._summed(size, first, last)) for size, first, last in self._pieces(row, length)]
        row += sum((last - first) * size for size, first, last in self._pieces(row, length))
        if row < length:
            parts.append(one(of_values(self._rows(row, length))))
        return one(joined(parts))

    def _rest_sums(self, row: int, length: int) -> tuple[Doubles, Doubles]:
        """The sum and count alone of these rows."""
        pieces = self._pieces(row, length)
        behind = row + sum((last - first) * size for size, first, last in pieces)
        parts = [self._wide_sums(first, last, size) for size, first, last in pieces]
        if behind < length:
            parts.append(self._narrow_sums(behind, length, 1))
        total, count = (sum(part[place].sum(axis=0, keepdims=True) for part in parts) for place in (0, 1))
        return np.asarray(total), np.asarray(count)

    def _pieces(self, row: int, length: int) -> list[tuple[int, int, int]]:
        """Which bins of the table's cover rows from `row` on: their size, the first and the one behind the last.

        Some rows of a single column are looked at sooner than its bins.
        """
        found = []
        for size in (WIDE, FINE):
            count = (length - row) // size
            if count and row % size == 0 and not (self._single and length - row <= ROWS):
                found.append((size, row // size, row // size + count))
                row += count * size
        return found

    def _rows(self, first: int, last: int) -> Floats:
        return self._table.take(self._columns, first, last).T

    def _shaped(self, bins: Bins) -> Bins:
        if self._share is not None:
            share = self._share
            bins = Bins(bins.low * share, bins.high * share, bins.total * share, bins.count)
        if not self._single:
            return bins
        return Bins(bins.low[:, 0], bins.high[:, 0], bins.total[:, 0], bins.count[:, 0])
