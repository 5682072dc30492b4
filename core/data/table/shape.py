"""What the first lines of a table as text say of all: what parts its cells, the names of columns, the decimal sign."""

from __future__ import annotations

import csv
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.data.sources import Value
from core.data.table.cells import dates_of, is_missing, numbers_of
from core.data.table.options import SEPARATORS, text_of
from core.data.table.sheet import unique_names
from core.errors import DataError

LOOKED = 200
"""Lines that are looked at."""
PREFERRED = ("tab", "semicolon", "pipe", "comma", "space")
"""The first that parts nearly all lines alike: decimal commas part lines too, so the comma comes late."""
_DECIMAL = re.compile(r"[-+]?\d+(\.\d{3})*,\d+$")
_POINT = re.compile(r"[-+]?\d+\.\d{1,2}$")


@dataclass(frozen=True, slots=True)
class Shape:
    """What a file's first lines say of all: what parts its cells, whether they name the columns, and how many."""

    separator: str
    header: bool
    names: tuple[str, ...]
    comma: bool


def content(lines: Iterable[str]) -> Iterator[str]:
    """The lines without the remarks at the top, which begin with #."""
    rest = iter(lines)
    for line in rest:
        if not line.startswith("#"):
            return itertools.chain((line,), rest)
    return iter(())


def shape_of(lines: Sequence[str], path: Path, options: Mapping[str, Value]) -> Shape:
    """What the first lines say, where the options leave it open; raises DataError where they hold no table."""
    wanted = text_of(options, "separator")
    separator = wanted if wanted != "auto" else separator_of(lines)
    rows = [row for row in _parsed(lines, SEPARATORS[separator], path) if row]
    if not rows:
        raise DataError("a table was wanted", "the file holds no rows", str(path), "Choose another.")
    width = Counter(map(len, rows[1:] or rows)).most_common(1)[0][0]
    first = rows[0][:-1] if len(rows[0]) == width + 1 and not rows[0][-1].strip() else rows[0]
    if len(first) == width - 1 and width > 2:  # as R writes it: nothing names the column of row names
        first = ["", *first]
    body = [row for row in rows[1:] if len(row) == width]
    chosen = text_of(options, "header")
    header = chosen == "yes" or (chosen == "auto" and has_header(first, body))
    if header and len(first) != width:
        width = len(first)
    names = first if header else [""] * width
    decimal = text_of(options, "decimal")
    comma = decimal == "comma" or (decimal == "auto" and separator != "comma" and _has_commas(body))
    return Shape(separator, header, unique_names(names), comma)


def separator_of(lines: Sequence[str]) -> str:
    """What parts the cells of these lines: the first in the order of preference that parts nearly all of them alike."""
    best, most = "comma", 0.0
    for name in PREFERRED:
        rows = [row for row in _parsed(lines, SEPARATORS[name], None) if row]
        width, count = Counter(map(len, rows)).most_common(1)[0] if rows else (1, 0)
        share = count / len(rows) if width > 1 else 0.0
        if share >= 0.9:
            return name
        if share > most:
            best, most = name, share
    return best


def has_header(first: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns: no number is in it, and it is not like those below it."""
    cells = [cell.strip() for cell in first]
    if any(cell and (_is_number(cell) or dates_of([cell]) is not None) for cell in cells) or not body:
        return False
    for place in range(len(cells)):
        below = [row[place].strip() for row in body if place < len(row)]
        present = [cell for cell in below if not is_missing(cell)]
        if present and all(map(_is_number, present)):
            return True
    return not any(name in {row[place].strip() for row in body if place < len(row)} for place, name in enumerate(cells))


def _is_number(text: str) -> bool:
    return bool(numbers_of([text])[0] == numbers_of([text])[0]) or _DECIMAL.match(text) is not None


def _has_commas(rows: Sequence[Sequence[str]]) -> bool:
    cells = [cell.strip() for row in rows for cell in row]
    return any(_DECIMAL.match(cell) for cell in cells) and not any(
        re.match(r"[-+]?\d+\.\d{1,2}$", cell) for cell in cells
    )


def _parsed(lines: Sequence[str], separator: str, path: Path | None) -> list[list[str]]:
    try:
        return list(csv.reader(content(lines), delimiter=separator, skipinitialspace=separator == " "))
    except csv.Error as error:
        if path is None:
            return []
        fix = "Look at its first lines: a quotation mark may be left open."
        raise DataError("a table of cells was wanted", f"{error}", str(path), fix) from error
