"""What the columns of a table are: numbers, categories, dates or texts, and which one is to be predicted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.data.sources import Value
from core.data.table.cells import dates_of, is_missing, numbers_of, seem_numbers
from core.data.table.options import UNUSED, targets_of, types_of
from core.data.table.sheet import Column, Sheet
from core.errors import DataError

TARGETS = ("target", "targets", "label", "labels", "class", "y")
NUMBERED = ("", "id", "index", "row", "rowid", "unnamed: 0", "column 1", "nr", "no")
WRONG, FEW = 0.05, 5
"""Share of cells of numbers that may be none, as they count as missing; of at least so many cells one may be."""
MOST_CATEGORIES = 200
CLASSES = 20
"""Whole numbers to predict are classes where there are so few of them."""


@dataclass(frozen=True, eq=False, slots=True)
class Chosen:
    """A column as it is used: what was guessed, what it is, and what for; `wrong` counts cells that do not fit it.

    `numbers` (N,) float64 of numbers and dates, or `texts` (N,) of categories, "" being a missing one.
    """

    column: Column
    guess: str
    type: str
    role: Literal["input", "target", "out"]
    numbers: NDArray[np.float64] | None = None
    texts: tuple[str, ...] = ()
    wrong: int = 0

    @property
    def name(self) -> str:
        """The column's name."""
        return self.column.name

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Which rows have no value (N,)."""
        if self.numbers is not None:
            return np.isnan(self.numbers)
        return np.array([not text for text in self.texts], dtype=np.bool_)


def chosen(sheet: Sheet, options: Mapping[str, Value], where: str) -> tuple[Chosen, ...]:
    """Every column with its type and role, by guess where the options do not say; raises DataError."""
    types, targets = types_of(options), targets_of(options)
    names = [column.name for column in sheet.columns]
    for name in (*types, *(targets or ())):
        if name not in names:
            fix = f"Choose one of {', '.join(names)}."
            raise DataError("a column of the table was wanted", f"it is called {name!r}", where, fix)
    parsed = {column.name: _numbers(column, sheet.comma) for column in sheet.columns}
    guesses = {column.name: guessed(column, parsed[column.name], sheet.comma) for column in sheet.columns}
    if targets is None:
        targets = guessed_target({**guesses, **types})
    return tuple(
        _chosen(column, sheet, guesses[column.name], parsed[column.name], types, targets) for column in sheet.columns
    )


def _numbers(column: Column, comma: bool) -> NDArray[np.float64] | None:
    """The numbers of a column (N,); None of one that seems to hold others."""
    if column.numbers is not None:
        return column.numbers
    return numbers_of(column.texts, comma) if seem_numbers(column.texts, comma) else None


def guessed(column: Column, numbers: NDArray[np.float64] | None, comma: bool) -> str:
    """The type that a column seems to have; `numbers` are what its cells are as such, where they seem to be."""
    if numbers is not None and np.isnan(numbers).all() and not _wrong(column, numbers):
        return "left out"
    if column.numbers is not None:
        return "left out" if _counts_rows(column.name, column.numbers, column.stored) else column.stored
    if numbers is not None:
        known = numbers[~np.isnan(numbers)]
        wrong = _wrong(column, numbers)
        if wrong <= max(WRONG * (len(known) + wrong), 1 if len(known) + wrong >= FEW else 0):
            return _kind_of_numbers(column, known, numbers, comma)
    if dates_of(column.texts) is not None:
        return "date"
    missing = {text for text in set(column.texts) if is_missing(text)}
    distinct, present = len(set(column.texts) - missing), sum(text not in missing for text in column.texts)
    return "category" if distinct <= max(2, min(MOST_CATEGORIES, present // 2)) else "text"


def _kind_of_numbers(column: Column, known: NDArray[np.float64], numbers: NDArray[np.float64], comma: bool) -> str:
    if (known != np.floor(known)).any() or _has_point(column.texts, comma):
        return "number"
    return "left out" if _counts_rows(column.name, numbers, "whole") else "whole"


def guessed_target(types: Mapping[str, str]) -> tuple[str, ...]:
    """The column to predict: one that is named so, else the last that is of use; none where there is only one."""
    usable = [name for name, kind in types.items() if kind not in UNUSED]
    named = [name for name in usable if name.strip().lower() in TARGETS]
    return tuple((named or usable)[-1:]) if len(usable) > 1 else ()


def _chosen(
    column: Column,
    sheet: Sheet,
    guess: str,
    parsed: NDArray[np.float64] | None,
    types: Mapping[str, str],
    targets: tuple[str, ...],
) -> Chosen:
    role: Literal["input", "target", "out"] = "target" if column.name in targets else "input"
    kind = types.get(column.name, guess)
    if role == "target" and column.name not in types:
        kind = _target_type(parsed, kind)
    if kind in UNUSED:
        return Chosen(column, guess, kind, "out")
    if kind == "category":
        return Chosen(column, guess, kind, role, texts=_categories(column))
    numbers = parsed
    if column.numbers is None and kind == "date":
        numbers = dates_of(column.texts)
    elif numbers is None:
        numbers = numbers_of(column.texts, sheet.comma)
    if numbers is None:
        numbers = np.full(len(column), np.nan)
    return Chosen(column, guess, kind, role, numbers, wrong=_wrong(column, numbers))


def _target_type(numbers: NDArray[np.float64] | None, kind: str) -> str:
    """Few whole numbers are classes; what is to be predicted is never a mere text."""
    if kind == "whole" and numbers is not None:
        distinct = np.unique(numbers[~np.isnan(numbers)])
        few = len(distinct) <= CLASSES and len(numbers) >= 2 * len(distinct)
        return "category" if few else kind
    return "category" if kind == "text" else kind


def _categories(column: Column) -> tuple[str, ...]:
    texts = column.as_texts()
    known = {text: "" if is_missing(text) else text for text in set(texts)}
    return tuple(map(known.__getitem__, texts))


def _wrong(column: Column, numbers: NDArray[np.float64]) -> int:
    """How many cells hold something that is no number."""
    lost = np.flatnonzero(np.isnan(numbers)).tolist() if column.numbers is None else []
    return sum(not is_missing(column.texts[place]) for place in lost)


def _counts_rows(column: str, numbers: NDArray[np.float64], stored: str) -> bool:
    """Whether whole numbers only count the rows, from which no network should learn."""
    name = column.strip().lower()
    if stored != "whole" or not (name in NUMBERED or name.endswith(("_id", " id"))):
        return False
    return len(numbers) > 2 and bool((np.diff(numbers) >= 1).all())


def _has_point(texts: Sequence[str], comma: bool) -> bool:
    """Whether one of the numbers is written as if it had a fraction: 1.0 or 1e3."""
    return re.search(r"\d,\d|\d[eE]" if comma else r"\d\.|\.\d|\d[eE]", "\n".join(texts)) is not None
