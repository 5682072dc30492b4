"""Settings -> tensors in memory, split and normalised: all that training, evaluation and prediction read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
import torch
from torch import Tensor

from core.data.arrays import Arrays, natural_fields
from core.data.filling import filled, may_miss
from core.data.normalisation import Normalisation, apply, fit
from core.data.order import split
from core.data.packaged import FOLDER
from core.data.settings import DatasetSettings, dataset_kind, normalisation_kind, strata_field


@dataclass(frozen=True, eq=False)
class LoadedData:
    """A data set in memory.

    `fields` are contiguous tensors (N, ...), float32 or int64, normalised, of all samples in the source's order.
    `train` and `validation` are sample numbers (int64), together every number from 0 to N - 1 once; of a series,
    some between the parts belong to neither.
    `normalisation` has an entry for every float field; `classes` the class names of every label field.
    """

    settings: DatasetSettings
    fields: Mapping[str, Tensor]
    train: Tensor
    validation: Tensor
    normalisation: Mapping[str, Normalisation]
    classes: Mapping[str, tuple[str, ...]]

    def __len__(self) -> int:
        """How many samples both parts have together."""
        return len(self.train) + len(self.validation)


def load(settings: DatasetSettings, folder: Path = FOLDER) -> LoadedData:
    """The data set in memory; raises DataError when its file is missing, damaged or holds wrong values."""
    natural = natural_fields(settings, folder)
    train, validation = split(settings, _strata(settings, natural))
    if may_miss(settings):
        floats = {name: values for name, values in natural.items() if values.dtype == np.float32}
        natural |= {name: filled(values, train.numpy()) for name, values in floats.items()}
    normalisation = fit_all(settings, natural, train)
    scaled = {name: apply(normalisation[name], v) if name in normalisation else v for name, v in natural.items()}
    classes = {field.name: field.classes for field in dataset_kind(settings).fields if field.classes}
    return LoadedData(
        settings,
        MappingProxyType({name: torch.from_numpy(np.ascontiguousarray(v)) for name, v in scaled.items()}),
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
    floats = [field for field in dataset_kind(settings).fields if field.dtype == "float32"]
    return {field.name: fit(kind, field, natural[field.name][rows]) for field in floats}


def take(data: LoadedData, samples: Tensor) -> dict[str, Tensor]:
    """Every field at these sample numbers, copied together: `take(data, data.train)` is what an epoch indexes."""
    return {name: values[samples] for name, values in data.fields.items()}
