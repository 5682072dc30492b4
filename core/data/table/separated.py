"""Tables as text, a row a line, read into columns; rows that are not like the others are counted."""

from __future__ import annotations

import csv
import io
import itertools
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from core.data.progress import tell
from core.data.sources import Value
from core.data.table.encodings import opened
from core.data.table.options import SEPARATORS, text_of
from core.data.table.shape import LOOKED, Shape, content, shape_of
from core.data.table.sheet import Column, Sheet
from core.errors import DataError

PART = 20_000
"""Rows that are turned into columns at a time."""


def read_separated(path: Path, options: Mapping[str, Value]) -> Sheet:
    """The table; raises DataError where it is none, and OSError."""
    stream, encoding, notes = opened(path, text_of(options, "encoding"))
    with stream:
        lines = [line for line, _place in zip(stream, range(LOOKED), strict=False)]
        shape = shape_of(lines, path, options)
        stream.seek(0)
        rows = _Rows(stream, path, SEPARATORS[shape.separator], len(shape.names))
        cells = _columns(rows, shape)
    if not cells[0]:
        came = rows.notes[0].rstrip(".") if rows.notes else "there are none"
        raise DataError("rows below the names of columns were wanted", came, str(path), "Look at its first lines.")
    columns = tuple(Column(name, texts=texts) for name, texts in zip(shape.names, cells, strict=True))
    settled = (
        ("encoding", encoding),
        ("separator", shape.separator),
        ("header", "yes" if shape.header else "no"),
        ("decimal", "comma" if shape.comma else "point"),
    )
    return Sheet(columns, rows.skipped, (*notes, *rows.notes), shape.comma, settled)


class _Rows:
    """The rows with as many cells as there are columns; the others are counted."""

    def __init__(self, stream: io.TextIOWrapper, path: Path, separator: str, width: int) -> None:
        self._stream, self._path, self._separator, self._width = stream, path, separator, width
        self.skipped = 0
        self._first = 0

    @property
    def notes(self) -> tuple[str, ...]:
        """What there is to say of those that were left out."""
        if not self.skipped:
            return ()
        rows = "1 row has" if self.skipped == 1 else f"{self.skipped:,} rows have"
        return (f"{rows} not {self._width:,} cells, as in line {self._first:,}: left out.",)

    def parts(self) -> Iterator[list[list[str]]]:
        """The rows, many at a time."""
        size = max(self._path.stat().st_size, 1)
        reader = csv.reader(content(self._stream), delimiter=self._separator, skipinitialspace=self._separator == " ")
        line = 0
        try:
            while rows := list(itertools.islice(reader, PART)):
                tell("Reading rows", min(os.lseek(self._stream.fileno(), 0, os.SEEK_CUR) / size, 1.0))
                alike = all(len(row) == self._width for row in rows)
                yield rows if alike else self._fitting(rows, line)
                line = reader.line_num
        except csv.Error as error:
            fix = "Look at that line: a quotation mark may be left open."
            came = f"line {reader.line_num + 1:,} cannot be read ({error})"
            raise DataError("a table of cells was wanted", came, str(self._path), fix) from error

    def _fitting(self, rows: list[list[str]], line: int) -> list[list[str]]:
        """Those of the rows below this line that fit; an empty cell too many at the end is none."""
        found = []
        for row in rows:
            line += 1 + sum(cell.count("\n") for cell in row)
            cells = row[:-1] if len(row) == self._width + 1 and not row[-1].strip() else row
            if len(cells) == self._width:
                found.append(cells)
            elif row:
                self.skipped += 1
                self._first = self._first or line
        return found


def _columns(rows: _Rows, shape: Shape) -> list[list[str]]:
    cells: list[list[str]] = [[] for _ in shape.names]
    waits = shape.header
    for part in rows.parts():
        body = part[1:] if waits and part else part
        waits = waits and not part
        for column, texts in zip(cells, zip(*body, strict=True), strict=False):
            column.extend(map(str.strip, texts))
    return cells
