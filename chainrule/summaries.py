"""What is known of every 32 and 512 rows of a column, so that a view of any length costs its pixels, not its rows.

Beside `NAME.f32`, `NAME.fine` and `NAME.wide` hold for each block of rows and each column a few numbers a bin: the
smallest and the largest finite value, the mean of the finite ones, the sum of log10 of the positive ones (float32),
then how many are finite, positive, zero and NaN. Fine bins count in bytes, wide ones in two: a sixth of the rows' size.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from os import SEEK_END
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from chainrule.cutting import cut

Floats = NDArray[np.float32]

FINE, WIDE = 32, 512
"""Rows of a bin."""
LOW, HIGH, MEAN, LOGS = range(4)
FINITE, POSITIVE, ZERO, UNKNOWN = range(4)
_NEAR = 1 << 16
"""Numbers that are summed up together."""
_SCALE = np.float32(2.0**64)
"""Denormal numbers, whose logarithm is slow and inexact in float32, are lifted by this power of two."""


class Summary(NamedTuple):
    """The bins of a stretch of rows: `numbers` and `counts` are (columns, 4, bins), or so for each of many blocks."""

    numbers: Floats
    counts: NDArray[np.uint8] | NDArray[np.uint16]


def summary(rows: Floats, size: int) -> Summary:
    """Bins of `size` of (rows, columns), some at a time, so that what is looked at stays near the processor."""
    length, columns = rows.shape
    found = Summary(
        np.empty((columns, 4, length // size), np.float32), np.empty((columns, 4, length // size), np.uint16)
    )
    at_once = max(_NEAR // max(columns * size, 1), 1)
    for first in range(0, length // size, at_once):
        part = rows[first * size : (first + at_once) * size]
        _fill(part.reshape(len(part) // size, size, columns), found, slice(first, first + len(part) // size))
    return found


def _fill(binned: Floats, found: Summary, place: slice) -> None:
    """Sum up (bins, rows, columns)."""
    finite, positive = np.isfinite(binned), binned > 0
    numbers, counts = np.empty((4, len(binned), binned.shape[2]), np.float32), found.counts[:, :, place]
    counts[:, UNKNOWN] = 0
    if finite.all():
        numbers[LOW], numbers[HIGH] = binned.min(1), binned.max(1)
        counts[:, FINITE] = binned.shape[1]
    else:
        positive &= finite
        numbers[LOW] = np.where(finite, binned, np.float32(np.inf)).min(1)
        numbers[HIGH] = np.where(finite, binned, np.float32(-np.inf)).max(1)
        numbers[:MEAN][np.isinf(numbers[:MEAN])] = np.nan
        counts[:, FINITE] = finite.sum(1, dtype=np.uint16).T
        counts[:, UNKNOWN] = np.isnan(binned).sum(1, dtype=np.uint16).T
        binned = np.where(finite, binned, np.float32(0))
    with np.errstate(invalid="ignore"):  # the mean of nothing is NaN
        numbers[MEAN] = binned.sum(1, dtype=np.float64) / counts[:, FINITE].T
    numbers[LOGS] = log10(binned, positive).sum(1)
    found.numbers[:, :, place] = numbers.transpose(2, 0, 1)
    if positive.all():
        counts[:, POSITIVE], counts[:, ZERO] = binned.shape[1], 0
        return
    counts[:, POSITIVE] = positive.sum(1, dtype=np.uint16).T
    counts[:, ZERO] = ((binned == 0) & finite).sum(1, dtype=np.uint16).T


def log10(values: Floats, positive: NDArray[np.bool_]) -> Floats:
    """log10 of the positive values, 0 for the others."""
    tiny = positive & (values < np.float32(1e-37))
    if tiny.any():
        lifted = np.where(tiny, values * _SCALE, values)
        found = np.log10(lifted, out=np.zeros_like(values), where=positive)
        found[tiny] -= np.float32(64 * math.log10(2))
        return found
    if positive.all():
        return np.log10(values)
    return np.log10(values, out=np.zeros_like(values), where=positive)


def merged(fine: Summary, group: int) -> Summary:
    """Every `group` neighbours as one bin; their number is a multiple of it."""
    columns, parts, bins = fine.numbers.shape
    parted = fine.numbers.reshape(columns, parts, bins // group, group)
    numbers = np.empty((columns, parts, bins // group), np.float32)
    numbers[:, LOW], numbers[:, HIGH] = np.fmin.reduce(parted[:, LOW], -1), np.fmax.reduce(parted[:, HIGH], -1)
    numbers[:, LOGS] = parted[:, LOGS].sum(-1)
    known = fine.counts.reshape(columns, parts, bins // group, group)
    counts, weight = known.sum(-1, dtype=np.uint16), known[:, FINITE]
    with np.errstate(invalid="ignore"):
        total = np.where(weight, parted[:, MEAN] * weight.astype(np.float64), 0).sum(-1)
        numbers[:, MEAN] = total / counts[:, FINITE]
    return Summary(numbers, counts)


def fine_file(folder: Path, name: str) -> Path:
    """The file of the bins of 32 rows."""
    return folder / f"{name}.fine"


def wide_file(folder: Path, name: str) -> Path:
    """The file of the bins of 512 rows."""
    return folder / f"{name}.wide"


def block_bytes(columns: int, block: int, rows: int) -> int:
    """What the summary of a block takes in its file."""
    return columns * 4 * (block // rows) * (4 + _count_type(rows).itemsize)


def packed(found: Summary, rows: int) -> bytes:
    """A block's summary as it stands in its file."""
    return found.numbers.astype("<f4").tobytes() + found.counts.astype(_count_type(rows)).tobytes()


def mapped(path: Path, columns: int, block: int, rows: int, first: int = 0, most: int | None = None) -> Summary | None:
    """The summaries in a file, (blocks, columns, 4, bins), memory-mapped; None where there are none.

    From block `first` on, and of `most` blocks.
    """
    bins, count_type = block // rows, _count_type(rows)
    kind = np.dtype([("numbers", "<f4", (columns, 4, bins)), ("counts", count_type, (columns, 4, bins))])
    try:
        count = path.stat().st_size // kind.itemsize - first if columns else 0
    except FileNotFoundError:
        return None
    count = count if most is None else min(count, most)
    if count <= 0:
        return None
    table = np.memmap(path, kind, "r", offset=first * kind.itemsize, shape=(count,)).view(np.ndarray)
    return Summary(table["numbers"], table["counts"])


class SummaryWriter:
    """Appends the summaries of whole blocks to the files beside them; what the disk refuses is raised as OSError."""

    def __init__(self, folder: Path, name: str, columns: int, block: int) -> None:
        """Open the files, to go on where `begin` says."""
        self._columns, self._block = columns, block
        self._paths = {FINE: fine_file(folder, name), WIDE: wide_file(folder, name)}
        self._files = {rows: path.open("ab", buffering=0) for rows, path in self._paths.items()}

    def begin(self, count: int, rows_of: Callable[[int], Floats]) -> None:
        """Have `count` blocks: those behind are dropped, and missing ones are summed up from their rows."""
        whole = count
        for rows, file in self._files.items():
            size = block_bytes(self._columns, self._block, rows)
            whole = min(whole, file.seek(0, SEEK_END) // size if size else count)
        for rows, path in self._paths.items():
            length = whole * block_bytes(self._columns, self._block, rows)
            if self._files[rows].seek(0, SEEK_END) > length:
                self._files[rows].close()
                cut(path, length)
                self._files[rows] = path.open("ab", buffering=0)
        for number in range(whole, count):
            self.append(np.ascontiguousarray(rows_of(number)))

    def append(self, rows: Floats) -> None:
        """Sum up one more block, (rows, columns)."""
        fine = summary(rows, FINE)
        for size, found in ((FINE, fine), (WIDE, merged(fine, WIDE // FINE))):
            view = memoryview(packed(found, size))
            while view:
                view = view[self._files[size].write(view) :]

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            file.close()


def _count_type(rows: int) -> np.dtype[np.uint8] | np.dtype[np.uint16]:
    return np.dtype("u1") if rows <= 255 else np.dtype("<u2")
