"""Operations along dimensions: what sums, picks, orders or accumulates."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from core.exchange.onnx.ops_shape import cast
from core.exchange.onnx.task import Operation, Task, UnsupportedError, axis_of, scalar, size_of
from core.exchange.onnx.values import Value, Wire
from core.graph import Value as Setting

_KINDS = {
    "ReduceMean": "Mean",
    "ReduceSum": "Sum",
    "ReduceMax": "Amax",
    "ReduceMin": "Amin",
    "ReduceL1": "Norm",
    "ReduceL2": "Norm",
    "ReduceLogSum": "Sum",
    "ReduceLogSumExp": "LogSumExp",
    "ReduceSumSquare": "Sum",
}


def _places(task: Task, wire: Wire) -> tuple[int, ...]:
    axes = task.axes()
    if not axes and task.get("noop_with_empty_axes", 0):
        return ()
    found = axes if axes else range(len(wire.shape))
    places = tuple(sorted({axis_of(axis, wire) for axis in found}))
    for place in places:
        size_of(wire.shape[place])
    return places


def _reduce(task: Task) -> Value:
    wire, op = task.wire(0), task.node.op
    places = _places(task, wire)
    if not places:
        return wire
    params: dict[str, Setting] = {"dim": places, "keepdim": bool(task.get("keepdims", 1))}
    if op in ("ReduceL1", "ReduceL2"):
        params["p"] = 1.0 if op == "ReduceL1" else 2.0
    if op == "ReduceSumSquare":
        wire = task.call("Square", input=wire)
    made = task.call(_KINDS[op], params, input=wire)
    made = task.call("Log", input=made) if op == "ReduceLogSum" else made
    return cast(task, made, wire.type.dtype)


def _product(task: Task) -> Value:
    made = task.wire(0)
    dtype, keep = made.type.dtype, bool(task.get("keepdims", 1))
    for place in reversed(_places(task, made)):
        made = task.call("Prod", {"dim": place, "keepdim": keep}, input=made)
    return cast(task, made, dtype)


def _place_of(kind: str) -> Operation:
    def operation(task: Task) -> Value:
        wire = task.wire(0)
        axis = axis_of(task.get("axis", 0), wire)
        size_of(wire.shape[axis])
        return task.call(kind, {"dim": axis, "keepdim": bool(task.get("keepdims", 1))}, input=wire)

    return operation


def _topk(task: Task) -> tuple[Value, ...]:
    wire = task.wire(0)
    count = task.get("k") if task.value(1) is None else scalar(task.numbers(1, "k"))
    axis = axis_of(task.get("axis", -1), wire)
    size_of(wire.shape[axis])
    params = {"k": int(count), "dim": axis, "largest": bool(task.get("largest", 1))}  # type: ignore[arg-type]  # known
    return task.writer.outputs("TopK", params, input=wire)


def _cumulative(kind: str) -> Operation:
    def operation(task: Task) -> Value:
        wire = task.wire(0)
        axis = axis_of(int(task.numbers(1, "axis").reshape(-1)[0]), wire)
        size_of(wire.shape[axis])
        turned = bool(task.get("reverse", 0))
        made = task.call("Flip", {"dim": (axis,)}, input=wire) if turned else wire
        made = cast(task, task.call(kind, {"dim": axis}, input=made), wire.type.dtype)
        made = task.call("Flip", {"dim": (axis,)}, input=made) if turned else made
        if not task.get("exclusive", 0):
            return made
        if kind != "Cumsum":
            raise UnsupportedError("it leaves each number itself out")
        return task.call("Subtract", a=made, b=wire)

    return operation


def _triangle(task: Task) -> Value:
    wire = task.wire(0)
    diagonal = 0 if task.value(1) is None else int(task.numbers(1, "diagonal").reshape(-1)[0])
    kind = "Triu" if task.get("upper", 1) else "Tril"
    return task.call(kind, {"diagonal": diagonal}, input=wire)


def _one_hot(task: Task) -> Value:
    depth, values = scalar(task.numbers(1, "depth")), task.numbers(2, "values")
    wire = cast(task, task.wire(0), "int64")
    rank = len(wire.shape)
    axis = task.get("axis", -1)
    hot = task.call("OneHot", {"num_classes": int(depth or 0)}, input=wire)
    if axis % (rank + 1) != rank:
        order = [*range(rank)]
        order.insert(axis % (rank + 1), rank)
        hot = task.call("Permute", {"dims": tuple(order)}, input=hot)
    off, on = (float(number) for number in values.reshape(-1))
    made = cast(task, hot, "float32")
    if (off, on) != (0.0, 1.0):
        made = task.call("Scale", {"factor": on - off, "offset": off}, input=made)
    dtype = np.asarray(values).dtype.name
    return cast(task, made, dtype)


OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    dict.fromkeys(_KINDS, _reduce)
    | {
        "ReduceProd": _product,
        "ArgMax": _place_of("Argmax"),
        "ArgMin": _place_of("Argmin"),
        "TopK": _topk,
        "CumSum": _cumulative("Cumsum"),
        "CumProd": _cumulative("Cumprod"),
        "Trilu": _triangle,
        "OneHot": _one_hot,
    }
)
