"""Normalizations."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from core.exchange.onnx.reshaping import reshaped, wanted_shape
from core.exchange.onnx.task import Operation, Task, UnsupportedError, axis_of, permuted, short, size_of, whole
from core.exchange.onnx.values import Array, Value, Wire, dims_of
from core.graph import Value as Setting


def _eps(task: Task, default: float = 1e-5) -> float:
    return short(task.get("epsilon", default))


def _dims(wire: Wire) -> int:
    dims = max(len(wire.shape) - 2, 1)
    if dims > 3 or not wire.type.batched:
        raise UnsupportedError(f"it works on {wire.type.full}")
    return dims


def _batch_norm(task: Task) -> tuple[Value | None, ...]:
    wire = task.wire(0)
    if not task.get("spatial", 1) or task.get("training_mode", 0):
        raise UnsupportedError("it learns, or has statistics for every place")
    names = ("weight", "bias", "running_mean", "running_var")
    weights = {name: task.numbers(place + 1, name) for place, name in enumerate(names)}
    weights["num_batches_tracked"] = np.zeros((), np.int64)
    momentum = task.get("momentum", 0.9)
    params: dict[str, Setting] = {"num_features": int(weights["weight"].size), "eps": _eps(task)}
    # ONNX weighs the old statistics, torch the new ones.
    if 0 <= momentum <= 1:
        params["momentum"] = round(1 - short(momentum), 7)
    kind = f"BatchNorm{_dims(wire)}d"
    return (task.writer.call(kind, params, weights, task.shared(1, 2, 3, 4), input=wire), None, None, None, None)


def _instance_norm(task: Task) -> Value:
    wire = task.wire(0)
    scale, shift = task.numbers(1, "scale"), task.numbers(2, "shift")
    params: dict[str, Setting] = {"num_features": int(scale.size), "eps": _eps(task)}
    kind = f"InstanceNorm{_dims(wire)}d"
    if np.all(scale == 1) and np.all(shift == 0):
        return task.call(kind, params, input=wire)
    weights = {"weight": scale, "bias": shift}
    return task.writer.call(kind, {**params, "affine": True}, weights, task.shared(1, 2), input=wire)


def _layer_norm(task: Task) -> tuple[Value | None, ...]:
    if any(task.node.outputs[1:]):
        raise UnsupportedError("its mean and deviation are read")
    wire = task.wire(0)
    shape = whole(wire, axis_of(task.get("axis", -1), wire))
    params: dict[str, Setting] = {"normalized_shape": shape, "eps": _eps(task)}
    scale, shift = _fitting(task.known(1), shape), _fitting(task.known(2), shape)
    if scale is None or (shift is None and task.value(2) is not None):
        return (_scaled(task, task.call("LayerNorm", {**params, "elementwise_affine": False}, input=wire)), None, None)
    weights = {"weight": scale} if shift is None else {"weight": scale, "bias": shift}
    places = (1,) if shift is None else (1, 2)
    params["bias"] = shift is not None
    return (task.writer.call("LayerNorm", params, weights, task.shared(*places), input=wire), None, None)


def _fitting(array: Array | None, shape: tuple[int, ...]) -> Array | None:
    """The numbers in this shape; None where they are not known or do not fit it."""
    if array is None or math.prod(array.shape[: max(array.ndim - len(shape), 0)]) != 1:
        return None
    last = array.reshape(array.shape[-len(shape) :]) if array.ndim > len(shape) else array
    fits = all(size in (1, want) for size, want in zip(reversed(last.shape), reversed(shape), strict=False))
    return np.ascontiguousarray(np.broadcast_to(last, shape)) if fits else None


def _scaled(task: Task, wire: Wire) -> Wire:
    made = task.call("Multiply", a=wire, b=task.wire(1))
    return made if task.value(2) is None else task.call("Add", inputs=(made, task.wire(2)))


def _rms_norm(task: Task) -> Value:
    wire = task.wire(0)
    shape = whole(wire, axis_of(task.get("axis", -1), wire))
    params: dict[str, Setting] = {"normalized_shape": shape, "eps": _eps(task)}
    scale = _fitting(task.known(1), shape)
    if scale is None:
        return _scaled(task, task.call("RMSNorm", {**params, "elementwise_affine": False}, input=wire))
    return task.writer.call("RMSNorm", params, {"weight": scale}, task.shared(1), input=wire)


def _group_norm(task: Task) -> Value:
    wire, groups = task.wire(0), int(task.get("num_groups"))
    channels = size_of(wire.shape[1])
    weights = {}
    for place, name in ((1, "weight"), (2, "bias")):
        array = task.numbers(place, name)
        # Until operator set 21 a group has one scale for all its channels.
        weights[name] = array if array.size == channels else np.repeat(array.reshape(-1), channels // groups)
    return _grouped(task, wire, groups, weights, task.shared(1, 2))


def _grouped(task: Task, wire: Wire, groups: int, weights: dict[str, Array], shared: str = "") -> Wire:
    channels = size_of(wire.shape[1])
    params: dict[str, Setting] = {"num_groups": groups, "num_channels": channels, "eps": _eps(task)}
    if not weights:
        params["affine"] = False
    elif "bias" not in weights:
        params["bias"] = False
    flat = {name: np.ascontiguousarray(array).reshape(-1) for name, array in weights.items()}
    return task.writer.call("GroupNorm", params, flat, shared, input=wire)


def _folded_group_norm(task: Task) -> Value:
    """What `patterns` made of a group norm that was written out, which may end in another shape."""
    wire, groups = task.wire(0), int(task.get("num_groups"))
    given = dims_of(task.numbers(3, "shape"))
    copied = tuple(wire.shape[place] if dim == 0 else dim for place, dim in enumerate(given))
    shape = wanted_shape(copied, wire, task.fixed_batch)
    channels = size_of(wire.shape[1])
    scale, shift = task.known(1), task.known(2)
    fits = all(array is None or array.size == channels for array in (scale, shift))
    if shape == wire.shape and fits and (shift is None or scale is not None):
        pairs = {"weight": scale, "bias": shift}
        weights = {name: array for name, array in pairs.items() if array is not None}
        return _grouped(task, wire, groups, weights, task.shared(1, 2))
    made = reshaped(task.writer, _grouped(task, wire, groups, {}), shape)
    made = made if scale is None else task.call("Multiply", a=made, b=task.wire(1))
    return made if shift is None else task.call("Add", inputs=(made, task.wire(2)))


def _folded_norm(kind: str) -> Operation:
    """What `patterns` made of a norm that was written out, over dimensions that may stand anywhere."""

    def operation(task: Task) -> Value:
        wire = task.wire(0)
        places = sorted(axis_of(axis, wire) for axis in task.get("axes"))
        shape = _sizes(wire, places)
        order = (*(place for place in range(len(wire.shape)) if place not in places), *places)
        back = tuple(int(place) for place in np.argsort(order))
        inner = permuted(task.writer, wire, order)
        scale, shift = (_along(task.known(place), places, wire) for place in (1, 2))
        params: dict[str, Setting] = {"normalized_shape": shape, "eps": _eps(task)}
        if scale is None or (shift is None and task.value(2) is not None):
            made = task.call(kind, {**params, "elementwise_affine": False}, input=inner)
            made = permuted(task.writer, made, back)
            return made if task.value(1) is None else _scaled(task, made)
        weights = {"weight": scale} if shift is None else {"weight": scale, "bias": shift}
        params |= {"bias": shift is not None} if kind == "LayerNorm" else {}
        weighing = (1,) if shift is None else (1, 2)
        made = task.writer.call(kind, params, weights, task.shared(*weighing), input=inner)
        return permuted(task.writer, made, back)

    return operation


def _along(array: Array | None, places: list[int], wire: Wire) -> Array | None:
    """The numbers as the normalized dimensions have them; None where they reach over others."""
    if array is None:
        return None
    rank = len(wire.shape)
    lined = array.reshape((1,) * (rank - array.ndim) + array.shape) if array.ndim <= rank else array
    if lined.ndim > rank or any(size != 1 for place, size in enumerate(lined.shape) if place not in places):
        return None
    return _fitting(lined.reshape([lined.shape[place] for place in places]), _sizes(wire, places))


def _sizes(wire: Wire, places: list[int]) -> tuple[int, ...]:
    """The sizes at these places; raises UnsupportedError where the batch is among them."""
    return tuple(size_of(wire.shape[place]) for place in places)


def _across_channels(task: Task) -> Value:
    wire, size = task.wire(0), int(task.get("size"))
    params: dict[str, Setting] = {
        "size": size,
        "alpha": short(task.get("alpha", 1e-4)),
        "beta": short(task.get("beta", 0.75)),
        "k": short(task.get("bias", 1.0)),
    }
    if size % 2:
        return task.call("LocalResponseNorm", params, input=wire)
    # An even window leans to the other side than torch's does.
    turned = task.call("LocalResponseNorm", params, input=task.call("Flip", {"dim": (1,)}, input=wire))
    return task.call("Flip", {"dim": (1,)}, input=turned)


def _length_one(task: Task) -> Value:
    wire, power = task.wire(0), float(task.get("p", 2))
    axis = axis_of(task.get("axis", -1), wire)
    size_of(wire.shape[axis])
    return task.call("Normalize", {"p": power, "dim": (axis,)}, input=wire)


OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {
        "BatchNormalization": _batch_norm,
        "InstanceNormalization": _instance_norm,
        "LayerNormalization": _layer_norm,
        "RMSNormalization": _rms_norm,
        "SimplifiedLayerNormalization": _rms_norm,
        "GroupNormalization": _group_norm,
        "chainrule.GroupNorm": _folded_group_norm,
        "chainrule.LayerNorm": _folded_norm("LayerNorm"),
        "chainrule.RMSNorm": _folded_norm("RMSNorm"),
        "LRN": _across_channels,
        "LpNormalization": _length_one,
    }
)
