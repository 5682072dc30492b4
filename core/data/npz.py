"""NumPy arrays of the user's own: an .npz archive, or one .npy; nothing in them is executed.

Those that are too large for the memory stay in their file.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tokenize import TokenError
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from core.data.found import Found
from core.data.marks import file_mark
from core.data.ondisk import stored_arrays
from core.data.packaged import DAMAGED
from core.data.rows import RowFile, is_lazy
from core.data.settings import DatasetSettings, sample_count
from core.data.sources import FieldSpec, Value
from core.errors import DataError

MOST_CLASSES = 1_000
"""Whole numbers from 0 to below this are labels; larger ones are inputs."""
TARGETS = ("y", "label", "labels", "target", "targets", "t")
_FIX = "Save arrays of numbers of one length with numpy.savez."


def inspect(path: Path, _options: Mapping[str, Value]) -> Found:
    """The arrays as fields; raises DataError where they are damaged, of several lengths, or no numbers."""
    arrays = {name: _Shape.of(values) for name, values in _all(path).items()}
    lengths = {values.shape[0] for values in arrays.values() if values.shape}
    if len(lengths) != 1 or not all(values.shape for values in arrays.values()):
        came = ", ".join(f"{name} {values.shape}" for name, values in arrays.items()) or "none came"
        raise DataError("arrays of as many samples each were wanted", came, str(path), _FIX)
    fields = tuple(_field(name, values, str(path)) for name, values in arrays.items())
    return Found(fields, lengths.pop(), file_mark(path))


def read(settings: DatasetSettings, only: Collection[str]) -> dict[str, NDArray[Any]]:
    """These fields (N, ...) as float32 or int64; raises DataError."""
    arrays, specs = _known(settings), {field.name: field for field in _fields(settings) if field.name in only}
    with np.errstate(over="ignore", invalid="ignore"):  # what float32 cannot hold becomes infinite, and is told
        return {name: np.ascontiguousarray(_values(arrays[name]), dtype=spec.dtype) for name, spec in specs.items()}


def rows(settings: DatasetSettings) -> dict[str, RowFile]:
    """The fields that stay in the file, as they are too large for the memory; raises DataError."""
    fields, samples = _fields(settings), sample_count(settings)
    if not any(is_lazy(field, fields, samples) for field in fields):
        return {}
    arrays = _known(settings)
    found = {field: arrays[field.name] for field in fields if is_lazy(field, fields, samples)}
    for field, values in found.items():
        if isinstance(values, RowFile) and (values.count, values.shape) != (samples, field.shape):
            came = f"one of shape {(values.count, *values.shape)} came"
            wanted = f"the array {field.name} of shape {(samples, *field.shape)} was wanted"
            raise DataError(wanted, came, settings.path, "Read it anew.")
    return {field.name: replace(v, given=field.dtype) for field, v in found.items() if isinstance(v, RowFile)}


def _fields(settings: DatasetSettings) -> tuple[FieldSpec, ...]:
    assert settings.found is not None  # it is a file's
    return settings.found.fields


def _known(settings: DatasetSettings) -> dict[str, NDArray[Any] | RowFile]:
    """The arrays by field; raises DataError where one is gone."""
    path = Path(settings.path)
    arrays = {_name(name): values for name, values in _all(path).items()}
    for field in _fields(settings):
        if field.name not in arrays:
            wanted = f"the array {field.name} was wanted"
            raise DataError(wanted, "it is not there any more", str(path), "Read it anew.")
    return arrays


def _all(path: Path) -> Mapping[str, NDArray[Any] | RowFile]:
    """The arrays by name, in memory where they fit."""
    try:
        if (stored := stored_arrays(path)) is not None:
            return stored
        with path.open("rb") as stream:
            loaded = np.load(stream, allow_pickle=False)
            if isinstance(loaded, np.ndarray):
                return {path.stem: loaded}
            return {name: loaded[name] for name in loaded.files}
    except FileNotFoundError as error:
        raise DataError("the file of a data set was wanted", "it is not there", str(path), "Choose it anew.") from error
    except (*DAMAGED, zipfile.LargeZipFile, SyntaxError, TypeError, TokenError) as error:
        raise DataError("a whole .npz or .npy file was wanted", f"{error}", str(path), _FIX) from error


def _values(array: NDArray[Any] | RowFile) -> NDArray[Any]:
    return array.read(np.arange(array.count)) if isinstance(array, RowFile) else array


@dataclass(frozen=True, slots=True)
class _Shape:
    """What is known of an array; `low` and `high` of whole numbers, one a sample."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    low: int = -1
    high: int = -1

    @classmethod
    def of(cls, array: NDArray[Any] | RowFile) -> _Shape:
        shape = (array.count, *array.shape) if isinstance(array, RowFile) else array.shape
        if array.dtype.kind not in "iub" or len(shape) != 1 or not shape[0]:
            return cls(shape, array.dtype)
        values = _values(array)
        return cls(shape, array.dtype, int(values.min()), int(values.max()))


def _field(name: str, values: _Shape, where: str) -> FieldSpec:
    word = _name(name)
    shape = tuple(int(size) for size in values.shape[1:])
    target = word.lower() in TARGETS
    if values.dtype.kind in "iub":
        low, high = values.low, values.high
        if low >= 0 and high < MOST_CLASSES:
            classes = tuple(str(number) for number in range(high + 1))
            return FieldSpec(word, (), "int64", "target", classes, help="Class numbers of the file")
        if values.dtype.kind == "i" and target:
            return FieldSpec(word, shape, "int64", "target", help="Whole numbers of the file")
    elif values.dtype.kind != "f":
        raise DataError("arrays of numbers were wanted", f"{name} holds {values.dtype}", where, _FIX)
    columns = tuple(f"{word} {place}" for place in range(shape[0])) if len(shape) == 1 and shape[0] <= 1000 else ()
    role: Literal["input", "target"] = "target" if target else "input"
    return FieldSpec(word, shape, "float32", role, (), columns, scaled=True, help=f"The array {name} of the file")


def _name(name: str) -> str:
    word = re.sub(r"\W+", "_", name).strip("_")
    return word if word.isidentifier() else f"array_{word}".rstrip("_")
