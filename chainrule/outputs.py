"""What is measured of a step's output as training itself gave it: with the batch's statistics, without a pass more."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from chainrule.statistics import (
    active_units,
    by_unit,
    effective_rank,
    moments,
    outside_share,
    unit_deviation,
    zero_share,
)

Floats = NDArray[np.float32]
NAMES = ("mean", "std", "zero", "dead", "saturated", "unit_std")
"""What is measured at every sample, in this order."""
EDGE = 0.97
"""Beyond this share of its range a squashing function is saturated: a tanh there has a slope below 0.06."""
WINDOW = 256
"""Samples of which none may wake a unit that is called dead."""
ROWS = 256
"""Rows that an effective rank is taken of, at the most."""


class OutputMeter:
    """Measures one step's output, and remembers which of its units were active lately."""

    def __init__(self, axis: int, limits: tuple[float, float] | None) -> None:
        self._axis = axis
        self._limits = limits
        self._seen: deque[tuple[int, NDArray[np.bool_]]] = deque()

    def measured(self, output: Tensor, samples: int) -> Iterator[float]:
        """The values of NAMES for an output of so many samples."""
        values = numbers(output)
        zero = zero_share(values)
        yield from moments(values)
        yield zero
        units = by_unit(values, self._axis) if values.ndim > 1 else values.reshape(-1, 1, 1)
        self._remember(units, samples, zero)
        yield self._dead()
        yield outside_share(values, *self._limits) if self._limits is not None else math.nan
        yield unit_deviation(units)

    def rank(self, output: Tensor) -> float:
        """The effective rank of the output: how many directions its rows fill."""
        values = numbers(output)
        if values.ndim < 2 or not values.size:
            return math.nan
        units = by_unit(values, self._axis)
        outer, _units, inner = units.shape
        chosen = np.arange(0, outer * inner, _apart(outer * inner, len(values)))
        return effective_rank(units[chosen // inner, :, chosen % inner])

    def _remember(self, units: Floats, samples: int, zero: float) -> None:
        active = active_units(units) if zero > 0 else np.ones(units.shape[1], bool)
        if self._seen and len(self._seen[-1][1]) != len(active):
            self._seen.clear()  # an output whose size follows the batch
        self._seen.append((samples, active))
        while sum(count for count, _active in self._seen) - self._seen[0][0] >= WINDOW:
            self._seen.popleft()

    def _dead(self) -> float:
        active = np.logical_or.reduce([found for _count, found in self._seen])
        return 1.0 - np.count_nonzero(active) / len(active) if len(active) else math.nan


def _apart(rows: int, samples: int) -> int:
    """How far apart rows are chosen, so that the places of a sample, pixels or steps, all have their turn."""
    apart = math.ceil(rows / ROWS)
    while math.gcd(apart, rows // samples) > 1:
        apart += 1
    return apart


def numbers(tensor: Tensor) -> Floats:
    """The tensor's numbers as float32, here."""
    found: Floats = tensor.detach().float().cpu().numpy()
    return found


def outside(low: float, high: float) -> tuple[float, float]:
    """Outside which values an output between these bounds is saturated: of a sigmoid 0.03 and 0.97."""
    middle, half = (low + high) / 2, (high - low) / 2
    reach = half * (EDGE if low < 0 else 2 * EDGE - 1)
    return middle - reach, middle + reach
