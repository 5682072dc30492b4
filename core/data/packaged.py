"""The compact files that come with Chainrule: reading them, and saying so when they cannot be read."""

from __future__ import annotations

import io
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
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            return {name: archive[name] for name in names}
    except (
        zipfile.BadZipFile,
        zlib.error,
        ValueError,
        EOFError,
        OSError,
        NotImplementedError,
        AttributeError,
    ) as error:
        came = f"its {len(content)} bytes are not ({error})"
        raise DataError("the file of a data set has to be a whole .npz archive", came, str(path), REINSTALL) from error
