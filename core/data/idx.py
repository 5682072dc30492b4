"""Pictures in the files of MNIST, Fashion-MNIST and KMNIST (IDX), as they are handed out, packed by gzip or not.

The format is Y. LeCun's: two zero bytes, the type, the number of sizes, the sizes as big-endian numbers, the values.
"""

from __future__ import annotations

import gzip
import re
import struct
import zlib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.folders import files_below
from core.data.found import Found
from core.data.marks import folder_mark
from core.data.settings import DatasetSettings
from core.data.sources import FieldSpec, Value
from core.errors import DataError

SUFFIXES = ("-ubyte", "-ubyte.gz")
MOST = 2**31
"""Bytes that an unpacked file may have."""
NAMES: Mapping[str, tuple[str, ...]] = {
    "fashion": ("T-shirt", "Trousers", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Trainer", "Bag", "Boot"),
    "kmnist": ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
}
"""What the classes are called where the folder's name says which set it is."""
_FIX = "Unpack or download it anew."
_WRONG = (OSError, EOFError, zlib.error, struct.error)


def inspect(path: Path, _options: Mapping[str, Value]) -> Found:
    """The pictures and labels, the test files being held out; raises OSError and DataError."""
    parts = _parts(path)
    sizes = {_head(images)[1:] for images, _labels in parts.values()}
    if len(sizes) > 1:
        came = " and ".join("×".join(map(str, size)) for size in sorted(sizes))
        raise DataError("pictures of one size were wanted", f"{came} came", str(path), _FIX)
    counts = {part: _head(images)[0] for part, (images, _labels) in parts.items()}
    labels = np.concatenate([_labels(files[1], counts[part]) for part, files in parts.items()])
    fields = (
        FieldSpec("image", (1, *sizes.pop()), "float32", "input", scaled=True, help="0 to 1, 1 being the ink"),
        FieldSpec(
            "label", (), "int64", "target", _names(path, int(labels.max()) + 1), help="Class numbers of the file"
        ),
    )
    files = [file for pair in parts.values() for file in pair]
    notes = (f"{counts['test']:,} pictures of the test files are held out.",) if "test" in counts else ()
    held = counts.get("test", 0) if "train" in counts else 0
    return Found(fields, len(labels), folder_mark(path, files), 0, notes, held)


def read(settings: DatasetSettings, only: Collection[str]) -> dict[str, NDArray[Any]]:
    """Pictures (N, 1, H, W) from 0 to 1 and labels (N,), those for training first; raises OSError and DataError."""
    path = Path(settings.path)
    parts = _parts(path)
    known = settings.found
    assert known is not None  # it is a folder's
    if folder_mark(path, [file for pair in parts.values() for file in pair]) != known.mark:
        raise DataError("the files as they were read were wanted", "they have changed", str(path), "Read them anew.")
    found: dict[str, NDArray[Any]] = {}
    if "image" in only:
        bytes_ = np.concatenate([_values(images) for images, _labels in parts.values()])
        found["image"] = np.divide(bytes_[:, np.newaxis], np.float32(255), dtype=np.float32)
    if "label" in only:
        found["label"] = np.concatenate([_labels(files[1], _head(files[0])[0]) for files in parts.values()])
    return found


def _parts(path: Path) -> dict[str, tuple[Path, Path]]:
    """By part, "train" first, the files of pictures and of labels; raises DataError where one is missing."""
    found: dict[tuple[str, str], Path] = {}
    for file in files_below(path, SUFFIXES):
        word = re.search(r"(train|t10k|test)\W*(images|labels)", file.name)
        if word:
            key = ("train" if word[1] == "train" else "test", word[2])
            if key in found and found[key].name.removesuffix(".gz") != file.name.removesuffix(".gz"):
                came, fix = f"{found[key].name} and {file.name} came", "Choose the folder of one set."
                raise DataError(f"one file of {key[0]}ing {key[1]} was wanted", came, str(path), fix)
            found.setdefault(key, file)
    parts = [part for part in ("train", "test") if (part, "images") in found or (part, "labels") in found]
    for part in parts or ["train"]:
        for what in ("images", "labels"):
            if (part, what) not in found:
                name = f"{'train' if part == 'train' else 't10k'}-{what}-idx{3 if what == 'images' else 1}-ubyte"
                raise DataError(f"the file {name} was wanted", "it is not there", str(path), "Put it into the folder.")
    return {part: (found[part, "images"], found[part, "labels"]) for part in parts}


def _names(path: Path, count: int) -> tuple[str, ...]:
    known = next((names for word, names in NAMES.items() if word in path.name.lower()), ())
    return known if len(known) == count else tuple(map(str, range(count)))


def _labels(file: Path, count: int) -> NDArray[np.int64]:
    labels = _values(file)
    if labels.shape != (count,):
        raise DataError(f"{count:,} labels were wanted, one a picture", f"{labels.shape} came", str(file), _FIX)
    return labels.astype(np.int64)


def _head(file: Path) -> tuple[int, ...]:
    """The sizes that the file tells; raises DataError."""
    try:
        with _opened(file) as stream:
            zero, kind, sizes = struct.unpack(">HBB", stream.read(4))
            shape = struct.unpack(f">{sizes}I", stream.read(4 * sizes))
    except _WRONG as error:
        raise DataError("a whole IDX file was wanted", str(error), str(file), _FIX) from error
    if zero or kind != 8 or sizes not in (1, 3) or not all(size > 0 for size in shape) or _bytes(shape) > MOST:
        came = f"it begins with {zero}, {kind}, {sizes} and sizes {shape}"
        raise DataError("an IDX file of bytes with one or three sizes was wanted", came, str(file), _FIX)
    return tuple(shape)


def _values(file: Path) -> NDArray[np.uint8]:
    shape = _head(file)
    try:
        with _opened(file) as stream:
            stream.read(4 + 4 * len(shape))
            content = stream.read(_bytes(shape) + 1)
    except _WRONG as error:
        raise DataError("a whole IDX file was wanted", str(error), str(file), _FIX) from error
    if len(content) != _bytes(shape):
        came = f"{'more' if len(content) > _bytes(shape) else f'{len(content):,}'} came"
        raise DataError(f"{_bytes(shape):,} values were wanted", came, str(file), _FIX)
    return np.frombuffer(content, np.uint8).reshape(shape)


def _bytes(shape: tuple[int, ...]) -> int:
    return int(np.prod(shape, dtype=object))


def _opened(file: Path) -> Any:
    return gzip.open(file) if file.suffix == ".gz" else file.open("rb")
