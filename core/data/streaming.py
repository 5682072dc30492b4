"""Fields that are read when they are asked for, and their normalisation: one pass, portion by portion."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from core.data.lazy import LazyField
from core.data.normalisation import IDENTITY, Normalisation, fit, scaling
from core.data.rows import HeldRows, Rows, is_lazy, portions
from core.data.settings import DatasetSettings, dataset_kind, field_spec, normalisation_kind, sample_count
from core.data.sources import FieldSpec


def lazy_fields(
    settings: DatasetSettings, rows_of: Mapping[str, Rows], train: NDArray[np.int64]
) -> dict[str, LazyField]:
    """The fields of these rows that are in no memory, normalised by the training part alone; raises DataError."""
    kind, title = normalisation_kind(settings), dataset_kind(settings).title
    numbers, found = np.arange(sample_count(settings)), {}
    fields = dataset_kind(settings).fields
    for name, rows in rows_of.items():
        if isinstance(rows, HeldRows):
            continue
        spec, where = field_spec(settings, name), f"data set {title}, field {name}"
        figures = fit_rows(kind, LazyField(spec, rows, IDENTITY, train, where), is_lazy(spec, fields, len(numbers)))
        found[name] = LazyField(spec, rows, figures, numbers, where)
    return found


def fits(field: LazyField, fields: tuple[FieldSpec, ...]) -> bool:
    """Whether it is quick to read, and small enough to be held in memory with the data set's other fields."""
    return field.rows.ready and not is_lazy(field.spec, fields, len(field))


def fit_rows(kind: str, training: LazyField, large: bool) -> Normalisation:
    """The normalisation of a field from its training samples in their natural units; raises DataError.

    What fits into memory is read whole, so that the figures are those of a set in memory to the last bit. Of what is
    `large` they are joined from portions in the file's order as Chan, Golub and LeVeque do (1979).
    """
    if kind == "none" or not training.spec.scaled:
        return IDENTITY
    if not large:
        return fit(kind, training.spec, training.whole())
    training = training.in_order()
    axes = 0 if training.spec.columns else None
    count, mean, squares = 0, np.zeros(1), np.zeros(1)
    for places in portions(training.spec, np.arange(len(training))):
        values = training.read(places)
        size = len(values) if training.spec.columns else values.size
        middle = np.atleast_1d(values.mean(axis=axes, dtype=np.float64))
        away = np.atleast_1d(values.var(axis=axes, dtype=np.float64)) * size
        apart = middle - mean
        squares = squares + away + apart**2 * (count * size / (count + size))
        mean = mean + apart * (size / (count + size))
        count += size
    return scaling(mean, np.sqrt(squares / count))
