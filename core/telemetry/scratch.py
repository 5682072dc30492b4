"""Room for numbers that may be worked out again: a little in memory, the rest in a file that nobody else has."""

from __future__ import annotations

import mmap
import os
import tempfile
from math import prod
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import platformdirs

PIECE = 16 * 2**20
"""Bytes by which the file grows."""
ALIGNED = 64
Number = TypeVar("Number", np.float32, np.float64)


class Scratch:
    """Hands out arrays of zeros; what lies in the file the system has in memory while it is looked at.

    The file is gone from its folder once it is made, so that no other program can cut it, and nothing of it stays.
    Where the disk has no room the arrays lie in memory.
    """

    def __init__(self, in_memory: int | None = None) -> None:
        """Have so many bytes in memory before there is a file; None: all."""
        self._left = in_memory
        self._piece: mmap.mmap | None = None
        self._used = 0

    def room(self, shape: tuple[int, ...], kind: type[Number]) -> npt.NDArray[Number]:
        """An array of zeros."""
        size = prod(shape) * np.dtype(kind).itemsize
        if self._left is None or not size:
            return np.zeros(shape, kind)
        if self._left >= size:
            self._left -= size
            return np.zeros(shape, kind)
        if self._piece is None or self._used + size > len(self._piece):
            self._piece, self._used = _piece(max(size, PIECE)), 0
        if self._piece is None:
            return np.zeros(shape, kind)
        found = np.frombuffer(self._piece, kind, prod(shape), self._used).reshape(shape)
        self._used += -(-size // ALIGNED) * ALIGNED
        return found


def _piece(size: int) -> mmap.mmap | None:
    """So many bytes of a new file, all of which the disk has; None where it does not."""
    folder = Path(platformdirs.user_cache_dir("chainrule", appauthor=False))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, size)  # else a full disk would end the process at a write
            return mmap.mmap(file.fileno(), size)
    except OSError:
        return None
