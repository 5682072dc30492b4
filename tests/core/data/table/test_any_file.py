"""Whatever bytes a file holds, it is a data set that loads, or is refused with a reason; nothing hangs or falls."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.data.load import load
from core.data.own import inspected, surveyed
from core.data.survey import Survey
from core.errors import DataError

CELL = st.one_of(
    st.sampled_from(
        ["", "NA", "?", "1", "2.5", "1e999", "-inf", "nan", "a", "b", "2020-01-01", '"', "1,5", "x;y", "=1+1"]
    ),
    st.text(max_size=6),
    st.floats().map(str),
    st.integers().map(str),
)
TEXTS = st.lists(st.lists(CELL, min_size=1, max_size=5), min_size=0, max_size=14)
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "missing": st.sampled_from(["drop", "fill"]),
        "categories": st.sampled_from(["one-hot", "index"]),
        "header": st.sampled_from(["yes", "no"]),
        "separator": st.sampled_from(["comma", "semicolon", "tab", "space", "pipe"]),
        "decimal": st.sampled_from(["point", "comma"]),
        "target": st.sampled_from(["[]", "column 1", '["column 1", "column 2"]']),
        "types": st.sampled_from(['{"column 1": "date"}', '{"column 1": "category"}', '{"column 2": "number"}']),
    },
)


def looked_at(path: Path, options: dict[str, str]) -> None:
    try:
        assert isinstance(surveyed(path, options), Survey)
        data = load(inspected(path, options))
    except DataError:
        return
    assert all(len(values) == len(data) for values in data.fields.values())


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=TEXTS, separator=st.sampled_from(",;\t| "), options=OPTIONS)
def test_any_cells(rows: list[list[str]], separator: str, options: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "any.csv"
    path.write_bytes("\n".join(separator.join(row) for row in rows).encode("utf-8", "surrogatepass"))
    looked_at(path, options)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200), options=OPTIONS)
def test_any_bytes(content: bytes, options: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "any.csv"
    path.write_bytes(content)
    looked_at(path, options)
