"""What a data node and the inspector draw of a data set: pictures, points, columns, class balance. Needs no torch.

Nothing here is random: the pictures are the first ones of each class in turn, the points are the first ones.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.arrays import natural_fields
from core.data.figures import Column, class_counts, columns, level_column, one_of_each_in_turn
from core.data.packaged import FOLDER
from core.data.settings import DatasetSettings, dataset_kind, field_spec, sample_count, split_sizes
from core.data.sources import FieldSpec
from core.data.stored import stored_levels, stored_pixels
from core.data.windowed import series


@dataclass(frozen=True, eq=False, slots=True)
class Preview:
    """What can be drawn of one field; what it has not is None or empty.

    `pictures` (count, H, W) uint8, 255 is ink; `points` (count, 2) float32; `labels` (count,) int64 are the classes of
    the pictures or points, numbers into `classes`, which are (name, samples) pairs of the whole data set.
    `curve` (length,) float32 is the whole series, of which everything from `cut` on is held out.
    """

    settings: DatasetSettings
    field: FieldSpec
    samples: int
    classes: tuple[tuple[str, int], ...]
    columns: tuple[Column, ...]
    pictures: NDArray[np.uint8] | None = None
    points: NDArray[np.float32] | None = None
    labels: NDArray[np.int64] | None = None
    curve: NDArray[np.float32] | None = None
    cut: int = 0


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
    if dataset_kind(settings).group == "Series":
        held = split_sizes(settings)[1]
        curve = series(dataset_kind(settings), folder)
        return replace(blank, curve=curve, cut=len(curve) - held)
    if spec.name == "point":
        return replace(blank, points=values[:count], labels=None if labels is None else labels[:count])
    return blank


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
