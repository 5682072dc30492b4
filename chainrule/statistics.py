"""What is told of a layer's output, its weights and a sequence's gradient: formulas over numpy arrays."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.measuring import Doubles, sum_of_squares

BLOCK = 1 << 16
"""Numbers that are worked on before the next: so many stay in the processor's cache."""


@np.errstate(over="ignore", under="ignore", invalid="ignore")
def moments(values: NDArray[Any]) -> tuple[float, float]:
    """The mean and the standard deviation (of all, divided by their number) of float32 numbers; NaN for no numbers.

    Two passes as a rule; a third, about the mean, where it is so large beside the deviation that squares would cancel.
    """
    flat = np.ravel(values)
    if not len(flat):
        return math.nan, math.nan
    mean = float(np.add.reduce(flat)) / len(flat)
    variance = sum_of_squares(flat) / len(flat) - mean * mean
    if not variance > 1e-2 * mean * mean:  # NaN comes here too, and stays
        about = flat - np.float32(mean)
        rest = float(np.add.reduce(about)) / len(flat)
        mean, variance = float(np.float32(mean)) + rest, sum_of_squares(about) / len(flat) - rest * rest
    return mean, math.sqrt(max(variance, 0.0))


def zero_share(values: NDArray[Any]) -> float:
    """The share of numbers that are exactly 0; NaN for no numbers."""
    return 1.0 - np.count_nonzero(values != 0) / values.size if values.size else math.nan


def outside_share(values: NDArray[Any], low: float, high: float) -> float:
    """The share of numbers below `low` or above `high`: of a tanh outside ±0.97, say, where its slope is below 0.06."""
    outside = np.count_nonzero(values < low) + np.count_nonzero(values > high)
    return outside / values.size if values.size else math.nan


def by_unit(values: NDArray[Any], axis: int) -> NDArray[Any]:
    """The same numbers as (outer, units, inner): units lie along an axis, 1 of (N, C, H, W), -1 of (N, L, F)."""
    axis %= values.ndim
    outer, inner = math.prod(values.shape[:axis]), math.prod(values.shape[axis + 1 :])
    return values.reshape(outer, values.shape[axis], inner)


def active_units(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Which units of (outer, units, inner) are not 0 everywhere, (units,); units that never are count as dead."""
    found: NDArray[np.bool_] = (values != 0).any(axis=(0, 2))
    return found


@np.errstate(over="ignore", under="ignore", invalid="ignore")
def unit_deviation(values: NDArray[Any]) -> float:
    """The mean over the units of (outer, units, inner) of the standard deviation that each has by itself.

    NaN where a unit has given one number alone, which differs from no other.
    """
    outer, units, inner = values.shape
    if outer * inner < 2 or not units:
        return math.nan
    mean = np.add.reduce(values, axis=(0, 2), keepdims=True) / np.float32(outer * inner)
    rest, squares = np.zeros(units), np.zeros(units)
    rows = max(BLOCK // (units * inner), 1)
    for start in range(0, outer, rows):
        _add_about(values[start : start + rows] - mean, rest, squares)
    total = float(np.add.reduce(squares)) / values.size
    if not 1e-20 < total < math.inf:  # squares have left the range of float32, or there is nothing but zeros
        rest, squares = _about_in_doubles(values, mean)
    rest, squares = rest / (outer * inner), squares / (outer * inner)
    return float(np.sqrt(np.maximum(squares - rest * rest, 0)).mean())


def _add_about(about: NDArray[Any], rest: Doubles, squares: Doubles) -> None:
    """Add each unit's numbers, and their squares, to the sums; only what is one block's is summed in float32."""
    outer, units, inner = about.shape
    if inner == 1:
        flat = about.reshape(outer, units)
        rest += np.add.reduce(flat, axis=0)
        squares += np.einsum("ou,ou->u", flat, flat)
        return
    lines = about.reshape(-1, 1, inner)
    rest += np.add.reduce((about @ np.ones(inner, about.dtype)), axis=0)
    squares += np.add.reduce(np.matmul(lines, lines.reshape(-1, inner, 1)).reshape(outer, units), axis=0)


def _about_in_doubles(values: NDArray[Any], mean: NDArray[Any]) -> tuple[Doubles, Doubles]:
    """The same sums over all, whatever the size of the numbers."""
    rest, squares = np.zeros(values.shape[1]), np.zeros(values.shape[1])
    for row in range(len(values)):
        about = values[row].astype(np.float64) - mean[0]
        rest += about.sum(axis=1)
        squares += np.square(about).sum(axis=1)
    return rest, squares


def effective_rank(rows: NDArray[Any]) -> float:
    """How many directions rows (N, units) fill: exp of the entropy of the singular values of the centred rows.

    Roy and Vetterli, The effective rank (2007). 0 where all rows are equal, NaN where there is but one, or where a
    number is not finite.
    """
    if len(rows) < 2:
        return math.nan
    centred = rows - rows.mean(axis=0, dtype=np.float64)
    if not np.isfinite(centred).all():
        return math.nan
    if centred.shape[0] > centred.shape[1]:
        centred = centred.T
    size = float(np.max(np.abs(centred), initial=0.0))
    if size == 0:
        return 0.0
    centred = centred / size
    values = np.sqrt(np.maximum(np.linalg.eigvalsh(centred @ centred.T), 0.0))
    shares = values[values > 1e-7 * values.max()]  # below it lies what the squares have lost
    shares /= shares.sum()
    return float(np.exp(-np.sum(shares * np.log(shares))))


def alikeness(weights: NDArray[Any]) -> float:
    """The mean |cosine| between the weight vectors of two units of (units, inputs): 1 where all are one and the same.

    Two vectors of zeros are the same, one beside another vector is not like it. NaN for fewer than two units or inputs.
    """
    units, inputs = weights.shape
    if units < 2 or inputs < 2 or not np.isfinite(weights).all():
        return math.nan
    doubles = weights.astype(np.float64)
    lengths = np.linalg.norm(doubles, axis=1, keepdims=True)
    nothing = lengths[:, 0] == 0
    doubles /= np.where(lengths == 0, 1.0, lengths)
    total = float(np.abs(doubles @ doubles.T).sum()) - float(np.count_nonzero(~nothing))
    none = int(np.count_nonzero(nothing))
    share: float = (total + none * (none - 1)) / (units * (units - 1))
    return share


def step_sizes(gradient: NDArray[Any]) -> Doubles:
    """The rms of every time step of a sequence's gradient (N, steps, features), (steps,).

    That of the first divided by that of the last is the gradient that comes through time: R. Pascanu et al., On the
    difficulty of training recurrent neural networks (2013).
    """
    squares = np.square(gradient, dtype=np.float64)
    sizes: Doubles = np.sqrt(squares.mean(axis=(0, *range(2, gradient.ndim))))
    return sizes


def product(ones: Sequence[NDArray[Any]], others: Sequence[NDArray[Any]]) -> float:
    """The inner product of two vectors of float32 numbers, each in several lines, summed in float64."""
    pairs = [
        (one[start : start + BLOCK], other[start : start + BLOCK])
        for one, other in zip(ones, others, strict=True)
        for start in range(0, len(one), BLOCK)
    ]
    with np.errstate(invalid="ignore"):  # numbers that have run away give NaN, and the run ends at that step
        products = [float(np.dot(one.astype(np.float64), other.astype(np.float64))) for one, other in pairs]
    return math.fsum(products)


def cosine(ones: Sequence[NDArray[Any]], others: Sequence[NDArray[Any]]) -> float:
    """The cosine of the angle between two vectors, each in several lines; NaN where one is 0."""
    lengths = product(ones, ones) * product(others, others)
    return product(ones, others) / math.sqrt(lengths) if lengths > 0 else math.nan


def alpha(before: float, after: float) -> float:
    """Where a step ends in the valley along it, by the slopes along it before and after, on the same batch.

    -1 where the slope is as it was, 0 at the lowest point of the parabola through both, 1 as high on the other side as
    the step began. F. Schneider et al., Cockpit (2021), section 3.
    """
    return -after / before if before else math.nan


class NoiseScale:
    """The batch size at which a gradient's noise is as large as it itself: S. McCandlish et al. (2018), appendix A.1.

    Of the gradients of two parts of a batch, which share no sample: their inner product is the signal, what is between
    them the noise. Each is divided by the mean of their squares, as gradients may shrink by orders of magnitude: else
    what was long ago would outweigh what is. So much of them as is signal falls meanwhile, too, and a mean over the
    past would be that of the past: a line is laid through what was told, recent ones first, and read at its end.
    """

    FADING = 0.9
    """What the word of a measurement counts of that of the next."""
    KEPT = 44
    """Measurements that are remembered; earlier ones would count less than a hundredth."""

    def __init__(self) -> None:
        self._told: deque[tuple[float, float]] = deque(maxlen=self.KEPT)
        """The signal and the noise of a sample, as shares of the squares."""

    def note(self, first: float, second: float, inner: float, sizes: tuple[int, int]) -> float:
        """Take in the squares and the inner product of two gradients of so many samples; the noise scale.

        NaN where noise hides the signal.
        """
        whole = (first + second) / 2
        if not 0 < whole < math.inf:
            return math.nan
        each = 1 / (1 / sizes[0] + 1 / sizes[1])
        self._told.append((inner / whole, 2 * (whole - inner) * each / whole))
        ages = np.arange(len(self._told))[::-1]
        weights = np.sqrt(self.FADING**ages)  # they are squared there
        signal, noise = np.polyfit(ages, np.array(self._told), min(1, len(ages) - 1), w=weights)[-1].tolist()
        return max(noise, 0.0) / signal if signal > 0 else math.nan
