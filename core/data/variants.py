"""Samples of a data set beside what its augmentation makes of them, to be looked at before training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from core.data.augmentation import inputs, masks, pictures, roles
from core.data.augmented import Mixed, augment
from core.data.figures import one_of_each_in_turn
from core.data.lazy import Samples
from core.data.load import LoadedData
from core.data.order import generator
from core.data.settings import DatasetSettings, dataset_kind
from core.engine.variants import Varied
from core.errors import DataError

BATCH = 32
"""Samples that are augmented together, as mixing needs others."""
AMONG = 512
"""Training samples among which one of each class is looked for."""


def varied(settings: DatasetSettings, loaded: LoadedData, seed: int, samples: int, draws: int) -> Varied:
    """So many samples of the training part as they are and as drawn; raises DataError for data without numbers."""
    kind = dataset_kind(settings)
    shown = next((field.name for field in (*pictures(kind), *inputs(kind))), None)
    if shown is None:
        raise DataError("an input of numbers was wanted", "the data set has none", f"data set {kind.name}")
    numbers = _chosen(loaded)
    known, drawn = roles(kind, tuple(loaded.fields)), generator(seed)
    plain = {name: field.index_select(0, numbers) for name, field in loaded.fields.items()}
    columns, captions = [plain], [_captions(loaded, plain, numbers, None)]
    for _ in range(draws):
        columns.append(dict(plain))
        mixed = augment(columns[-1], settings.augmentation, known, drawn)
        captions.append(_captions(loaded, plain, numbers, mixed))
    seen = torch.stack([batch[shown] for batch in columns], 1)[:samples]
    pixels = _levels(seen if seen.dim() == 5 else seen.reshape(len(seen), draws + 1, 1, 1, -1))
    return Varied(
        form="picture" if seen.dim() == 5 else "row",
        shape=list(pixels.shape),
        pixels=pixels.tobytes(),
        masks=_masks(settings, columns, samples),
        captions=[list(texts) for texts in zip(*captions, strict=True)][:samples],
    )


def _chosen(loaded: LoadedData) -> Tensor:
    """The numbers of a batch of the training part, its classes in turn."""
    numbers = loaded.train[:AMONG]
    labels = _labels(loaded)
    if labels is None:
        return numbers[:BATCH]
    return numbers[one_of_each_in_turn(labels[1].index_select(0, numbers).numpy(), BATCH)]


def _labels(loaded: LoadedData) -> tuple[str, Samples] | None:
    """The field that has a class for each sample."""
    found = ((name, loaded.fields[name]) for name in loaded.classes)
    return next(((name, field) for name, field in found if len(field.shape) == 1), None)


def _captions(loaded: LoadedData, plain: dict[str, Tensor], numbers: Tensor, mixed: Mixed | None) -> list[str]:
    """What each sample of the batch is called."""
    labels = _labels(loaded)
    if labels is None:
        names = [f"sample {number}" for number in numbers.tolist()]
    else:
        names = [loaded.classes[labels[0]][label] for label in plain[labels[0]].tolist()]
    if mixed is None:
        return names
    pairs = enumerate(mixed.partner.tolist())
    share = f"{mixed.share:.0%}", f"{1 - mixed.share:.0%}"
    return [
        names[one] if one == other else f"{share[0]} {names[one]}, {share[1]} {names[other]}" for one, other in pairs
    ]


def _masks(settings: DatasetSettings, columns: Sequence[Mapping[str, Tensor]], samples: int) -> bytes:
    """The classes of all pixels, where the data set has such a mask; at most 255 of them are told apart."""
    found = (field.name for field in masks(dataset_kind(settings)) if field.dtype == "int64" and len(field.shape) == 2)
    name = next(found, None)
    if name is None:
        return b""
    seen = torch.stack([batch[name] for batch in columns], 1)[:samples]
    return seen.clamp(0, 255).to(torch.uint8).numpy().tobytes()


def _levels(values: Tensor) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """The numbers as bytes: 0 the least and 255 the most of the samples as they are; what lies outside is cut off."""
    low, high = float(values[:, 0].min()), float(values[:, 0].max())
    scaled = (values - low) * (255 / max(high - low, 1e-12))
    return np.ascontiguousarray(scaled.round().clamp(0, 255).to(torch.uint8).numpy())
