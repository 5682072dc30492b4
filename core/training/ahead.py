"""The next batches of a field that is not in memory, read beside training by a thread: their order does not change."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from time import perf_counter

from torch import Tensor

from core.data.lazy import LazyField

AHEAD = 4
"""Batches that wait at most."""
ROOM = 2**26
"""Bytes that they take at most, one batch aside."""


class Ahead:
    """A field whose epoch is known: what `index_select` is asked for next is there, or under way.

    Only the reading is ahead: a batch is what it would be if it were read when asked for. `waited` are the seconds for
    which training stood still.
    """

    def __init__(self, field: LazyField) -> None:
        self.field = field
        self.waited = 0.0
        self._coming: Iterator[Tensor] = iter(())
        self._waiting: deque[tuple[Tensor, Future[Tensor]]] = deque()
        self._last: tuple[Tensor, Tensor] | None = None
        self._pool: ThreadPoolExecutor | None = None

    def expect(self, batches: Sequence[Tensor]) -> None:
        """Begin with the batches of these places; they are asked for by these very tensors, in this order."""
        self._drop()
        self._coming, self._last = iter(batches), None
        self._fill()

    def index_select(self, dim: int, places: Tensor) -> Tensor:
        """The samples at these places; raises DataError as the field does."""
        if self._last is not None and self._last[0] is places:  # another phase's
            return self._last[1]
        began = perf_counter()
        found = self._taken(places)
        batch = self.field.index_select(dim, places) if found is None else found.result()
        self.waited += perf_counter() - began
        self._last = (places, batch)
        self._fill()
        return batch

    def close(self) -> None:
        """End the thread; what is asked for afterwards is read when it is."""
        self._drop()
        self._coming = iter(())
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def _taken(self, places: Tensor) -> Future[Tensor] | None:
        """The batch of these places, those before it dropped: nobody asked for them."""
        if not any(waiting is places for waiting, _future in self._waiting):
            return None
        while (one := self._waiting.popleft())[0] is not places:
            one[1].cancel()
        return one[1]

    def _fill(self) -> None:
        while len(self._waiting) < AHEAD and (places := next(self._coming, None)) is not None:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(1, "batches")
            self._waiting.append((places, self._pool.submit(self.field.index_select, 0, places)))
            if len(self._waiting) * self._size(places) > ROOM:
                break

    def _drop(self) -> None:
        for _places, future in self._waiting:
            future.cancel()
        self._waiting.clear()

    def _size(self, places: Tensor) -> int:
        return len(places) * self.field.shape[1:].numel() * self.field.dtype.itemsize
