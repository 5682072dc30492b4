"""A mark of a file's content, by which a change of it is noticed: quick for any size."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

WHOLE = 2**26
"""Bytes up to which a file is read whole."""
PARTS, PART = 64, 2**20
"""Of a larger one so many parts of so many bytes, evenly spread."""


def file_mark(path: Path) -> str:
    """The sha256 (hexadecimal) of the file's size and content, of a large one's parts; raises OSError."""
    size = path.stat().st_size
    digest = hashlib.sha256(size.to_bytes(8, "big"))
    with path.open("rb") as stream:
        if size <= WHOLE:
            while part := stream.read(PART):
                digest.update(part)
        else:
            for place in range(PARTS):
                stream.seek(place * (size - PART) // (PARTS - 1))
                digest.update(stream.read(PART))
    return digest.hexdigest()


def decoded_key(kind: str, root: Path, mark: str, options: Mapping[str, object], files: Iterable[Path]) -> str:
    """What decoded files depend on: them as they are now, where they stand, and how they are read; raises OSError."""
    text = f"{kind}\0{root.resolve()}\0{mark}\0{sorted(options.items())}"
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass"))
    for path in files:
        digest.update(path.stat().st_mtime_ns.to_bytes(8, "big", signed=True))
    return digest.hexdigest()[:32]


def folder_mark(root: Path, files: Iterable[Path]) -> str:
    """The sha256 (hexadecimal) of the files' places within the folder and their sizes; raises OSError."""
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{path.relative_to(root).as_posix()}\0{path.stat().st_size}\n".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
