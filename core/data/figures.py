"""Figures of fields: how many samples each class has, and the spread of every column."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.sources import FieldSpec

BINS = 16


@dataclass(frozen=True, slots=True)
class Column:
    """The figures of one column, in natural units (of all pixels, for images).

    `histogram` counts values in BINS equal bins from minimum to maximum.
    """

    name: str
    minimum: float
    maximum: float
    mean: float
    deviation: float
    histogram: tuple[int, ...]


def class_counts(spec: FieldSpec, labels: NDArray[Any]) -> tuple[tuple[str, int], ...]:
    """Each class's name with how often it stands in the samples, in the classes' order."""
    counts = np.bincount(labels.reshape(-1), minlength=len(spec.classes))
    return tuple(zip(spec.classes, counts.tolist(), strict=True))


def one_of_each_in_turn(labels: NDArray[Any], count: int) -> NDArray[np.int64]:
    """The numbers of `count` samples: the first of every class, then the second of every class, and so on."""
    place = np.empty(len(labels), dtype=np.int64)
    for label in np.unique(labels):
        of_class = np.flatnonzero(labels == label)
        place[of_class] = np.arange(len(of_class))
    return np.lexsort((labels, place))[:count]


def columns(spec: FieldSpec, values: NDArray[Any]) -> tuple[Column, ...]:
    """The figures of every column of a table, or of all numbers of another field; none for class numbers."""
    if spec.classes:
        return ()
    if not spec.columns:
        return (column(spec.name, values.reshape(-1)),)
    return tuple(column(name, values[:, index]) for index, name in enumerate(spec.columns))


def column(name: str, values: NDArray[Any]) -> Column:
    """The figures of one column (N,), of which NaN are missing numbers."""
    if values.dtype.kind == "f" and np.isnan(values).any():
        values = values[~np.isnan(values)]
    if not len(values):
        return Column(name, 0.0, 0.0, 0.0, 0.0, (0,) * BINS)
    counts, _ = np.histogram(values, BINS)
    mean, deviation = values.mean(dtype=np.float64), values.std(dtype=np.float64)
    return Column(name, float(values.min()), float(values.max()), float(mean), float(deviation), tuple(counts.tolist()))


def level_column(name: str, counts: NDArray[np.int64]) -> Column:
    """The figures of pixels from 0 to 1, of which `counts[k]` have the k-th of len(counts) levels."""
    levels = np.arange(len(counts)) / (len(counts) - 1)
    seen = levels[counts > 0]
    mean = float(np.average(levels, weights=counts))
    deviation = math.sqrt(np.average((levels - mean) ** 2, weights=counts))
    bins, _ = np.histogram(levels, BINS, range=(seen[0], seen[-1]), weights=counts)
    return Column(name, float(seen[0]), float(seen[-1]), mean, deviation, tuple(int(bin) for bin in bins))
