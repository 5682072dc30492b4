"""Files that mean harm, or are broken, are refused at once and in four parts; none of them is run."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from core.errors import FileError
from core.exchange.onnx.reader import read_onnx
from tests.core.exchange.onnx.test_handmade import model, numbers, whole

SECONDS = 4.0
"""With time for the rest of a busy machine."""


def refused(path: Path) -> FileError:
    """The refusal, which came in time and is whole."""
    begin = time.process_time()
    with pytest.raises(FileError) as caught:
        read_onnx(path)
    assert time.process_time() - begin < SECONDS
    error = caught.value
    assert error.wanted
    assert error.came
    assert error.where
    assert error.fix
    return error


def proto(nodes: list[Any], initializers: list[Any] | None = None) -> Any:
    graph = helper.make_graph(
        nodes,
        "made",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ("N", 4))],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        initializers or [],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def saved(made: Any, path: Path) -> Path:
    file = path / "made.onnx"
    file.write_bytes(made.SerializeToString())
    return file


def outside(location: str, **entries: str) -> Any:
    """A weight that lies in another file."""
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[4, 2], data_location=TensorProto.EXTERNAL)
    for key, value in {"location": location, **entries}.items():
        tensor.external_data.add(key=key, value=value)
    return tensor


LAST = helper.make_node("Relu", ["b"], ["y"])
PRODUCT = [helper.make_node("MatMul", ["x", "w"], ["y"])]


@pytest.mark.parametrize(
    "location", ["../../etc/passwd", "/etc/passwd", "", ".", "a\0b", "link", "deeper/../../made.onnx"]
)
def test_weights_outside_the_folder_are_not_read(location: str, tmp_path: Path) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    (tmp_path / "secret").write_bytes(numbers(4, 2).tobytes())
    (folder / "link").symlink_to(tmp_path / "secret")
    assert "elsewhere" in refused(saved(proto(PRODUCT, [outside(location)]), folder)).came


def test_weights_beside_the_file_are_read(tmp_path: Path) -> None:
    array = numbers(4, 2)
    (tmp_path / "w.bin").write_bytes(b"head" + array.tobytes())
    (call,) = read_onnx(saved(proto(PRODUCT, [outside("w.bin", offset="4", length="32")]), tmp_path)).calls
    assert np.array_equal(call.weights["weight"], array.T)


@pytest.mark.parametrize("entries", [{"offset": "-8"}, {"offset": "8"}, {"length": "9" * 12}, {"offset": "x"}])
def test_weights_that_are_not_in_their_file_are_refused(entries: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "w.bin").write_bytes(numbers(4, 2).tobytes())
    refused(saved(proto(PRODUCT, [outside("w.bin", **entries)]), tmp_path))


def huge(dims: list[int], raw: bytes = b"") -> Any:
    return proto(PRODUCT, [TensorProto(name="w", data_type=TensorProto.FLOAT, dims=dims, raw_data=raw)])


def cyclic() -> Any:
    return proto([helper.make_node("Add", ["x", "b"], ["a"]), helper.make_node("Relu", ["a"], ["b", "y"])])


def endless() -> Any:
    """A function that calls itself."""
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("mine", 1)]
    again = [helper.make_node("F", ["a"], ["b"], domain="mine")]
    made = proto([helper.make_node("F", ["x"], ["y"], domain="mine")])
    made.functions.append(helper.make_function("mine", "F", ["a"], ["b"], again, opsets))
    return made


def exploding() -> Any:
    """Functions that call the next one ten times each."""
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("mine", 1)]
    made = proto([helper.make_node("F0", ["x"], ["y"], domain="mine")])
    for level in range(10):
        names = ["a", *(f"v{place}" for place in range(9)), "b"]
        inner = [helper.make_node(f"F{level + 1}", [one], [other], domain="mine") for one, other in pairwise(names)]
        made.functions.append(helper.make_function("mine", f"F{level}", ["a"], ["b"], inner, opsets))
    return made


def nested() -> Any:
    """Branches within branches."""
    inner = helper.make_graph([helper.make_node("Relu", ["x"], ["o"])], "g", [], [])
    for _level in range(20):
        node = helper.make_node("If", ["x"], ["o"], then_branch=inner)
        inner = helper.make_graph([node], "g", [], [])
    return proto([helper.make_node("If", ["x"], ["y"], then_branch=inner)])


def filled(op: str, **weights: Any) -> Any:
    """A constant that grows to a size no memory holds, multiplied with x."""
    held = [numpy_helper.from_array(array, name) for name, array in weights.items()]
    return proto(
        [helper.make_node(op, list(weights), ["c"]), helper.make_node("Mul", ["x", "c"], ["y"])],
        held,
    )


def many_fills() -> Any:
    """Constants that fit one by one."""
    names = [f"c{place}" for place in range(9)]
    fills = [helper.make_node("ConstantOfShape", ["s"], [name]) for name in names]
    total = helper.make_node("Sum", ["x", *names], ["y"])
    return proto([*fills, total], [numpy_helper.from_array(whole(2**13, 2**13), "s")])


HARM: dict[str, Callable[[], Any]] = {
    "a size of 10^9": lambda: huge([10**9, 10**9]),
    "a negative size": lambda: huge([-4, 2], b"0" * 32),
    "fewer numbers than sizes": lambda: huge([4, 2], b"0" * 8),
    "a hundred dimensions": lambda: huge([1] * 100, b"0" * 4),
    "a cycle": cyclic,
    "an endless function": endless,
    "ten to the ten calls": exploding,
    "nested branches": nested,
    "many nodes": lambda: proto([helper.make_node("Relu", ["x"], ["y"])] * 60_000),
    "texts": lambda: proto(
        PRODUCT, [TensorProto(name="w", data_type=TensorProto.STRING, dims=[1], string_data=[b"a"])]
    ),
    "no graph": onnx.ModelProto,
    "many fills": many_fills,
    "a fill without end": lambda: filled("ConstantOfShape", s=whole(10**9, 10**9)),
    "a tile without end": lambda: filled("Tile", a=numbers(2), r=whole(10**15)),
    "a stretch without end": lambda: filled("Expand", a=numbers(2, 1), s=whole(2, 10**15)),
    "a range without end": lambda: filled("Range", a=np.array(0.0), b=np.array(1e18), c=np.array(1.0)),
}


@pytest.mark.parametrize("name", HARM)
def test_harm_is_refused_in_seconds(name: str, tmp_path: Path) -> None:
    refused(saved(HARM[name](), tmp_path))


@pytest.mark.slow
def test_a_million_nodes_are_refused_in_seconds(tmp_path: Path) -> None:
    node = helper.make_node("Relu", ["x"], ["y"]).SerializeToString()
    field = b"\x0a" + bytes([len(node)]) + node
    graph = field * 10**6
    head = proto([])
    head.ClearField("graph")
    length, size = b"", len(graph)
    while size > 127:
        length, size = length + bytes([size % 128 + 128]), size // 128
    file = tmp_path / "many.onnx"
    file.write_bytes(head.SerializeToString() + b"\x3a" + length + bytes([size]) + graph)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "50,000" in refused(file).wanted
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500 * 1024


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 10**6), value=st.integers(0, 255), cut=st.integers(0, 40))
def test_a_damaged_file_is_read_or_refused(place: int, value: int, cut: int, tmp_path: Path) -> None:
    nodes = [helper.make_node("Gemm", ["x", "w", "b"], ["a"], transB=1), helper.make_node("Softmax", ["a"], ["y"])]
    data = bytearray(model(nodes, ("N", 4), {"w": numbers(3, 4), "b": numbers(3)}, tmp_path).read_bytes())
    data[place % len(data)] = value
    file = tmp_path / "damaged.onnx"
    file.write_bytes(bytes(data[: len(data) - cut]))
    with suppress(FileError):
        read_onnx(file)


def test_what_is_no_file_is_said_so(tmp_path: Path) -> None:
    assert "read" in refused(tmp_path / "none.onnx").wanted
    (tmp_path / "text.onnx").write_text("hello")
    refused(tmp_path / "text.onnx")
