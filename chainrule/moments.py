"""Mean, deviation and zeros of many outputs at every step, read where they lie by compiled functions."""

from __future__ import annotations

import ctypes
import math
from time import perf_counter

import numpy as np
import torch
from torch import Tensor

from chainrule.many import NAMES, Many
from chainrule.measuring import Floats
from chainrule.near import compiled
from chainrule.statistics import moments, zero_share

ONE = ctypes.c_int64(1)


class Moments(Many):
    """The same by compiled functions: large ones as they are made, small ones when the step ends, by one call."""

    def __init__(self, library: ctypes.CDLL, count: int) -> None:
        super().__init__(count)
        self._read = library.moments
        self._found: Floats = np.full((len(NAMES), count), math.nan, np.float32)
        self._again, numbers = np.empty(count, np.int64), ctypes.c_int64 * count
        self._tensors, self._sizes, self._at = (ctypes.c_void_p * count)(), numbers(), numbers()
        self._ends = (self._tensors, self._sizes, self._at, ctypes.c_void_p(self._found.ctypes.data),
                      ctypes.c_int64(count), ctypes.c_void_p(self._again.ctypes.data))  # fmt: skip

    def write(self, out: Floats) -> None:
        """End a step: write its rows of NAMES (3, count); NaN stands where nothing was seen."""
        began = perf_counter()
        if self._small:
            self._see_small()
            self._small.clear()
        np.copyto(out, self._found)
        self._found.fill(math.nan)
        self.seconds += perf_counter() - began

    def flush(self) -> None:
        """Write what waits: nothing does."""

    def _see_large(self, place: int, output: Tensor) -> None:
        if not _is_plain(output):
            output = _plain(output)
        self._tensors[0], self._sizes[0], self._at[0] = output.data_ptr(), output.numel(), place
        if self._read(ONE, *self._ends):
            self._see_again(place, output)

    def _see_small(self) -> None:
        outputs, count = list(self._small.values()), len(self._small)
        if not all(map(_is_plain, outputs)):
            outputs = list(map(_plain, outputs))
        self._tensors[:count] = list(map(Tensor.data_ptr, outputs))
        self._sizes[:count] = list(map(Tensor.numel, outputs))
        self._at[:count] = list(self._small)
        for index in self._again[: self._read(ctypes.c_int64(count), *self._ends)].tolist():
            self._see_again(self._at[index], outputs[index])

    def _see_again(self, place: int, output: Tensor) -> None:
        """See by other means what has lost digits."""
        values = output.detach().numpy()
        self._found[:, place] = (*moments(values), zero_share(values))


def of_every(count: int) -> Many:
    """What measures so many outputs, by what this computer has."""
    library = compiled()
    return Many(count) if library is None else Moments(library, count)


def _is_plain(tensor: Tensor) -> bool:
    """Whether its numbers are float32 and stand one behind the other in this computer's memory."""
    return tensor.dtype is torch.float32 and tensor.is_cpu and tensor.is_contiguous()


def _plain(tensor: Tensor) -> Tensor:
    return tensor.detach().float().cpu().contiguous()
