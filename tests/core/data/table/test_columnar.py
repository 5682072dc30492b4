"""Parquet, Arrow and JSON lines: the same table as in text, and a clear word where the extra is missing."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from core.data.own import READERS, inspected
from core.data.settings import DatasetSettings, dataset_kind
from core.errors import DataError

TEXT = """size,count,day,kind
1.5,3,2020-05-01,round
,4,2020-05-02,flat
2.25,5,2020-05-03,round
-1e3,6,2020-05-04,
7.0,7,2020-05-05,flat
8.0,9,2020-05-07,flat
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    polars = pytest.importorskip("polars")
    (tmp_path / "t.csv").write_text(TEXT)
    frame = polars.read_csv(tmp_path / "t.csv", try_parse_dates=True)
    frame.write_parquet(tmp_path / "t.parquet")
    frame.write_ipc(tmp_path / "t.arrow")
    frame.write_ndjson(tmp_path / "t.jsonl")
    return tmp_path


def values(settings: DatasetSettings) -> dict[str, np.ndarray]:
    return dict(READERS["table"].read(settings, [field.name for field in dataset_kind(settings).fields]))


@pytest.mark.parametrize("suffix", ["parquet", "arrow", "jsonl"])
@pytest.mark.parametrize("missing", ["drop", "fill"])
def test_every_form_of_one_table_is_the_same_data_set(suffix: str, missing: str, folder: Path) -> None:
    text = inspected(folder / "t.csv", {"missing": missing, "target": "count"})
    other = inspected(folder / f"t.{suffix}", {"missing": missing, "target": "count"})
    assert dataset_kind(other).fields == dataset_kind(text).fields
    for name, wanted in values(text).items():
        assert np.array_equal(values(other)[name], wanted, equal_nan=wanted.dtype == np.float32)


@pytest.mark.parametrize("suffix", ["parquet", "arrow", "jsonl"])
def test_a_damaged_file_is_told(suffix: str, folder: Path) -> None:
    path = folder / f"t.{suffix}"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 - 3])
    with pytest.raises(DataError, match="whole table"):
        inspected(path)


def test_without_polars_one_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    (tmp_path / "t.parquet").write_bytes(b"PAR1")
    with pytest.raises(DataError, match=r"chainrule\[tables\]"):
        inspected(tmp_path / "t.parquet")
