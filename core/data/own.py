"""Reading data of the user's own: which module reads which format."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from numpy.typing import NDArray

from core.data import npz
from core.data.formats import format_of
from core.data.found import Found
from core.data.settings import DatasetSettings
from core.data.sources import Value
from core.errors import DataError


@dataclass(frozen=True, slots=True)
class Reader:
    """How a format is read: `inspect` finds fields and samples, `read` brings natural values (N, ...)."""

    inspect: Callable[[Path, Mapping[str, Value]], Found]
    read: Callable[[DatasetSettings, Collection[str]], Mapping[str, NDArray[Any]]]


READERS: Mapping[str, Reader] = MappingProxyType({"arrays": Reader(npz.inspect, npz.read)})


def inspected(path: Path, options: Mapping[str, Value] = MappingProxyType({}), source: str = "") -> DatasetSettings:
    """The file or folder as a data set; raises DataError where it cannot be read or holds no samples.

    `source` is the format where it does not follow from the name.
    """
    try:
        name = source or format_of(path, path.is_dir()).name
        found = READERS[name].inspect(path, options)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise DataError("a readable file was wanted", reason, str(path), "Choose another.") from error
    return DatasetSettings(name, tuple(sorted(options.items())), path=str(path), found=found)


def own_fields(settings: DatasetSettings, only: Collection[str]) -> Mapping[str, NDArray[Any]]:
    """These fields of the file in natural units; raises DataError where it cannot be read or is not what it was."""
    try:
        return READERS[settings.source].read(settings, only)
    except OSError as error:
        reason = "it is not there" if isinstance(error, FileNotFoundError) else (error.strerror or str(error)).lower()
        raise DataError("the file of a data set was wanted", reason, settings.path, "Choose it anew.") from error
