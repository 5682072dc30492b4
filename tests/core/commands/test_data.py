"""`chainrule data` tells what is in a file, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core.data.cache import cached_bytes
from core.data.load import load
from core.data.own import inspected
from tests.core.commands.conftest import Call
from tests.core.data.pictures.drawing import classes

TABLE = "length,mass,species\n1.5,3,Adelie\n,4,Gentoo\n2.5,5,Adelie\n3.5,6,Gentoo\n1,2\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "birds.csv"
    path.write_text(TABLE)
    return path


def test_fields_types_classes_and_what_is_left_out_are_printed(call: Call, file: Path) -> None:
    result = call("data", file)
    assert result.code == 0
    lines = [line.split() for line in result.out.splitlines()]
    assert ["length", "number", "input", "1", "1.5", "to", "3.5"] in lines
    assert ["features", "2", "float32", "input", "length,", "mass"] in lines
    assert ["species", "1", "int64", "target", "Adelie,", "Gentoo"] in lines
    assert "3 samples, 2 left out." in result.out
    assert "line 6" in result.out


def test_the_same_is_told_to_programs(call: Call, file: Path) -> None:
    told = json.loads(call("data", file, "--set", "missing=fill", "--json").out)
    assert (told["samples"], told["skipped"], told["rows"]) == (4, 1, 4)
    assert told["fields"][0]["columns"] == ["length", "mass"]
    assert [column["type"] for column in told["columns"]] == ["number", "whole", "category"]
    assert told["problem"] is None


def test_arrays_are_told_too(call: Call, tmp_path: Path) -> None:
    np.savez(tmp_path / "set.npz", x=np.zeros((4, 2, 3)), y=np.array([0, 1, 1, 0]))
    result = call("data", tmp_path / "set.npz")
    assert result.code == 0
    assert "2×3" in result.out
    assert "4 samples." in result.out


def test_what_cannot_be_used_ends_with_1_and_is_shown_all_the_same(call: Call, tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("x,y\n1,a\n2,a\n3,a\n")
    result = call("data", tmp_path / "one.csv")
    assert result.code == 1
    assert "at least two classes were wanted" in result.out
    assert "category" in result.out


@pytest.mark.parametrize(
    ("arguments", "told", "code"),
    [
        (["none.csv"], "there is none of this name", 2),
        (["birds.csv", "--set", "tagret=x"], "Did you mean target?", 2),
        (["birds.csv", "--set", "missing=guess"], "drop, fill", 2),
        (["birds.csv", "--format", "film"], "film", 2),
        (["birds.csv", "--set", "target=nobody"], "'nobody'", 1),
    ],
)
def test_wrong_calls_are_told(
    call: Call, file: Path, arguments: list[str], told: str, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(file.parent)
    result = call("data", *arguments)
    assert told in result.err
    assert result.code == code


def test_decoded_pictures_are_removed(call: Call, tmp_path: Path) -> None:
    settings = inspected(classes(tmp_path / "pets"), {"height": 12, "width": 12})
    load(settings).fields["image"][:]
    assert "Removed" in call("data", "--clear-cache").out
    assert cached_bytes() == 0
    assert call("data", "--clear-cache").out == "Removed 0 B of decoded data.\n"
    assert call("data", tmp_path, "--clear-cache").code == 2
    assert call("data").code == 2
