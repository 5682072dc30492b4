from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import FileError
from core.trail import Entered
from core.views import KEPT, View, keep_view, load_view

HERE = View("", 120.5, -40.0, 0.75, "plain", False, (Entered("a"), Entered("b", 2)), "AAEC")


def of(path: Path) -> View:
    return replace(HERE, path=str(path.resolve()))


def test_a_view_comes_back_for_its_path_and_for_no_other(tmp_path: Path):
    keep_view(of(tmp_path / "mine.chain"), tmp_path / "views")
    assert load_view(tmp_path / "sub" / ".." / "mine.chain", tmp_path / "views") == of(tmp_path / "mine.chain")
    assert load_view(tmp_path / "other.chain", tmp_path / "views") is None


def test_the_newest_view_of_a_path_is_the_one_that_holds(tmp_path: Path):
    keep_view(of(tmp_path / "a.chain"), tmp_path)
    keep_view(replace(of(tmp_path / "a.chain"), zoom=2.0), tmp_path)
    found = load_view(tmp_path / "a.chain", tmp_path)
    assert found is not None
    assert found.zoom == 2.0
    assert len(list(tmp_path.glob("*.json"))) == 1


@pytest.mark.parametrize(
    "change",
    [{"zoom": 0}, {"zoom": -1}, {"zoom": "wide"}, {"x": 1e300}, {"mode": "upside down"}, {"trail": [1]}, {"path": "/"}],
)
def test_a_damaged_view_is_passed_over(tmp_path: Path, change: dict[str, object]):
    keep_view(of(tmp_path / "a.chain"), tmp_path)
    (file,) = tmp_path.glob("*.json")
    file.write_text(json.dumps({**json.loads(file.read_text()), **change}))
    assert load_view(tmp_path / "a.chain", tmp_path) is None


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_view_is_passed_over(tmp_path: Path, content: bytes):
    keep_view(of(tmp_path / "a.chain"), tmp_path)
    (file,) = tmp_path.glob("*.json")
    file.write_bytes(content)
    assert load_view(tmp_path / "a.chain", tmp_path) is None


def test_the_views_left_longest_ago_are_forgotten(tmp_path: Path):
    for number in range(KEPT + 3):
        keep_view(of(tmp_path / f"{number}.chain"), tmp_path / "views")
        newest = max((tmp_path / "views").glob("*.json"), key=lambda file: file.stat().st_mtime_ns)
        os.utime(newest, (number, number))
    assert len(list((tmp_path / "views").glob("*.json"))) == KEPT
    assert load_view(tmp_path / "2.chain", tmp_path / "views") is None
    assert load_view(tmp_path / "3.chain", tmp_path / "views") is not None


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(FileError, match="a folder for views was wanted"):
        keep_view(of(tmp_path / "a.chain"), tmp_path / "file" / "views")
