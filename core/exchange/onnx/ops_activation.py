"""Activations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from core.exchange.onnx.ops_shape import cast
from core.exchange.onnx.reshaping import reshaped
from core.exchange.onnx.task import Operation, Task, UnsupportedError, axis_of, permuted, scalar, short, size_of, whole
from core.exchange.onnx.values import Value, Wire
from core.exchange.onnx.writer import Params

_PLAIN = {
    "Relu": "ReLU",
    "Sigmoid": "Sigmoid",
    "Tanh": "Tanh",
    "HardSwish": "Hardswish",
    "Mish": "Mish",
    "Softsign": "Softsign",
    "Softplus": "Softplus",
}
_SELU = (1.6732632, 1.0507010)
"""Alpha and scale of Klambauer et al. 2017, arXiv:1706.02515."""
_SIXTH = 1 / 6


def _plain(task: Task) -> Value:
    return task.call(_PLAIN[task.node.op], input=task.wire(0))


def _with(kind: str, params: Callable[[Task], Params]) -> Operation:
    return lambda task: task.call(kind, params(task), input=task.wire(0))


def _selu(task: Task) -> Value:
    alpha, gamma = task.get("alpha", _SELU[0]), task.get("gamma", _SELU[1])
    if abs(alpha - _SELU[0]) + abs(gamma - _SELU[1]) < 1e-4:
        return task.call("SELU", input=task.wire(0))
    elu = task.call("ELU", {"alpha": short(alpha)}, input=task.wire(0))
    return task.call("Scale", {"factor": short(gamma), "offset": 0.0}, input=elu)


def _hard_sigmoid(task: Task) -> Value:
    alpha, beta = task.get("alpha", 0.2), task.get("beta", 0.5)
    if abs(alpha - _SIXTH) < 1e-6 and beta == 0.5:
        return task.call("Hardsigmoid", input=task.wire(0))
    line = task.call("Scale", {"factor": short(alpha), "offset": short(beta)}, input=task.wire(0))
    return task.call("Clamp", {"min": 0.0, "max": 1.0}, input=line)


def _swish(task: Task) -> Value:
    wire, alpha = task.wire(0), float(task.get("alpha", 1.0))
    if alpha == 1.0:
        return task.call("SiLU", input=wire)
    gate = task.call("Sigmoid", input=task.call("Scale", {"factor": short(alpha), "offset": 0.0}, input=wire))
    return task.call("Multiply", a=wire, b=gate)


def _gelu(task: Task) -> Value:
    return task.call("GELU", {"approximate": task.get("approximate", "none")}, input=task.wire(0))


def _prelu(task: Task) -> Value:
    wire, slope = task.wire(0), task.known(1)
    channels = wire.shape[1] if len(wire.shape) > 1 else 1
    if slope is not None and (slope.size == 1 or slope.size == channels == max(slope.shape)):
        lined = (1,) * (len(wire.shape) - slope.ndim) + slope.shape
        if slope.size == 1 or lined[1] == channels:
            weights = {"weight": slope.reshape(-1)}
            return task.writer.call("PReLU", {"num_parameters": slope.size}, weights, task.shared(1), input=wire)
    above = task.call("ReLU", input=wire)
    below = task.call("Multiply", a=task.wire(1), b=task.call("Clamp", {"min": None, "max": 0.0}, input=wire))
    return task.call("Add", inputs=(above, below))


def _clip(task: Task) -> Value:
    wire = task.wire(0)
    low, high = (_bound(task, place, name) for place, name in ((1, "min"), (2, "max")))
    if (low, high) == (0.0, 6.0):
        return task.call("ReLU6", input=wire)
    if (low, high) == (0.0, None):
        return task.call("ReLU", input=wire)
    bounds = {"min": low if isinstance(low, float) else None, "max": high if isinstance(high, float) else None}
    made = task.call("Clamp", bounds, input=wire) if any(item is not None for item in bounds.values()) else wire
    if isinstance(low, Wire):
        made = task.call("Maximum", a=made, b=low)
    if isinstance(high, Wire):
        made = task.call("Minimum", a=made, b=high)
    return cast(task, made, wire.type.dtype)


def _bound(task: Task, place: int, name: str) -> float | Wire | None:
    """A bound as a number where it is known; None where there is none."""
    if task.is_wire(place):
        return task.wire(place)
    number = scalar(task.known(place)) if task.value(place) is not None else task.get(name)
    if number is None or abs(number) > np.finfo(np.float32).max * 0.99:
        return None
    return short(number) if task.wire(0).type.dtype.startswith("float") else float(number)


def _over(kind: str) -> Operation:
    """Softmax and its logarithm: before operator set 13 over all dimensions from the axis on."""

    def operation(task: Task) -> Value:
        wire = task.wire(0)
        axis = axis_of(task.get("axis", -1 if task.opset >= 13 else 1), wire)
        if task.opset >= 13 or axis == len(wire.shape) - 1:
            dim = -1 if axis == len(wire.shape) - 1 else axis
            return task.call(kind, {"dim": dim}, input=wire)
        if all(size == 1 for size in wire.shape[axis + 1 :]):
            return task.call(kind, {"dim": axis}, input=wire)
        inner = tuple(whole(wire, axis))
        merged = reshaped(task.writer, wire, (*wire.shape[:axis], int(np.prod(inner))))
        made = task.call(kind, {"dim": axis}, input=merged)
        return reshaped(task.writer, made, wire.shape)

    return operation


def _hardmax(task: Task) -> Value:
    wire = task.wire(0)
    axis = axis_of(task.get("axis", -1 if task.opset >= 13 else 1), wire)
    order = (*(place for place in range(len(wire.shape)) if place != axis), axis)
    place = task.call("Argmax", {"dim": axis}, input=wire)
    hot = task.call("OneHot", {"num_classes": size_of(wire.shape[axis])}, input=place)
    turned = permuted(task.writer, hot, tuple(int(spot) for spot in np.argsort(order)))
    return cast(task, turned, wire.type.dtype)


def _shrink(task: Task) -> Value:
    bias, lambd = task.get("bias", 0.0), task.get("lambd", 0.5)
    if bias not in (0.0, lambd):
        raise UnsupportedError("its bias is neither zero nor lambd")
    kind = "Softshrink" if bias else "Hardshrink"
    return task.call(kind, {"lambd": short(lambd)}, input=task.wire(0))


OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    dict.fromkeys(_PLAIN, _plain)
    | {
        "LeakyRelu": _with("LeakyReLU", lambda task: {"negative_slope": short(task.get("alpha", 0.01))}),
        "Elu": _with("ELU", lambda task: {"alpha": short(task.get("alpha", 1.0))}),
        "Celu": _with("CELU", lambda task: {"alpha": short(task.get("alpha", 1.0))}),
        "ThresholdedRelu": _with("Threshold", lambda task: {"threshold": short(task.get("alpha", 1.0)), "value": 0.0}),
        "Selu": _selu,
        "HardSigmoid": _hard_sigmoid,
        "Swish": _swish,
        "Gelu": _gelu,
        "PRelu": _prelu,
        "Clip": _clip,
        "Softmax": _over("Softmax"),
        "LogSoftmax": _over("LogSoftmax"),
        "Hardmax": _hardmax,
        "Shrink": _shrink,
    }
)
