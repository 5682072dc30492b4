"""Refuses arrays that are not what the data set's fields say: shape, type, finite numbers, labels in range."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.sources import FieldSpec
from core.errors import DataError


def check_fields(
    fields: tuple[FieldSpec, ...],
    arrays: Mapping[str, NDArray[Any]],
    samples: int,
    where: str,
    may_miss: bool = False,
) -> None:
    """Raise DataError at the first field whose array is missing or not as its spec says.

    Where inputs `may_miss` numbers, NaN is one that is to be filled.
    """
    for field in fields:
        place = f"{where}, field {field.name}"
        if field.name not in arrays:
            raise DataError("every field needs its numbers", "there are none", place, "Use an undamaged data set.")
        values = arrays[field.name]
        is_filled = may_miss and field.role == "input" and values.dtype == np.float32
        check_field(
            field, np.nan_to_num(values, posinf=np.inf, neginf=-np.inf) if is_filled else values, samples, place
        )


def check_field(field: FieldSpec, values: NDArray[Any], samples: int, where: str) -> None:
    """Raise DataError when the array's shape, dtype or any value is not as the spec says."""
    wanted = (samples, *field.shape)
    if values.shape != wanted or values.dtype != field.dtype:
        raise DataError(
            f"the field has to have shape {wanted} and type {field.dtype}",
            f"it has shape {values.shape} and type {values.dtype}",
            where,
            "Use an undamaged data set of this version.",
        )
    if field.classes:
        check_labels(values, len(field.classes), where)
    else:
        check_finite(values, where)


def check_pixels(pixels: NDArray[Any], levels: int, where: str) -> None:
    """Raise DataError when stored pictures are not (N, H, W) of bytes, or a byte lies above `levels`."""
    if pixels.dtype != np.uint8 or pixels.ndim != 3:
        came = f"they have shape {pixels.shape} and type {pixels.dtype}"
        raise DataError("stored pictures have to be bytes (N, H, W)", came, where, "Use an undamaged data set.")
    if pixels.size and pixels.max() > levels:
        index = int(np.flatnonzero((pixels > levels).any(axis=(1, 2)))[0])
        raise DataError(
            f"a pixel has to be a whole number from 0 to {levels}",
            f"sample {index} holds {pixels[index].max()}",
            where,
            "Use an undamaged data set.",
        )


def check_labels(labels: NDArray[Any], classes: int, where: str, numbers: NDArray[Any] | None = None) -> None:
    """Raise DataError naming the first sample whose label is no class number, which go from 0 to classes - 1.

    `numbers` are the samples' where they do not count from 0.
    """
    out = (labels < 0) | (labels >= classes)
    if out.any():
        wrong = np.flatnonzero(out.reshape(len(labels), -1).any(axis=1))
        index = int(wrong[0])
        raise DataError(
            f"a label has to be a class number from 0 to {classes - 1}",
            f"sample {_number(index, numbers)} has the label {labels[out][0]}{_more(len(wrong))}",
            where,
            "Correct the label, or use a data set with that many classes.",
        )


def check_finite(values: NDArray[Any], where: str, numbers: NDArray[Any] | None = None) -> None:
    """Raise DataError naming the first sample that holds a NaN or an infinity; `numbers` as for labels."""
    finite = np.isfinite(values)
    if not finite.all():
        wrong = np.flatnonzero(~finite.reshape(len(values), -1).all(axis=1))
        index = int(wrong[0])
        value = values[index].reshape(-1)[~finite[index].reshape(-1)][0]
        raise DataError(
            "every value has to be a finite number",
            f"sample {_number(index, numbers)} holds {value}{_more(len(wrong))}",
            where,
            "Remove or correct the sample.",
        )


def _number(index: int, numbers: NDArray[Any] | None) -> int:
    return index if numbers is None else int(numbers[index])


def _more(count: int) -> str:
    return "" if count == 1 else f", and {count - 1} more are wrong"
