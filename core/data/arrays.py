"""Settings -> the fields as numpy arrays in their natural units, checked, not yet normalised."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data import colours, scenes, texts, windowed
from core.data.checks import check_fields
from core.data.generated import generate
from core.data.own import own_fields
from core.data.packaged import FOLDER
from core.data.sequences import RULES
from core.data.settings import DatasetSettings, dataset_kind, may_miss, option_values, sample_count
from core.data.sources import FieldSpec
from core.data.stored import stored_fields

Arrays = dict[str, NDArray[Any]]


def natural_fields(settings: DatasetSettings, folder: Path = FOLDER, only: Collection[str] | None = None) -> Arrays:
    """Every field, or only some, (N, ...) as float32 or int64.

    Numbers that are missing in a file of the user's own are NaN where they are to be filled.
    Raises DataError when the file is missing or damaged, or a value is not as the field's spec says.
    """
    kind = dataset_kind(settings)
    specs = tuple(field for field in kind.fields if only is None or field.name in only)
    if settings.found is not None:
        fields = dict(own_fields(settings, [field.name for field in specs]))
    elif kind.file is None or kind.fitted is not None:
        names = [field.name for field in specs]
        fields = _chosen(specs, generated_fields(settings) if kind.file is None else _cut(settings, names, folder))
    else:
        fields = stored_fields(kind, specs, sample_count(settings), folder)
    where = f"data set {kind.title if settings.found else kind.name}"
    check_fields(specs, fields, sample_count(settings), where, may_miss(settings))
    return fields


def _chosen(specs: Collection[FieldSpec], fields: Mapping[str, NDArray[Any]]) -> Arrays:
    return {spec.name: fields[spec.name] for spec in specs}


def _cut(settings: DatasetSettings, wanted: Collection[str], folder: Path) -> Mapping[str, NDArray[Any]]:
    """The fields of a series or text, whose samples are cut as the options say."""
    kind, values = dataset_kind(settings), option_values(settings)
    if kind.name in ("emoji", "phrases"):
        return colours.emoji(values, wanted, folder) if kind.name == "emoji" else colours.names(values, folder)
    if kind.name == "photos":
        return colours.pieces(kind, values, settings.seed, wanted, folder)
    if kind.name == "scenes":
        return scenes.scenes(sample_count(settings), values, settings.seed, folder)
    if kind.group == "Series":
        return windowed.windows(kind, folder)
    if kind.field("text") is not None:
        return texts.windows(kind, folder)
    return texts.translations(kind, values, folder)


def generated_fields(settings: DatasetSettings) -> Arrays:
    """What is made by rule; in the plane point (N, 2), label (N,) and the class as target and sign (N, 1)."""
    if settings.source in RULES:
        random = np.random.RandomState(settings.seed)
        values = option_values(settings) | {"samples": sample_count(settings)}
        return RULES[settings.source](**values, random=random)
    points, labels = generate(settings)
    target = labels.astype(np.float32).reshape(-1, 1)
    return {"point": points.astype(np.float32), "label": labels, "target": target, "sign": 2 * target - 1}
