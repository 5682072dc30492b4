"""Samples that stay in their file: rows of one size, read by number when they are asked for.

They are read, not mapped: what a mapped file has shown would count as this process's memory.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.data.sources import FieldSpec
from core.errors import DataError

IN_MEMORY = 2**29
"""Bytes of float32 up to which a data set is held in memory."""
SMALL = 2**25
"""Bytes of float32 up to which one field of a larger data set is."""
TOGETHER = 2**24
"""Bytes that are read at once by whoever goes through all samples."""


class Unreadable(DataError):
    """Samples that cannot be read, by number: another of their class may stand in for each."""

    def __init__(self, numbers: Sequence[int], where: str) -> None:
        super().__init__("every sample has to be readable", f"sample {numbers[0]} is not", where, "Read it anew.")
        self.numbers = tuple(numbers)


class Rows(Protocol):
    """The samples of one field, in no memory."""

    def read(self, numbers: NDArray[np.int64]) -> NDArray[Any]:
        """The natural values (n, ...) of these samples, float32 or int64; raises DataError and OSError.

        Raises Unreadable for samples that another may stand in for.
        """

    def like(self, number: int, other: int) -> bool:
        """Whether the other may stand in for this sample: it is of its class, and not known to be unreadable."""

    def told(self) -> str:
        """What the user has to know of the reading since the last time; empty where it is nothing."""

    @property
    def ready(self) -> bool:
        """Whether reading is quick: nothing has to be decoded first."""


@dataclass(frozen=True, slots=True)
class RowFile:
    """Rows of one shape and type from a place in a file on; a file that changes while it is read is refused.

    `dtype` is as the file keeps them, of any byte order; `given` is what `read` makes of it. `stamp` is the file's as
    it was found.
    """

    path: Path
    offset: int
    count: int
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    stamp: tuple[int, int] | None = None
    given: str = ""
    ready: bool = True

    @property
    def row(self) -> int:
        """Bytes of a row."""
        return int(np.prod(self.shape, dtype=np.int64)) * self.dtype.itemsize

    def read(self, numbers: NDArray[np.int64]) -> NDArray[Any]:
        """These rows (n, ...), each run of neighbours at once; raises DataError and OSError."""
        raw = np.empty((len(numbers), self.row), np.uint8)
        with self.path.open("rb", buffering=0) as stream:
            if self.stamp is not None and stamp(stream.fileno()) != self.stamp:
                raise DataError("the file as it was read was wanted", "it has changed", str(self.path), "Read it anew.")
            for first, last in runs(numbers):
                stream.seek(self.offset + int(numbers[first]) * self.row)
                self._fill(stream, raw[first:last])
        values = raw.reshape(-1).view(self.dtype).reshape(len(numbers), *self.shape)
        with np.errstate(over="ignore", invalid="ignore"):  # what float32 cannot hold becomes infinite, and is told
            return values.astype(self.given) if self.given else values

    def told(self) -> str:
        """Nothing."""
        return ""

    def like(self, _number: int, _other: int) -> bool:
        """Nothing stands in for a row."""
        return False

    def _fill(self, stream: FileIO, raw: NDArray[np.uint8]) -> None:
        left = raw.reshape(-1).data
        while left:
            count = stream.readinto(left)
            if not count:
                raise DataError("a whole file was wanted", "it ends too early", str(self.path), "Choose another.")
            left = left[count:]


@dataclass(frozen=True, eq=False, slots=True)
class HeldRows:
    """Rows in memory."""

    values: NDArray[Any]
    ready: bool = True

    def read(self, numbers: NDArray[np.int64]) -> NDArray[Any]:
        """These rows."""
        found: NDArray[Any] = self.values[numbers]
        return found

    def told(self) -> str:
        """Nothing."""
        return ""

    def like(self, _number: int, _other: int) -> bool:
        """Nothing stands in for a row."""
        return False


def stamp(file: int | Path) -> tuple[int, int]:
    """A file's size and the time of its last change; raises OSError."""
    found = os.stat(file)
    return found.st_size, found.st_mtime_ns


def runs(numbers: NDArray[np.int64]) -> list[tuple[int, int]]:
    """The places [first, last) within which each number is one more than that before."""
    ends = (np.flatnonzero(np.diff(numbers) != 1) + 1).tolist()
    return list(zip([0, *ends], [*ends, len(numbers)], strict=True)) if len(numbers) else []


def is_lazy(field: FieldSpec, fields: tuple[FieldSpec, ...], samples: int) -> bool:
    """Whether this field of so many samples stays in its file: it is of a data set too large for the memory.

    The class of each sample never does: the split may go by it.
    """
    if field.classes and not field.shape:
        return False
    whole = sum(size_of(one, samples) for one in fields)
    return whole > IN_MEMORY and size_of(field, samples) > SMALL


def size_of(field: FieldSpec, samples: int) -> int:
    """Bytes that the field takes in memory."""
    return samples * int(np.prod(field.shape, dtype=np.int64)) * np.dtype(field.dtype).itemsize


def portions(field: FieldSpec, numbers: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """The numbers in parts of about `TOGETHER` bytes, in their order."""
    size = max(TOGETHER // max(size_of(field, 1), 1), 1)
    return [numbers[start : start + size] for start in range(0, len(numbers), size)]
