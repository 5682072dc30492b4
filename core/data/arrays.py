"""Settings -> the fields as numpy arrays in their natural units, checked, not yet normalised."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.builtin.tables import DIABETES_COLUMNS
from core.data.checks import check_fields, check_pixels
from core.data.generated import generate
from core.data.own import own_fields
from core.data.packaged import FOLDER, read_arrays
from core.data.settings import DatasetSettings, dataset_kind, sample_count
from core.data.sources import FieldSpec, SourceKind

Arrays = dict[str, NDArray[Any]]
BMI = DIABETES_COLUMNS.index("bmi")


def natural_fields(settings: DatasetSettings, folder: Path = FOLDER, only: Collection[str] | None = None) -> Arrays:
    """Every field, or only some, (N, ...) as float32 or int64.

    Raises DataError when the file is missing or damaged, or a value is not as the field's spec says.
    """
    kind = dataset_kind(settings)
    specs = tuple(field for field in kind.fields if only is None or field.name in only)
    if settings.found is not None:
        fields = dict(own_fields(settings, [field.name for field in specs]))
    elif kind.file is None:
        fields = generated_fields(settings)
    else:
        fields = {field.name: _packaged_field(settings, kind, field, folder) for field in specs}
    check_fields(specs, fields, sample_count(settings), f"data set {kind.title if settings.found else kind.name}")
    return fields


def generated_fields(settings: DatasetSettings) -> Arrays:
    """Point (N, 2), label (N,) and the same class as target (N, 1) of a two-dimensional set."""
    points, labels = generate(settings)
    return {"point": points.astype(np.float32), "label": labels, "target": labels.astype(np.float32).reshape(-1, 1)}


def stored_pixels(settings: DatasetSettings, folder: Path = FOLDER) -> NDArray[np.uint8]:
    """The pictures (N, H, W) as the file keeps them: whole numbers from 0 to the source's `levels`."""
    kind = dataset_kind(settings)
    pixels = _stored(settings, kind, "image", folder)
    check_pixels(pixels, kind.levels or 0, f"data set {kind.name}, field image")
    return pixels


def _packaged_field(settings: DatasetSettings, kind: SourceKind, field: FieldSpec, folder: Path) -> NDArray[Any]:
    if field.name == "image":
        grey = stored_pixels(settings, folder).astype(np.float32)
        return np.divide(grey, np.float32(kind.levels), out=grey)[:, np.newaxis]
    if field.name == "bmi":
        return np.ascontiguousarray(_stored(settings, kind, "features", folder)[:, BMI : BMI + 1], dtype=field.dtype)
    return np.ascontiguousarray(_stored(settings, kind, field.name, folder), dtype=field.dtype)


def _stored(settings: DatasetSettings, kind: SourceKind, name: str, folder: Path) -> NDArray[Any]:
    assert kind.file is not None
    return read_arrays(folder / kind.file, (name,))[name][: sample_count(settings)]
