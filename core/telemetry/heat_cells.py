"""What the cells of a heatmap are made from: sums and counts of bins of rows, and what these come to."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chainrule.summaries import FINE, FINITE, LOGS, MEAN, POSITIVE, UNKNOWN, WIDE, log10
from chainrule.summaries import ZERO as ZEROS_IN
from core.telemetry.heat_scales import SCALES, HeatScale
from core.telemetry.quantities import QUANTITIES
from core.telemetry.record import RunRecord
from core.telemetry.table import Floats

OK, ZERO, NONFINITE, OVER, NO_DATA, FROZEN = range(6)
Bytes = npt.NDArray[np.uint8]
SUM, GOOD, ZEROS, BAD, NONE = range(5)
"""What a cell keeps: the sum of its ordinary values (of their log10), their number, that of zeros, of those that are
not finite, and of those that are not measured: of a frozen layer, or where the quantity means nothing."""
PARTS = 5


class Cells:
    """Sums and counts of one quantity, (PARTS, rows, bins): of wide bins as the table has them, else of the rows."""

    def __init__(self, record: RunRecord, quantity: str) -> None:
        self._record, self._quantity, self._scale = record, quantity, SCALES[quantity]
        rows = record.rows(quantity)
        self._count = len(rows)
        names = QUANTITIES[quantity].of or (quantity,)
        self._table = record.series(quantity).table
        self._of = [record.places_of(name, [row.path for row in rows]) for name in names]
        """Where the columns stand that it is worked out from."""
        self._root = np.log10(np.sqrt([max(row.numel, 1) for row in rows])) if quantity == "gradient_rms" else None

    def read(self, begin: int, stop: int, width: int) -> Floats:
        """The cells of bins `begin` to `stop`; the last one may be incomplete."""
        whole = min(stop, len(self._table) // width)
        cells = np.zeros((PARTS, self._count, max(stop - begin, 0)), np.float32)
        if whole > begin:
            make = self._narrow if width < FINE else self._wide
            make(begin, whole, width, cells[:, :, : whole - begin])
        if stop > max(whole, begin):
            cells[:, :, -1] = self._rest(max(whole, begin) * width, len(self._table))
        return cells

    def before(self, row: int) -> Floats:
        """The cell of the last row before this one in which anything was measured, (PARTS, rows); else an empty one."""
        first = max(row - WIDE, 0)
        cells = np.zeros((PARTS, self._count, row - first), np.float32)
        self._narrow(first, row, 1, cells)
        found = np.flatnonzero(cells[GOOD:NONE].any(axis=(0, 1)))
        return cells[:, :, found[-1]] if len(found) else np.zeros((PARTS, self._count), np.float32)

    def _narrow(self, begin: int, stop: int, width: int, cells: Floats) -> None:
        """Fill cells, which are all zero, from the rows themselves."""
        first, last = begin * width, stop * width
        log = self._scale.log and not self._scale.signed
        if width > 1:
            cells[SUM] = self._plain_sums(first, last, width, log)
            if np.isfinite(cells[SUM]).all():  # a zero's logarithm is not, nor is what a broken number adds to
                cells[GOOD] = width
                return
        values = self._record.block(self._quantity, first, last)
        if width == 1:
            least, most = values.min(initial=np.float32(1)), values.max(initial=np.float32(1))  # of a NaN that is NaN
            if np.isfinite(least) and np.isfinite(most) and (least > 0 or not log):
                cells[SUM], cells[GOOD] = np.log10(values) if log else values, width
                return
        good = np.isfinite(values)
        if log:
            good &= values > 0
        cells[SUM] = _summed(log10(values, good) if log else np.where(good, values, np.float32(0)), width)
        zero = values == 0 if log else np.zeros(values.shape, np.bool_)
        missing = np.isnan(values) & self._may_miss(first, last)
        for part, which in ((GOOD, good), (ZEROS, zero), (NONE, missing), (BAD, ~(good | zero | missing))):
            cells[part] = _summed(which.astype(np.float32), width)

    def _plain_sums(self, first: int, last: int, width: int, log: bool) -> Floats:
        """The sums of bins of rows whose values are all ordinary numbers; not finite where one is not."""
        with np.errstate(divide="ignore", invalid="ignore"):
            found = self._table.sums(self._of[0], first, last, width, np.log10 if log else None)
            if len(self._of) > 1:
                found -= self._table.sums(self._of[1], first, last, width, np.log10)
        return found if self._root is None else found - np.float32(width) * self._root[:, None].astype(np.float32)

    def _wide(self, begin: int, stop: int, width: int, cells: Floats) -> None:
        """Fill cells, which are all zero, from what the table has summed up.

        Of a quotient the mean logarithm is the difference of two means, which is exact where all values are positive.
        """
        size = WIDE if width >= WIDE else FINE
        group = width // size
        first, last = begin * group, stop * group
        summed, where = self._table.summed, (self._of[0], first, last)
        log = self._scale.log and not self._scale.signed
        every, mean = (POSITIVE, LOGS) if log else (FINITE, MEAN)
        if all(summed.are_full(size, every, of, first, last) for of in self._of):
            numbers = summed.numbers(size, mean, *where)
            for under in self._of[1:]:
                numbers = numbers - summed.numbers(size, mean, under, first, last)
            self._fill_ordinary(_summed(numbers, group), width, group, log, cells)
            return
        found = np.zeros((PARTS, self._count, last - first), np.float32)
        found[GOOD], found[SUM] = summed.counts(size, every, *where), summed.numbers(size, mean, *where)
        if not log:
            found[SUM] = np.where(found[GOOD] > 0, found[SUM] * found[GOOD], 0)
        if not (found[GOOD] == size).all():
            found[ZEROS] = summed.counts(size, ZEROS_IN, *where) if log else 0
            found[NONE] = summed.counts(size, UNKNOWN, *where) * self._may_miss(first * size, last * size, size)
            found[BAD] = size - found[GOOD] - found[ZEROS] - found[NONE]
        if self._root is not None:
            found[SUM] -= found[GOOD] * self._root[:, None]
        if len(self._of) > 1:
            logs, count = (read(size, part, self._of[1], first, last) for read, part in (
                (summed.numbers, LOGS), (summed.counts, POSITIVE),
            ))  # fmt: skip
            found[SUM] -= found[GOOD] * logs / np.maximum(count, 1)
        cells[:] = _summed(found.reshape(-1, last - first), group).reshape(cells.shape)

    def _fill_ordinary(self, total: Floats, width: int, group: int, log: bool, cells: Floats) -> None:
        """Fill cells of ordinary values alone, of which these are the sums of logarithms, or those of `group` means."""
        cells[SUM], cells[GOOD] = total, width
        if not log:
            cells[SUM] *= width // group
        if self._root is not None:
            cells[SUM] -= np.float32(width) * self._root[:, None]

    def _rest(self, first: int, last: int) -> Floats:
        """One cell of all rows from `first` on, (PARTS, rows)."""
        fine = last // FINE - first // FINE if first % FINE == 0 else 0
        cells = np.zeros((PARTS, self._count, fine + last - first - fine * FINE), np.float32)
        if fine:
            self._wide(first // FINE, first // FINE + fine, FINE, cells[:, :, :fine])
        if first + fine * FINE < last:
            self._narrow(first + fine * FINE, last, 1, cells[:, :, fine:])
        found: Floats = cells.sum(axis=2)
        return found

    def _may_miss(self, first: int, last: int, size: int = 1) -> npt.NDArray[np.bool_]:
        """Whether NaN in these bins of rows says that nothing is measured there, rather than that a number broke."""
        if not self._scale.frozen:
            return np.array([self._scale.unmeasured])
        norm = self._record.series("gradient_norm")
        place = np.array([norm.places["gradient_norm"]], np.int64)
        if size == 1:
            return np.isfinite(norm.table.take(place, first, last))
        found: npt.NDArray[np.bool_] = (
            norm.table.summed.counts(size, FINITE, place, first // size, last // size) == size
        )
        return found


def judged(cells: Floats, scale: HeatScale) -> tuple[Floats, Bytes]:
    """The value on the scale and the state of each cell, both (rows, bins)."""
    total, good, zeros, bad, none = cells
    with np.errstate(invalid="ignore", divide="ignore"):
        value = total / good
        if scale.signed:
            value = np.log10(np.abs(value))
    states = np.where(value > scale.high, np.uint8(OVER), np.uint8(OK))
    if good.all() and not cells[ZEROS : BAD + 1].any() and not scale.signed:
        return value, states
    states[(zeros > 0) & (zeros >= good)] = ZERO
    if scale.signed:
        states[(good > 0) & (total == 0)] = ZERO
    states[bad > 0] = NONFINITE
    states[good + zeros + bad == 0] = NO_DATA
    if scale.frozen:
        states[(good + zeros + bad == 0) & (none > 0)] = FROZEN
    value[(states != OK) & (states != OVER)] = np.nan
    return value, states


def _summed(values: Floats, width: int) -> Floats:
    """The sums of every `width` neighbours in a line; a product with ones, which is the quickest way."""
    if width == 1:
        return values
    found: Floats = values.reshape(len(values), values.shape[1] // width, width) @ np.ones(width, np.float32)
    return found
