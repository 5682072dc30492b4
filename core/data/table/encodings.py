"""How the letters of a text file are written: told by its first bytes, or found by trying."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from pathlib import Path

from core.amounts import bytes_text
from core.data.table.options import ENCODINGS
from core.errors import DataError
from core.room import free_memory

PART = 2**20
GROWTH = 8
"""Bytes of memory that a byte of text takes while it is read."""
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def opened(path: Path, encoding: str) -> tuple[io.TextIOWrapper, str, tuple[str, ...]]:
    """The file as text, the encoding's name, and what there is to say; raises DataError where it is no such text."""
    size = path.stat().st_size
    if not size:
        raise DataError("a table was wanted", "the file is empty", str(path), "Choose another.")
    free = free_memory()
    if free is not None and size * GROWTH > free:
        came = f"{bytes_text(size)} of text take more memory than the {bytes_text(free)} that are free"
        raise DataError("a table that fits into memory was wanted", came, str(path), "Save a part of it.")
    notes: tuple[str, ...] = ()
    name = encoding
    if encoding == "auto":
        name, notes = _found(path)
    elif (wrong := _first_wrong(path, ENCODINGS[encoding])) >= 0:
        fix = "Choose another encoding, or auto."
        raise DataError(f"text in {encoding} was wanted", f"byte {wrong:,} is none", str(path), fix)
    return path.open(encoding=ENCODINGS[name], errors="replace", newline=""), name, notes


def _found(path: Path) -> tuple[str, tuple[str, ...]]:
    with path.open("rb") as stream:
        head = stream.read(PART)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name, ()
    if b"\0" in head:
        fix = "Save it as text in UTF-8, or choose the encoding."
        raise DataError("a table as text was wanted", "zero bytes came, as in other files", str(path), fix)
    wrong = _first_wrong(path, "utf-8")
    if wrong < 0:
        return "utf-8", ()
    return "latin-1", (f"Read as Latin-1 (Windows-1252), since byte {wrong:,} is no UTF-8.",)


def _first_wrong(path: Path, encoding: str) -> int:
    """The place of the first byte that is not in this encoding; -1 where all are."""
    decoder = codecs.getincrementaldecoder(encoding)()
    place = 0
    try:
        for part in _parts(path):
            decoder.decode(part)
            place += len(part)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        return place + error.start
    except UnicodeError:  # UTF-16 without its mark
        return place
    return -1


def _parts(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while part := stream.read(PART):
            yield part
