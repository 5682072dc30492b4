"""Scaling by figures of the training part alone, kept so that it can be applied to new samples and undone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.sources import FieldSpec


@dataclass(frozen=True, slots=True)
class Normalisation:
    """`(value - offset) / scale`: one number for a whole image, one for each column of a table."""

    offset: tuple[float, ...] = (0.0,)
    scale: tuple[float, ...] = (1.0,)


IDENTITY = Normalisation()


def fit(kind: str, field: FieldSpec, training: NDArray[Any]) -> Normalisation:
    """The normalisation of a field from its training samples (N, ...).

    "standardise" subtracts the mean and divides by the standard deviation (that of a population). A column that never
    changes is only shifted, so that it becomes zero instead of NaN.
    """
    if kind == "none" or not field.scaled:
        return IDENTITY
    axes = 0 if field.columns else None
    mean = np.atleast_1d(training.mean(axis=axes, dtype=np.float64))
    return scaling(mean, np.atleast_1d(training.std(axis=axes, dtype=np.float64)))


def scaling(mean: NDArray[np.float64], deviation: NDArray[np.float64]) -> Normalisation:
    """What takes these means away and divides by these deviations, where there is one."""
    scale = np.where(deviation > np.abs(mean) * 1e-7, deviation, 1.0)
    return Normalisation(tuple(mean.tolist()), tuple(scale.tolist()))


def apply(normalisation: Normalisation, values: NDArray[Any]) -> NDArray[Any]:
    """The values as the network is to see them, float32; untouched where nothing is to be done."""
    if normalisation == IDENTITY:
        return values
    scaled: NDArray[Any] = (values - np.array(normalisation.offset)) / np.array(normalisation.scale)
    return scaled.astype(np.float32)


def undo(normalisation: Normalisation, values: NDArray[Any]) -> NDArray[Any]:
    """The values back in their natural units, float32; untouched where nothing was done."""
    if normalisation == IDENTITY:
        return values
    natural: NDArray[Any] = values * np.array(normalisation.scale) + np.array(normalisation.offset)
    return natural.astype(np.float32)
