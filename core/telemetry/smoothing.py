"""The exponential moving average of binned values, without a Python loop over them."""

from __future__ import annotations

import math

import numpy as np

from core.telemetry.pyramid import Doubles

FORGOTTEN = 1e-9
"""The weight below which an older value is left out."""
FEW_LEFT = 1e-4
"""A factor with which six values back all is forgotten, however much larger it was."""
FEW = 6
"""Older values up to which they are added one by one."""
SEEN = 1e-12
"""A share of a sum that is left out of it."""


def memory(factor: float) -> int:
    """How many values back the average looks."""
    return math.ceil(math.log(FORGOTTEN) / math.log(factor)) if factor > 0 else 0


def smoothed(total: Doubles, count: Doubles, factor: float) -> Doubles:
    """The moving average at bins of these sums and counts, each bin weighing as many values as it holds.

    y_t = sum_i f^(t-i) total_i / sum_i f^(t-i) count_i: with one value a bin, the usual average with its start
    corrected (Kingma & Ba, 2015, section 3). NaN where a bin holds no value.
    """
    if count.ndim > 1 and (not count.strides[1] or (count == count[:, :1]).all()):
        count = count[:, :1]
    with np.errstate(invalid="ignore", divide="ignore"):
        average: Doubles = _decayed_sum(total, factor)
        average /= _decayed_count(count, factor)
    if not count.all():
        average[np.broadcast_to(count == 0, average.shape)] = np.nan
    return average


def _decayed_count(count: Doubles, factor: float) -> Doubles:
    """The same sums of counts: where all are equal, those of a geometric series."""
    if not len(count) or not 0 < factor < 1 or not (count == count[0]).all():
        return _decayed_sum(count, factor)
    steps = np.arange(1.0, len(count) + 1).reshape(-1, *(1 for _ in count.shape[1:]))
    found: Doubles = count[0] * np.expm1(steps * math.log(factor)) / (factor - 1)
    return found


def _decayed_sum(values: Doubles, factor: float) -> Doubles:
    """S_t = factor S_(t-1) + v_t; a block sums v_i factor^-i up, so it ends before that overflows."""
    if factor <= FORGOTTEN:
        return values.copy()
    back = _terms(values, factor)
    if back <= FEW:
        return _shifted_sum(values, factor, back)
    block = max(1, math.floor(-80 / math.log10(factor)))
    sums = np.empty(values.shape)
    carry = np.zeros(values.shape[1:])
    for start in range(0, len(values), block):
        part = values[start : start + block]
        powers = (factor ** np.arange(len(part), dtype=np.float64)).reshape(-1, *(1 for _ in values.shape[1:]))
        into = sums[start : start + len(part)]
        np.cumsum(np.divide(part, powers, out=into), axis=0, out=into)
        into += carry * factor
        into *= powers
        carry = into[-1]
    return sums


def _terms(values: Doubles, factor: float) -> int:
    """How many older values can still be told in a sum."""
    if not len(values) or factor > 0.1:
        return FEW + 1
    least, most = values.min(axis=0), values.max(axis=0)
    apart = float((most / least).max()) if (least > 0).all() else math.inf
    if math.isfinite(apart):
        return math.ceil(math.log(SEEN / apart) / math.log(factor))
    return FEW if factor <= FEW_LEFT else FEW + 1


def _shifted_sum(values: Doubles, factor: float, most: int) -> Doubles:
    """The same where few older values count: those are added one after another, all sums at once."""
    sums, weight, part = values.copy(), factor, np.empty_like(values)
    for back in range(1, min(most + 1, len(values))):
        sums[back:] += np.multiply(values[:-back], weight, out=part[back:])
        weight *= factor
    return sums
