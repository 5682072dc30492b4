"""Spambase out of an R package: a reader of as much of R's format as its table needs."""

from __future__ import annotations

import bz2
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.datasets.archive import Arrays
from tools.datasets.originals import Originals

SPAM = "kernlab/data/spam.rda"
MAGIC = b"RDX2\nX\n"
SYMBOL, PAIRS, STRING, INTEGERS, REALS, STRINGS, LIST = 1, 2, 9, 13, 14, 16, 19
END, REFERENCE = 254, 255
HAS_ATTRIBUTES, HAS_TAG = 1 << 9, 1 << 10


def spam(originals: Originals) -> Arrays:
    """4,601 messages: features (N, 57), float64, and label, uint8: 0 is ham, 1 is spam.

    They are shuffled, as they come sorted by class.
    """
    columns = RTable(bz2.decompress(originals.debian("r-cran-kernlab", SPAM))).columns()
    features = np.stack(columns[:57], axis=1)
    label = columns[57].astype(np.uint8) - 1
    order = np.random.RandomState(0).permutation(len(label))
    return {"features": features[order], "label": label[order]}


class RTable:
    """The first object of an .rda file, a data frame, as R's manual "R Internals", section 1.8, describes it."""

    def __init__(self, content: bytes) -> None:
        if not content.startswith(MAGIC):
            raise ValueError("an .rda file of version 2 in XDR was wanted")
        self._content = content
        self._place = len(MAGIC) + 12  # the versions of the format and of R follow
        self._symbols: list[str] = []

    def columns(self) -> list[NDArray[Any]]:
        """The columns of numbers, a factor's as its codes from 1."""
        self._number()  # a list of pairs,
        self._item()  # whose tag is the name of the table
        found = self._item()
        assert isinstance(found, list)
        return found

    def _number(self) -> int:
        (value,) = struct.unpack_from(">i", self._content, self._place)
        self._place += 4
        return int(value)

    def _take(self, size: int) -> bytes:
        self._place += size
        return self._content[self._place - size : self._place]

    def _item(self) -> Any:
        flags = self._number()
        kind = flags & 255
        if kind == SYMBOL:
            self._symbols.append(self._item())
            return self._symbols[-1]
        if kind == REFERENCE:
            return self._symbols[(flags >> 8) - 1]
        if kind == STRING:
            return self._take(self._number()).decode("latin-1")
        if kind == END:
            return None
        if kind == PAIRS:
            return self._pairs(flags)
        values = self._values(kind)
        if flags & HAS_ATTRIBUTES:
            self._item()
        return values

    def _values(self, kind: int) -> Any:
        size = self._number()
        if kind in (STRINGS, LIST):
            return [self._item() for _ in range(size)]
        if kind == INTEGERS:
            return np.frombuffer(self._take(4 * size), ">i4").astype(np.int64)
        if kind == REALS:
            return np.frombuffer(self._take(8 * size), ">f8").astype(np.float64)
        raise ValueError(f"R's kind {kind} is not read here")

    def _pairs(self, flags: int) -> None:
        """Attributes, one pair after the other; none is needed."""
        while flags & 255 != END:
            if flags & HAS_TAG:
                self._item()
            self._item()
            flags = self._number()
