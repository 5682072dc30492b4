"""What a data node and the inspector draw of a data set: pictures, points, columns, class balance. Needs no torch.

Nothing here is random: the pictures are the first ones of each class in turn, the points are the first ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.arrays import natural_fields
from core.data.packaged import FOLDER
from core.data.settings import DatasetSettings, dataset_kind, field_spec, sample_count
from core.data.sources import FieldSpec
from core.data.stored import stored_levels, stored_pixels

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


@dataclass(frozen=True, eq=False, slots=True)
class Preview:
    """What can be drawn of one field; what it has not is None or empty.

    `pictures` (count, H, W) uint8, 255 is ink; `points` (count, 2) float32; `labels` (count,) int64 are the classes of
    the pictures or points, numbers into `classes`, which are (name, samples) pairs of the whole data set.
    """

    settings: DatasetSettings
    field: FieldSpec
    samples: int
    classes: tuple[tuple[str, int], ...]
    columns: tuple[Column, ...]
    pictures: NDArray[np.uint8] | None = None
    points: NDArray[np.float32] | None = None
    labels: NDArray[np.int64] | None = None


def preview(settings: DatasetSettings, field: str, count: int = 10, folder: Path = FOLDER) -> Preview:
    """The preview of a field with at most `count` pictures or points; raises DataError as loading does.

    MNIST's pictures take about 20 ms, all else 1 to 3 ms: a window asks once per settings and keeps the answer.
    """
    spec = field_spec(settings, field)
    label_spec = next((one for one in dataset_kind(settings).fields if one.classes), None)
    wanted = [one.name for one in (spec, label_spec) if one is not None and (len(one.shape) != 3 or settings.found)]
    fields = natural_fields(settings, folder, wanted)
    labels = None if label_spec is None else fields[label_spec.name]
    classes = () if label_spec is None or labels is None else class_counts(label_spec, labels)
    if len(spec.shape) == 3 and labels is not None and settings.found is None:
        return _picture_preview(settings, spec, classes, labels, count, folder)
    values = fields[field]
    blank = Preview(settings, spec, len(values), classes, columns(spec, values))
    return (
        blank
        if spec.name != "point"
        else replace(blank, points=values[:count], labels=None if labels is None else labels[:count])
    )


def _picture_preview(
    settings: DatasetSettings,
    spec: FieldSpec,
    classes: tuple[tuple[str, int], ...],
    labels: NDArray[Any],
    count: int,
    folder: Path,
) -> Preview:
    kind, samples = dataset_kind(settings), sample_count(settings)
    picks = one_of_each_in_turn(labels, count)
    pixels = stored_pixels(kind, int(picks.max()) + 1, folder)[picks]
    pictures = np.round(pixels * (255.0 / (kind.levels or 1))).astype(np.uint8)
    figures = level_column(spec.name, stored_levels(kind, samples, folder))
    return Preview(settings, spec, samples, classes, (figures,), pictures, labels=labels[picks])


def class_counts(spec: FieldSpec, labels: NDArray[Any]) -> tuple[tuple[str, int], ...]:
    """Each class's name with its number of samples, in the classes' order."""
    counts = np.bincount(labels, minlength=len(spec.classes))
    return tuple(zip(spec.classes, counts.tolist(), strict=True))


def one_of_each_in_turn(labels: NDArray[Any], count: int) -> NDArray[np.int64]:
    """The numbers of `count` samples: the first of every class, then the second of every class, and so on."""
    place = np.empty(len(labels), dtype=np.int64)
    for label in np.unique(labels):
        of_class = np.flatnonzero(labels == label)
        place[of_class] = np.arange(len(of_class))
    return np.lexsort((labels, place))[:count]


def columns(spec: FieldSpec, values: NDArray[Any]) -> tuple[Column, ...]:
    """The figures of every column of a table; none for class numbers."""
    if spec.classes:
        return ()
    return tuple(column(name, values[:, index]) for index, name in enumerate(spec.columns))


def column(name: str, values: NDArray[Any]) -> Column:
    """The figures of one column (N,)."""
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
