"""Decoded pictures or sounds, each once: bytes in a file of the cache, filled when asked for, by several threads."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from core.data.rows import RowFile, Unreadable

RECORDS, FILLED = "records", "filled"
NOTE_EVERY = 1.0
"""Seconds after which the records that are there are noted on the disk."""

Decode = Callable[[int], NDArray[np.uint8]]


class Store:
    """Records of one size by number, decoded by `decode` where they are not in the folder yet.

    Without a folder every reading decodes. Safe for several threads; a record for which `decode` raises one of
    `unreadable` is remembered. `noun` is what they are called, `where` the place that errors name.
    """

    def __init__(
        self,
        folder: Path | None,
        count: int,
        size: int,
        decode: Decode,
        unreadable: tuple[type[Exception], ...],
        noun: str,
        where: str,
    ) -> None:
        self.count, self.size = count, size
        self._unreadable, self._noun, self._where = unreadable, noun, where
        self.bad: set[int] = set()
        """Numbers that cannot be read."""
        self._decode = decode
        self._lock = Lock()
        self._told = 0
        self._noted = 0.0
        self._folder = folder
        self._there = np.zeros(count, np.bool_) if folder is None else _opened(folder, count, size)

    @property
    def ready(self) -> bool:
        """Whether nothing is left to decode."""
        return bool(self._there.all())

    def read(self, numbers: NDArray[np.int64]) -> NDArray[np.uint8]:
        """The records (n, size); raises Unreadable naming those that cannot be decoded."""
        if self._folder is None:
            return self._decoded(numbers)
        try:
            with self._lock:
                if missing := [int(number) for number in np.unique(numbers) if not self._there[number]]:
                    self._keep(self._folder, np.array(missing), self._decoded(np.array(missing)))
            return RowFile(self._folder / RECORDS, 0, self.count, (self.size,), np.dtype(np.uint8)).read(numbers)
        except OSError:  # the cache was cleared, or the disk is full
            self._folder, self._there = None, np.zeros(self.count, np.bool_)
            return self._decoded(numbers)

    def told(self) -> str:
        """How many could not be read since the last time."""
        new, self._told = len(self.bad) - self._told, len(self.bad)
        if not new:
            return ""
        return f"{self._noun.title()} that could not be read: {new:,}; others of their classes stood in."

    def _decoded(self, numbers: NDArray[np.int64]) -> NDArray[np.uint8]:
        found = np.empty((len(numbers), self.size), np.uint8)
        with ThreadPoolExecutor(_threads(), "decoding") as pool:
            whole = list(pool.map(self._put, found, numbers.tolist()))
        if not all(whole):
            bad = [number for number, good in zip(numbers.tolist(), whole, strict=True) if not good]
            raise Unreadable(bad, self._where)
        return found

    def _put(self, into: NDArray[np.uint8], number: int) -> bool:
        """Whether the record could be decoded."""
        if number not in self.bad:
            try:
                into[:] = self._decode(number)
            except self._unreadable:
                self.bad.add(number)
        return number not in self.bad

    def _keep(self, folder: Path, numbers: NDArray[np.int64], records: NDArray[np.uint8]) -> None:
        with (folder / RECORDS).open("r+b") as stream:
            for number, record in zip(numbers.tolist(), records, strict=True):
                stream.seek(number * self.size)
                stream.write(record.data)
            stream.flush()
            self._there[numbers] = True
            if monotonic() - self._noted >= NOTE_EVERY or self.ready:
                os.fsync(stream.fileno())  # the note must not be on the disk before what it tells of
                (folder / FILLED).write_bytes(self._there.tobytes())
                self._noted = monotonic()


def _opened(folder: Path, count: int, size: int) -> NDArray[np.bool_]:
    """Which records the folder holds, its files made where they are not what they should be; raises OSError."""
    records, filled = folder / RECORDS, folder / FILLED
    if records.is_file() and filled.is_file():
        there = np.frombuffer(filled.read_bytes(), np.bool_)
        if len(there) == count and records.stat().st_size == count * size:
            return there.copy()
    with records.open("wb") as stream:
        stream.truncate(count * size)
    filled.write_bytes(bytes(count))
    return np.zeros(count, np.bool_)


def _threads() -> int:
    return os.cpu_count() or 1
