"""Settings -> the fields as numpy arrays in their natural units, checked, not yet normalised."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.checks import check_fields
from core.data.filling import may_miss
from core.data.generated import generate
from core.data.own import own_fields
from core.data.packaged import FOLDER
from core.data.settings import DatasetSettings, dataset_kind, sample_count
from core.data.stored import stored_fields
from core.data.windowed import windows

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
    elif kind.file is None:
        fields = generated_fields(settings)
    elif kind.group == "Series":
        fields = {name: values for name, values in windows(kind, folder).items() if only is None or name in only}
    else:
        fields = stored_fields(kind, specs, sample_count(settings), folder)
    where = f"data set {kind.title if settings.found else kind.name}"
    check_fields(specs, fields, sample_count(settings), where, may_miss(settings))
    return fields


def generated_fields(settings: DatasetSettings) -> Arrays:
    """Point (N, 2), label (N,) and the same class as target and sign (N, 1) of a two-dimensional set."""
    points, labels = generate(settings)
    target = labels.astype(np.float32).reshape(-1, 1)
    return {"point": points.astype(np.float32), "label": labels, "target": target, "sign": 2 * target - 1}
