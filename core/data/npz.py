"""NumPy arrays of the user's own: an .npz archive, or one .npy; nothing in them is executed."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from core.data.found import Found
from core.data.marks import file_mark
from core.data.packaged import DAMAGED
from core.data.settings import DatasetSettings
from core.data.sources import FieldSpec, Value
from core.errors import DataError

MOST_CLASSES = 1_000
"""Whole numbers from 0 to below this are labels; larger ones are inputs."""
TARGETS = ("y", "label", "labels", "target", "targets", "t")
_FIX = "Save arrays of numbers of one length with numpy.savez."


def inspect(path: Path, _options: Mapping[str, Value]) -> Found:
    """The arrays as fields; raises DataError where they are damaged, of several lengths, or no numbers."""
    arrays = _all(path)
    lengths = {name: len(values) for name, values in arrays.items() if values.ndim}
    if len(lengths) < len(arrays) or len(set(lengths.values())) != 1:
        came = ", ".join(f"{name} {arrays[name].shape}" for name in arrays) or "none came"
        raise DataError("arrays of as many samples each were wanted", came, str(path), _FIX)
    fields = tuple(_field(name, values, str(path)) for name, values in arrays.items())
    return Found(fields, next(iter(lengths.values())), file_mark(path))


def read(settings: DatasetSettings, only: Collection[str]) -> dict[str, NDArray[Any]]:
    """These fields (N, ...) as float32 or int64; raises DataError."""
    path = Path(settings.path)
    arrays = {_name(name): values for name, values in _all(path).items()}
    assert settings.found is not None  # it is a file's
    specs = {field.name: field for field in settings.found.fields if field.name in only}
    missing = [name for name in specs if name not in arrays]
    if missing:
        raise DataError(f"the array {missing[0]} was wanted", "it is not there any more", str(path), "Read it anew.")
    return {name: np.ascontiguousarray(arrays[name], dtype=spec.dtype) for name, spec in specs.items()}


def _all(path: Path) -> dict[str, NDArray[Any]]:
    try:
        with path.open("rb") as stream:
            loaded = np.load(stream, allow_pickle=False)
            if isinstance(loaded, np.ndarray):
                return {path.stem: loaded}
            return {name: loaded[name] for name in loaded.files}
    except FileNotFoundError as error:
        raise DataError("the file of a data set was wanted", "it is not there", str(path), "Choose it anew.") from error
    except (*DAMAGED, zipfile.LargeZipFile) as error:
        raise DataError("a whole .npz or .npy file was wanted", f"{error}", str(path), _FIX) from error


def _field(name: str, values: NDArray[Any], where: str) -> FieldSpec:
    word = _name(name)
    shape = tuple(int(size) for size in values.shape[1:])
    target = word.lower() in TARGETS
    if values.dtype.kind in "iub":
        low, high = int(values.min()), int(values.max())
        if values.ndim == 1 and low >= 0 and high < MOST_CLASSES:
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
