"""Graphs that torch's exporters do not write: older operator sets, odd margins, what other tools emit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from core.catalog.kind import Batch, TensorType
from core.errors import FileError
from core.exchange.onnx.reader import read_onnx
from tests.core.exchange.onnx.rebuilding import Rebuilt, assert_equal, in_onnx, kinds

Arrays = dict[str, NDArray[Any]]
Dims = tuple[int | str, ...]


def numbers(*shape: int) -> NDArray[Any]:
    """Numbers that are the same every time, none of them one another's."""
    return np.random.default_rng(sum(shape)).normal(0, 0.5, shape).astype(np.float32)


def whole(*values: int) -> NDArray[Any]:
    return np.array(values, np.int64)


def model(nodes: list[Any], dims: Dims, weights: Arrays, path: Path, opset: int = 17, rank: int = 0) -> Path:
    """A file with the input x and the output y."""
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, dims)]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)]
    held = [numpy_helper.from_array(array, name) for name, array in weights.items()]
    if opset < 9:  # every weight was an input too
        inputs += [helper.make_tensor_value_info(item.name, item.data_type, list(item.dims)) for item in held]
    graph = helper.make_graph(nodes, "made", inputs, outputs, held)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    file = path / "made.onnx"
    onnx.save(made, file)
    return file


def one(op: str, dims: Dims, path: Path, opset: int = 17, weights: Arrays | None = None, **attributes: Any) -> Path:
    """A file with this one operation on x and the weights."""
    names = ["x", *(weights or {})]
    nodes = [helper.make_node(op, names, ["y"], name=op, **attributes)]
    if op in ("ArgMax", "IsInf"):
        nodes[0].output[0] = "made"
        nodes.append(helper.make_node("Cast", ["made"], ["y"], to=TensorProto.FLOAT))
    return model(nodes, dims, weights or {}, path, opset)


IMAGE: Dims = ("N", 3, 9, 8)
KERNEL: Arrays = {"w": numbers(4, 3, 3, 2), "b": numbers(4)}
CASES: dict[str, tuple[str, Dims, int, Arrays, dict[str, Any]]] = {
    "conv same upper": ("Conv", IMAGE, 11, KERNEL, {"auto_pad": "SAME_UPPER", "strides": [2, 2]}),
    "conv same lower": ("Conv", IMAGE, 11, KERNEL, {"auto_pad": "SAME_LOWER", "strides": [3, 1]}),
    "conv same size": ("Conv", IMAGE, 11, KERNEL, {"auto_pad": "SAME_UPPER"}),
    "conv as large": ("Conv", IMAGE, 11, KERNEL, {"pads": [2, 0, 2, 1], "dilations": [2, 1]}),
    "conv uneven": ("Conv", IMAGE, 11, KERNEL, {"pads": [0, 1, 2, 0]}),
    "conv grouped": ("Conv", ("N", 4, 7), 11, {"w": numbers(6, 2, 3)}, {"group": 2, "pads": [1, 1]}),
    "conv volume": ("Conv", ("N", 2, 4, 5, 3), 11, {"w": numbers(2, 2, 2, 2, 2)}, {"strides": [1, 2, 1]}),
    "transposed": (
        "ConvTranspose",
        IMAGE,
        11,
        {"w": numbers(3, 2, 3, 3)},
        {"strides": [2, 3], "output_padding": [1, 0]},
    ),
    "transposed uneven": ("ConvTranspose", IMAGE, 11, {"w": numbers(3, 2, 3, 3)}, {"pads": [0, 1, 1, 2]}),
    "transposed to shape": (
        "ConvTranspose",
        IMAGE,
        11,
        {"w": numbers(3, 2, 3, 3)},
        {"strides": [2, 2], "output_shape": [19, 17]},
    ),
    "mean same upper": (
        "AveragePool",
        IMAGE,
        11,
        {},
        {"kernel_shape": [2, 2], "auto_pad": "SAME_UPPER", "strides": [2, 3]},
    ),
    "mean uneven": ("AveragePool", IMAGE, 11, {}, {"kernel_shape": [3, 3], "pads": [1, 0, 0, 1], "strides": [2, 2]}),
    "mean counts": (
        "AveragePool",
        IMAGE,
        11,
        {},
        {"kernel_shape": [3, 3], "pads": [1, 0, 0, 1], "count_include_pad": 1},
    ),
    "largest uneven": ("MaxPool", IMAGE, 11, {}, {"kernel_shape": [2, 3], "pads": [1, 2, 0, 0], "ceil_mode": 1}),
    "power": ("LpPool", IMAGE, 11, {}, {"kernel_shape": [2, 2], "p": 3, "strides": [2, 2]}),
    "whole power": ("GlobalLpPool", IMAGE, 2, {}, {"p": 2}),
    "across channels": ("LRN", ("N", 7, 3, 3), 11, {}, {"size": 3, "alpha": 0.4, "beta": 0.6, "bias": 1.5}),
    "batch norm": (
        "BatchNormalization",
        ("N", 3, 5),
        15,
        {"s": numbers(3), "b": numbers(3), "m": numbers(3), "v": numbers(3) ** 2 + 0.3},
        {"epsilon": 0.01, "momentum": 0.8},
    ),
    "instance norm": ("InstanceNormalization", ("N", 3, 5, 4), 11, {"s": numbers(3), "b": numbers(3)}, {}),
    "group norm": ("GroupNormalization", ("N", 6, 4), 21, {"s": numbers(6), "b": numbers(6)}, {"num_groups": 3}),
    "layer norm over two": ("LayerNormalization", ("N", 3, 4), 17, {"s": numbers(3, 4)}, {"axis": 1}),
    "root mean square": ("RMSNormalization", ("N", 3, 4), 23, {"s": numbers(4)}, {"epsilon": 0.1}),
    "softmax of old": ("Softmax", ("N", 3, 4), 11, {}, {"axis": 1}),
    "clip of old": ("Clip", IMAGE, 6, {}, {"min": 0.0, "max": 6.0}),
    "pad of old": ("Pad", IMAGE, 2, {}, {"pads": [0, 0, 1, 2, 0, 0, 0, 1], "mode": "reflect"}),
    "slope a channel": ("PRelu", IMAGE, 9, {"a": numbers(3, 1, 1)}, {}),
    "selu of its own": ("Selu", IMAGE, 6, {}, {"alpha": 1.5, "gamma": 1.1}),
    "hard sigmoid": ("HardSigmoid", IMAGE, 6, {}, {"alpha": 0.3, "beta": 0.4}),
    "depth to space": ("DepthToSpace", ("N", 8, 2, 3), 13, {}, {"blocksize": 2}),
    "space to depth": ("SpaceToDepth", ("N", 2, 4, 6), 13, {}, {"blocksize": 2}),
    "gemm": ("Gemm", ("N", 5), 11, {"w": numbers(5, 4), "c": numbers(4)}, {"alpha": 0.5, "beta": 2.0}),
    "reduce": ("ReduceLogSumExp", ("N", 3, 4), 18, {"axes": whole(1, 2)}, {"keepdims": 0}),
    "lengths one": ("LpNormalization", ("N", 3, 4), 1, {}, {"axis": 1, "p": 2}),
    "cumulative": ("CumSum", ("N", 5), 14, {"axis": whole(1).reshape(())}, {"exclusive": 1, "reverse": 1}),
    "backwards": (
        "Slice",
        ("N", 9, 4),
        13,
        {"from": whole(7), "to": whole(-100), "axes": whole(1), "steps": whole(-3)},
        {},
    ),
    "puts": (
        "ScatterElements",
        ("N", 3),
        18,
        {"i": np.array([[2, 0]], np.int64), "u": np.array([[0.5, 0.25]], np.float32)},
        {"axis": 1},
    ),
    "last of equals": ("ArgMax", ("N", 5), 13, {}, {"axis": 1, "select_last_index": 1, "keepdims": 0}),
    "infinite below": ("IsInf", ("N", 5), 10, {}, {"detect_positive": 0}),
    "determinant": ("Det", ("N", 2, 3, 3), 11, {}, {}),
    "parts": ("Gather", ("N", 5, 4), 13, {"i": whole(3, 0, 3)}, {"axis": 1}),
    "upsample of old": ("Upsample", ("N", 2, 3, 4), 9, {"s": np.array([1, 1, 2, 3], np.float32)}, {"mode": "nearest"}),
    "attention": (
        "Attention",
        ("N", 2, 3, 4),
        23,
        {"k": numbers(1, 2, 5, 4), "v": numbers(1, 2, 5, 4)},
        {"scale": 0.3},
    ),
}
SINGLE_SAMPLE = {"attention", "puts"}
"""Where the constants beside x hold one sample."""


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize("name", CASES)
def test_an_operation_is_what_the_runtime_makes_of_it(name: str, tmp_path: Path) -> None:
    op, dims, opset, weights, attributes = CASES[name]
    file = one(op, dims, tmp_path, opset, weights, **attributes)
    assert_equal(file, (1,) if name in SINGLE_SAMPLE else (1, 3))


@pytest.mark.parametrize("name", ["conv same size", "conv as large"])
def test_a_border_that_keeps_the_size_is_padding_same(name: str, tmp_path: Path) -> None:
    op, dims, opset, weights, attributes = CASES[name]
    (call,) = read_onnx(one(op, dims, tmp_path, opset, weights, **attributes)).calls
    assert (call.kind, call.params["padding"]) == ("Conv2d", "same")


def test_an_addition_of_old_lays_its_number_along_an_axis(tmp_path: Path) -> None:
    file = one("Add", ("N", 3, 4, 5), tmp_path, 6, {"b": numbers(3)}, broadcast=1, axis=1)
    made = Rebuilt(read_onnx(file))
    x = torch.randn(2, 3, 4, 5)
    assert torch.allclose(made({"x": x})[0], x + torch.from_numpy(numbers(3)).reshape(3, 1, 1))


def test_a_product_and_its_bias_are_one_layer_and_a_hidden_bias_is_found(tmp_path: Path) -> None:
    weights = {"w": numbers(5, 4), "b": numbers(4), "k": numbers(2, 3, 3, 3), "c": numbers(1, 2, 1, 1)}
    nodes = [
        helper.make_node("Conv", ["x", "k"], ["a"]),
        helper.make_node("Add", ["a", "c"], ["d"]),
        helper.make_node("ReduceMean", ["d"], ["e"], axes=[1, 2], keepdims=0),
        helper.make_node("MatMul", ["e", "w"], ["f"]),
        helper.make_node("Add", ["b", "f"], ["y"]),
    ]
    made = assert_equal(model(nodes, ("N", 3, 7, 7), weights, tmp_path))
    assert kinds(made.imported) == ["Conv2d", "Mean", "Linear"]
    assert made.parameters == 2 * 27 + 2 + 24


def test_the_batch_survives_the_arithmetic_of_shapes(tmp_path: Path) -> None:
    weights = {"zero": whole(0), "one": whole(1), "two": whole(2), "end": whole(4), "i": whole(0).reshape(())}
    nodes = [
        helper.make_node("Shape", ["x"], ["s"]),
        helper.make_node("Gather", ["s", "i"], ["b"]),
        helper.make_node("Mul", ["b", "two"], ["b2"]),
        helper.make_node("Slice", ["s", "one", "end", "zero"], ["rest"]),
        helper.make_node("ReduceProd", ["rest"], ["many"], keepdims=1),
        helper.make_node("Div", ["many", "two"], ["half"]),
        helper.make_node("Concat", ["b2", "half"], ["shape"], axis=0),
        helper.make_node("Reshape", ["x", "shape"], ["r"]),
        helper.make_node("Relu", ["r"], ["a"]),
        helper.make_node("Reshape", ["a", "s"], ["y"]),
    ]
    made = assert_equal(model(nodes, ("N", 3, 4, 5), weights, tmp_path), (1, 2, 5))
    kind = made.imported.inputs[0][1]
    assert kind == TensorType((Batch(), 3, 4, 5))


def test_a_file_for_one_sample_becomes_a_network_for_many(tmp_path: Path) -> None:
    weights = {"t": numbers(1, 1, 4), "shape": whole(1, 12), "axes": whole(0)}
    nodes = [
        helper.make_node("Concat", ["t", "x"], ["a"], axis=1),
        helper.make_node("Reshape", ["a", "shape"], ["y"]),
    ]
    file = model(nodes, (1, 2, 4), weights, tmp_path)
    made = assert_equal(file, (1,))
    x = torch.randn(3, 2, 4)
    rows = [in_onnx(file, {"x": sample[None].numpy()})[0] for sample in x]
    assert torch.allclose(made({"x": x})[0], torch.from_numpy(np.concatenate(rows)))


def test_a_batch_in_second_place_comes_first_and_is_noted(tmp_path: Path) -> None:
    file = one("Relu", (5, "batch", 4), tmp_path)
    imported = read_onnx(file)
    assert imported.inputs == (("x", TensorType((Batch(), 5, 4))),)
    assert "first" in imported.notes[0]
    x = torch.randn(3, 5, 4)
    assert torch.equal(Rebuilt(imported)({"x": x})[0], x.relu().transpose(0, 1))


def test_open_sizes_are_taken_or_told(tmp_path: Path) -> None:
    file = one("Relu", ("N", 3, "height", "width"), tmp_path)
    assumed, told = read_onnx(file), read_onnx(file, sizes={"height": 5, "x.3": 6})
    assert assumed.inputs[0][1].shape == (Batch(), 3, 224, 224)
    assert all("224" in note for note in assumed.notes)
    assert told.inputs[0][1].shape == (Batch(), 3, 5, 6)
    assert not told.notes


def branching(path: Path, chooser: str) -> Path:
    """One of two branches, chosen by this name."""
    branches = {
        f"{name}_branch": helper.make_graph(
            [helper.make_node(op, ["x"], [name], name=op)],
            name,
            [],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, None)],
        )
        for name, op in (("then", "Relu"), ("else", "Tanh"))
    }
    nodes = [
        helper.make_node("ReduceSum", ["x"], ["sum"], keepdims=0),
        helper.make_node("Greater", ["sum", "small"], ["hangs"]),
        helper.make_node("If", [chooser], ["y"], name="choice", **branches),
    ]
    return model(nodes, ("N", 4), {"yes": np.array(True), "small": numbers(1).reshape(())}, path)


def test_a_branch_is_taken_where_its_condition_is_known_and_refused_where_not(tmp_path: Path) -> None:
    assert kinds(read_onnx(branching(tmp_path, "yes"))) == ["ReLU"]
    with pytest.raises(FileError, match=r"ReduceSum .* along the batch"):
        read_onnx(branching(tmp_path, "hangs"))


def test_functions_of_the_file_are_written_out_where_they_are_called(tmp_path: Path) -> None:
    leak = helper.make_node("LeakyRelu", ["a"], ["b"])
    leak.attribute.append(onnx.AttributeProto(name="alpha", ref_attr_name="slope", type=onnx.AttributeProto.FLOAT))
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("mine", 1)]
    twice = [leak, helper.make_node("Add", ["b", "a"], ["c"])]
    function = helper.make_function("mine", "Leaky", ["a"], ["c"], twice, opsets, attributes=["slope"])
    nodes = [
        helper.make_node("Leaky", ["x"], ["m"], domain="mine", slope=0.3),
        helper.make_node("Leaky", ["m"], ["y"], domain="mine", slope=0.1),
    ]
    graph = helper.make_graph(
        nodes,
        "made",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ("N", 4))],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
    )
    file = tmp_path / "made.onnx"
    onnx.save(helper.make_model(graph, functions=[function], opset_imports=opsets, ir_version=8), file)
    made = assert_equal(file)
    assert [dict(call.params) for call in made.imported.calls if call.kind == "LeakyReLU"] == [
        {"negative_slope": 0.3},
        {"negative_slope": 0.1},
    ]


def test_what_cannot_be_said_is_named_with_its_nodes_and_reasons(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("NonZero", ["x"], ["d"], name="head/places"),
        helper.make_node("Relu", ["d"], ["r"], name="fine"),
        helper.make_node("ReduceMean", ["x"], ["m"], name="mean", axes=[0]),
        helper.make_node("Add", ["r", "m"], ["y"], name="sum"),
    ]
    with pytest.raises(FileError) as caught:
        read_onnx(model(nodes, ("N", 3, 3), {}, tmp_path))
    text = str(caught.value)
    assert "NonZero (head/places)" in text
    assert "ReduceMean (mean)" in text
    assert "fine" not in text
    assert caught.value.fix


def test_weights_that_were_quantized_come_back_as_numbers(tmp_path: Path) -> None:
    weights = {"q": np.array([[1, -3], [7, 2]], np.int8), "s": numbers(2) ** 2, "z": np.array([1, 0], np.int8)}
    nodes = [
        helper.make_node("DequantizeLinear", ["q", "s", "z"], ["w"], axis=1),
        helper.make_node("MatMul", ["x", "w"], ["y"]),
    ]
    made = Rebuilt(read_onnx(model(nodes, ("N", 2), weights, tmp_path)))
    assert kinds(made.imported) == ["Linear"]
    x = torch.randn(3, 2)
    # Not by the runtime, which multiplies such weights as whole numbers.
    wanted = x.numpy() @ ((weights["q"].astype(np.float32) - weights["z"]) * weights["s"])
    assert np.allclose(made({"x": x})[0].numpy(), wanted, atol=1e-6)


@pytest.mark.parametrize("mode", ["linear", "nearest", "cubic"])
def test_looking_up_between_pixels_is_a_node_of_python(mode: str, tmp_path: Path) -> None:
    weights = {"w": numbers(2 * 4 * 5, 18), "shape": whole(-1, 3, 3, 2)}
    nodes = [
        helper.make_node("Flatten", ["x"], ["f"]),
        helper.make_node("MatMul", ["f", "w"], ["g"]),
        helper.make_node("Reshape", ["g", "shape"], ["grid"]),
        helper.make_node("GridSample", ["x", "grid"], ["y"], mode=mode, align_corners=1, name="look/up"),
    ]
    made = assert_equal(model(nodes, ("N", 2, 4, 5), weights, tmp_path, 20), tolerance=1e-4)
    assert kinds(made.imported)[-1] == "Python"
    assert "Python" in made.imported.notes[-1]


def test_a_gru_whose_reset_gate_acts_first_is_a_node_of_python(tmp_path: Path) -> None:
    weights = {"w": numbers(1, 12, 3), "r": numbers(1, 12, 4), "b": numbers(1, 24), "axes": whole(1)}
    nodes = [
        helper.make_node("Transpose", ["x"], ["t"], perm=[1, 0, 2]),
        helper.make_node("GRU", ["t", "w", "r", "b"], ["s", ""], hidden_size=4, name="gru"),
        helper.make_node("Squeeze", ["s", "axes"], ["y"]),
    ]
    made = assert_equal(model(nodes, ("N", 5, 3), weights, tmp_path))
    assert kinds(made.imported) == ["Python", "Transpose"]
    assert made.parameters == 12 * 3 + 12 * 4 + 24
