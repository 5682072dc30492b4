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
        parts = []
        if whole > begin:
            made = self._narrow if width < FINE else self._wide
            parts.append(made(begin, whole, width))
        if stop > max(whole, begin):
            parts.append(self._rest(max(whole, begin) * width, len(self._table)))
        if not parts:
            return np.zeros((PARTS, self._count, 0), np.float32)
        return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=2)

    def before(self, row: int) -> Floats:
        """The cell of the last row before this one in which anything was measured, (PARTS, rows); else an empty one."""
        cells = self._narrow(max(row - WIDE, 0), row, 1)
        found = np.flatnonzero(cells[GOOD:NONE].any(axis=(0, 1)))
        return cells[:, :, found[-1]] if len(found) else np.zeros((PARTS, self._count), np.float32)

    def _narrow(self, begin: int, stop: int, width: int) -> Floats:
        """Cells made from the rows themselves."""
        first, last = begin * width, stop * width
        values = self._record.block(self._quantity, first, last)
        cells = np.zeros((PARTS, self._count, stop - begin), np.float32)
        log = self._scale.log and not self._scale.signed
        least, most = values.min(initial=np.float32(1)), values.max(initial=np.float32(1))  # of a NaN that is NaN
        if np.isfinite(least) and np.isfinite(most) and (least > 0 or not log):
            cells[SUM] = _summed(np.log10(values) if log else values, width)
            cells[GOOD] = width
            return cells
        good = np.isfinite(values)
        if log:
            good &= values > 0
        cells[SUM] = _summed(log10(values, good) if log else np.where(good, values, np.float32(0)), width)
        zero = values == 0 if log else np.zeros(values.shape, np.bool_)
        missing = np.isnan(values) & self._may_miss(first, last)
        for part, which in ((GOOD, good), (ZEROS, zero), (NONE, missing), (BAD, ~(good | zero | missing))):
            cells[part] = _summed(which.astype(np.float32), width)
        return cells

    def _wide(self, begin: int, stop: int, width: int) -> Floats:
        """Cells from what the table has summed up.

        Of a quotient the mean logarithm is the difference of two means, which is exact where all values are positive.
        """
        size = WIDE if width >= WIDE else FINE
        group = width // size
        first, last = begin * group, stop * group
        summed, where = self._table.summed, (self._of[0], first, last)
        log = self._scale.log and not self._scale.signed
        if len(self._of) == 1 and summed.are_full(size, POSITIVE if log else FINITE, *where):
            return self._ordinary(summed.numbers(size, LOGS if log else MEAN, *where), group, width, log)
        cells = np.empty((PARTS, self._count, last - first), np.float32)
        cells[GOOD] = summed.counts(size, POSITIVE if log else FINITE, *where)
        cells[SUM] = summed.numbers(size, LOGS if log else MEAN, *where)
        if not log:
            cells[SUM] = np.where(cells[GOOD] > 0, cells[SUM] * cells[GOOD], 0)
        if (cells[GOOD] == size).all():
            cells[ZEROS:] = 0
        else:
            cells[ZEROS] = summed.counts(size, ZEROS_IN, *where) if log else 0
            cells[NONE] = summed.counts(size, UNKNOWN, *where) * self._may_miss(first * size, last * size, size)
            cells[BAD] = size - cells[GOOD] - cells[ZEROS] - cells[NONE]
        if self._root is not None:
            cells[SUM] -= cells[GOOD] * self._root[:, None]
        if len(self._of) > 1:
            logs, count = (read(size, part, self._of[1], first, last) for read, part in (
                (summed.numbers, LOGS), (summed.counts, POSITIVE),
            ))  # fmt: skip
            cells[SUM] -= cells[GOOD] * logs / np.maximum(count, 1)
        if group == 1:
            return cells
        if (cells[GOOD] == size).all():
            merged = np.zeros((PARTS, self._count, stop - begin), np.float32)
            merged[SUM], merged[GOOD] = _summed(cells[SUM], group), width
            return merged
        return _summed(cells.reshape(-1, last - first), group).reshape(PARTS, self._count, stop - begin)

    def _ordinary(self, numbers: Floats, group: int, width: int, log: bool) -> Floats:
        """Cells of bins of ordinary values alone, of which these are the sums of logarithms, or the means."""
        cells = np.zeros((PARTS, self._count, numbers.shape[1] // group), np.float32)
        cells[SUM], cells[GOOD] = _summed(numbers, group), width
        if not log:
            cells[SUM] *= width // group
        if self._root is not None:
            cells[SUM] -= np.float32(width) * self._root[:, None]
        return cells

    def _rest(self, first: int, last: int) -> Floats:
        """One cell of all rows from `first` on."""
        fine = last // FINE
        parts = []
        if first % FINE == 0 and fine > first // FINE:
            parts.append(self._wide(first // FINE, fine, FINE))
            first = fine * FINE
        if first < last:
            parts.append(self._narrow(first, last, 1))
        found: Floats = np.concatenate(parts, axis=2).sum(axis=2, keepdims=True)
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
