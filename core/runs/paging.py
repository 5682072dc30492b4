"""A record of a run that is under way leans on the run's folder: what is written there need not lie in memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from chainrule.columns import BLOCK, block_count, blocks
from chainrule.summaries import FINE, WIDE, fine_file, mapped, wide_file
from core.runs.layout import SAMPLES, STEPS
from core.telemetry.record import RunRecord
from core.telemetry.table import Floats, Table

AT_ONCE = 4 * 2**20
"""Bytes of blocks that are handed over together, so that a narrow table does not need a mapping for each."""
LOOKED_AT = 8
"""Columns of a block by which it is told that the folder holds what came."""


class Paging:
    """Hands whole blocks of one record over to the files that the engine writes them to, before it tells of them.

    What is left in memory are the newest blocks and their bins; the rest is memory-mapped: of that, the system keeps
    in memory what is looked at. A folder that is not there, or holds something else, costs nothing but the memory.
    """

    def __init__(self, record: RunRecord, folder: Path) -> None:
        self.folder = folder
        self._record = record
        self._tables = [_Paged(folder, STEPS, record.steps.table), _Paged(folder, SAMPLES, record.samples.table)]
        self._is_held = False

    def look(self) -> None:
        """Hand over what is written by now."""
        if not self._is_held:
            self._tables = [paged for paged in self._tables if not paged.is_due() or paged.hand_over()]

    def hold(self, step: int) -> None:
        """Have in memory what is behind a step: the run goes on from there, and its files are cut before that is told.

        Nothing is handed over until `go_on`.
        """
        self._is_held = True
        rows = {STEPS: max(step - self._record.first_step, 0), SAMPLES: self._record.samples.index(step + 1)}
        for paged in self._tables:
            paged.let_go(rows[paged.name])

    def go_on(self) -> None:
        """The files are as the record is again, or a run that is followed went back and its record with it."""
        self._is_held = False
        for paged in self._tables:
            paged.settle()


class _Paged:
    """One table, and the files of its columns."""

    def __init__(self, folder: Path, name: str, table: Table) -> None:
        self.name = name
        self._folder, self._table = folder, table
        self._rows, self._bins = _Pieces.of(table.elsewhere), _Pieces.of(table.summed.in_memory().start)

    def is_due(self) -> bool:
        """Whether there are so many blocks in memory that it is worth a look."""
        size = 4 * BLOCK * self._table.columns
        return len(self._table) // BLOCK - self._table.elsewhere >= max(AT_ONCE // max(size, 1), 1)

    def hand_over(self) -> bool:
        """Whether the folder holds what the table does, as far as it is written."""
        table, first = self._table, self._table.elsewhere
        try:
            count = min(block_count(self._folder, self.name, table.columns), len(table) // BLOCK) - first
            if count > 0:
                pieces = self._rows.with_more(count)
                begin = first + count - pieces.sizes[-1]
                written = blocks(self._folder, self.name, table.columns, begin)[: first + count - begin]
                new = range(first, first + count)
                if not all(_is_same(written[number - begin], table.block(number)) for number in new):
                    return False
                table.lean(begin, written)
                self._rows = pieces
                self._hand_bins_over()
        except OSError:
            return False  # the rows stay where they are
        return True

    def let_go(self, length: int) -> None:
        """Have in memory what is behind so many rows."""
        self._table.let_go(length)
        self.settle()

    def settle(self) -> None:
        """Count as pieces what of the table lies elsewhere."""
        self._rows = self._rows.cut(self._table.elsewhere)
        self._bins = self._bins.cut(self._table.summed.in_memory().start)

    def _hand_bins_over(self) -> None:
        summed, columns = self._table.summed, self._table.columns
        ready = summed.in_memory()
        if not ready or ready.stop > self._table.elsewhere:
            return
        files = ((fine_file(self._folder, self.name), FINE), (wide_file(self._folder, self.name), WIDE))
        pieces = self._bins.with_more(len(ready))
        begin = ready.stop - pieces.sizes[-1]
        fine, wide = (mapped(path, columns, BLOCK, rows, begin, ready.stop - begin) for path, rows in files)
        if fine is not None and wide is not None and len(fine.numbers) == len(wide.numbers) == ready.stop - begin:
            summed.lean(begin, fine, wide)
            self._bins = pieces


@dataclass(frozen=True)
class _Pieces:
    """In how many pieces a file is mapped: few, however often it has grown, as each keeps the file open once more."""

    sizes: tuple[int, ...] = ()
    """The blocks of each, one after another."""

    @classmethod
    def of(cls, count: int) -> _Pieces:
        """So many blocks in one."""
        return cls((count,) if count else ())

    def with_more(self, count: int) -> _Pieces:
        """With so many blocks more; the last piece is to be mapped anew, together with what it has grown by."""
        *before, last = *self.sizes, count
        while before and before[-1] <= last:
            last += before.pop()
        return _Pieces((*before, last))

    def cut(self, count: int) -> _Pieces:
        """Only so many blocks, the first ones."""
        ends = np.minimum(np.cumsum((0, *self.sizes)), count)
        return _Pieces(tuple(size for size in np.diff(ends).tolist() if size))


def _is_same(written: Floats, kept: Floats) -> bool:
    """Whether some columns, the first and the last of them, are the same, bit by bit."""
    some = np.linspace(0, len(kept) - 1, LOOKED_AT).astype(np.int64)
    return np.array_equal(written[some].view(np.uint32), kept[some].view(np.uint32))
