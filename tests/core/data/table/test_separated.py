"""Tables as text: separators, encodings, headers and decimal signs are found; what is wrong is counted or told."""

from __future__ import annotations

import csv
import string
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.data.own import inspected
from core.data.table.separated import read_separated
from core.errors import DataError

WORDS = st.text(string.ascii_letters + " ,;'\"äß\n", min_size=1, max_size=12).map(lambda text: f"w{text}w")
ROW = st.tuples(st.integers(-(10**6), 10**6), st.floats(-1e6, 1e6), WORDS)


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def settled(path: Path, **options: str) -> dict[str, str]:
    return dict(read_separated(path, options).settled)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROW, min_size=3, max_size=20), separator=st.sampled_from(",;\t|"))
def test_what_pythons_own_writer_writes_is_read(rows: list[tuple[int, float, str]], separator: str, tmp_path: Path):
    path = tmp_path / "written.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, delimiter=separator).writerows([("count", "size", "word"), *rows])
    names = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
    sheet = read_separated(path, {"separator": names[separator], "header": "yes", "decimal": "point"})
    assert [column.name for column in sheet.columns] == ["count", "size", "word"]
    assert list(zip(*(column.texts for column in sheet.columns), strict=True)) == [
        (str(count), str(size), word.strip()) for count, size, word in rows
    ]
    assert sheet.skipped == 0


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a,b\n1,2\n3,4\n", ("comma", "yes", "point")),
        ("a;b\n1,5;2\n3,25;4\n", ("semicolon", "yes", "comma")),
        ("a\tb\n1.5\t2\n3\t4\n", ("tab", "yes", "point")),
        ("1 2 x\n3 4 y\n5 6 x\n", ("space", "no", "point")),
        ("x|y\na|b\nc|d\n", ("pipe", "yes", "point")),
        ("5.1,3.5,setosa\n4.9,3.0,setosa\n", ("comma", "no", "point")),
    ],
)
def test_the_form_is_found(text: str, found: tuple[str, str, str], tmp_path: Path):
    read = settled(written(tmp_path / "table.csv", text))
    assert (read["separator"], read["header"], read["decimal"]) == found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_every_encoding_gives_the_same_letters(encoding: str, tmp_path: Path):
    path = written(tmp_path / "table.csv", "größe,land\n1,Österreich\n2,Österreich\n3,Perú\n4,Perú\n", encoding)
    sheet = read_separated(path, {})
    assert [column.name for column in sheet.columns] == ["größe", "land"]
    assert sheet.columns[1].texts == ["Österreich", "Österreich", "Perú", "Perú"]
    assert ("Latin-1" in " ".join(sheet.notes)) == (encoding == "cp1252")


def test_an_encoding_that_was_chosen_wrongly_is_told(tmp_path: Path):
    path = written(tmp_path / "table.csv", "a,b\n1,ä\n2,ö\n", "cp1252")
    with pytest.raises(DataError, match="byte 6"):
        read_separated(path, {"encoding": "utf-8"})


def test_rows_of_other_lengths_are_counted_with_their_line(tmp_path: Path):
    text = 'a,b,c\n1,2,x\n1,2\n"1\n",2,x\n1,2,3,4\n5,6,y\n\n7,8,y,\n'
    sheet = read_separated(written(tmp_path / "table.csv", text), {})
    assert sheet.skipped == 2
    assert "line 3" in sheet.notes[0]
    assert sheet.columns[0].texts == ["1", "1", "5", "7"]


def test_names_that_are_missing_or_double_are_made(tmp_path: Path):
    sheet = read_separated(written(tmp_path / "table.csv", "a,a,,b\n1,2,3,4\n5,6,7,8\n"), {})
    assert [column.name for column in sheet.columns] == ["a", "a 2", "column 3", "b"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"\n\n", "no rows"),
        (b"a,b\n", "there are none|no rows"),
        (b"a,b\n1\0,2\n", "zero bytes"),
        (b"a,b\n1," + b'"' + b"x" * 200_000 + b"\n", "cannot be read|larger than"),
        (b"PAR1\0\0\0", "zero bytes"),
    ],
)
def test_what_is_no_table_is_refused(content: bytes, told: str, tmp_path: Path):
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=told):
        inspected(path, {"header": "yes"})


def test_a_file_that_is_not_there_and_a_folder_are_told(tmp_path: Path):
    with pytest.raises(DataError, match="no such file"):
        inspected(tmp_path / "none.csv")
    with pytest.raises(DataError):
        inspected(tmp_path)
