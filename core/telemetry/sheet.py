"""What a monitor shows as a table of text: every measured row in view, with all digits that the record has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.telemetry.column import Column
from core.telemetry.record import RunRecord

AT_ONCE = 4096
"""Rows that are turned into text together."""
Texts = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Sheet:
    """Names of columns, and their cells in parts of rows, each part a list of columns."""

    names: tuple[str, ...]
    parts: Callable[[], Iterator[Texts]]

    def lines(self) -> Iterator[str]:
        """The table as comma-separated values, in pieces of many lines."""
        yield ",".join(quoted(name) for name in self.names) + "\n"
        for part in self.parts():
            yield "".join(",".join(row) + "\n" for row in zip(*part, strict=True))

    def text(self) -> str:
        """All of it at once."""
        return "".join(self.lines())


def digits(values: npt.ArrayLike) -> list[str]:
    """Each number with as few digits as give back the very same float32 or float64; NaN is an empty cell."""
    numbers = np.asarray(values)
    if not len(numbers):
        return []
    texts: list[str] = numbers.astype(str).tolist()
    if np.issubdtype(numbers.dtype, np.floating) and np.isnan(numbers).any():
        return ["" if text == "nan" else text for text in texts]
    return texts


def quoted(name: str) -> str:
    """A name as a cell."""
    return '"' + name.replace('"', '""') + '"' if any(sign in name for sign in ',"\n') else name


def fixed(names: Sequence[str], columns: Sequence[npt.ArrayLike]) -> Sheet:
    """A table of columns that are at hand."""
    return Sheet(tuple(names), lambda: iter([[cells(column) for column in columns]]))


def cells(column: npt.ArrayLike) -> list[str]:
    """A column of names or numbers as cells."""
    found = np.asarray(column)
    return [quoted(str(one)) for one in found.tolist()] if found.dtype.kind in "UO" else digits(found)


def of_steps(columns: Mapping[str, Column], first: float, last: float) -> Sheet:
    """Columns whose rows stand at the same steps, those of steps `first` to `last`."""

    def parts() -> Iterator[Texts]:
        leader = next(iter(columns.values()))
        begin, end = _between(leader, first, last)
        for start in range(begin, end, AT_ONCE):
            stop = min(start + AT_ONCE, end)
            yield [digits(leader.steps(start, stop)), *(digits(one.values(start, stop)) for one in columns.values())]

    return Sheet(("step", *columns), parts)


def beside(sheet: Sheet, name: str, values: Mapping[int, float]) -> Sheet:
    """The same table with one more column, which has values at these steps only."""
    known = dict(zip(map(str, values), digits(np.array(list(values.values()), np.float64)), strict=True))

    def parts() -> Iterator[Texts]:
        for part in sheet.parts():
            yield [*part, [known.get(step, "") for step in part[0]]]

    return Sheet((*sheet.names, name), parts)


def of_rows(record: RunRecord, quantity: str, first: float, last: float, places: Sequence[int]) -> Sheet:
    """A quantity at these of its rows, at the steps `first` to `last`."""
    names = [record.rows(quantity)[place].path for place in places]

    def parts() -> Iterator[Texts]:
        columns = record.columns(quantity)
        begin, end = _between(columns, first, last)
        for start in range(begin, end, AT_ONCE):
            stop = min(start + AT_ONCE, end)
            block = columns.values(start, stop)
            yield [digits(columns.steps(start, stop)), *(digits(block[:, place]) for place in places)]

    return Sheet(("step", *names), parts)


def _between(column: Column, first: float, last: float) -> tuple[int, int]:
    """The rows at the steps from `first` to `last`."""
    return column.index(first), column.index(np.nextafter(last, np.inf))
