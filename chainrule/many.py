"""Mean, deviation and zeros of many outputs at every step, without a compiler: small ones at once, large by blocks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from time import perf_counter
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from chainrule.measuring import CHUNK, TINY, Doubles, Floats
from chainrule.statistics import BLOCK, moments, zero_share

LARGE = 1 << 15
"""Numbers of an output that is measured by itself, while it still is in the processor's cache."""
NAMES = ("mean", "std", "zero")
"""What is measured, in the order of the rows."""
WORDS = CHUNK // 8
"""Words of eight truth values in a chunk."""
LAYOUTS = 16
"""Batches of different sizes whose layouts are kept."""
WAITING = 1 << 15
"""Numbers of small outputs that are held until they are measured together, those of several steps where few."""


class Many:
    """Takes outputs as they are made, each at its place, and tells what they come to, step after step.

    Small ones wait, so that what a call costs is paid once for many: `flush` measures them.
    """

    def __init__(self, count: int) -> None:
        self.seconds = 0.0
        """What measuring took since it was last set to 0."""
        self._places = list(range(count))
        self._small: dict[int, Tensor] = {}
        self._large: dict[int, tuple[float, float, float]] = {}
        self._waiting: list[_Waiting] = []
        self._numbers = 0
        self._layouts: dict[tuple[object, ...], _Layout] = {}

    def see(self, place: int, output: Tensor) -> None:
        """Take an output; one that was seen at this place before gives way."""
        if output.numel() < LARGE:
            self._small[place] = output
            return
        began = perf_counter()
        self._small.pop(place, None)
        self._see_large(place, output)
        self.seconds += perf_counter() - began

    def take(self, places: Sequence[int], outputs: Sequence[Tensor]) -> None:
        """Take several outputs that are small."""
        self._small.update(zip(places, outputs, strict=True))

    def write(self, out: Floats) -> None:
        """End a step: its rows of NAMES (3, count) are written to `out`, at `flush` at the latest.

        NaN stands where nothing was seen.
        """
        began = perf_counter()
        small, self._small = self._small, {}
        places = list(small)
        if places != self._places:
            out.fill(math.nan)
            for place, found in self._large.items():
                out[:, place] = found
            self._large.clear()
        if small:
            outputs = tuple(small.values())
            self._waiting.append(_Waiting(out, slice(None) if places == self._places else places, outputs))
            self._numbers += sum([output.numel() for output in outputs])
            if self._numbers >= WAITING:
                self._measure()
        self.seconds += perf_counter() - began

    def flush(self) -> None:
        """Write what still waits."""
        began = perf_counter()
        self._measure()
        self.seconds += perf_counter() - began

    def _see_large(self, place: int, output: Tensor) -> None:
        self._large[place] = large_moments(output.detach().float().cpu().numpy())

    def _measure(self) -> None:
        waiting, self._waiting, self._numbers = self._waiting, [], 0
        if not waiting:
            return
        outputs = tuple([output for one in waiting for output in one.outputs])
        found, begin = self._layout(outputs).measured(), 0
        for one in waiting:
            end = begin + len(one.outputs)
            one.out[:, one.places] = found[:, begin:end]
            begin = end

    def _layout(self, outputs: tuple[Tensor, ...]) -> _Layout:
        key = tuple([output.shape for output in outputs])
        layout = self._layouts.get(key)
        if layout is None:
            if len(self._layouts) == LAYOUTS:
                self._layouts.clear()
            layout = self._layouts[key] = _Layout(outputs)
        layout.take(outputs)
        return layout


class _Waiting(NamedTuple):
    """The small outputs of a step, and where what they come to is written."""

    out: Floats
    places: slice | list[int]
    outputs: tuple[Tensor, ...]


class _Layout:
    """Outputs of certain shapes, copied one behind the other, each from a whole chunk on and filled up with zeros."""

    def __init__(self, outputs: Sequence[Tensor]) -> None:
        sizes = np.array([output.numel() for output in outputs])
        chunks = np.maximum(-(-sizes // CHUNK), 1)
        ends = np.cumsum(chunks)
        begins, total = ends - chunks, int(ends[-1])
        buffer = torch.zeros(total * CHUNK)
        self._views = [
            buffer[begin : begin + output.numel()].view(output.shape)
            for begin, output in zip((begins * CHUNK).tolist(), outputs, strict=True)
        ]
        self._values: Floats = buffer.numpy()
        self._chunks, self._ones = self._values.reshape(-1, CHUNK), np.ones(CHUNK, np.float32)
        self._rows, self._columns = self._values.reshape(-1, 1, CHUNK), self._values.reshape(-1, CHUNK, 1)
        self._is_zero = np.empty(total * CHUNK, bool)
        self._words = self._is_zero.view(np.uint64).reshape(-1, WORDS)
        self._sums = np.empty((len(NAMES), total), np.float32)
        self._starts = (begins + np.arange(len(NAMES))[:, None] * total).reshape(-1)
        each = 1.0 / np.where(sizes, sizes, math.nan)  # of no numbers nothing is known
        self._shares = np.broadcast_to(each, (len(NAMES), len(sizes))).copy()
        self._filled = np.zeros(self._shares.shape)
        self._filled[2] = (chunks * CHUNK - sizes) * each

    def take(self, outputs: tuple[Tensor, ...]) -> None:
        """Copy outputs of these shapes."""
        with torch.no_grad():
            torch._foreach_copy_(self._views, outputs)

    @np.errstate(over="ignore", under="ignore", invalid="ignore")
    def measured(self) -> Doubles:
        """The rows of NAMES (3, outputs)."""
        self._sum_chunks()
        sums = np.add.reduceat(self._sums.reshape(-1), self._starts, dtype=np.float64)
        found: Doubles = sums.reshape(self._shares.shape) * self._shares - self._filled
        mean, square = found[0], found[1]
        of_mean = mean * mean
        spread = square - 1.01 * of_mean  # what is not well above 0 has lost digits, or its squares
        if not (np.minimum.reduce(spread) > TINY and np.maximum.reduce(square) < math.inf):
            return self._again(found, ~((spread > TINY) & (square < math.inf)))
        np.sqrt(square - of_mean, out=square)
        return found

    def _sum_chunks(self) -> None:
        """Sum each chunk's numbers and their squares, and count its zeros."""
        values, squares, zeros = self._sums
        np.matmul(self._chunks, self._ones, out=values)
        np.matmul(self._rows, self._columns, out=squares.reshape(-1, 1, 1))
        np.equal(self._values, 0.0, out=self._is_zero)
        words = np.add.reduce(self._words, axis=1)  # eight counts at once, each of at most WORDS
        np.add.reduce(words.view(np.uint8).reshape(-1, 8), axis=1, dtype=np.float32, out=zeros)

    def _again(self, found: Doubles, which: NDArray[np.bool_]) -> Doubles:
        """The same, one by one where squares cancelled or left the range of float32."""
        found[1] = np.sqrt(np.maximum(found[1] - found[0] * found[0], 0.0))
        for index in np.flatnonzero(which):
            found[:2, index] = moments(self._views[index].numpy())
        return found


@np.errstate(over="ignore", under="ignore", invalid="ignore")
def large_moments(values: NDArray[np.float32]) -> tuple[float, float, float]:
    """Mean, deviation and share of zeros of many numbers, read once from memory."""
    flat = np.ravel(values)
    total, squares, zeros = _by_blocks(flat)
    if zeros == len(flat):
        return 0.0, 0.0, 1.0
    mean = total / len(flat)
    variance = squares / len(flat) - mean * mean
    if not (variance > 1e-2 * mean * mean and TINY <= squares < math.inf):
        return (*moments(flat), zero_share(flat))
    return mean, math.sqrt(variance), zeros / len(flat)


def _by_blocks(flat: Floats) -> tuple[float, float, float]:
    """The sum of numbers, that of their squares, and how many are 0."""
    total = squares = zeros = 0.0
    ones, is_zero = np.ones(min(BLOCK, len(flat)), np.float32), np.empty(min(BLOCK, len(flat)), bool)
    for start in range(0, len(flat), BLOCK):
        block = flat[start : start + BLOCK]
        total += float(np.dot(block, ones[: len(block)]))
        squares += float(np.dot(block, block))
        zeros += int(np.count_nonzero(np.equal(block, 0.0, out=is_zero[: len(block)])))
    return total, squares, zeros
