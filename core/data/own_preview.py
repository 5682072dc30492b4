"""What there is to see of a file of the user's own: pictures, figures of columns, class balance; large ones in part."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.arrays import natural_fields
from core.data.checks import check_finite
from core.data.figures import class_counts, columns, one_of_each_in_turn
from core.data.own import own_rows, rows_read
from core.data.preview import Preview, is_text
from core.data.rows import Rows, Unreadable
from core.data.settings import DatasetSettings, dataset_kind, field_spec, sample_count
from core.data.sources import FieldSpec
from core.data.tokens import text_of

SOME = 2_000
"""Samples that are looked at of a field that is too large to be read whole."""
MOST_LABELS = 2**24
"""Classes that are counted: of more samples none are."""
SHOWN_COLUMNS = 400
LINES = 12
"""Samples of a text that are shown."""


def own_preview(settings: DatasetSettings, field: str, count: int = 20) -> Preview:
    """The preview of a field of a file, with at most `count` pictures; raises DataError as loading does."""
    spec, label = field_spec(settings, field), label_field(settings)
    rows, total = own_rows(settings), sample_count(settings)
    whole = [one.name for one in (spec, label) if one is not None and one.name not in rows]
    found: dict[str, NDArray[Any]] = natural_fields(settings, only=whole) if whole else {}
    if label is not None and label.name in rows:
        found[label.name] = samples(settings, rows[label.name], np.arange(min(total, MOST_LABELS)))[0]
    labels = found[label.name] if label is not None else None
    classes = class_counts(label, labels) if label is not None and labels is not None and len(labels) == total else ()
    is_picture = len(spec.shape) == 3 and spec.shape[0] in (1, 3)
    picks = np.arange(count if is_picture else SOME)[:total]
    if is_picture and labels is not None:
        picks = one_of_each_in_turn(labels, count)
    if spec.name in rows:
        values, picks = samples(settings, rows[spec.name], picks)
    else:
        values = found[field][picks] if is_picture else found[field]
    figures = columns(spec, values) if len(spec.columns) <= SHOWN_COLUMNS else ()
    made = Preview(settings, spec, total, classes, figures)
    if is_text(spec):
        return replace(made, texts=tuple((_line(row, spec), "") for row in values[:LINES]))
    if not is_picture:
        return made
    return replace(made, pictures=_pictures(values), labels=None if labels is None else labels[picks])


def samples(
    settings: DatasetSettings, rows: Rows, numbers: NDArray[np.int64]
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """These samples and their numbers, without those that cannot be read; raises DataError where none can."""
    while True:
        try:
            values = rows_read(settings, rows, numbers)
            break
        except Unreadable as error:
            numbers = numbers[~np.isin(numbers, error.numbers)]
            if not len(numbers):
                raise
    if values.dtype.kind == "f":
        check_finite(values, settings.path, numbers)
    return values, numbers


def _line(row: NDArray[Any], spec: FieldSpec) -> str:
    """A sample of a text in one line."""
    return text_of(row.tolist(), spec.classes).replace("\n", "⏎")


def label_field(settings: DatasetSettings) -> FieldSpec | None:
    """The field whose classes are counted: one that is to be predicted, where there is one."""
    named = [one for one in dataset_kind(settings).fields if one.classes and not one.shape]
    return next((one for one in named if one.role == "target"), named[0] if named else None)


def _pictures(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Bytes (count, H, W), or (count, H, W, 3) of coloured ones, from values (count, C, H, W) of any range."""
    low, high = float(values.min()), float(values.max())
    if low < 0 or high > 1:
        values = (values - low) / max(high - low, 1e-12)
    grey = np.round(values * 255).astype(np.uint8)
    return grey[:, 0] if grey.shape[1] == 1 else np.ascontiguousarray(grey.transpose(0, 2, 3, 1))
