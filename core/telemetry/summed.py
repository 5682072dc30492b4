"""The bins of a table's rows, kept up as rows come, or read from where a run on disk has them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from chainrule.columns import BLOCK
from chainrule.summaries import FINE, UNKNOWN, WIDE, Summary, merged, summary
from core.telemetry.mapping import Mappings, is_gone

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]
GROUP = WIDE // FINE
SHELF = 16
"""Blocks whose bins lie in one array, so that many are read at once."""
VIEWS = 8
"""Reads of wide bins of which the bins stay side by side."""


class _Gathered:
    """Of some columns one number or count of every bin, side by side: in the file a block's bins lie apart."""

    def __init__(self, columns: int, a_block: int) -> None:
        self._bins = np.empty((columns, 0), np.float32)
        self._known = np.zeros(0, np.bool_)
        self._a_block = a_block

    def missing(self, number: int, end: int) -> list[tuple[int, int]]:
        """The stretches of these blocks that are not here yet; makes room for them."""
        if end > len(self._known):
            more = max(end, 2 * len(self._known)) - len(self._known)
            self._known = np.concatenate([self._known, np.zeros(more, np.bool_)])
            room = np.empty((len(self._bins), more * self._a_block), np.float32)
            self._bins = np.concatenate([self._bins, room], axis=1)
        unknown = np.concatenate([[False], ~self._known[number:end], [False]]).astype(np.int8)
        edges = np.flatnonzero(np.diff(unknown)) + number
        return [(begin, stop) for begin, stop in edges.reshape(-1, 2).tolist()]

    def take_in(self, number: int, bins: Floats) -> None:
        """Have these bins, from the beginning of a block on."""
        self._bins[:, number * self._a_block : number * self._a_block + bins.shape[1]] = bins
        self._known[number : number + bins.shape[1] // self._a_block] = True

    def forget(self, number: int, end: int | None = None) -> None:
        """What these blocks hold is written anew."""
        self._known[number:end] = False

    def bins(self, first: int, last: int) -> Floats:
        """Bins that are all here; they cannot be written to."""
        found = self._bins[:, first:last]
        found.flags.writeable = False
        return found


class Bins:
    """The bins of one size, block by block, on shelves; the first ones may be those of a file, which are only read."""

    def __init__(self, columns: int, size: int, stored: Summary | None = None) -> None:
        """Begin with what is `stored`: (blocks, columns, 4, bins), which is only ever read."""
        self._shape = (columns, 4, BLOCK // size)
        self._shelves: list[Summary] = []
        self._starts: list[int] = []
        """The first block on each shelf."""
        self.count = 0
        """Blocks for which there is a place."""
        self._size = size
        self._mappings = Mappings()
        if stored is not None and len(stored.numbers):
            self.lean(0, stored)
        self._full: dict[int, npt.NDArray[np.int8]] = {}
        """By count, of each block and column whether every bin has it for all its rows; -1 for what nobody asked."""
        self._gathered: dict[object, _Gathered] = {}

    def place(self, number: int) -> Summary:
        """The bins of a block, to be read, and to be written where they are not stored; makes room for it."""
        while number >= self._end:
            shape = (SHELF, *self._shape)
            self._starts.append(self._end)
            self._shelves.append(Summary(np.full(shape, np.nan, np.float32), np.zeros(shape, np.uint16)))
        self.count = max(self.count, number + 1)
        for known in self._full.values():
            known[number : number + 1] = -1
        for gathered in self._gathered.values():
            gathered.forget(number, number + 1)
        shelf, place = self._find(number)
        return Summary(shelf.numbers[place], shelf.counts[place])

    @property
    def _end(self) -> int:
        """The first block that has no place on a shelf."""
        return self._starts[-1] + len(self._shelves[-1].numbers) if self._shelves else 0

    def in_memory(self) -> range:
        """The blocks of the first shelf that lies in memory, or would."""
        for start, shelf in zip(self._starts, self._shelves, strict=True):
            if shelf.numbers.flags.writeable:
                return range(start, start + len(shelf.numbers))
        return range(self._end, self._end + SHELF)

    def lean(self, start: int, stored: Summary) -> None:
        """Let these be read instead of what stands on the shelves from block `start` on, or where none does."""
        end = start + len(stored.numbers)
        place = bisect_left(self._starts, start)
        behind = bisect_left(self._starts, end)
        self._starts[place:behind], self._shelves[place:behind] = [start], [stored]
        self.count = max(self.count, end)
        self._mappings = self._mapped()

    def look_after(self) -> None:
        """Have bins of nothing known for what lay in a file that somebody else has cut."""
        if self._mappings.are_whole():
            return
        for place, shelf in enumerate(self._shelves):
            if is_gone(shelf.numbers) or is_gone(shelf.counts):
                self._shelves[place] = _unknown(shelf.numbers.shape, self._size)
                self._forget(self._starts[place], self._starts[place] + len(shelf.numbers))
        self._mappings = self._mapped()

    def _mapped(self) -> Mappings:
        return Mappings(array for shelf in self._shelves for array in shelf)

    def _forget(self, first: int, end: int) -> None:
        for known in self._full.values():
            known[first:end] = -1
        for gathered in self._gathered.values():
            gathered.forget(first, end)

    def let_go(self, first: int) -> None:
        """Have in memory again what is stored of this block and those behind it."""
        self.look_after()
        for place, shelf in enumerate(self._shelves):
            if self._starts[place] + len(shelf.numbers) > first and not shelf.numbers.flags.writeable:
                self._shelves[place] = Summary(shelf.numbers.copy(), shelf.counts.copy())
        self._mappings = self._mapped()

    def cut(self, count: int) -> None:
        """Forget the blocks from this one on; what is stored of them is not looked at again."""
        while self._starts and self._starts[-1] >= count:
            self._starts.pop()
            self._shelves.pop()
        if self._end > count and not (last := self._shelves[-1]).numbers.flags.writeable:
            kept = count - self._starts[-1]
            self._shelves[-1] = Summary(last.numbers[:kept], last.counts[:kept])
        self.count = min(self.count, count)
        self._mappings = self._mapped()
        for gathered in self._gathered.values():
            gathered.forget(count)

    def is_full(self, part: int, columns: Indices, first: int, last: int) -> bool:
        """Whether the blocks that hold these bins count all rows of all bins: then counts need not be read."""
        a_block = self._shape[2]
        begin, whole, end = first // a_block, last // a_block, -(-last // a_block)
        known = self._full.get(part, np.empty((0, self._shape[0]), np.int8))
        if len(known) < self.count:
            new = np.full((self.count - len(known), self._shape[0]), -1, np.int8)
            known = self._full[part] = np.concatenate([known, new])
        for number in (np.flatnonzero(known[begin:whole, 0] < 0) + begin).tolist():
            shelf, place = self._find(number)
            known[number] = (shelf.counts[place, :, part] == self._size).all(axis=1)
        of = evenly(columns)
        if end > whole:  # the newest block has bins still to come
            shelf, place = self._find(whole)
            if not (shelf.counts[place, of, part, : last - whole * a_block] == self._size).all():
                return False
        return bool(known[begin:whole, of].all())

    def read(self, part: int, is_count: bool, columns: Indices, first: int, last: int) -> Floats:
        """One number or count of bins `first` to `last` (exclusive), (columns, bins); do not write to them."""
        a_block, of = self._shape[2], evenly(columns)
        number, end = first // a_block, -(-last // a_block) if last > first else 0
        if self._size < WIDE:
            begin = first - number * a_block
            return self._copied(part, is_count, columns, number, end)[:, begin : begin + last - first]
        key = (part, is_count, (of.start, of.stop, of.step) if isinstance(of, slice) else columns.tobytes())
        gathered = self._gathered.pop(key, None) or _Gathered(len(columns), a_block)
        self._gathered[key] = gathered  # the last of them, as it was used last
        if len(self._gathered) > VIEWS:
            del self._gathered[next(iter(self._gathered))]
        for begin, stop in gathered.missing(number, end):
            gathered.take_in(begin, self._copied(part, is_count, columns, begin, stop))
        return gathered.bins(first, last)

    def _copied(self, part: int, is_count: bool, columns: Indices, number: int, end: int) -> Floats:
        """All bins of blocks `number` to `end`."""
        a_block, of = self._shape[2], evenly(columns)
        whole = np.empty((len(columns), max(end - number, 0), a_block), np.float32)
        done = 0
        while number + done < end:
            shelf, place = self._find(number + done)
            array = shelf.counts if is_count else shelf.numbers
            many = min(end - number - done, len(array) - place)
            whole[:, done : done + many] = array[place : place + many, of, part].transpose(1, 0, 2)
            done += many
        return whole.reshape(len(columns), whole.shape[1] * a_block)

    def _find(self, number: int) -> tuple[Summary, int]:
        """The shelf of a block, and its place there."""
        shelf = bisect_right(self._starts, number) - 1
        return self._shelves[shelf], number - self._starts[shelf]


def _unknown(shape: tuple[int, ...], size: int) -> Summary:
    """Bins of rows of which none is known."""
    counts = np.zeros((4, 1), np.uint16)
    counts[UNKNOWN] = size
    return Summary(np.broadcast_to(np.float32(np.nan), shape), np.broadcast_to(counts, shape))


def evenly(columns: Indices) -> Indices | slice:
    """The same columns, as a slice where they stand evenly apart: that is read where it lies, not gathered before."""
    if not len(columns):
        return columns
    if len(columns) == 1:
        return slice(int(columns[0]), int(columns[0]) + 1)
    first, stride = int(columns[0]), int(columns[1] - columns[0])
    if stride < 1 or (columns[1:] - columns[:-1] != stride).any():
        return columns
    return slice(first, int(columns[-1]) + 1, stride)


class Summed:
    """Fine and wide bins by block; of a block that nobody has summed up yet, made when they are asked for."""

    def __init__(self, columns: int, block: Callable[[int], Floats]) -> None:
        """`block` gives a block's rows, (columns, rows that there are)."""
        self._columns, self._block = columns, block
        self._bins = {size: Bins(columns, size) for size in (FINE, WIDE)}
        self._known: list[bool] = []
        """Of each block, whether its fine bins are there."""
        self._widened: list[int] = []
        """And how many of its wide ones."""

    def begin(self, count: int, fine: Summary | None, wide: Summary | None) -> None:
        """Let `count` blocks be there, of which these are summed up already."""
        for size, stored in ((FINE, fine), (WIDE, wide)):
            kept = Summary(stored.numbers[:count], stored.counts[:count]) if stored is not None else None
            self._bins[size] = Bins(self._columns, size, kept)
        self._known = [place < self._bins[FINE].count for place in range(count)]
        self._widened = [BLOCK // WIDE if place < self._bins[WIDE].count else 0 for place in range(count)]

    def note(self, before: int, length: int) -> None:
        """Sum up what has become complete, all in one block, as the table has grown from `before` rows."""
        number = before // BLOCK
        if number == len(self._known):
            self._known.append(True)
            self._widened.append(0)
        first, last = before % BLOCK // FINE, (length - number * BLOCK) // FINE
        if not self._known[number] or last <= first:
            return
        fine = self._bins[FINE].place(number)
        rows = self._block(number)[:, first * FINE : last * FINE]
        fine.numbers[:, :, first:last], fine.counts[:, :, first:last] = summary(np.ascontiguousarray(rows.T), FINE)
        self._widened[number] = min(self._widened[number], first // GROUP)

    def truncate(self, length: int) -> None:
        """Forget what lies behind so many rows."""
        whole = length // BLOCK
        del self._known[whole:], self._widened[whole:]
        for bins in self._bins.values():
            bins.cut(whole)
        if length % BLOCK:
            self.note(whole * BLOCK, length)

    def in_memory(self) -> range:
        """The next blocks whose bins may come to lie elsewhere, all together."""
        fine, wide = (self._bins[size].in_memory() for size in (FINE, WIDE))
        return fine if fine == wide else range(0)

    def lean(self, start: int, fine: Summary, wide: Summary) -> None:
        """Let the bins of these blocks be read here from now on: those that `in_memory` has named, and any before."""
        end = start + len(fine.numbers)
        for size, stored in ((FINE, fine), (WIDE, wide)):
            self._bins[size].lean(start, stored)
        self._known[start:end] = [True] * (end - start)
        self._widened[start:end] = [BLOCK // WIDE] * (end - start)

    def let_go(self, first: int) -> None:
        """Have in memory again the bins of this block and those behind it."""
        for bins in self._bins.values():
            bins.let_go(first)

    def _look_after(self) -> None:
        for bins in self._bins.values():
            bins.look_after()

    def numbers(self, size: int, part: int, columns: Indices, first: int, last: int) -> Floats:
        """LOW, HIGH, MEAN or LOGS of complete bins of FINE or WIDE rows, (columns, bins)."""
        self._sum_up(size, first, last)
        return self._bins[size].read(part, False, columns, first, last)

    def counts(self, size: int, part: int, columns: Indices, first: int, last: int) -> Floats:
        """FINITE, POSITIVE, ZERO or UNKNOWN likewise."""
        self._sum_up(size, first, last)
        return self._bins[size].read(part, True, columns, first, last)

    def are_full(self, size: int, part: int, columns: Indices, first: int, last: int) -> bool:
        """Whether it is known that these bins count all their rows, so that each count is their size."""
        self._sum_up(size, first, last)
        return self._bins[size].is_full(part, columns, first, last)

    def _sum_up(self, size: int, first: int, last: int) -> None:
        """Make what is missing of these bins."""
        self._look_after()
        begin, end = first * size // BLOCK, -(-last * size // BLOCK)
        if size == FINE:
            for number in range(begin, end) if not all(self._known[begin:end]) else ():
                if not self._known[number]:
                    self._make_fine(number)
        elif min(self._widened[begin:end], default=0) < BLOCK // WIDE:
            for number in range(begin, end):
                if self._widened[number] < min(last - number * (BLOCK // WIDE), BLOCK // WIDE):
                    self._make_wide(number)

    def _make_fine(self, number: int) -> None:
        rows = self._block(number)
        count = rows.shape[1] // FINE
        place = self._bins[FINE].place(number)
        found = summary(np.ascontiguousarray(rows[:, : count * FINE].T), FINE)
        place.numbers[:, :, :count], place.counts[:, :, :count] = found
        self._known[number] = True

    def _make_wide(self, number: int) -> None:
        if not self._known[number]:
            self._make_fine(number)
        place, fine = self._bins[WIDE].place(number), self._bins[FINE].place(number)
        first, last = self._widened[number], self._block(number).shape[1] // WIDE
        part = slice(first * GROUP, last * GROUP)
        found = merged(Summary(fine.numbers[:, :, part], fine.counts[:, :, part]), GROUP)
        place.numbers[:, :, first:last], place.counts[:, :, first:last] = found
        self._widened[number] = last
