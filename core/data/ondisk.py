"""Where arrays stand in an .npy file, or in an .npz archive that is not compressed, so that rows are read by number."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from core.data.rows import IN_MEMORY, RowFile, stamp
from core.errors import DataError

_LOCAL = struct.Struct("<4s22xHH")
"""The head of a member in a zip archive: its mark, and the lengths of name and extra that follow."""


def stored_arrays(path: Path) -> dict[str, RowFile] | None:
    """The arrays by name where they are too large for the memory together, else None.

    Raises DataError for a large archive that is compressed, and what zipfile and numpy raise for damaged ones.
    """
    if not zipfile.is_zipfile(path):
        with path.open("rb") as stream:
            found = {path.stem: _array(path, stream, 0)}
    else:
        with zipfile.ZipFile(path) as archive, path.open("rb") as stream:
            members = archive.infolist()
            if sum(member.file_size for member in members) <= IN_MEMORY // 8:
                return None  # even as float32 they fit
            if any(member.compress_type != zipfile.ZIP_STORED for member in members):
                _refuse_large(path, members)
                return None
            found = {_name(member): _array(path, stream, _start(member, stream)) for member in members}
    return found if sum(map(_as_float, found.values())) > IN_MEMORY else None


def _refuse_large(path: Path, members: list[zipfile.ZipInfo]) -> None:
    if sum(member.file_size for member in members) <= IN_MEMORY:
        return
    came, fix = "a large one came that is compressed", "Save it with numpy.savez, or each array with numpy.save."
    raise DataError("an archive that can be read in parts was wanted", came, str(path), fix)


def _name(member: zipfile.ZipInfo) -> str:
    return member.filename.removesuffix(".npy")


def _as_float(rows: RowFile) -> int:
    return rows.count * (rows.row // rows.dtype.itemsize) * 4


def _start(member: zipfile.ZipInfo, stream: BinaryIO) -> int:
    stream.seek(member.header_offset)
    mark, name, extra = _LOCAL.unpack(stream.read(_LOCAL.size))
    if mark != b"PK\x03\x04":
        raise ValueError("a member of the archive is not where it should be")
    return member.header_offset + _LOCAL.size + int(name) + int(extra)


def _array(path: Path, stream: BinaryIO, start: int) -> RowFile:
    stream.seek(start)
    version = np.lib.format.read_magic(stream)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, columns_first, dtype = read(stream)
    if columns_first and len(shape) > 1:
        came, fix = "one came with its columns first", "Save numpy.ascontiguousarray of it."
        raise DataError("an array whose samples follow one another was wanted", came, str(path), fix)
    if not shape or dtype.hasobject:
        raise ValueError("an array of no samples, or of Python objects")
    found = RowFile(path, stream.tell(), shape[0], tuple(shape[1:]), _plain(dtype), stamp(path))
    if found.offset + found.count * found.row > path.stat().st_size:
        raise ValueError("an array that is longer than its file")
    return found


def _plain(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The type, refused where its size is not known."""
    if not dtype.itemsize:
        raise ValueError(f"an array of {dtype}")
    return dtype
