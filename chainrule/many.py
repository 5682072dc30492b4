"""Mean, deviation and zeros of many outputs at every step: small ones all at once, large ones block by block."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from chainrule.measuring import CHUNK, TINY, Doubles, Floats
from chainrule.statistics import moments, zero_share

LARGE = 1 << 15
"""Numbers of an output that is measured by itself, while it still is in the processor's cache."""
BLOCK = 1 << 16
"""Numbers that are read three times before the next: so many stay in the cache."""
NAMES = ("mean", "std", "zero")
"""What is measured, in the order of the rows."""
WORDS = CHUNK // 8
"""Words of eight truth values in a chunk."""
LAYOUTS = 16
"""Batches of different sizes whose layouts are kept."""


class Many:
    """Takes outputs as they are made, each at its place, and writes what they come to once they are all there."""

    def __init__(self, count: int) -> None:
        self.values = np.full((len(NAMES), count), np.nan)
        self._small: dict[int, Tensor] = {}
        self._layouts: dict[tuple[object, ...], _Layout] = {}

    def see(self, place: int, output: Tensor) -> None:
        """Take an output; one that was seen at this place before gives way."""
        if output.numel() < LARGE:
            self._small[place] = output
        else:
            self._small.pop(place, None)
            self.values[:, place] = large_moments(output.detach().float().cpu().numpy())

    def write(self, out: Floats) -> None:
        """Write the rows of NAMES (3, count); NaN where nothing was seen. Begins anew."""
        if self._small:
            places = list(self._small)
            self.values[:, places] = self._layout(list(self._small.values())).measured()
        out[:] = self.values
        self.values.fill(math.nan)
        self._small.clear()

    def _layout(self, outputs: Sequence[Tensor]) -> _Layout:
        key = tuple([output.shape for output in outputs])
        layout = self._layouts.get(key)
        if layout is None:
            if len(self._layouts) == LAYOUTS:
                self._layouts.clear()
            layout = self._layouts[key] = _Layout(outputs)
        layout.take(outputs)
        return layout


class _Sums(NamedTuple):
    """Of each output: the sum of its numbers, of their squares, and how many are 0."""

    values: Doubles
    squares: Doubles
    zeros: Doubles


class _Layout:
    """Outputs of certain shapes, copied one behind the other, each from a whole chunk on and filled up with zeros."""

    def __init__(self, outputs: Sequence[Tensor]) -> None:
        self._sizes = np.array([output.numel() for output in outputs])
        chunks = -(-self._sizes // CHUNK)
        ends = np.cumsum(chunks)
        self._starts = ends - chunks
        self._filled = chunks * CHUNK - self._sizes
        buffer = torch.zeros(int(ends[-1]) * CHUNK)
        self._views = [
            buffer[start : start + output.numel()].view(output.shape)
            for start, output in zip((self._starts * CHUNK).tolist(), outputs, strict=True)
        ]
        self._flat: Floats = buffer.numpy()
        self._chunks = self._flat.reshape(-1, CHUNK)
        self._rows, self._columns = self._flat.reshape(-1, 1, CHUNK), self._flat.reshape(-1, CHUNK, 1)
        self._is_zero = np.empty(len(self._flat), bool)
        self._ones = np.ones(CHUNK, np.float32)

    def take(self, outputs: Sequence[Tensor]) -> None:
        """Copy outputs of these shapes."""
        with torch.no_grad():
            torch._foreach_copy_(self._views, list(outputs))

    @np.errstate(over="ignore", under="ignore", invalid="ignore")
    def measured(self) -> Doubles:
        """The rows of NAMES (3, outputs)."""
        sums = self._sums()
        found = np.empty((len(NAMES), len(self._sizes)))
        mean = np.divide(sums.values, self._sizes, out=found[0])
        squares = sums.squares / self._sizes
        variance = squares - mean * mean
        np.sqrt(np.maximum(variance, 0.0), out=found[1])
        np.divide(sums.zeros - self._filled, self._sizes, out=found[2])
        sound = (variance > 1e-2 * mean * mean) & (sums.squares >= TINY) & (sums.squares < math.inf)
        for index in np.flatnonzero(~sound):
            found[:2, index] = moments(self._views[index].numpy())
        return found

    def _sums(self) -> _Sums:
        np.equal(self._flat, 0.0, out=self._is_zero)
        words = np.add.reduce(self._is_zero.view(np.uint64).reshape(-1, WORDS), axis=1)  # eight counts below 256 each
        by_chunk = (
            self._chunks @ self._ones,
            np.matmul(self._rows, self._columns).reshape(-1),
            np.add.reduce(words.view(np.uint8).reshape(-1, 8), axis=1),
        )
        return _Sums(*(np.add.reduceat(part, self._starts, dtype=np.float64) for part in by_chunk))


@np.errstate(over="ignore", under="ignore", invalid="ignore")
def large_moments(values: NDArray[np.float32]) -> tuple[float, float, float]:
    """Mean, deviation and share of zeros of many numbers, read once from memory."""
    flat = np.ravel(values)
    total = squares = 0.0
    zeros = 0
    ones, is_zero = np.ones(min(BLOCK, len(flat)), np.float32), np.empty(min(BLOCK, len(flat)), bool)
    for start in range(0, len(flat), BLOCK):
        block = flat[start : start + BLOCK]
        total += float(np.dot(block, ones[: len(block)]))
        squares += float(np.dot(block, block))
        zeros += int(np.count_nonzero(np.equal(block, 0.0, out=is_zero[: len(block)])))
    mean = total / len(flat)
    variance = squares / len(flat) - mean * mean
    if not (variance > 1e-2 * mean * mean and TINY <= squares < math.inf):
        return (*moments(flat), zero_share(flat))
    return mean, math.sqrt(variance), zeros / len(flat)
