"""Rows that are only ever appended, kept in blocks that never move: nothing is copied to make room."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from chainrule.columns import BLOCK
from chainrule.summaries import Summary
from core.telemetry.mapping import Mappings, is_gone
from core.telemetry.scratch import Scratch
from core.telemetry.summed import Summed, evenly

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]

NEAR = 1 << 17
"""Values that are summed up together: what is looked at twice stays near the processor."""
Number = TypeVar("Number", np.float32, np.float64)


class Table:
    """A growing float32 table.

    Blocks of 4,096 rows (a wide one of more takes the system so long to hand out that a frame is late) are laid out
    column after column and never copied, so that an append costs the rows appended and a column reads at the speed of
    memory. The first of them may lie in a file, as those of a run that is over do; of one that is under way they come
    to lie there, block after block. Where such a file is cut by somebody else, its rows are NaN from then on.
    """

    def __init__(
        self,
        columns: int,
        blocks: Floats | None = None,
        fine: Summary | None = None,
        wide: Summary | None = None,
    ) -> None:
        """Begin with these blocks (blocks, columns, 4,096), which are only ever read, and what sums them up."""
        self.columns = columns
        self._blocks: list[Floats] = [] if blocks is None else list(blocks)
        self._rows = len(self._blocks) * BLOCK
        self.elsewhere = len(self._blocks)
        """How many of its blocks, from the first on, do not lie in memory."""
        self.summed = Summed(columns, self._of_block)
        self._mappings = Mappings(self._blocks)
        """The bins of its rows."""
        self.summed.begin(len(self._blocks), fine, wide)

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
            self.summed.note(self._rows - len(part), self._rows)

    def truncate(self, length: int) -> None:
        """Forget every row from `length` on."""
        self._look_after()
        self._rows = min(self._rows, length)
        self.elsewhere = min(self.elsewhere, self._rows // BLOCK)
        del self._blocks[-(-self._rows // BLOCK) :]
        if self._rows % BLOCK and not self._blocks[-1].flags.writeable:
            self._blocks[-1] = self._blocks[-1].copy()  # of a file: its rest is written anew
        self._mappings = Mappings(self._blocks[: self.elsewhere])
        self.summed.truncate(self._rows)

    def lean(self, first: int, blocks: Floats) -> None:
        """Let these blocks, which are whole, be read here from now on: (blocks, columns, 4,096).

        They begin with block `first` and leave no gap behind those that lie elsewhere already.
        """
        self._blocks[first : first + len(blocks)] = list(blocks)
        self.elsewhere = max(self.elsewhere, first + len(blocks))
        self._mappings = Mappings(self._blocks[: self.elsewhere])

    def let_go(self, length: int) -> None:
        """Have in memory again what lies behind so many rows: where it is written it is about to be cut off."""
        self._look_after()
        first = length // BLOCK
        for number in range(first, self.elsewhere):
            self._blocks[number] = self._blocks[number].copy()
        self.summed.let_go(first)
        self.elsewhere = min(self.elsewhere, first)
        self._mappings = Mappings(self._blocks[: self.elsewhere])

    def block(self, number: int) -> Floats:
        """A whole block, (columns, 4,096); do not write to it."""
        self._look_after()
        return self._blocks[number]

    def read(self, column: int, first: int, last: int) -> Floats:
        """The values of one column in rows `first` to `last` (exclusive); do not write to them.

        They are a copy where they lie in a file, which may be cut while they are kept.
        """
        parts = [block[column, start:stop] for block, start, stop in self._parts(first, last)]
        if len(parts) == 1 and parts[0].flags.writeable:
            return parts[0]
        return np.concatenate(parts or [np.empty(0, np.float32)])

    def take(self, columns: Indices, first: int, last: int) -> Floats:
        """The values of several columns, (columns, rows)."""
        of = evenly(columns)
        parts = [block[of, start:stop] for block, start, stop in self._parts(first, last)]
        return np.concatenate(parts or [np.empty((len(columns), 0), np.float32)], axis=1)

    def sums(
        self, columns: Indices, first: int, last: int, width: int, of_each: Callable[[Floats], Floats] | None = None
    ) -> Floats:
        """The sums of every `width` of these rows, (columns, bins); a power of two that divides `first` and `last`.

        With `of_each` those of what it makes of the values. They are read where they lie, some at a time: a copy of
        all would take longer than the sums.
        """
        of, ones = evenly(columns), np.ones(width, np.float32)
        found = np.empty((len(columns), (last - first) // width), np.float32)
        done = 0
        for block, start, stop in self._parts(first, last):
            bins = (stop - start) // width
            near, rows = block[of, start:stop], max(NEAR // max(stop - start, 1), 1)
            for place in range(0, len(columns), rows):
                part = near[place : place + rows]
                values = of_each(part) if of_each is not None else part
                into = found[place : place + rows, done : done + bins]
                if width > 1:
                    np.matmul(values.reshape(len(values), bins, width), ones, out=into)
                else:
                    into[:] = values
            done += bins
        return found

    def rows(self, first: int = 0, last: int | None = None) -> Floats:
        """All values of rows `first` to `last` (exclusive), (rows, columns)."""
        everything = np.arange(self.columns, dtype=np.int64)
        return self.take(everything, first, len(self) if last is None else last).T

    def _look_after(self) -> None:
        """Have NaN for what lay in a file that was cut."""
        if self._mappings.are_whole():
            return
        unknown = np.broadcast_to(np.float32(np.nan), (self.columns, BLOCK))
        for number in range(self.elsewhere):
            if is_gone(self._blocks[number]):
                self._blocks[number] = unknown
        self._mappings = Mappings(self._blocks[: self.elsewhere])

    def _of_block(self, number: int) -> Floats:
        self._look_after()
        return self._blocks[number][:, : min(self._rows - number * BLOCK, BLOCK)]

    def _parts(self, first: int, last: int) -> list[tuple[Floats, int, int]]:
        self._look_after()
        first, last = max(first, 0), min(last, self._rows)
        return [
            (self._blocks[number], max(first - number * BLOCK, 0), min(last - number * BLOCK, BLOCK))
            for number in range(first // BLOCK, -(-last // BLOCK) if last > first else 0)
        ]


class Blocks(Generic[Number]):
    """Growing rows of one shape, of which the last ones may be written again."""

    ROWS = 256

    def __init__(self, shape: tuple[int, ...], kind: type[Number], scratch: Scratch | None = None) -> None:
        """With `scratch` they lie there, and need not stay in memory."""
        self.shape = shape
        self._kind: type[Number] = kind
        self._scratch = scratch if scratch is not None else Scratch()
        self._length = 0
        self._blocks: list[npt.NDArray[Number]] = []

    def __len__(self) -> int:
        return self._length

    def write(self, begin: int, rows: npt.NDArray[Number]) -> None:
        """Let `rows` stand from `begin` on, and nothing after them; rows left out between are zero."""
        self._length = begin + len(rows)
        while len(self._blocks) * self.ROWS < self._length:
            self._blocks.append(self._scratch.room((self.ROWS, *self.shape), self._kind))
        done = 0
        while done < len(rows):
            number, place = divmod(begin + done, self.ROWS)
            part = rows[done : done + self.ROWS - place]
            self._blocks[number][place : place + len(part)] = part
            done += len(part)

    def read(self, first: int, last: int) -> npt.NDArray[Number]:
        """Rows `first` to `last` (exclusive); do not write to them."""
        last = min(last, self._length)
        parts = [
            self._blocks[number][max(first - number * self.ROWS, 0) : last - number * self.ROWS]
            for number in range(first // self.ROWS, -(-last // self.ROWS) if last > first else 0)
        ]
        return parts[0] if len(parts) == 1 else np.concatenate(parts or [np.empty((0, *self.shape), self._kind)])
