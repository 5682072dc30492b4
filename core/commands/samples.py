"""Reads what is to be predicted: numbers as JSON, arrays, pictures; checked against the field that they are for."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.sources import FieldSpec
from core.errors import FileError, ParameterError

Floats = NDArray[np.float32]
PICTURES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp"})


def read(texts: Iterable[str], fields: Mapping[str, FieldSpec]) -> dict[str, Floats]:
    """Samples (N, ...) in natural units for every field, by name, from [NAME=]VALUE texts.

    Several values for one field are joined. Raises FileError for what cannot be read, ParameterError for what does not
    fit.
    """
    found: dict[str, list[Floats]] = {name: [] for name in fields}
    for text in texts:
        name, equals, value = text.partition("=")
        named = equals and name in fields
        for key, array in _arrays(value if named else text, name if named else "", fields).items():
            found[key].append(_fitting(array, fields[key], text))
    for name, arrays in found.items():
        if not arrays:
            fix = f"Add --input {name}=FILE, or use --index."
            raise ParameterError(f"an input for {name} was wanted", "none came", "--input", fix)
    joined = {name: np.concatenate(arrays) for name, arrays in found.items()}
    if len({len(array) for array in joined.values()}) > 1:
        counts = ", ".join(f"{len(array)} of {name}" for name, array in joined.items())
        raise ParameterError("as many samples for every input were wanted", f"{counts} came", "--input")
    return joined


def _arrays(text: str, name: str, fields: Mapping[str, FieldSpec]) -> dict[str, NDArray[Any]]:
    """The arrays in a value, by the field that they are for."""
    content = _value(text)
    if not isinstance(content, dict):
        content = {name or _only(text, fields): content}
    for key in content:
        if key not in fields:
            raise ParameterError(f"an input of the network was wanted ({', '.join(fields)})", f"“{key}” came", text)
    return {key: _numbers(value, text) for key, value in content.items()}


def _only(text: str, fields: Mapping[str, FieldSpec]) -> str:
    if len(fields) == 1:
        return next(iter(fields))
    fix = f"Write {next(iter(fields))}={text}." if fields else "Leave out --input."
    names = ", ".join(fields) or "it has none"
    raise ParameterError(f"the name of an input was wanted ({names})", "none came", text, fix)


def _value(text: str) -> Any:
    """The content of a file, or the inline numbers."""
    path = Path(text)
    suffix = path.suffix.lower()
    if suffix in PICTURES or suffix in {".npy", ".npz"}:
        return _picture(path) if suffix in PICTURES else _stored(path)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        fix = "Write [5.1, 3.5, 1.4, 0.2], or name a .npy, .npz or picture file."
        raise ParameterError("numbers as JSON or a file were wanted", f"“{text[:60]}” came", "--input", fix) from error


def _stored(path: Path) -> Any:
    """The array of an .npy file, or those of an .npz by name; runs no pickle."""
    try:
        content = np.load(path, allow_pickle=False)
        if isinstance(content, np.ndarray):
            return content
        with content as archive:
            return {name: archive[name] for name in archive.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise FileError("a readable .npy or .npz file was wanted", _reason(error), str(path)) from error


def _picture(path: Path) -> Floats:
    """The picture as grey values from 0 to 1 (H, W)."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            return np.asarray(image.convert("L"), np.float32) / np.float32(255)
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise FileError("a readable picture was wanted", _reason(error), str(path)) from error


def _numbers(value: Any, text: str) -> NDArray[Any]:
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ParameterError("rows of one length were wanted", "theirs differ", text) from error
    if array.dtype.kind not in "fiub":
        raise ParameterError("numbers were wanted", f"{array.dtype} came", text)
    if not np.isfinite(array).all():
        raise ParameterError("finite numbers were wanted", "NaN or infinity came", text, "Correct the sample.")
    return array


def _fitting(array: NDArray[Any], field: FieldSpec, text: str) -> Floats:
    """One sample or several as (N, ...)."""
    shapes = [field.shape, field.shape[1:]] if field.shape[:1] == (1,) else [field.shape]
    for shape in shapes:
        if array.shape[array.ndim - len(shape) :] == shape and array.ndim - len(shape) in (0, 1):
            return _checked(array.reshape(-1, *field.shape), field, text).astype(np.float32)
    wanted = "×".join(map(str, shapes[-1])) or "one number"
    came = "×".join(map(str, array.shape)) or "one number"
    fix = "Cut or scale it to that size." if len(field.shape) == 3 else ""
    raise ParameterError(f"samples of size {wanted} were wanted for {field.name}", f"{came} came", text, fix)


def _checked(array: NDArray[Any], field: FieldSpec, text: str) -> NDArray[Any]:
    """Pictures of our data have grey values from 0 to 1; bytes are brought there."""
    if len(field.shape) != 3:
        return array
    if array.dtype == np.uint8:
        return array / np.float32(255)
    if field.scaled and array.size and not 0 <= array.min() <= array.max() <= 1:
        came = f"{array.min():g} to {array.max():g} came"
        raise ParameterError("grey values from 0 (paper) to 1 (ink) were wanted", came, text, "Divide them by 255.")
    return array


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()
