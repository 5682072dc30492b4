"""What a data node and the inspector draw of a data set: pictures, points, columns, class balance. Needs no torch.

Nothing here is random: the pictures are the first ones of each class in turn, the points lie evenly among all, as those
of a circle come in its order.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.arrays import Arrays, natural_fields
from core.data.figures import Column, class_counts, columns, level_column, one_of_each_in_turn
from core.data.glances import glance
from core.data.packaged import FOLDER
from core.data.settings import DatasetSettings, dataset_kind, field_spec, option_values, sample_count, split_sizes
from core.data.sources import FieldSpec
from core.data.stored import some_pixels
from core.data.tokens import text_of
from core.data.windowed import series

WAVES = 4
"""Samples of short series that are shown."""
PICTURES = ("image", "noisy")
"""Fields of which some samples are read alone."""
RUNNING = ("text", "next")
"""Fields that are parts of one text."""


@dataclass(frozen=True, eq=False, slots=True)
class Preview:
    """What can be drawn of one field; what it has not is None or empty.

    `pictures` (count, H, W) uint8, 255 is ink, or (count, H, W, 3) in colour; `answers` are the pictures to be made of
    them, and `masks` (count, H, W) int64 what each pixel belongs to.
    `points` (count, 2) float32; `labels` (count,) int64 are the classes of the pictures or points, numbers into
    `classes`, which are (name, samples) pairs of the whole data set.
    `curves` (count, length) float32 are the whole of a series, of which everything from `cut` on is held out, or some
    samples with what comes next from `cut` on.
    `texts` are pairs of what is read and what is to be found, which is empty where the text runs on.
    """

    settings: DatasetSettings
    field: FieldSpec
    samples: int
    classes: tuple[tuple[str, int], ...]
    columns: tuple[Column, ...]
    pictures: NDArray[np.uint8] | None = None
    points: NDArray[np.float32] | None = None
    labels: NDArray[np.int64] | None = None
    curves: NDArray[np.float32] | None = None
    cut: int = 0
    texts: tuple[tuple[str, str], ...] = ()
    answers: NDArray[np.uint8] | None = None
    masks: NDArray[np.int64] | None = None


def preview(settings: DatasetSettings, field: str, count: int = 10, folder: Path = FOLDER) -> Preview:
    """The preview of a field with at most `count` pictures or points; raises DataError as loading does.

    MNIST's pictures take about 20 ms, all else 1 to 3 ms: a window asks once per settings and keeps the answer.
    """
    spec = field_spec(settings, field)
    in_part = spec.name in PICTURES and settings.found is None
    if in_part and dataset_kind(settings).fitted is not None:
        return _glance_preview(settings, spec, count, folder)
    label_spec = _label_spec(settings, spec)
    answer = _answer_spec(settings, spec)
    parts = (spec, label_spec, answer)
    wanted = [one.name for one in parts if one is not None and not (one == spec and in_part)]
    fields = natural_fields(settings, folder, wanted)
    labels = None if label_spec is None else fields[label_spec.name]
    classes = () if label_spec is None or labels is None else class_counts(label_spec, labels)
    if in_part and labels is not None:
        return _picture_preview(settings, spec, classes, labels, count, folder)
    values = fields[field]
    blank = Preview(settings, spec, len(values), classes, columns(spec, values))
    if dataset_kind(settings).group == "Series":
        return _series_preview(blank, folder)
    if is_text(spec):
        return replace(blank, texts=_texts(spec, values, answer, fields, count))
    if spec.name == "point":
        places = np.unique(np.linspace(0, len(values) - 1, min(count, len(values))).round().astype(int))
        return replace(blank, points=values[places], labels=None if labels is None else labels[places])
    return blank


def _series_preview(blank: Preview, folder: Path) -> Preview:
    """With the whole of a series, or some samples where each is a series of its own."""
    kind = dataset_kind(blank.settings)
    if kind.length is not None:
        curve = series(kind, folder)
        return replace(blank, curves=curve[np.newaxis], cut=len(curve) - split_sizes(blank.settings)[1])
    both = natural_fields(blank.settings, folder, ("past", "next"))
    shown = np.concatenate((both["past"][:WAVES, :, 0], both["next"][:WAVES]), axis=1)
    return replace(blank, curves=shown, cut=both["past"].shape[1])


def _glance_preview(settings: DatasetSettings, spec: FieldSpec, count: int, folder: Path) -> Preview:
    kind = dataset_kind(settings)
    seen = glance(kind, option_values(settings), settings.seed, count, folder)
    named = [field for field in kind.fields if field.classes]
    label = next((field for field in named if not field.shape), named[-1])
    counted = zip(label.classes, seen.counts.tolist(), strict=True)
    classes = tuple((name, count) for name, count in counted if count or seen.masks is None)
    blank = Preview(settings, spec, sample_count(settings), classes, (), seen.pictures, labels=seen.labels)
    return replace(blank, answers=seen.answers, masks=seen.masks)


def is_text(spec: FieldSpec) -> bool:
    """Whether the field holds rows of tokens."""
    return bool(spec.classes) and len(spec.shape) == 1


def _label_spec(settings: DatasetSettings, spec: FieldSpec) -> FieldSpec | None:
    """The field whose classes are counted: that of the samples' class, else the tokens of the field itself."""
    fields = dataset_kind(settings).fields
    return next((one for one in fields if one.classes and not one.shape), spec if spec.classes else None)


def _answer_spec(settings: DatasetSettings, spec: FieldSpec) -> FieldSpec | None:
    """The field that tells what is to be found for a text; None where it runs on, or is no text."""
    if not is_text(spec) or spec.name in RUNNING or spec.role == "target":
        return None
    return next((one for one in dataset_kind(settings).fields if one.role == "target" and one.classes), None)


def _texts(
    spec: FieldSpec, values: NDArray[Any], answer: FieldSpec | None, fields: Arrays, count: int
) -> tuple[tuple[str, str], ...]:
    """Samples from all over the data, with what is to be found for each; a running text from its start."""
    if spec.name in RUNNING:
        return ((text_of(values[:count].reshape(-1).tolist(), spec.classes), ""),)
    rows = np.arange(min(count, len(values))) * len(values) // min(count, len(values))
    asked = [text_of(row.tolist(), spec.classes) for row in values[rows]]
    if answer is None:
        return tuple((text, "") for text in asked)
    told = [text_of(row.reshape(-1).tolist(), answer.classes) for row in fields[answer.name][rows]]
    return tuple(zip(asked, told, strict=True))


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
    pixels, counts = some_pixels(kind, picks, samples, folder)
    pictures = np.round(pixels * (255.0 / (kind.levels or 1))).astype(np.uint8)
    figures = level_column(spec.name, counts)
    return Preview(settings, spec, samples, classes, (figures,), pictures, labels=labels[picks])
