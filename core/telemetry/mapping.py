"""Whether files that are mapped still hold what is read of them: a byte behind a file's end ends the process."""

from __future__ import annotations

from collections.abc import Iterable
from mmap import mmap
from typing import Any, cast

import numpy as np
import numpy.typing as npt

Mapped = np.memmap[Any, Any]


class Mappings:
    """The mappings that some arrays are parts of, to be asked before the arrays are read.

    Our own writers put another file in the place of one that they make shorter (chainrule/cutting.py); this is for
    programs that do not. What is cut between the question and the read, some microseconds later, is not seen.
    """

    def __init__(self, arrays: Iterable[npt.NDArray[Any]] = ()) -> None:
        ends: dict[int, tuple[Mapped, int]] = {}
        for array in arrays:
            mapping = _mapping_of(array)
            if mapping is not None:
                _same, known = ends.get(id(mapping), (mapping, 0))
                ends[id(mapping)] = mapping, max(known, _end(array, mapping))
        self._ends = list(ends.values())

    def are_whole(self) -> bool:
        """Whether every file, which may have no name any more, is as long as what is read of it."""
        return all(_size(mapping) >= end for mapping, end in self._ends)


def is_gone(array: npt.NDArray[Any]) -> bool:
    """Whether the file that an array lies in was cut before its end."""
    mapping = _mapping_of(array)
    return mapping is not None and _size(mapping) < _end(array, mapping)


def _mapping_of(array: npt.NDArray[Any]) -> Mapped | None:
    """The whole mapping that an array is a part of; None where it lies in memory."""
    found: Any = array
    largest = None
    while isinstance(found, np.ndarray):
        if isinstance(found, np.memmap):
            largest = found
        found = found.base
    return largest


def _end(array: npt.NDArray[Any], mapping: Mapped) -> int:
    """Behind which byte of the file nothing of the array lies; what is read is laid out forwards."""
    reach = sum((count - 1) * stride for count, stride in zip(array.shape, array.strides, strict=True)) + array.itemsize
    return mapping.offset + _address(array) - _address(mapping) + reach if array.size else 0


def _address(array: npt.NDArray[Any]) -> int:
    return int(array.__array_interface__["data"][0])


def _size(mapping: Mapped) -> int:
    return cast(mmap, mapping.base).size()
