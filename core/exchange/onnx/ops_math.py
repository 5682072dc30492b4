"""Arithmetic, functions of one number, comparisons and the choice between tensors."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from core.exchange.onnx.ops_dense import biased
from core.exchange.onnx.ops_opaque import infinite
from core.exchange.onnx.ops_shape import cast
from core.exchange.onnx.task import Operation, Task, UnsupportedError, scalar, short
from core.exchange.onnx.values import Array, Known, Value, Wire

_FUNCTIONS = {
    "Abs": "Abs",
    "Acos": "Acos",
    "Acosh": "Acosh",
    "Asin": "Asin",
    "Asinh": "Asinh",
    "Atan": "Atan",
    "Atanh": "Atanh",
    "Ceil": "Ceil",
    "Cos": "Cos",
    "Cosh": "Cosh",
    "Erf": "Erf",
    "Exp": "Exp",
    "Floor": "Floor",
    "IsNaN": "IsNan",
    "Log": "Log",
    "Neg": "Negative",
    "Not": "LogicalNot",
    "Reciprocal": "Reciprocal",
    "Round": "Round",
    "Sign": "Sign",
    "Sin": "Sin",
    "Sinh": "Sinh",
    "Sqrt": "Sqrt",
    "Tan": "Tan",
}
"""Kinds by the name of the operation."""
_PAIRS = {
    "And": "LogicalAnd",
    "Div": "Divide",
    "Equal": "Equal",
    "Greater": "Greater",
    "GreaterOrEqual": "GreaterEqual",
    "Less": "Less",
    "LessOrEqual": "LessEqual",
    "Mod": "Remainder",
    "Mul": "Multiply",
    "Or": "LogicalOr",
    "Pow": "Power",
    "Sub": "Subtract",
    "Xor": "LogicalXor",
}
_SIGNS = {"Greater": ">", "GreaterOrEqual": ">=", "Less": "<", "LessOrEqual": "<=", "Equal": "=="}
_MIRRORED = {"Greater": "<", "GreaterOrEqual": "<=", "Less": ">", "LessOrEqual": ">=", "Equal": "=="}


def _function(task: Task) -> Value:
    return task.call(_FUNCTIONS[task.node.op], input=task.wire(0))


def _aligned(task: Task) -> tuple[Value | None, Value | None]:
    """Both operands; before operator set 7 the second is laid along an axis of the first."""
    one, other = task.value(0), task.value(1)
    axis = task.get("axis")
    if task.opset >= 7 or not task.get("broadcast", 0) or axis is None or not isinstance(other, Known):
        return one, other
    assert isinstance(one, Wire | Known)  # two operands, of which the first is no fill
    rank = len(one.shape) if isinstance(one, Wire) else one.array.ndim
    behind = rank - axis % rank - other.array.ndim
    array = other.array.reshape(*other.array.shape, *(1,) * behind)
    return one, Known(array, other.source)


def _pair(task: Task) -> Value:
    one, other = _aligned(task)
    for wire, value, swapped in ((one, other, False), (other, one, True)):
        if isinstance(wire, Wire) and isinstance(value, Known):
            made = _with_number(task, wire, value.array, swapped)
            if made is not None:
                return made
    a, b = task.as_wire(one), task.as_wire(other)
    if task.node.op == "Add":
        return task.call("Add", inputs=(a, b))
    return _both(task, a, b)


def _both(task: Task, a: Wire, b: Wire) -> Wire:
    op = task.node.op
    whole = not a.type.dtype.startswith("float")
    if op == "Div" and whole:
        if "uint" not in a.type.dtype:
            ratio = task.call("Divide", a=a, b=b)
            return cast(task, task.call("Trunc", input=ratio), a.type.dtype)
        return task.call("FloorDivide", a=a, b=b)
    if op == "Mod" and task.get("fmod", 0):
        times = task.call("Multiply", a=task.call("Trunc", input=task.call("Divide", a=a, b=b)), b=b)
        return cast(task, task.call("Subtract", a=a, b=times), a.type.dtype)
    if op in _SIGNS and op != "Equal" and a.type.dtype == "bool":
        raise UnsupportedError("it orders truth values")
    made = task.call(_PAIRS[op], a=a, b=b)
    return cast(task, made, a.type.dtype) if op == "Pow" else made


def _with_number(task: Task, wire: Wire, array: Array, swapped: bool) -> Wire | None:
    """A tensor and one known number; None where that is no case of its own."""
    op = task.node.op
    if op == "Add" and (made := biased(task, wire, array)) is not None:
        return made
    number = scalar(array)
    if number is None or array.ndim > len(wire.shape) or not wire.type.dtype.startswith("float"):
        return None
    if op in _SIGNS:
        sign = (_MIRRORED if swapped else _SIGNS)[op]
        return task.call("CompareScalar", {"comparison": sign, "value": number}, input=wire)
    if op == "Pow":
        return None if swapped else _powered(task, wire, number)
    if op == "Div" and swapped:
        ones = task.call("Reciprocal", input=wire)
        return ones if number == 1 else _scaled(task, ones, factor=number)
    return _linear(task, wire, number, swapped)


def _linear(task: Task, wire: Wire, number: float, swapped: bool) -> Wire | None:
    match task.node.op:
        case "Add":
            return _scaled(task, wire, offset=number)
        case "Sub":
            return _scaled(task, wire, -1.0, number) if swapped else _scaled(task, wire, offset=-number)
        case "Mul":
            return _scaled(task, wire, number)
        case "Div" if number:
            return _scaled(task, wire, short(1 / number))
    return None


def _scaled(task: Task, wire: Wire, factor: float = 1.0, offset: float = 0.0) -> Wire:
    if (factor, offset) == (-1.0, 0.0):
        return task.call("Negative", input=wire)
    if (factor, offset) == (1.0, 0.0):
        return wire
    return task.call("Scale", {"factor": factor, "offset": offset}, input=wire)


def _powered(task: Task, wire: Wire, exponent: float) -> Wire:
    kinds = {2.0: "Square", 0.5: "Sqrt", -1.0: "Reciprocal"}
    if exponent == 1:
        return wire
    if exponent in kinds:
        return task.call(kinds[exponent], input=wire)
    return task.call("PowerScalar", {"exponent": exponent}, input=wire)


def _sum(task: Task) -> Value:
    wires = tuple(task.wire(place) for place in range(len(task.values)))
    return wires[0] if len(wires) == 1 else task.call("Add", inputs=wires)


def _average(task: Task) -> Value:
    count = len(task.values)
    made = _sum(task)
    assert isinstance(made, Wire)  # `_sum` makes one
    return _scaled(task, made, 1 / count) if count > 1 else made


def _folded(kind: str) -> Operation:
    """Largest or smallest of several tensors."""

    def operation(task: Task) -> Value:
        known = [scalar(task.known(place)) for place in range(len(task.values))]
        wire = task.wire(0)
        if len(known) == 2 and wire.type.dtype.startswith("float"):
            number = next((item for item in known if item is not None), None)
            if number is not None:
                bound = {"min": number, "max": None} if kind == "Maximum" else {"min": None, "max": number}
                return task.call("Clamp", bound, input=task.wire(known.index(None)))
        for place in range(1, len(task.values)):
            wire = task.call(kind, a=wire, b=task.wire(place))
        return wire

    return operation


def _where(task: Task) -> Value:
    condition = cast(task, task.wire(0), "bool")
    number, other = task.known(1), task.value(2)
    if isinstance(other, Wire) and number is not None and number.size == 1 and other.type.dtype.startswith("float"):
        low = np.finfo(np.float32).min
        value = float(number.reshape(-1)[0])
        if value == -np.inf:
            return task.call("MaskedFill", {"infinite": True}, input=other, mask=condition)
        if np.isfinite(value) and value >= low:
            return task.call("MaskedFill", {"value": short(value)}, input=other, mask=condition)
    return task.call("Where", condition=condition, a=task.wire(1), b=task.wire(2))


def _is_infinite(task: Task) -> Value:
    negative, positive = bool(task.get("detect_negative", 1)), bool(task.get("detect_positive", 1))
    if negative != positive:
        return infinite(task, positive)
    finite = task.call("IsFinite", input=task.wire(0))
    nan = task.call("IsNan", input=task.wire(0))
    return task.call("LogicalNot", input=task.call("LogicalOr", a=finite, b=nan))


def _bitwise_not(task: Task) -> Value:
    if task.wire(0).type.dtype != "bool":
        raise UnsupportedError("it turns bits round")
    return task.call("LogicalNot", input=task.wire(0))


OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    dict.fromkeys(_FUNCTIONS, _function)
    | dict.fromkeys((*_PAIRS, "Add"), _pair)
    | {
        "Sum": _sum,
        "Mean": _average,
        "Max": _folded("Maximum"),
        "Min": _folded("Minimum"),
        "Where": _where,
        "IsInf": _is_infinite,
        "BitwiseNot": _bitwise_not,
    }
)
