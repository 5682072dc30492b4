"""Mean, deviation and zeros of many outputs at every step, read where they lie by compiled functions."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Sequence
from time import perf_counter

import numpy as np
import torch
from torch import Tensor

from chainrule.many import LARGE, NAMES, Many
from chainrule.measuring import Floats
from chainrule.near import compiled
from chainrule.statistics import moments, zero_share


class Moments:
    """Takes outputs as they are made, each at its place, and tells what they come to, step after step.

    Large ones are read while they still are in the processor's cache, small ones when the step ends, by one call.
    """

    def __init__(self, library: ctypes.CDLL, count: int) -> None:
        self.seconds = 0.0
        """What measuring took since it was last set to 0."""
        self._read = library.moments
        self._small: dict[int, Tensor] = {}
        self._found: Floats = np.full((len(NAMES), count), math.nan, np.float32)
        self._again = np.empty(count, np.int64)
        numbers = ctypes.c_int64 * count
        self._tensors, self._sizes, self._places = (ctypes.c_void_p * count)(), numbers(), numbers()
        self._ends = (ctypes.c_void_p(self._found.ctypes.data), ctypes.c_int64(count),
                      ctypes.c_void_p(self._again.ctypes.data))  # fmt: skip

    def see(self, place: int, output: Tensor) -> None:
        """Take an output; one that was seen at this place before gives way."""
        if output.numel() < LARGE:
            self._small[place] = output
            return
        began = perf_counter()
        self._small.pop(place, None)
        self._measure((place,), (output,))
        self.seconds += perf_counter() - began

    def take(self, places: Sequence[int], outputs: Sequence[Tensor]) -> None:
        """Take several outputs that are small."""
        self._small.update(zip(places, outputs, strict=True))

    def write(self, out: Floats) -> None:
        """End a step: write its rows of NAMES (3, count); NaN stands where nothing was seen."""
        began = perf_counter()
        if self._small:
            self._measure(tuple(self._small), tuple(self._small.values()))
            self._small.clear()
        np.copyto(out, self._found)
        self._found.fill(math.nan)
        self.seconds += perf_counter() - began

    def flush(self) -> None:
        """Write what waits: nothing does."""

    def _measure(self, places: Sequence[int], outputs: Sequence[Tensor]) -> None:
        count = len(places)
        if not all(map(_is_plain, outputs)):
            outputs = [_plain(output) for output in outputs]
        self._tensors[:count] = [output.data_ptr() for output in outputs]
        self._sizes[:count] = [output.numel() for output in outputs]
        self._places[:count] = list(places)
        lost = self._read(ctypes.c_int64(count), self._tensors, self._sizes, self._places, *self._ends)
        for index in self._again[:lost].tolist():
            values = outputs[index].detach().numpy()
            self._found[:, places[index]] = (*moments(values), zero_share(values))


def of_every(count: int) -> Moments | Many:
    """What measures so many outputs, by what this computer has."""
    library = compiled()
    return Many(count) if library is None else Moments(library, count)


def _is_plain(tensor: Tensor) -> bool:
    """Whether its numbers are float32 and stand one behind the other in this computer's memory."""
    return tensor.dtype is torch.float32 and tensor.is_cpu and tensor.is_contiguous()


def _plain(tensor: Tensor) -> Tensor:
    return tensor.detach().float().cpu().contiguous()
