"""Matrix products: with known weights they are layers, without they stay products."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from core.exchange.onnx.attention import attended
from core.exchange.onnx.task import Operation, Task, UnsupportedError, permuted, scalar, short, size_of
from core.exchange.onnx.values import Array, Known, Value, Wire

_WITH_BIAS = ("Linear", "Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d")


def linear(task: Task, wire: Wire, weight: Array, bias: Array | None = None, shared: str = "") -> Wire:
    """A Linear layer; `weight` is (out_features, in_features)."""
    out, features = weight.shape
    params = {"in_features": int(features), "out_features": int(out), "bias": bias is not None}
    weights = {"weight": weight} if bias is None else {"weight": weight, "bias": bias}
    return task.writer.call("Linear", params, weights, shared, input=wire)


def biased(task: Task, wire: Wire, array: Array) -> Wire | None:
    """A bias that is added behind a layer without one, as a part of that layer; None where it is none."""
    call = task.writer.maker(wire)
    if call is None or call.kind not in _WITH_BIAS or call.params.get("bias") or array.dtype != np.float32:
        return None
    place = len(wire.shape) - 1 if call.kind == "Linear" else 1
    lined = (1,) * (len(wire.shape) - array.ndim) + array.shape
    fits = lined == tuple(size if spot == place else 1 for spot, size in enumerate(wire.shape))
    names = [name for name in task.node.inputs if name]
    if not fits or not any(task.alone(name) and isinstance(task.value(spot), Wire) for spot, name in enumerate(names)):
        return None
    task.writer.amend(wire, {"bias": True}, {"bias": np.ascontiguousarray(array.reshape(-1))})
    return wire


def _matmul(task: Task) -> Value:
    one, other = task.value(0), task.value(1)
    if isinstance(one, Wire) and isinstance(other, Known) and other.array.ndim == 2 and len(one.shape) > 1:
        return linear(task, one, other.array.T, shared=task.shared(1))
    a, b = task.wire(0), task.wire(1)
    return attended(task.writer, a, b) or task.call("MatMul", a=a, b=b)


def _gemm(task: Task) -> Value:
    alpha, beta = float(task.get("alpha", 1.0)), float(task.get("beta", 1.0))
    one = task.wire(0)
    if task.get("transA", 0):
        one = permuted(task.writer, one, (1, 0))
    matrix, added = task.known(1), task.value(2)
    if matrix is None:
        return _product(task, one, alpha, beta)
    weight = matrix if task.get("transB", 0) else matrix.T
    bias = added.array if isinstance(added, Known) and beta else None
    out = weight.shape[0]
    fits = bias is not None and bias.shape in ((out,), (1, out), (1,), (), (1, 1))
    row = np.broadcast_to(np.asarray(bias).reshape(-1) * np.float32(beta), (out,)) if fits else None
    plain = alpha == 1.0 and beta == 1.0
    made = linear(task, one, weight * np.float32(alpha), row, task.shared(1, 2) if plain and fits else "")
    return made if fits or added is None or not beta else _added(task, made, beta)


def _product(task: Task, one: Wire, alpha: float, beta: float) -> Wire:
    other = task.wire(1)
    if task.get("transB", 0):
        other = permuted(task.writer, other, (1, 0))
    made = task.call("MatMul", a=one, b=other)
    made = made if alpha == 1.0 else task.call("Scale", {"factor": short(alpha), "offset": 0.0}, input=made)
    return made if task.value(2) is None or not beta else _added(task, made, beta)


def _added(task: Task, made: Wire, beta: float) -> Wire:
    rest = task.wire(2)
    rest = rest if beta == 1.0 else task.call("Scale", {"factor": short(beta), "offset": 0.0}, input=rest)
    return task.call("Add", inputs=(made, rest))


def _einsum(task: Task) -> Value:
    equation = str(task.get("equation")).replace(" ", "")
    wires = tuple(task.wire(place) for place in range(len(task.values)))
    if "->" not in equation:
        letters = sorted({letter for letter in equation if letter.isalpha() and equation.count(letter) == 1})
        equation += f"->{'...' if '...' in equation else ''}{''.join(letters)}"
    return task.call("Einsum", {"equation": equation}, inputs=wires)


def _attention(task: Task) -> Value:
    """Attention of operator set 23 on tensors that are parted into heads, without a cache or a cap."""
    plain = not any(task.get(name) not in (None, -1) for name in ("left_window_size", "right_window_size"))
    if any(task.node.outputs[1:]) or any(task.value(spot) is not None for spot in (4, 5, 6)) or not plain:
        raise UnsupportedError("it keeps a cache, or looks through a window")
    query, key, value = (task.wire(place) for place in range(3))
    if len(query.shape) != 4 or task.get("softcap", 0.0):
        raise UnsupportedError("its scores are capped, or its heads are not parted")
    share = size_of(query.shape[1]) // size_of(key.shape[1])
    if share > 1:
        key, value = (task.call("RepeatInterleave", {"repeats": share, "dim": 1}, input=wire) for wire in (key, value))
    scale = task.get("scale") or 1 / size_of(query.shape[3]) ** 0.5
    scores = task.call("MatMul", a=query, b=permuted(task.writer, key, (0, 1, 3, 2)))
    scores = _masked(task, task.call("Scale", {"factor": short(scale), "offset": 0.0}, input=scores))
    weights = task.call("Softmax", {"dim": -1}, input=scores)
    return attended(task.writer, weights, value) or task.call("MatMul", a=weights, b=value)


def _masked(task: Task, scores: Wire) -> Wire:
    if task.get("is_causal", 0):
        shape = tuple(size_of(size) for size in scores.shape[-2:])
        future = task.writer.constant(np.triu(np.ones(shape, bool), 1))
        scores = task.call("MaskedFill", {"infinite": True}, input=scores, mask=future)
    if task.value(3) is None:
        return scores
    mask = task.wire(3)
    if mask.type.dtype != "bool":
        return task.call("Add", inputs=(scores, mask))
    hidden = task.call("LogicalNot", input=mask)
    return task.call("MaskedFill", {"infinite": True}, input=scores, mask=hidden)


def _quantize(task: Task) -> Value:
    """Quantizing that is undone at once, as in models that were trained for it."""
    scale, zero = scalar(task.known(1)), task.known(2)
    if scale is None or zero is None:
        raise UnsupportedError("its scale or zero point is not one known number")
    low, high = np.iinfo(zero.dtype).min, np.iinfo(zero.dtype).max
    offset = float(zero.reshape(-1)[0])
    scaled = task.call("Scale", {"factor": short(1 / scale), "offset": 0.0}, input=task.wire(0))
    steps = task.call("Round", input=scaled)
    return task.call("Clamp", {"min": float(low) - offset, "max": float(high) - offset}, input=steps)


def _dequantize(task: Task) -> Value:
    scale, wire = scalar(task.known(1)), task.wire(0)
    call = task.writer.maker(wire)
    if scale is None or call is None or call.kind != "Clamp":
        raise UnsupportedError("what it takes was not quantized beside it")
    return task.call("Scale", {"factor": scale, "offset": 0.0}, input=wire)


OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {
        "MatMul": _matmul,
        "Gemm": _gemm,
        "Einsum": _einsum,
        "Attention": _attention,
        "QuantizeLinear": _quantize,
        "DequantizeLinear": _dequantize,
    }
)
