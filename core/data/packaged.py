"""The compact files that come with Chainrule: reading them, and saying so when they cannot be read."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import resources
from core.errors import DataError

FOLDER = Path(resources.__file__).parent / "datasets"
REINSTALL = "Install Chainrule again: the file comes with it."
# What zipfile and numpy raise for bytes that were changed: RuntimeError is for a member that now says it is encrypted,
# NotImplementedError (one of them) for an unknown compression, KeyError for a member whose name has changed.
DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, ValueError, EOFError, OSError, RuntimeError, KeyError)


def read_content(path: Path) -> bytes:
    """The bytes of a packaged file; raises DataError when it is missing or cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        reason = "it is missing" if isinstance(error, FileNotFoundError) else f"the system says: {error.strerror}"
        raise DataError("the file of a data set has to be readable", reason, str(path), REINSTALL) from error


def read_arrays(path: Path, names: Collection[str]) -> dict[str, NDArray[Any]]:
    """These arrays of an .npz file; raises DataError when it is missing, damaged or lacks one. Runs no pickle."""
    content = read_content(path)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {name: _array(archive.read(f"{name}.npy")) for name in names}
    except DAMAGED as error:
        came = f"its {len(content)} bytes are not ({error})"
        raise DataError("the file of a data set has to be a whole .npz archive", came, str(path), REINSTALL) from error


def _array(member: bytes) -> NDArray[Any]:
    # The archive has compared the member with its checksum before numpy reads the header: numpy is strict about values,
    # but a broken header can surprise its parser.
    array: NDArray[Any] = np.load(io.BytesIO(member), allow_pickle=False)
    return array
