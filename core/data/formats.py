"""The kinds of files and folders that a user's own data can stand in, and which of them one is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import Literal

from core.data import folder_options
from core.data.columns import has_columns
from core.data.found import Found
from core.data.sources import OptionSpec, SourceKind, Value
from core.data.table.options import COLUMNAR
from core.data.table.options import OPTIONS as TABLE_OPTIONS
from core.errors import DataError


@dataclass(frozen=True, slots=True)
class FormatKind:
    """A kind of file or folder: how it is told by its name, and what can be said about its reading.

    `suffixes` are endings in small letters; `folder` says that a folder of such files is read, `file` that one alone
    is. `rereads` names the options of which another value finds other fields or samples. `in_order` says that samples
    follow one another, so that the last ones are held out.
    """

    name: str
    title: str
    summary: str
    suffixes: tuple[str, ...]
    options: tuple[OptionSpec, ...] = ()
    rereads: tuple[str, ...] = ()
    folder: bool = False
    file: bool = True
    in_order: bool = False
    normalise: Literal["none", "standardise"] = "none"
    natural: str = "as they stand in the file"


ARRAYS = FormatKind(
    "arrays",
    "NumPy arrays",
    "Arrays of one length by name: float numbers are inputs or targets, whole ones labels",
    (".npz", ".npy"),
    (
        OptionSpec(
            "missing",
            "choice",
            "refuse",
            choices=("refuse", "fill"),
            help="Numbers that are missing (NaN) among the inputs are told as an error, or filled with the mean of the "
            "training part",
        ),
    ),
)

TABLE = FormatKind(
    "table",
    "Table",
    "Rows of numbers and categories, in CSV or another text, Parquet, Arrow or JSON lines",
    (".csv", ".tsv", ".tab", ".txt", ".dat", ".data", *COLUMNAR),
    TABLE_OPTIONS,
    tuple(spec.name for spec in TABLE_OPTIONS),
    normalise="standardise",
)

PICTURES = FormatKind(
    "pictures",
    "Folder of pictures",
    "Pictures in one folder a class, brought to one size; or with masks beside them",
    (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm"),
    folder_options.PICTURES,
    tuple(spec.name for spec in folder_options.PICTURES),
    folder=True,
    file=False,
    natural="from 0 to 1",
)

TEXT = FormatKind(
    "text",
    "Text",
    "Texts cut into samples of characters, words or bytes, each with the one that follows",
    (".txt", ".text", ".md"),
    folder_options.TEXT,
    tuple(spec.name for spec in folder_options.TEXT),
    folder=True,
    in_order=True,
    natural="numbers of tokens",
)

AUDIO = FormatKind(
    "audio",
    "Folder of sounds",
    "Sounds in one folder a class, brought to one rate and length; as wave or spectrogram",
    (".wav", ".wave", ".flac", ".ogg"),
    folder_options.SOUNDS,
    tuple(spec.name for spec in folder_options.SOUNDS),
    folder=True,
    file=False,
    normalise="standardise",
    natural="from -1 to 1, or the logarithm of the power",
)

IDX = FormatKind(
    "idx",
    "MNIST files",
    "MNIST, Fashion-MNIST or KMNIST as they are handed out: train-images-idx3-ubyte and the like, .gz or unpacked",
    ("-ubyte", "-ubyte.gz"),
    folder=True,
    file=False,
    natural="from 0 to 1",
)

CIFAR = FormatKind(
    "cifar",
    "CIFAR",
    "CIFAR-10 or CIFAR-100, the binary version",
    (".bin", "data_batch_1", "meta"),
    folder=True,
    file=False,
    natural="from 0 to 1",
)

FORMATS: Mapping[str, FormatKind] = MappingProxyType(
    {kind.name: kind for kind in (ARRAYS, TABLE, TEXT, PICTURES, AUDIO, IDX, CIFAR)}
)
LOOKED_AT = 2_000
"""Files of a folder by which its format is told."""


def format_of(path: Path, is_folder: bool) -> FormatKind:
    """The format that reads this file, or most files of this folder; raises DataError where none does, and OSError."""
    kinds = [kind for kind in FORMATS.values() if (kind.folder if is_folder else kind.file)]
    names = _names(path) if is_folder else [path.name.lower()]
    counts = {kind.name: sum(name.endswith(kind.suffixes) for name in names) for kind in kinds}
    best = max(kinds, key=lambda kind: counts[kind.name])
    if best is TABLE and counts[TEXT.name]:
        return TABLE if has_columns(path) else TEXT
    if counts[best.name]:
        return best
    known = ", ".join(suffix for kind in kinds for suffix in kind.suffixes)
    what = "a folder with files of data" if is_folder else "a file of data"
    came = "none came" if is_folder else f"“{path.suffix or path.name}” came"
    raise DataError(f"{what} was wanted ({known})", came, str(path), "Choose one of these kinds.")


def _names(folder: Path) -> list[str]:
    """The names of some files in the folder and below, in small letters; hidden ones left out."""
    found: list[str] = []
    for _place, inner, names in os.walk(folder):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        found += [name.lower() for name in names if not name.startswith(".")]
        if len(found) > LOOKED_AT:
            break
    return found


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
        splits=_splits(kind, found),
        gap=found.gap,
        normalise=kind.normalise,
        natural=kind.natural,
        licence="Your own",
        file=name,
        samples=found.samples,
    )


def _splits(kind: FormatKind, found: Found) -> tuple[str, ...]:
    """The ways in which the parts can be told apart, the one first that the files ask for."""
    classified = any(field.classes and not field.shape for field in found.fields)
    drawn = ("random", "stratified") if classified else ("random",)
    return ("time", *drawn) if found.held or kind.in_order else (*drawn, "time")


def settled(kind: FormatKind, options: Mapping[str, Value]) -> dict[str, Value]:
    """Every option of the format with its value, defaults filled in."""
    return {spec.name: options.get(spec.name, spec.default) for spec in kind.options}
