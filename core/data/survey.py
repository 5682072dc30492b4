"""What a file holds, for people to look at before they take it in: columns, first rows, and what keeps it from use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.data.found import Found
from core.errors import DataError


@dataclass(frozen=True, slots=True)
class SurveyColumn:
    """A column of a table or an array: how it was guessed, how it is read, what for, and what values it has."""

    name: str
    guess: str
    type: str
    role: Literal["input", "target", "out"]
    missing: int = 0
    values: str = ""


@dataclass(frozen=True, eq=False, slots=True)
class Survey:
    """The file's columns with their first rows as texts; `found`, or the `problem` that keeps it from being used.

    `total` is how many rows there are; `settled` what was found where an option was "auto".
    """

    columns: tuple[SurveyColumn, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    total: int = 0
    found: Found | None = None
    problem: DataError | None = None
    settled: tuple[tuple[str, str], ...] = ()
