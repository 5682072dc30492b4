"""Pooling: windows and whole extents."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from core.catalog.formulas import window
from core.exchange.onnx.ops_conv import LOWEST, margins, padded
from core.exchange.onnx.task import Operation, Task, UnsupportedError, one_or_all, whole
from core.exchange.onnx.values import Array, Value, Wire
from core.graph import Value as Setting

Pads = tuple[tuple[int, int], ...]


def _frame(task: Task) -> tuple[Wire, tuple[int, ...], Pads, dict[str, Setting]]:
    """The input, the kernel, the margins, and the parameters that all pools have."""
    wire = task.wire(0)
    if len(wire.shape) not in (3, 4, 5) or not wire.type.batched:
        raise UnsupportedError(f"it works on {wire.type.full}, not on a batch of signals, images or volumes")
    kernel = tuple(task.get("kernel_shape"))
    strides = tuple(task.get("strides") or (1,) * len(kernel))
    params: dict[str, Setting] = {"kernel_size": one_or_all(kernel), "stride": one_or_all(strides)}
    if task.get("ceil_mode", 0):
        params["ceil_mode"] = True
    return wire, kernel, margins(task, whole(wire, 2), kernel), params


def _fits(pads: Pads, kernel: tuple[int, ...]) -> bool:
    """Whether torch's own padding says it: the same on both sides, and at most half the kernel."""
    return all(before == behind <= wide // 2 for (before, behind), wide in zip(pads, kernel, strict=True))


def _before(pads: Pads) -> Setting:
    return one_or_all(tuple(before for before, _behind in pads))


def _max(task: Task) -> tuple[Value | None, ...]:
    if len(task.node.outputs) > 1 and task.node.outputs[1]:
        raise UnsupportedError("it tells the places of its values across the whole batch")
    wire, kernel, pads, params = _frame(task)
    params["dilation"] = one_or_all(tuple(task.get("dilations") or (1,) * len(kernel)))
    if _fits(pads, kernel):
        params["padding"] = _before(pads)
    else:
        wire = padded(task, wire, pads, LOWEST)
    return (task.call(f"MaxPool{len(kernel)}d", params, input=wire), None)


def _average(task: Task) -> Value:
    wire, kernel, pads, params = _frame(task)
    if any(gap != 1 for gap in task.get("dilations") or ()):
        raise UnsupportedError("its window has gaps")
    kind, counts = f"AvgPool{len(kernel)}d", bool(task.get("count_include_pad", 0))
    if _fits(pads, kernel):
        padding = {"padding": _before(pads), "count_include_pad": counts}
        return task.call(kind, {**params, **padding}, input=wire)
    made = task.call(kind, params, input=padded(task, wire, pads))
    if counts:
        return made
    shares = _filled_share(task, whole(wire, 2), kernel, pads)
    return task.call("Multiply", a=made, b=task.writer.constant(shares))


def _filled_share(task: Task, extent: tuple[int, ...], kernel: tuple[int, ...], pads: Pads) -> Array:
    """By position, by how much a mean that counts the margins is too small."""
    strides = task.get("strides") or (1,) * len(kernel)
    share = np.ones((1, 1), np.float32)
    for size, wide, step, (before, behind) in zip(extent, kernel, strides, pads, strict=True):
        inside = np.pad(np.ones(size, np.float32), (before, behind))
        count = window(len(inside), wide, step, 0, ceil=bool(task.get("ceil_mode", 0)))
        filled = [inside[place * step : place * step + wide] for place in range(count)]
        share = share[..., None] * np.array([len(part) / max(part.sum(), 1) for part in filled], np.float32)
    return share


def _powered(task: Task) -> Value:
    wire, kernel, pads, params = _frame(task)
    if any(gap != 1 for gap in task.get("dilations") or ()):
        raise UnsupportedError("its window has gaps")
    power = float(task.get("p", 2))
    if power % 2:
        wire = task.call("Abs", input=wire)
    return task.call(f"LPPool{len(kernel)}d", {**params, "norm_type": power}, input=padded(task, wire, pads))


def _whole_extent(kind: str) -> Operation:
    def operation(task: Task) -> Value:
        wire = task.wire(0)
        return task.call(f"{kind}{len(wire.shape) - 2}d", {"output_size": 1}, input=wire)

    return operation


def _whole_norm(task: Task) -> Value:
    wire = task.wire(0)
    dims = tuple(range(2, len(wire.shape)))
    return task.call("Norm", {"p": float(task.get("p", 2)), "dim": dims, "keepdim": True}, input=wire)


OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {
        "MaxPool": _max,
        "AveragePool": _average,
        "LpPool": _powered,
        "GlobalAveragePool": _whole_extent("AdaptiveAvgPool"),
        "GlobalMaxPool": _whole_extent("AdaptiveMaxPool"),
        "GlobalLpPool": _whole_norm,
    }
)
