"""Tables of other programs, Parquet, Arrow and JSON lines, by way of polars, which is optional."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.table.cells import within
from core.data.table.sheet import Column, Sheet, unique_names
from core.errors import DataError

EXTRA = "Install the extra “tables”: pip install “chainrule[tables]”. Or save the table as CSV."


def read_columnar(path: Path) -> Sheet:
    """The table; raises DataError where it is damaged or polars is missing, and OSError."""
    try:
        import polars  # type: ignore[import-not-found,unused-ignore]  # optional
    except ImportError as error:
        wanted = f"polars, which reads {path.suffix} files, was wanted"
        raise DataError(wanted, "it is not installed", str(path), EXTRA) from error
    with path.open("rb"):  # what cannot be opened is told by the system, in its own words
        pass
    try:
        frame = _frame(polars, path)
        # Nested cells, as lists, have no place in a row of numbers.
        columns = [_column(polars, name, frame[name]) for name in frame.columns]
    except polars.exceptions.PolarsError as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError("a whole table was wanted", reason, str(path), "Save it anew.") from error
    if not columns or not len(columns[0]):
        raise DataError("rows were wanted", "the table has none", str(path), "Choose another.")
    return Sheet(tuple(columns))


def _frame(polars: Any, path: Path) -> Any:
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        return polars.read_parquet(path, glob=False)
    return polars.read_ndjson(path) if suffix in (".jsonl", ".ndjson") else polars.read_ipc(path)


def _column(polars: Any, name: str, series: Any) -> Column:
    title = unique_names([name])[0]
    kind = series.dtype
    if kind.is_numeric():
        stored = "whole" if kind.is_integer() else "number"
        return Column(title, stored, numbers=_finite(series.cast(polars.Float64)))  # type: ignore[arg-type]
    if kind in (polars.Date, polars.Datetime):
        stamps = series.cast(polars.Datetime("us")).cast(polars.Int64).cast(polars.Float64)
        return Column(title, "date", numbers=_finite(stamps) / 86_400e6)
    if kind.is_nested() or kind == polars.Binary:
        return Column(title, texts=[f"{value}" for value in series.to_list()])
    texts = series.cast(polars.String).fill_null("").to_list()
    return Column(title, texts=[text.strip() for text in texts])


def _finite(series: Any) -> NDArray[np.float64]:
    return within(np.array(series.fill_null(float("nan")).to_numpy(), dtype=np.float64))
