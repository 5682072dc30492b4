"""Rows that are only ever appended, kept column by column in blocks that never move."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]

BLOCK = 1 << 12
"""Rows of a block: a wide one of more takes the system so long to hand out that a frame is late."""


class Table:
    """A growing float32 table.

    Blocks of 4,096 rows are laid out column after column and never copied, so that an append costs the rows appended
    and a column reads at the speed of memory.
    """

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self._rows = 0
        self._blocks: list[Floats] = []

    def __len__(self) -> int:
        return self._rows

    def append(self, rows: Floats) -> None:
        """Take over a copy of `rows`, (N, columns)."""
        done = 0
        while done < len(rows):
            place = self._rows % BLOCK
            if self._rows == len(self._blocks) * BLOCK:
                self._blocks.append(np.empty((self.columns, BLOCK), np.float32))
            part = rows[done : done + BLOCK - place]
            self._blocks[-1][:, place : place + len(part)] = part.T
            self._rows += len(part)
            done += len(part)

    def truncate(self, length: int) -> None:
        """Forget every row from `length` on."""
        self._rows = min(self._rows, length)
        del self._blocks[-(-self._rows // BLOCK) :]

    def read(self, column: int, first: int, last: int) -> Floats:
        """The values of one column in rows `first` to `last` (exclusive); do not write to them."""
        parts = [block[column, start:stop] for block, start, stop in self._parts(first, last)]
        return parts[0] if len(parts) == 1 else np.concatenate(parts or [np.empty(0, np.float32)])

    def take(self, columns: Indices, first: int, last: int) -> Floats:
        """The values of several columns, (columns, rows)."""
        parts = [block[columns, start:stop] for block, start, stop in self._parts(first, last)]
        return np.concatenate(parts or [np.empty((len(columns), 0), np.float32)], axis=1)

    def _parts(self, first: int, last: int) -> list[tuple[Floats, int, int]]:
        first, last = max(first, 0), min(last, self._rows)
        return [
            (self._blocks[number], max(first - number * BLOCK, 0), min(last - number * BLOCK, BLOCK))
            for number in range(first // BLOCK, -(-last // BLOCK) if last > first else 0)
        ]
