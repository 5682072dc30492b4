"""What is measured of a module's weights now and then."""

from __future__ import annotations

import math

import numpy as np
from torch import Tensor, nn

from chainrule.outputs import numbers
from chainrule.statistics import alikeness

MOST = 512
"""Units that are compared, at the most: evenly spread ones of more."""


def alike(module: nn.Module, weights: list[nn.Parameter]) -> float:
    """The mean |cosine| between units' weight vectors, over all matrices; NaN where a module has no such units.

    An Embedding's rows are no units: each is seen by itself.
    """
    if isinstance(module, nn.Embedding | nn.EmbeddingBag):
        return math.nan
    found = [(len(rows), alikeness(rows)) for rows in (_by_unit(module, weight) for weight in weights)]
    told = [(count * (count - 1), value) for count, value in found if not math.isnan(value)]
    return sum(pairs * value for pairs, value in told) / sum(pairs for pairs, _value in told) if told else math.nan


def _by_unit(module: nn.Module, weight: Tensor) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    values = numbers(weight)
    if isinstance(module, nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d):
        inputs, units, *kernel = values.shape
        grouped = values.reshape(module.groups, inputs // module.groups, units, *kernel)
        values = grouped.swapaxes(1, 2).reshape(module.groups * units, -1)
    rows = values.reshape(len(values), -1)
    return rows[:: math.ceil(len(rows) / MOST)]
