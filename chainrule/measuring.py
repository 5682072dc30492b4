"""The measuring of Chainrule: parameters laid out flat, and norms that never underflow; needs torch and numpy only."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

CHUNK = 256
"""Floats that are summed in float32 before float64 takes over; every row begins at a multiple of it."""
WIDE = 1024
"""The same where rows are long, as each sum is a call; its last digit is off by half as much again."""
ALIGNMENT = 16
"""Floats of one cache line; every parameter begins at a multiple of it."""
TINY = 1e-26
"""A float32 sum of squares below this may have lost squares to underflow and is taken again, scaled."""
UP, DOWN = 2.0**90, 2.0**-70
"""Powers of two, exact, that bring what is too small or too large for squares in float32 into its range."""


class FlatParameters:
    """Parameters whose data and gradients are views of two flat tensors, so that one call reads or steps them all.

    Each row (the weights that one norm is taken of) comes first and is followed by zeros up to a multiple of CHUNK; the
    rest stands behind. The zeros stay zero under every optimizer whose step is element by element. A gradient may only
    be cleared by `gradient.zero_()`: setting it to None would end the aliasing, which `intact()` tells.
    """

    def __init__(self, rows: Sequence[Sequence[Tensor]], rest: Sequence[Tensor] = ()) -> None:
        segments = [list(row) for row in (*rows, rest) if len(row)]
        self.parameters: tuple[Tensor, ...] = tuple(parameter for segment in segments for parameter in segment)
        self.rows = len(rows)
        self.bounds, places = layout(segments)
        size = self.bounds[-1][1] if self.bounds else 0
        device = self.parameters[0].device if self.parameters else None
        self.weights = torch.zeros(size, device=device)
        self.storage = torch.zeros(3, size, device=device)
        """The gradient, and two lines more in which a Meter keeps what it measures."""
        self.gradient = self.storage[0]
        self.places = places
        """Where in them each of `parameters` begins."""
        self._alias()
        self.weights.requires_grad_(True)
        self.weights.grad = self.gradient

    def intact(self) -> bool:
        """Whether every parameter and its gradient still are views of the flat tensors."""
        return all(
            parameter.grad is not None
            and parameter.data_ptr() == self.weights.data_ptr() + 4 * place
            and parameter.grad.data_ptr() == self.gradient.data_ptr() + 4 * place
            for parameter, place in zip(self.parameters, self.places, strict=True)
        )

    def _alias(self) -> None:
        for parameter, place in zip(self.parameters, self.places, strict=True):
            view = self.weights[place : place + parameter.numel()].view(parameter.shape)
            view.copy_(parameter.detach())
            parameter.data = view
            parameter.grad = self.gradient[place : place + parameter.numel()].view(parameter.shape)


class Meter:
    """Norms of gradient, weight and true update of every row of flat parameters, read around an optimizer step."""

    def __init__(self, flat: FlatParameters) -> None:
        self._weights: Floats = flat.weights.detach().numpy()
        self._gradient, self._old, self._change = table = flat.storage.numpy()
        self._segments = SegmentSums([start for start, _stop in flat.bounds], table)
        self._squares = np.zeros((3, len(flat.bounds)))
        self._rows = self._squares[:, : flat.rows].T

    @np.errstate(over="ignore", invalid="ignore")
    def before(self) -> float:
        """Keep the weights as they are before the step; the gradient's sum of squares, finite where it is."""
        np.copyto(self._old, self._weights)
        total = float(np.dot(self._gradient, self._gradient))
        return total if math.isfinite(total) else sum_of_squares(self._gradient)

    @np.errstate(over="ignore", under="ignore", invalid="ignore")
    def after(self) -> float:
        """Measure, after the step; the gradient's sum of squares."""
        np.subtract(self._weights, self._old, out=self._change)
        self._segments.sums(self._squares)
        return float(np.add.reduce(self._squares[0]))

    def write(self, out: Floats) -> None:
        """Write the norms of the rows (rows, 3): gradient, weight before the step, update."""
        np.sqrt(self._rows, out=out, casting="same_kind")

    def norms(self) -> Doubles:
        """The norms of the rows (rows, 3): gradient, weight before the step, update."""
        return np.sqrt(self._rows)


class SegmentSums:
    """Sums of squares of consecutive segments, each beginning at a multiple of a chunk, of every line of a table."""

    def __init__(self, starts: Sequence[int], table: Floats, chunk: int = CHUNK) -> None:
        lines, size = table.shape
        self._starts = np.array([(line * size + start) // chunk for line in range(lines) for start in starts], np.intp)
        self._chunks = _Chunks(table, chunk)
        ends = [*starts[1:], size]
        self._segments = [line[start:end] for line in table for start, end in zip(starts, ends, strict=True)]
        self._bits = [segment.view(np.int64) for segment in self._segments]

    def sums(self, out: Doubles) -> None:
        """Write the sums (lines, segments), right to 1e-6 for every float32 there is."""
        flat = out.reshape(-1)
        self._chunks.sums(self._starts, flat)
        values = flat.tolist()
        if not (min(values) >= TINY and sum(values) < math.inf):  # where one is NaN the sum is
            for index, value in enumerate(values):
                if (value < TINY or value == math.inf) and not self._all_zeros(index, value):
                    flat[index] = sum_of_squares(self._segments[index])

    def _all_zeros(self, index: int, found: float) -> bool:
        """Whether nothing but zeros adds up to it, as in dead layers: that is seen quickly."""
        return found == 0 and not np.bitwise_or.reduce(self._bits[index])


class _Chunks:
    """An array seen as chunks, and one float32 sum of squares for each: products of a row with itself."""

    def __init__(self, values: Floats, chunk: int) -> None:
        self.values = values
        self._rows, self._columns = values.reshape(-1, 1, chunk), values.reshape(-1, chunk, 1)
        self._products = np.empty((len(self._rows), 1, 1), np.float32)
        self._flat = self._products.reshape(-1)

    def sums(self, starts: NDArray[np.intp], out: Doubles) -> None:
        """Write the sums from each start to the next."""
        np.matmul(self._rows, self._columns, out=self._products)
        np.add.reduceat(self._flat, starts, dtype=np.float64, out=out)


@np.errstate(over="ignore", under="ignore", invalid="ignore")
def sum_of_squares(values: NDArray[Any]) -> float:
    """The sum of squares of float32 numbers of any shape, right to 1e-6 for every float32 there is."""
    flat = np.ravel(values)
    whole = len(flat) // CHUNK * CHUNK
    total = _squares(flat, whole)
    if TINY <= total < math.inf or math.isnan(total):
        return total
    scale = UP if total < TINY else DOWN
    return _squares(flat * np.float32(scale), whole) / scale**2


def rms(values: NDArray[Any]) -> float:
    """The root of the mean square; NaN for no numbers."""
    return math.sqrt(sum_of_squares(values) / values.size) if values.size else math.nan


def _squares(flat: Floats, whole: int) -> float:
    head, tail = flat[:whole], flat[whole:]
    chunks = np.matmul(head.reshape(-1, 1, CHUNK), head.reshape(-1, CHUNK, 1))
    return float(np.add.reduce(chunks, axis=None, dtype=np.float64)) + float(np.dot(tail, tail))


def layout(segments: Iterable[Sequence[Tensor]], chunk: int = CHUNK) -> tuple[list[tuple[int, int]], list[int]]:
    """Where each segment begins and ends, in whole chunks, and where each parameter begins."""
    bounds: list[tuple[int, int]] = []
    places: list[int] = []
    end = 0
    for segment in segments:
        start = end
        for parameter in segment:
            places.append(end)
            end = _rounded(end + parameter.numel(), ALIGNMENT)
        end = _rounded(max(end, start + 1), chunk)  # one that holds nothing is a chunk of zeros
        bounds.append((start, end))
    return bounds, places


def _rounded(number: int, unit: int) -> int:
    return -(-number // unit) * unit
