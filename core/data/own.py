"""Reading data of the user's own: which module reads which format."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data import cifar, idx, npz, text
from core.data.audio import sounds
from core.data.formats import FORMATS, format_of
from core.data.found import Found
from core.data.options import check_value
from core.data.pictures import pictures
from core.data.rows import Rows
from core.data.settings import DatasetSettings
from core.data.sources import Value
from core.data.survey import Survey, SurveyColumn
from core.data.table import table
from core.errors import DataError, ParameterError


@dataclass(frozen=True, slots=True)
class Reader:
    """How a format is read: `inspect` finds fields and samples, `read` brings natural values (N, ...).

    `rows` are the fields that are read by number instead, when training asks for them; `read` can bring them too.
    `survey` tells what stands in the file where it can be shown before it is taken in.
    """

    inspect: Callable[[Path, Mapping[str, Value]], Found]
    read: Callable[[DatasetSettings, Collection[str]], Mapping[str, NDArray[Any]]]
    rows: Callable[[DatasetSettings], Mapping[str, Rows]] | None = None
    survey: Callable[[Path, Mapping[str, Value]], Survey] | None = None


READERS: Mapping[str, Reader] = MappingProxyType(
    {
        "arrays": Reader(npz.inspect, npz.read, npz.rows),
        "audio": Reader(sounds.inspect, sounds.read, sounds.rows),
        "cifar": Reader(cifar.inspect, cifar.read, cifar.rows),
        "idx": Reader(idx.inspect, idx.read),
        "pictures": Reader(pictures.inspect, pictures.read, pictures.rows),
        "text": Reader(text.inspect, text.read, text.rows),
        "table": Reader(table.inspect, table.read, survey=table.survey),
    }
)


def inspected(path: Path, options: Mapping[str, Value] = MappingProxyType({}), source: str = "") -> DatasetSettings:
    """The file or folder as a data set; raises DataError where it cannot be read or holds no samples.

    `source` is the format where it does not follow from the name.
    """
    name = source or format_of(path, path.is_dir()).name
    _check(name, options)
    with _readable(path):
        found = READERS[name].inspect(path, options)
    return as_found(path, name, options, found)


def as_found(path: Path, source: str, options: Mapping[str, Value], found: Found) -> DatasetSettings:
    """What was found as a data set; the part that the files hold out is held out."""
    chosen = tuple(sorted(options.items()))
    if not found.held:
        return DatasetSettings(source, chosen, path=str(path), found=found)
    return DatasetSettings(source, chosen, validation=found.held / found.samples, path=str(path), found=found)


def surveyed(path: Path, options: Mapping[str, Value] = MappingProxyType({}), source: str = "") -> Survey:
    """What stands in the file, whether or not it can be used as it is; raises DataError where it is no such file."""
    name = source or format_of(path, path.is_dir()).name
    _check(name, options)
    reader = READERS[name]
    if reader.survey is not None:
        with _readable(path):
            return reader.survey(path, options)
    found = inspected(path, options, name).found
    assert found is not None  # it was just read
    return Survey(_as_columns(found), total=found.samples, found=found)


def own_fields(settings: DatasetSettings, only: Collection[str]) -> Mapping[str, NDArray[Any]]:
    """These fields of the file in natural units; raises DataError where it cannot be read or is not what it was."""
    try:
        return READERS[settings.source].read(settings, only)
    except OSError as error:
        raise _unread(settings, error) from error


def own_rows(settings: DatasetSettings) -> Mapping[str, Rows]:
    """The fields that are read by number when they are asked for; raises DataError as `own_fields` does."""
    rows = READERS[settings.source].rows if settings.found is not None else None
    if rows is None:
        return {}
    try:
        return rows(settings)
    except OSError as error:
        raise _unread(settings, error) from error


def own_samples(
    settings: DatasetSettings, only: Collection[str], numbers: NDArray[np.int64]
) -> dict[str, NDArray[Any]]:
    """These samples (n, ...) alone in natural units, quickly where the format allows it; raises DataError."""
    rows = {name: one for name, one in own_rows(settings).items() if name in only}
    rest = [name for name in only if name not in rows]
    read = own_fields(settings, rest) if rest else {}
    found = {name: rows_read(settings, one, numbers) for name, one in rows.items()}
    return {name: found[name] if name in found else read[name][numbers] for name in only}


def rows_read(settings: DatasetSettings, rows: Rows, numbers: NDArray[np.int64]) -> NDArray[Any]:
    """These samples of a field; raises DataError where the file cannot be read, and Unreadable."""
    try:
        return rows.read(numbers)
    except OSError as error:
        raise _unread(settings, error) from error


def _unread(settings: DatasetSettings, error: OSError) -> DataError:
    reason = "it is not there" if isinstance(error, FileNotFoundError) else (error.strerror or str(error)).lower()
    return DataError("the file of a data set was wanted", reason, settings.path, "Choose it anew.")


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise DataError("a readable file was wanted", reason, str(path), "Choose another.") from error


def _check(name: str, options: Mapping[str, Value]) -> None:
    """Raise ParameterError for an option that the format has not, or a value that it cannot have."""
    known = {spec.name: spec for spec in FORMATS[name].options}
    for option, value in options.items():
        if option not in known:
            fix = f"Choose one of {', '.join(known)}." if known else "Remove it."
            raise ParameterError("an option of the format was wanted", f"it is called {option!r}", name, fix)
        check_value(known[option], value, name)


def _as_columns(found: Found) -> tuple[SurveyColumn, ...]:
    """The fields, where a format has nothing nearer to the file to show."""
    return tuple(
        SurveyColumn(field.name, field.dtype, field.dtype, field.role, values="×".join(map(str, field.shape)) or "1")
        for field in found.fields
    )
