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
        self.bounds, places = _layout(segments)
        size = self.bounds[-1][1] if self.bounds else 0
        self.weights = torch.zeros(size)
        self.gradient = torch.zeros(size)
        self._places = places
        self._alias()
        self.weights.requires_grad_(True)
        self.weights.grad = self.gradient

    def intact(self) -> bool:
        """Whether every parameter and its gradient still are views of the flat tensors."""
        return all(
            parameter.grad is not None
            and parameter.data_ptr() == self.weights.data_ptr() + 4 * place
            and parameter.grad.data_ptr() == self.gradient.data_ptr() + 4 * place
            for parameter, place in zip(self.parameters, self._places, strict=True)
        )

    def _alias(self) -> None:
        for parameter, place in zip(self.parameters, self._places, strict=True):
            view = self.weights[place : place + parameter.numel()].view(parameter.shape)
            view.copy_(parameter.detach())
            parameter.data = view
            parameter.grad = self.gradient[place : place + parameter.numel()].view(parameter.shape)


class Meter:
    """Norms of gradient, weight and true update of every row of flat parameters, read around an optimizer step."""

    def __init__(self, flat: FlatParameters) -> None:
        self._norms = SegmentNorms([start for start, _stop in flat.bounds], flat.weights.numel())
        self._weights: Floats = flat.weights.detach().numpy()
        self._gradient: Floats = flat.gradient.numpy()
        self._old = np.empty_like(self._weights)
        self._change = np.empty_like(self._weights)
        self._squares = np.zeros((3, len(flat.bounds)))
        self._rows = self._squares[:, : flat.rows].T

    def before(self) -> float:
        """Read gradient and weights before the step; the gradient's sum of squares, finite where it is."""
        self._norms.quick(self._gradient, self._squares[0])
        np.copyto(self._old, self._weights)
        self._norms.quick(self._old, self._squares[1])
        total = float(np.add.reduce(self._squares[0]))
        if math.isfinite(total):
            return total
        self._norms.exact(self._gradient, self._squares[0])
        return float(np.add.reduce(self._squares[0]))

    def after(self) -> float:
        """Read the update after the step; the exact sum of squares of the gradient."""
        np.subtract(self._weights, self._old, out=self._change)
        self._norms.quick(self._change, self._squares[2])
        low, total = np.minimum.reduce(self._squares, axis=None), np.add.reduce(self._squares, axis=None)
        if not (low >= TINY and total < math.inf):
            for values, squares in zip((self._gradient, self._old, self._change), self._squares, strict=True):
                self._norms.exact(values, squares)
        return float(np.add.reduce(self._squares[0]))

    def write(self, out: Floats) -> None:
        """Write the norms of the rows (rows, 3): gradient, weight before the step, update."""
        np.sqrt(self._rows, out=out, casting="same_kind")

    def norms(self) -> Doubles:
        """The norms of the rows (rows, 3): gradient, weight before the step, update."""
        return np.sqrt(self._rows)


class SegmentNorms:
    """Sums of squares of consecutive segments of a flat float32 array, each beginning at a multiple of CHUNK."""

    def __init__(self, starts: Sequence[int], size: int) -> None:
        self._starts = np.array([start // CHUNK for start in starts], dtype=np.intp)
        self._sums = np.empty((size // CHUNK, 1, 1), np.float32)
        self._flat = self._sums.reshape(-1)
        self._scaled = np.empty(0, np.float32)

    def quick(self, values: Floats, out: Doubles) -> None:
        """Write the sums; right to 1e-6 where they lie between TINY and infinity."""
        np.matmul(values.reshape(-1, 1, CHUNK), values.reshape(-1, CHUNK, 1), out=self._sums)
        np.add.reduceat(self._flat, self._starts, dtype=np.float64, out=out)

    def exact(self, values: Floats, out: Doubles) -> None:
        """Write the sums, right to 1e-6 for every float32 there is."""
        self.quick(values, out)
        self._again(values, out, out < TINY, UP)
        self._again(values, out, np.isposinf(out), DOWN)

    def _again(self, values: Floats, out: Doubles, which: NDArray[np.bool_], scale: float) -> None:
        if not which.any():
            return
        if not len(self._scaled):
            self._scaled = np.empty_like(values)
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            np.multiply(values, np.float32(scale), out=self._scaled)
            again = np.empty_like(out)
            self.quick(self._scaled, again)
            out[which] = again[which] / scale**2


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


def _layout(segments: Iterable[Sequence[Tensor]]) -> tuple[list[tuple[int, int]], list[int]]:
    """Where each segment begins and ends, and where each parameter begins."""
    bounds: list[tuple[int, int]] = []
    places: list[int] = []
    end = 0
    for segment in segments:
        start = end
        for parameter in segment:
            places.append(end)
            end = _rounded(end + parameter.numel(), ALIGNMENT)
        end = _rounded(end, CHUNK)
        bounds.append((start, end))
    return bounds, places


def _rounded(number: int, unit: int) -> int:
    return -(-number // unit) * unit
