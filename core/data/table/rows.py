"""Which rows of a table are used: those without what is missing, in the order that was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.data.sources import Value
from core.data.table.cells import dates_of, is_missing, numbers_of
from core.data.table.guessing import Chosen
from core.data.table.options import text_of
from core.data.table.sheet import Sheet
from core.errors import DataError

TOLD = 6
"""Columns that a note names."""


@dataclass(frozen=True, eq=False, slots=True)
class Rows:
    """The places of the rows that are used (int64), how many were left out, and why."""

    places: NDArray[np.int64]
    skipped: int
    notes: tuple[str, ...]


def used_rows(sheet: Sheet, chosen: Sequence[Chosen], options: Mapping[str, Value], where: str) -> Rows:
    """The rows to use; raises DataError where none is left."""
    notes = [_wrong_note(column) for column in chosen if column.wrong]
    keep = np.ones(sheet.rows, dtype=np.bool_)
    targets = [column for column in chosen if column.role == "target"]
    inputs = [column for column in chosen if column.role == "input"]
    notes += _drop(keep, targets, "Rows without a value to predict left out")
    if text_of(options, "missing") == "drop":
        notes += _drop(keep, inputs, "Rows with missing values left out")
    else:
        notes += _filled_note(keep, inputs)
    places = np.flatnonzero(keep)
    if order := text_of(options, "order").strip():
        places = places[_order(sheet, order, where)[places].argsort(kind="stable")]
    if not len(places):
        worst = max((*inputs, *targets), key=lambda column: int(column.missing.sum()))
        fix = f"Leave out {worst.name}, of which most is missing, or choose to fill what is missing."
        raise DataError("rows without missing values were wanted", "every row misses something", where, fix)
    return Rows(places, sheet.rows - len(places), tuple(notes))


def _drop(keep: NDArray[np.bool_], columns: Sequence[Chosen], words: str) -> list[str]:
    """Keep the rows no more in which one of the columns has no value; the note on it."""
    before = keep.copy()
    counts = {}
    for column in columns:
        missing = column.missing & before
        if missing.any():
            counts[column.name] = int(missing.sum())
            keep &= ~missing
    lost = int(before.sum() - keep.sum())
    return [f"{words}: {lost:,} ({_counted(counts)})."] if lost else []


def _filled_note(keep: NDArray[np.bool_], columns: Sequence[Chosen]) -> list[str]:
    counts = {column.name: int((column.missing & keep).sum()) for column in columns}
    counts = {name: count for name, count in counts.items() if count}
    return [f"Missing values filled: {_counted(counts)}."] if counts else []


def _counted(counts: Mapping[str, int]) -> str:
    most = sorted(counts.items(), key=lambda item: -item[1])
    words = [f"{name} {count:,}" for name, count in most[:TOLD]]
    return ", ".join((*words, f"{len(most) - TOLD} more") if len(most) > TOLD else words)


def _wrong_note(column: Chosen) -> str:
    place = next(place for place in np.flatnonzero(column.missing).tolist() if _is_wrong(column, place))
    noun = "date" if column.type == "date" else "finite number"
    cells = "1 cell is" if column.wrong == 1 else f"{column.wrong:,} cells are"
    first = str(column.column.texts[place])[:40]
    return f"In {column.name} {cells} no {noun} (“{first}” in row {place + 1:,}): taken as missing."


def _is_wrong(column: Chosen, place: int) -> bool:
    return not is_missing(column.column.texts[place])


def _order(sheet: Sheet, name: str, where: str) -> NDArray[np.float64]:
    """By what rows are put in order; those without a value come last."""
    column = sheet.column(name)
    if column is None:
        fix = f"Choose one of {', '.join(one.name for one in sheet.columns)}."
        raise DataError("a column to put rows in order by was wanted", f"it is called {name!r}", where, fix)
    values = column.numbers
    if values is None:
        values = numbers_of(column.texts, sheet.comma)
        if np.isnan(values).all():
            values = dates_of(column.texts)
    if values is None:
        fix = "Choose a column of numbers or dates."
        raise DataError("numbers or dates to put rows in order by were wanted", f"{name} holds others", where, fix)
    return np.where(np.isnan(values), np.inf, values)
