"""What is typed as a source or a size, and what of it would run."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import FileError, ParameterError
from core.exchange.incoming import Source, call, inputs, source


@pytest.fixture
def net(tmp_path: Path) -> Path:
    for name in ("net.py", "net.pt2", "net.onnx", "net.safetensors"):
        (tmp_path / name).write_text("x = 1")
    return tmp_path / "net.py"


def test_files_and_modules_are_told_apart(net: Path) -> None:
    assert source(f"{net}:Net(3, wide=[1, 2])") == Source("module", str(net), "Net(3, wide=[1, 2])")
    assert source(str(net)) == Source("module", str(net))
    assert source("package.nets:make") == Source("module", "package.nets", "make")
    assert source("nets:Nets.small") == Source("module", "nets", "Nets.small")
    assert [source(str(net.with_suffix(end))).kind for end in (".pt2", ".onnx")] == ["program", "onnx"]
    assert source(f"{net}:Net(3)").title == "Net"
    assert source(str(net)).title == "net"


def test_what_runs_is_told_before_it_does(net: Path) -> None:
    assert "pickle" in source(str(net.with_suffix(".pt2"))).runs
    assert f"{net} and call Net" in source(f"{net}:Net").runs
    assert source(str(net.with_suffix(".onnx"))).runs == ""


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("package.nets", "what to call in the module package.nets"),
        ("https://nets", "a source was wanted"),
        ("{net}:print('x'); y", "a name, or a call with plain values"),
        ("{net}:f(open('x'))", "a name, or a call with plain values"),
        ("{net}:(lambda: 1)()", "a name, or a call with plain values"),
    ],
)
def test_what_is_no_source_is_refused(net: Path, text: str, wanted: str) -> None:
    with pytest.raises(ParameterError, match=wanted.replace("(", r"\(")):
        source(text.replace("{net}", str(net)))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="there is none"):
        source(str(tmp_path / "other.py"))


def test_a_factory_is_a_name_or_a_call_with_plain_values() -> None:
    assert call("a.b") == ("a.b", None, {})
    assert call("Net(1, wide=(2, 3))") == ("Net", (1,), {"wide": (2, 3)})


def test_sizes_are_read_in_several_spellings() -> None:
    found = inputs(["3x224x224", "tokens=16:int64", "(4, 5)", "flag=:bool"])
    assert [(item.name, item.shape, item.dtype) for item in found] == [
        ("", (3, 224, 224), "float32"),
        ("tokens", (16,), "int64"),
        ("", (4, 5), "float32"),
        ("flag", (), "bool"),
    ]


@pytest.mark.parametrize("text", ["3xa", "0x2", "1 = 2=3", "3:float31", "-1", "99999999999"])
def test_sizes_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ParameterError, match="sizes of one sample"):
        inputs([text])
