"""The kinds of files that a user's own data can stand in, known without reading any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from types import MappingProxyType
from typing import Literal

from core.data.found import Found
from core.data.sources import OptionSpec, SourceKind, Value
from core.data.table.options import OPTIONS as TABLE_OPTIONS
from core.errors import DataError


@dataclass(frozen=True, slots=True)
class FormatKind:
    """A kind of file or folder: how it is told by its name, and what can be said about its reading.

    `suffixes` are endings in small letters; `folder` says that a folder is read, whatever it is called.
    `rereads` names the options of which another value finds other fields or samples.
    """

    name: str
    title: str
    summary: str
    suffixes: tuple[str, ...]
    options: tuple[OptionSpec, ...] = ()
    rereads: tuple[str, ...] = ()
    folder: bool = False
    normalise: Literal["none", "standardise"] = "none"
    natural: str = "as they stand in the file"


ARRAYS = FormatKind(
    "arrays",
    "NumPy arrays",
    "Arrays of one length by name: float numbers are inputs or targets, whole ones labels",
    (".npz", ".npy"),
)

TABLE = FormatKind(
    "table",
    "Table",
    "Rows of numbers and categories, in CSV or another text, Parquet, Arrow or JSON lines",
    (".csv", ".tsv", ".tab", ".txt", ".dat", ".data", ".parquet", ".arrow", ".feather", ".ipc", ".jsonl", ".ndjson"),
    TABLE_OPTIONS,
    tuple(spec.name for spec in TABLE_OPTIONS),
    normalise="standardise",
)

FORMATS: Mapping[str, FormatKind] = MappingProxyType({kind.name: kind for kind in (ARRAYS, TABLE)})


def format_of(path: PurePath, is_folder: bool) -> FormatKind:
    """The format that reads a file or folder of this name; raises DataError where none does."""
    for kind in FORMATS.values():
        if kind.folder == is_folder and (is_folder or path.name.lower().endswith(kind.suffixes)):
            return kind
    known = ", ".join(suffix for kind in FORMATS.values() for suffix in kind.suffixes)
    came = "a folder came" if is_folder else f"“{path.suffix or path.name}” came"
    raise DataError(f"a file of data was wanted ({known})", came, str(path), "Choose a file of one of these kinds.")


def own_kind(format_name: str, path: str, found: Found) -> SourceKind:
    """The data set that stands in a file, as one that can be dropped."""
    kind = FORMATS[format_name]
    name = PurePath(path).name
    skipped = f", {found.skipped:,} left out" if found.skipped else ""
    return SourceKind(
        name=kind.name,
        title=name,
        summary=f"{kind.title}: {found.samples:,} samples{skipped}",
        fields=found.fields,
        options=kind.options,
        normalise=kind.normalise,
        natural=kind.natural,
        licence="Your own",
        file=name,
        samples=found.samples,
    )


def settled(kind: FormatKind, options: Mapping[str, Value]) -> dict[str, Value]:
    """Every option of the format with its value, defaults filled in."""
    return {spec.name: options.get(spec.name, spec.default) for spec in kind.options}
