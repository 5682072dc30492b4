"""CIFAR-10 and CIFAR-100 from their binary version: a record is one or two class bytes and 3072 bytes of a picture."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.folders import files_below
from core.data.found import Found
from core.data.marks import folder_mark
from core.data.rows import RowFile, stamp
from core.data.settings import DatasetSettings
from core.data.sources import FieldSpec, Value
from core.errors import DataError

SUFFIXES = (".bin", "data_batch_1", "batches.meta", "meta")
"""The latter are of the Python version, which is told from the others to be refused."""
PIXELS = 3 * 32 * 32
TEN = ("data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin")
_FIX = "Unpack cifar-10-binary.tar.gz or cifar-100-binary.tar.gz anew."


@dataclass(frozen=True, eq=False, slots=True)
class CifarRows:
    """The pictures of all files, one after another, by number."""

    files: tuple[RowFile, ...]
    ready: bool = True

    def read(self, numbers: NDArray[np.int64]) -> NDArray[np.float32]:
        """These pictures (n, 3, 32, 32) from 0 to 1; raises DataError and OSError."""
        return np.divide(self.records(numbers)[:, -PIXELS:].reshape(-1, 3, 32, 32), np.float32(255), dtype=np.float32)

    def records(self, numbers: NDArray[np.int64]) -> NDArray[np.uint8]:
        """These records as bytes (n, size)."""
        found = np.empty((len(numbers), self.files[0].row), np.uint8)
        begin = 0
        for file in self.files:
            here = (numbers >= begin) & (numbers < begin + file.count)
            if here.any():
                found[here] = file.read(numbers[here] - begin)
            begin += file.count
        return found

    def told(self) -> str:
        """Nothing."""
        return ""

    def like(self, _number: int, _other: int) -> bool:
        """Nothing stands in for a picture."""
        return False


def inspect(path: Path, _options: Mapping[str, Value]) -> Found:
    """The pictures and their classes, the test file being held out; raises OSError and DataError."""
    found = _files(path)
    records, samples = CifarRows(found), sum(file.count for file in found)
    labels = records.records(np.arange(samples))[:, :-PIXELS]
    fields = [FieldSpec("image", (3, 32, 32), "float32", "input", scaled=True, help="Red, green and blue, 0 to 1")]
    for place, (name, names) in enumerate(_labels(path, labels)):
        if labels[:, place].max() >= len(names):
            came = f"the class {labels[:, place].max()} came"
            raise DataError(f"classes from 0 to {len(names) - 1} were wanted", came, str(path), _FIX)
        fields.append(FieldSpec(name, (), "int64", "target", names, help="Class numbers of the file"))
    held = found[-1].count if found[-1].path.name.startswith("test") and len(found) > 1 else 0
    notes = (f"{held:,} pictures of the test file are held out.",) if held else ()
    return Found(tuple(fields), samples, folder_mark(path, [file.path for file in found]), 0, notes, held)


def read(settings: DatasetSettings, only: Collection[str]) -> dict[str, NDArray[Any]]:
    """These fields of all pictures; raises OSError and DataError."""
    records, known = _known(settings)
    numbers = np.arange(known.samples)
    names = [field.name for field in known.fields if field.name != "image"]
    labels = records.records(numbers)[:, :-PIXELS].astype(np.int64) if set(names) & set(only) else None
    found: dict[str, NDArray[Any]] = {"image": records.read(numbers)} if "image" in only else {}
    if labels is not None:
        found |= {name: np.ascontiguousarray(labels[:, names.index(name)]) for name in only if name in names}
    return found


def rows(settings: DatasetSettings) -> dict[str, CifarRows]:
    """The pictures by number; raises DataError where the files are not what they were."""
    return {"image": _known(settings)[0]}


def _known(settings: DatasetSettings) -> tuple[CifarRows, Found]:
    path, known = Path(settings.path), settings.found
    assert known is not None  # it is a folder's
    found = _files(path)
    if folder_mark(path, [file.path for file in found]) != known.mark:
        raise DataError("the files as they were read were wanted", "they have changed", str(path), "Read them anew.")
    return CifarRows(found), known


def _files(path: Path) -> tuple[RowFile, ...]:
    """The files of the set, that of the test last."""
    named = {file.name: file for file in files_below(path, SUFFIXES)}
    ten = [named[name] for name in (*TEN, "test_batch.bin") if name in named]
    hundred = [named[name] for name in ("train.bin", "test.bin") if name in named]
    if not ten and not hundred:
        python = any(name in named for name in ("data_batch_1", "batches.meta", "meta"))
        came = "the Python version came, a pickle, which can run any code" if python else "none of its files came"
        fix = "Take the one called “binary version (suitable for C programs)”, cifar-10-binary.tar.gz, and unpack it."
        raise DataError("the binary version of CIFAR was wanted", came, str(path), fix)
    size = PIXELS + (1 if ten else 2)
    return tuple(_rows(file, size) for file in ten or hundred)


def _rows(file: Path, size: int) -> RowFile:
    mark = stamp(file)
    if mark[0] % size or not mark[0]:
        came = f"{mark[0]:,} bytes came"
        raise DataError(f"whole records of {size:,} bytes were wanted", came, str(file), _FIX)
    return RowFile(file, 0, mark[0] // size, (size,), np.dtype(np.uint8), mark)


def _labels(path: Path, labels: NDArray[np.uint8]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The fields of classes by name, with what the classes are called."""
    if labels.shape[1] == 1:
        return (("label", _names(path, "batches.meta.txt", 10)),)
    coarse, fine = _names(path, "coarse_label_names.txt", 20), _names(path, "fine_label_names.txt", 100)
    return (("coarse", coarse), ("label", fine))


def _names(path: Path, file: str, count: int) -> tuple[str, ...]:
    for place in files_below(path, (file,)):
        names = tuple(place.read_text(encoding="utf-8", errors="replace").split())
        if len(names) == len(set(names)) == count:
            return names
    return tuple(map(str, range(count)))
