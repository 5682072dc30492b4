"""Tables of the user's own, from text, Parquet, Arrow or JSON lines: what is in them, and their values."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.found import Found
from core.data.marks import file_mark
from core.data.progress import tell
from core.data.settings import DatasetSettings, option_values
from core.data.sources import Value
from core.data.survey import Survey, SurveyColumn
from core.data.table.columnar import read_columnar
from core.data.table.fields import Field, fields
from core.data.table.guessing import Chosen, chosen
from core.data.table.options import COLUMNAR, text_of
from core.data.table.rows import Rows, used_rows
from core.data.table.separated import read_separated
from core.data.table.sheet import Sheet
from core.errors import DataError

SHOWN = 40
"""Rows that a survey shows."""


@dataclass(frozen=True, eq=False, slots=True)
class Table:
    """A table that was read: its columns as they are used, and its rows."""

    sheet: Sheet
    columns: tuple[Chosen, ...]
    rows: Rows

    @property
    def notes(self) -> tuple[str, ...]:
        """What was decided in reading it."""
        targets = [column.name for column in self.columns if column.role == "target"]
        out = [f"{column.name} ({_why(column)})" for column in self.columns if column.role == "out"]
        told = [f"To predict: {', '.join(targets)}." if targets else "No column is to be predicted."]
        told += [f"Columns left out: {', '.join(out)}."] if out else []
        return (*told, *self.sheet.notes, *self.rows.notes)


def inspect(path: Path, options: Mapping[str, Value]) -> Found:
    """The table's fields; raises DataError where it cannot be used, and OSError."""
    table = _table(_sheet(path, options), path, options)
    return _found(table, _fields(table, path, options), path)


def survey(path: Path, options: Mapping[str, Value]) -> Survey:
    """What stands in the table, whether or not it can be used as it is; raises DataError where it is none."""
    sheet = _sheet(path, options)
    columns = chosen(sheet, options, str(path))
    shown = tuple(_shown(column) for column in columns)
    texts = [list(column.column.as_texts()[:SHOWN]) for column in columns]
    rows = tuple(zip(*texts, strict=True))
    try:
        table = Table(sheet, columns, used_rows(sheet, columns, options, str(path)))
        found = _found(table, _fields(table, path, options), path)
    except DataError as error:
        return Survey(shown, rows, sheet.rows, None, error, sheet.settled)
    return Survey(shown, rows, sheet.rows, found, None, sheet.settled)


def read(settings: DatasetSettings, only: Collection[str]) -> dict[str, NDArray[Any]]:
    """These fields (N, ...); raises DataError where the table is not the one that was found, and OSError."""
    path, options = Path(settings.path), option_values(settings)
    table = _table(_sheet(path, options), path, options)
    made = _fields(table, path, options)
    found = settings.found
    assert found is not None  # it is a file's
    if tuple(spec for spec, _values in made) != found.fields or len(table.rows.places) != found.samples:
        fix = "Read it anew: “Reread” on the page of its data node."
        raise DataError("the table that was found was wanted", "its columns, classes or rows differ", str(path), fix)
    return {spec.name: values for spec, values in made if spec.name in only}


def _sheet(path: Path, options: Mapping[str, Value]) -> Sheet:
    tell("Reading", 0.0)
    found = read_columnar(path) if path.name.lower().endswith(COLUMNAR) else read_separated(path, options)
    tell("Looking at columns", 1.0)
    return found


def _table(sheet: Sheet, path: Path, options: Mapping[str, Value]) -> Table:
    columns = chosen(sheet, options, str(path))
    return Table(sheet, columns, used_rows(sheet, columns, options, str(path)))


def _fields(table: Table, path: Path, options: Mapping[str, Value]) -> tuple[Field, ...]:
    one_hot = text_of(options, "categories") == "one-hot"
    return fields(table.columns, table.rows.places, one_hot, str(path))


def _found(table: Table, made: Sequence[Field], path: Path) -> Found:
    skipped = table.sheet.skipped + table.rows.skipped
    specs = tuple(spec for spec, _values in made)
    return Found(specs, len(table.rows.places), file_mark(path), skipped, table.notes)


def _shown(column: Chosen) -> SurveyColumn:
    missing = int(column.missing.sum()) if column.role != "out" else 0
    return SurveyColumn(column.name, column.guess, column.type, column.role, missing, _range(column))


def _range(column: Chosen) -> str:
    """What values a column has, in a few words."""
    if column.numbers is not None:
        known = column.numbers[~np.isnan(column.numbers)]
        if column.type == "date" and len(known):
            days = np.array([known.min(), known.max()]).astype("datetime64[D]")
            return f"{days[0]} to {days[1]}"
        return f"{known.min():.4g} to {known.max():.4g}" if len(known) else "nothing"
    if column.role == "out":
        return ""
    names = sorted({text for text in column.texts if text})
    return f"{len(names):,} categories"


def _why(column: Chosen) -> str:
    if column.type == "text":
        return "text"
    if column.type != column.guess:
        return "as chosen"
    return "it counts the rows" if any(column.column.as_texts()[:SHOWN]) else "it is empty"
