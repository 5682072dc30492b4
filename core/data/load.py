"""Settings -> tensors, split and normalised: all that training, evaluation and prediction read.

What is too large for the memory is read when it is asked for: see core/data/rows.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.data.arrays import Arrays, natural_fields
from core.data.filling import filled
from core.data.lazy import LazyField, Samples
from core.data.normalisation import Normalisation, apply, fit
from core.data.order import split
from core.data.own import own_rows
from core.data.packaged import FOLDER
from core.data.rows import HeldRows
from core.data.settings import DatasetSettings, dataset_kind, may_miss, normalisation_kind, strata_field
from core.data.streaming import fits, lazy_fields


@dataclass(frozen=True, eq=False)
class LoadedData:
    """A data set ready to train.

    `fields` are contiguous tensors (N, ...), float32 or int64, normalised, of all samples in the source's order; a
    LazyField where they stay in their file.
    `train` and `validation` are sample numbers (int64), together every number from 0 to N - 1 once; of a series,
    some between the parts belong to neither.
    `normalisation` has an entry for every float field; `classes` the class names of every label field.
    """

    settings: DatasetSettings
    fields: Mapping[str, Samples]
    train: Tensor
    validation: Tensor
    normalisation: Mapping[str, Normalisation]
    classes: Mapping[str, tuple[str, ...]]

    def __len__(self) -> int:
        """How many samples both parts have together."""
        return len(self.train) + len(self.validation)

    def told(self) -> str:
        """What the user has to know of the reading since the last time; empty where it is nothing."""
        rows = dict.fromkeys(field.rows for field in self.fields.values() if isinstance(field, LazyField))
        return " ".join(filter(None, (one.told() for one in rows)))


def load(settings: DatasetSettings, folder: Path = FOLDER) -> LoadedData:
    """The data set ready to train; raises DataError when its file is missing, damaged or holds wrong values."""
    rows, kinds = own_rows(settings), dataset_kind(settings).fields
    natural = natural_fields(settings, folder, [one.name for one in kinds if one.name not in rows])
    held = {name: one for name, one in rows.items() if isinstance(one, HeldRows)}
    natural |= {name: one.values for name, one in held.items()}
    train, validation = split(settings, _strata(settings, natural))
    if may_miss(settings):
        floats = {name: values for name, values in natural.items() if values.dtype == np.float32}
        natural |= {name: filled(values, train.numpy()) for name, values in floats.items()}
    normalisation = fit_all(settings, natural, train)
    scaled = {name: apply(normalisation[name], v) if name in normalisation else v for name, v in natural.items()}
    classes = {field.name: field.classes for field in kinds if field.classes}
    fields: dict[str, Samples] = {name: torch.from_numpy(np.ascontiguousarray(v)) for name, v in scaled.items()}
    for name, field in lazy_fields(settings, rows, train.numpy()).items():
        fields[name] = torch.from_numpy(field.whole()) if fits(field, kinds) else field
        normalisation |= {name: field.normalisation} if field.spec.dtype == "float32" else {}
    return LoadedData(
        settings,
        MappingProxyType({field.name: fields[field.name] for field in kinds}),
        train,
        validation,
        MappingProxyType(normalisation),
        MappingProxyType(classes),
    )


def _strata(settings: DatasetSettings, natural: Arrays) -> Tensor | None:
    """The class of each sample, where they are to be shared out by it."""
    field = strata_field(settings)
    return None if field is None else torch.from_numpy(natural[field.name])


def fit_all(settings: DatasetSettings, natural: Arrays, train: Tensor) -> dict[str, Normalisation]:
    """The normalisation of every float field, from the training samples alone."""
    kind, rows = normalisation_kind(settings), train.numpy()
    floats = [field for field in dataset_kind(settings).fields if field.dtype == "float32" and field.name in natural]
    return {field.name: fit(kind, field, natural[field.name][rows]) for field in floats}


def take(data: LoadedData, samples: Tensor) -> dict[str, Tensor]:
    """Every field at these sample numbers, copied together: `take(data, data.train)` is what an epoch indexes."""
    return {name: values[samples] for name, values in data.fields.items()}


def glance(data: LoadedData, field: str, most: int = 1_000) -> tuple[Tensor, NDArray[np.int64]]:
    """A field's samples, and the places of the training part in them; of one that is in no memory, at most so many."""
    values = data.fields[field]
    if isinstance(values, Tensor):
        return values, data.train.numpy()
    found = values[data.train[:most]]
    return found, np.arange(len(found))
