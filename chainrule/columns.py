"""Rows of float32 on disk, in blocks that lie column after column; appended to, never rewritten, safe in a crash.

`NAME.f32` holds the complete blocks: BLOCK rows each, all of the first column, then all of the second. The rows since
stand as they came, row after row, in `NAME-N.rows`, N being the number of the block that they will be. A tail goes only
once its block is whole, and the next tail has another number: whatever is left by a process that is killed, every row
is there once. Blocks that are dropped go with their file, as others may have mapped it. Numbers are little-endian.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chainrule.cutting import cut
from chainrule.summaries import SummaryWriter

Floats = NDArray[np.float32]

BLOCK = 1 << 12
"""Rows of a block."""
FLOAT = np.dtype("<f4")


def blocks_file(folder: Path, name: str) -> Path:
    """The file of the complete blocks."""
    return folder / f"{name}.f32"


def tail_file(folder: Path, name: str, block: int) -> Path:
    """The file of the rows that will be this block."""
    return folder / f"{name}-{block}.rows"


def block_count(folder: Path, name: str, columns: int) -> int:
    """How many complete blocks there are; raises OSError."""
    return blocks_file(folder, name).stat().st_size // _block_bytes(columns) if columns else 0


def blocks(folder: Path, name: str, columns: int, first: int = 0) -> Floats:
    """The complete blocks from `first` on, (blocks, columns, BLOCK), memory-mapped; raises OSError."""
    path, count = blocks_file(folder, name), max(block_count(folder, name, columns) - first, 0)
    shape = (count, columns, BLOCK)
    if not count:
        return np.empty(shape, np.float32)
    return np.asarray(np.memmap(path, FLOAT, "r", offset=first * _block_bytes(columns), shape=shape))


def tail(folder: Path, name: str, columns: int, block: int, first: int = 0) -> Floats:
    """The rows (rows, columns) of an incomplete block from its row `first` on; none where there is no such file."""
    try:
        with tail_file(folder, name, block).open("rb") as file:
            file.seek(first * columns * FLOAT.itemsize)
            data = file.read()
    except FileNotFoundError:
        return np.empty((0, columns), np.float32)
    count = len(data) // (columns * FLOAT.itemsize) if columns else 0
    return np.frombuffer(data, FLOAT, count * columns).reshape(count, columns).astype(np.float32, copy=False)


def rows_behind(folder: Path, name: str, columns: int, known: int) -> Floats:
    """The rows (rows, columns) behind the first `known`, read into memory, so that a file may be cut meanwhile."""
    size, first = _block_bytes(columns), known // BLOCK
    with blocks_file(folder, name).open("rb") as file:
        file.seek(first * size)
        data = file.read()
    count = len(data) // size if size else 0
    whole = np.frombuffer(data, FLOAT, count * columns * BLOCK).reshape(count, columns, BLOCK)
    rows = whole.transpose(0, 2, 1).reshape(count * BLOCK, columns)[known - first * BLOCK :]
    done = max(known, (first + count) * BLOCK)
    rest = tail(folder, name, columns, first + count, done - (first + count) * BLOCK)
    return np.concatenate([rows, rest]).astype(np.float32, copy=False)


class ColumnWriter:
    """Appends rows to the columns of a folder; what the disk refuses is raised as OSError."""

    def __init__(self, folder: Path, name: str, columns: int, kept: int = 0) -> None:
        """Go on behind the first `kept` rows: those behind are dropped, and missing ones become rows of NaN."""
        self._folder, self._name, self._columns = folder, name, columns
        self._file: int | None = None
        self._blocks = self._opened()
        self._count = self._rows = 0
        self._sums = SummaryWriter(folder, name, columns, BLOCK)
        self._begin(kept)

    def __len__(self) -> int:
        return self._count * BLOCK + self._rows

    def append(self, data: bytes | memoryview) -> None:
        """Append whole rows."""
        view = memoryview(data).cast("B")
        size = self._columns * FLOAT.itemsize
        while view and size:
            part = view[: (BLOCK - self._rows) * size]
            _write(self._tail(), part)
            self._rows += len(part) // size
            view = view[len(part) :]
            if self._rows == BLOCK:
                self._complete()

    def close(self) -> None:
        """Close the files."""
        self._close_tail()
        self._sums.close()
        os.close(self._blocks)

    def _begin(self, kept: int) -> None:
        """Leave the first `kept` rows, as blocks and a tail."""
        size = _block_bytes(self._columns)
        whole = os.fstat(self._blocks).st_size // size if size else 0
        self._count = min(kept // BLOCK, whole)
        rest = kept - self._count * BLOCK
        if self._count < whole:
            block = blocks(self._folder, self._name, self._columns)[self._count]
            rows = np.ascontiguousarray(block[:, :rest].T).astype(FLOAT).tobytes()
        if os.fstat(self._blocks).st_size != self._count * size:
            os.close(self._blocks)
            cut(blocks_file(self._folder, self._name), self._count * size)
            self._blocks = self._opened()
        for old in self._folder.glob(f"{self._name}-*.rows"):
            if old != tail_file(self._folder, self._name, self._count) or self._count < whole or not rest:
                old.unlink()
        self._sums.begin(self._count, lambda number: blocks(self._folder, self._name, self._columns)[number].T)
        if self._count < whole:
            self.append(rows)
        elif rest:
            self._mend(rest)

    def _opened(self) -> int:
        path = blocks_file(self._folder, self._name)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | _BINARY, 0o666)

    def _mend(self, rest: int) -> None:
        """Leave `rest` rows of the tail; what a power cut has taken of them becomes NaN."""
        file, size = self._tail(), self._columns * FLOAT.itemsize
        end = min(os.fstat(file).st_size // FLOAT.itemsize * FLOAT.itemsize, rest * size)
        os.ftruncate(file, end)
        self._rows = min(-(-end // size), BLOCK)
        _write(file, _nan((self._rows * size - end) // FLOAT.itemsize))
        if self._rows == BLOCK:
            self._complete()
        for _missing in range(rest - (end + size - 1) // size):
            self.append(_nan(self._columns))

    def _tail(self) -> int:
        if self._file is None:
            path = tail_file(self._folder, self._name, self._count)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | _BINARY, 0o666)
        return self._file

    def _complete(self) -> None:
        """Move the tail, which is full, into the blocks."""
        rows = tail(self._folder, self._name, self._columns, self._count)
        _write(self._blocks, memoryview(rows.T.astype(FLOAT).tobytes()))
        self._sums.append(rows)
        self._close_tail()
        done = tail_file(self._folder, self._name, self._count)
        self._count, self._rows = self._count + 1, 0
        done.unlink()

    def _close_tail(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _block_bytes(columns: int) -> int:
    return columns * BLOCK * FLOAT.itemsize


def _nan(count: int) -> memoryview:
    return memoryview(np.full(count, np.nan, FLOAT).tobytes())


def _write(file: int, data: memoryview) -> None:
    while data:
        data = data[os.write(file, data) :]


_BINARY = getattr(os, "O_BINARY", 0)
