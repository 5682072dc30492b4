"""A table as it stands in a file: columns of texts, or of numbers where the file keeps them as such."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Stored = Literal["text", "number", "whole", "date"]


@dataclass(frozen=True, eq=False, slots=True)
class Column:
    """One column: `texts`, stripped, "" being a missing one, or `numbers` (N,) float64, NaN being a missing one.

    Dates kept as such are days since 1970-01-01.
    """

    name: str
    stored: Stored = "text"
    texts: Sequence[str] = ()
    numbers: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.texts) if self.numbers is None else len(self.numbers)

    def as_texts(self) -> Sequence[str]:
        """Every cell as a text."""
        return self.texts if self.numbers is None else [number_text(value) for value in self.numbers.tolist()]


@dataclass(frozen=True, eq=False, slots=True)
class Sheet:
    """The rows that have as many cells as there are columns.

    `skipped` counts the others; `comma` says that numbers have a decimal comma; `settled` is what was found where an
    option was "auto".
    """

    columns: tuple[Column, ...]
    skipped: int = 0
    notes: tuple[str, ...] = ()
    comma: bool = False
    settled: tuple[tuple[str, str], ...] = ()

    @property
    def rows(self) -> int:
        """How many there are."""
        return len(self.columns[0]) if self.columns else 0

    def column(self, name: str) -> Column | None:
        """The column of this name, or None."""
        return next((column for column in self.columns if column.name == name), None)


def number_text(value: float) -> str:
    """A number as short as it can be written; "" where it is missing."""
    if not math.isfinite(value):
        return ""
    return str(int(value)) if value == int(value) else repr(value)


def unique_names(names: Sequence[str]) -> tuple[str, ...]:
    """The names, numbered where one is empty or came before."""
    found: dict[str, None] = {}
    for place, given in enumerate(names, 1):
        name = base = given.strip() or f"column {place}"
        count = 2
        while name in found:
            name, count = f"{base} {count}", count + 1
        found[name] = None
    return tuple(found)
