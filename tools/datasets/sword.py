"""Verses out of the modules of the SWORD project: compressed books with an index of blocks and one of verses."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator

from tools.datasets.originals import Originals

BLOCK, VERSE = struct.Struct("<III"), struct.Struct("<IIH")
"""Where a block begins, its size and that of its content; a verse's block, its place in it and its size."""
LEFT_OUT = re.compile(r"<note.*?</note>|<title.*?</title>|<[^>]*>|¶", re.DOTALL)


def verses(originals: Originals, package: str, module: str) -> Iterator[str]:
    """Every place of both testaments in the order of the versification, without markup; empty where no verse stands."""
    for part in ("ot", "nt"):
        path = f"ztext/{module}/{part}"
        blocks, index, content = (originals.debian(package, f"{path}.bz{letter}") for letter in "svz")
        books = [zlib.decompress(content[start : start + size]) for start, size, _plain in BLOCK.iter_unpack(blocks)]
        for book, start, size in VERSE.iter_unpack(index):
            verse = books[book][start : start + size].decode("utf-8") if size else ""
            yield " ".join(LEFT_OUT.sub("", verse).split())
