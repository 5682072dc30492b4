"""A folder of pictures or sounds as it was when it was read: its entries, their classes, and its mark that says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.data.folders import files_below
from core.data.formats import FORMATS, settled
from core.data.listing import Entry, known_good, listing
from core.data.marks import decoded_key, folder_mark
from core.data.settings import DatasetSettings
from core.data.sources import Value
from core.errors import DataError


@dataclass(frozen=True, eq=False, slots=True)
class Unchanged:
    """What stands in the folder, and how it is to be read."""

    root: Path
    chosen: Mapping[str, Value]
    entries: tuple[Entry, ...]
    classified: bool
    labels: NDArray[np.int64]
    """By entry the number of its class; 0 where there are none."""
    key: str
    """What its decoded samples are kept under."""


@dataclass(frozen=True, slots=True)
class Reader:
    """How a format reads folders: its name, what lies in them, by which endings, and what is a whole file."""

    format: str
    noun: str
    suffixes: tuple[str, ...]
    kind: str
    """Of what is decoded; counts up whenever the same file is decoded to other bytes."""
    good: Callable[[Path], bool]


def unchanged(settings: DatasetSettings, reader: Reader) -> Unchanged:
    """The folder of these settings; raises DataError where it is gone or has changed since it was read."""
    found, path = settings.found, Path(settings.path)
    assert found is not None  # it is a folder's
    if not path.is_dir():
        raise DataError("the folder of a data set was wanted", "it is not there", str(path), "Choose it anew.")
    chosen = settled(FORMATS[reader.format], dict(settings.options))
    files = files_below(path, reader.suffixes)
    key = decoded_key(reader.kind, path, found.mark, chosen, files)
    now = listing(path, files, reader.noun, chosen.get("masks") == "beside", known_good(key, path, reader.good))
    names = next((field.classes for field in found.fields if field.name == "label"), ())
    if folder_mark(path, files) != found.mark or len(now.entries) != found.samples or now.classes != names:
        came = f"it has changed: {len(now.entries):,} {reader.noun} are in it"
        wanted = f"the folder with its {found.samples:,} {reader.noun} was wanted"
        raise DataError(wanted, came, str(path), "Read it anew.")
    places = {name: place for place, name in enumerate(names)}
    labels = np.array([places.get(entry.name, 0) for entry in now.entries], np.int64)
    return Unchanged(path, chosen, now.entries, bool(names), labels, key)
