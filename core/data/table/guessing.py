"""What the columns of a table are: numbers, categories, dates or texts, and which one is to be predicted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.data.sources import Value
from core.data.table.cells import dates_of, is_missing, numbers_of
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
    guesses = {column.name: guessed(column, sheet.comma) for column in sheet.columns}
    if targets is None:
        targets = guessed_target({**guesses, **types})
    return tuple(_chosen(column, sheet, guesses[column.name], types, targets) for column in sheet.columns)


def guessed(column: Column, comma: bool) -> str:
    """The type that a column seems to have."""
    if column.numbers is not None:
        return "left out" if np.isnan(column.numbers).all() or _counts_rows(column) else column.stored
    present = [text for text in column.texts if not is_missing(text)]
    if not present:
        return "left out"
    numbers = numbers_of(present, comma)
    if np.isnan(numbers).sum() <= max(WRONG * len(numbers), 1 if len(numbers) >= FEW else 0):
        return _kind_of_numbers(column, present, numbers, comma)
    if dates_of(column.texts) is not None:
        return "date"
    return "category" if len(set(present)) <= max(2, min(MOST_CATEGORIES, len(present) // 2)) else "text"


def _kind_of_numbers(column: Column, texts: list[str], numbers: NDArray[np.float64], comma: bool) -> str:
    known = numbers[~np.isnan(numbers)]
    if (known != np.floor(known)).any() or _has_point(texts, comma):
        return "number"
    return "left out" if _counts_rows(Column(column.name, "whole", numbers=numbers)) else "whole"


def guessed_target(types: Mapping[str, str]) -> tuple[str, ...]:
    """The column to predict: one that is named so, else the last that is of use; none where there is only one."""
    usable = [name for name, kind in types.items() if kind not in UNUSED]
    named = [name for name in usable if name.strip().lower() in TARGETS]
    return tuple((named or usable)[-1:]) if len(usable) > 1 else ()


def _chosen(column: Column, sheet: Sheet, guess: str, types: Mapping[str, str], targets: tuple[str, ...]) -> Chosen:
    role: Literal["input", "target", "out"] = "target" if column.name in targets else "input"
    kind = types.get(column.name, guess)
    if role == "target" and column.name not in types:
        kind = _target_type(column, kind, sheet.comma)
    if kind in UNUSED:
        return Chosen(column, guess, kind, "out")
    if kind == "category":
        return Chosen(column, guess, kind, role, texts=_categories(column))
    numbers = column.numbers
    if numbers is None:
        numbers = dates_of(column.texts) if kind == "date" else numbers_of(column.texts, sheet.comma)
    if numbers is None:
        numbers = np.full(len(column), np.nan)
    return Chosen(column, guess, kind, role, numbers, wrong=_wrong(column, numbers))


def _target_type(column: Column, kind: str, comma: bool) -> str:
    """Few whole numbers are classes; what is to be predicted is never a mere text."""
    if kind == "whole":
        numbers = column.numbers if column.numbers is not None else numbers_of(column.texts, comma)
        distinct = np.unique(numbers[~np.isnan(numbers)])
        few = len(distinct) <= CLASSES and len(numbers) >= 2 * len(distinct)
        return "category" if few else kind
    return "category" if kind == "text" else kind


def _categories(column: Column) -> tuple[str, ...]:
    return tuple("" if is_missing(text) else text for text in column.as_texts())


def _wrong(column: Column, numbers: NDArray[np.float64]) -> int:
    lost = np.flatnonzero(np.isnan(numbers)).tolist() if column.numbers is None else []
    return sum(not is_missing(column.texts[place]) for place in lost)


def _counts_rows(column: Column) -> bool:
    """Whether whole numbers only count the rows, from which no network should learn."""
    name, numbers = column.name.strip().lower(), column.numbers
    if column.stored != "whole" or numbers is None or not (name in NUMBERED or name.endswith(("_id", " id"))):
        return False
    return len(numbers) > 2 and bool((np.diff(numbers) >= 1).all())


def _has_point(texts: list[str], comma: bool) -> bool:
    sign = "," if comma else "."
    return any(sign in text or "e" in text.lower() for text in texts)
