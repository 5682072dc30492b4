"""Operations that arrange numbers: reshaping, turning, joining and parting."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from core.catalog.joining import MOST
from core.catalog.kind import Batch, Dim
from core.exchange.onnx.reshaping import reshaped, squeezed, wanted_shape
from core.exchange.onnx.task import Operation, Task, UnsupportedError, axis_of, over_batch, permuted, size_of, whole
from core.exchange.onnx.tensors import dtype_name
from core.exchange.onnx.values import Array, Filled, Known, Value, Wire, dims_of, sizes_array


def _shape(task: Task) -> Value:
    value = task.value(0)
    assert isinstance(value, Wire | Filled)  # of what is known, the shape is worked out before
    return Known(sizes_array(value.shape[task.get("start", 0) : task.get("end")]))


def _size(task: Task) -> Value:
    array = sizes_array(task.wire(0).shape)
    return Known(np.array(math.prod(array.tolist(), start=1), object))


def _reshape(task: Task) -> Value:
    wire = task.wire(0)
    given = dims_of(task.numbers(1, "shape")) if len(task.values) > 1 else tuple(task.get("shape"))
    if not task.get("allowzero", 0):
        given = tuple(wire.shape[place] if dim == 0 else dim for place, dim in enumerate(given))
    return reshaped(task.writer, wire, wanted_shape(given, wire, task.fixed_batch))


def _flatten(task: Task) -> Value:
    wire = task.wire(0)
    axis = task.get("axis", 1)
    axis = axis % len(wire.shape) if axis < 0 else axis
    parts = wire.shape[:axis], wire.shape[axis:]
    shape = tuple(_product(part) for part in parts)
    return reshaped(task.writer, wire, shape)


def _product(dims: tuple[Dim, ...]) -> Dim:
    numbers = math.prod(dim.multiple if isinstance(dim, Batch) else dim for dim in dims)
    return Batch(numbers) if any(isinstance(dim, Batch) for dim in dims) else numbers


def _transpose(task: Task) -> Value:
    wire = task.wire(0)
    order = task.get("perm") or tuple(reversed(range(len(wire.shape))))
    return permuted(task.writer, wire, tuple(axis_of(axis, wire) for axis in order))


def _squeeze(task: Task) -> Value:
    wire, axes = task.wire(0), task.axes()
    gone = {axis_of(axis, wire) for axis in axes} if axes else {p for p, dim in enumerate(wire.shape) if dim == 1}
    if any(wire.shape[place] != 1 for place in gone):
        raise UnsupportedError("it takes out a dimension that is not of size one")
    if not gone:
        return wire
    return squeezed(task.writer, wire, tuple(sorted(gone)))


def _unsqueeze(task: Task) -> Value:
    wire, axes = task.wire(0), task.axes() or ()
    rank = len(wire.shape) + len(axes)
    for axis in sorted(axis % rank for axis in axes):
        wire = task.call("Unsqueeze", {"dim": axis}, input=wire)
    return wire


def _concat(task: Task) -> Value:
    wires = [task.wire(place) for place in range(len(task.values)) if not _empty(task.value(place))]
    if len(wires) == 1:
        return wires[0]
    axis = axis_of(task.get("axis", 1), wires[0])
    batched = next((wire for wire in wires if wire.type.batched), None)
    if batched is not None and axis:
        wires = [_stretched(task, wire, batched) for wire in wires]
    return task.call("Concat", {"dim": axis}, inputs=tuple(wires))


def _empty(value: Value | None) -> bool:
    return isinstance(value, Known) and value.array.size == 0


def _stretched(task: Task, wire: Wire, batched: Wire) -> Wire:
    """For a file that knows one sample only: a constant beside samples stands for every one of them."""
    stretch = not wire.type.batched and wire.shape[:1] == (1,) and batched.shape[0] == Batch()
    return over_batch(task.writer, wire) if stretch else wire


def _split(task: Task) -> tuple[Value | None, ...]:
    wire, count = task.wire(0), len(task.node.outputs)
    axis = axis_of(task.get("axis", 0), wire)
    size = size_of(wire.shape[axis])
    given = task.get("split")
    if task.value(1) is not None:
        given = tuple(int(length) for length in task.numbers(1, "split"))
    each = -(-size // count)
    lengths = tuple(given) if given is not None else tuple(min(each, size - i * each) for i in range(count))
    if len(lengths) == 1:
        return (wire,)
    if len(lengths) <= MOST and min(lengths) > 0:
        return task.writer.outputs("Split", {"lengths": lengths, "dim": axis}, input=wire)
    ends = np.cumsum(lengths)
    return tuple(
        task.call("Slice", {"dim": axis, "start": int(end - length), "end": int(end)}, input=wire) if length else None
        for end, length in zip(ends, lengths, strict=True)
    )


def _expand(task: Task) -> Value:
    value, sizes = task.value(0), dims_of(task.numbers(1, "shape"))
    if isinstance(value, Known) and not value.symbolic and _uniform(value.array):
        ones = (1,) * (value.array.ndim - len(sizes))
        pairs = zip(_lined(value.array, sizes), (*ones, *sizes), strict=True)
        shape = tuple(want if have == 1 else have for have, want in pairs)
        return Filled(value.array.reshape(-1)[0], shape)
    return stretched_to(task, task.wire(0), sizes)


def _uniform(array: Array) -> bool:
    """Whether all numbers are one and the same."""
    return bool(array.size) and bool((array == array.reshape(-1)[0]).all())


def _lined(array: Array, sizes: tuple[Dim, ...]) -> tuple[int, ...]:
    return (1,) * (len(sizes) - array.ndim) + array.shape


def stretched_to(task: Task, wire: Wire, sizes: tuple[Dim, ...]) -> Wire:
    """The tensor with its sizes of one stretched to these; 1 there keeps a size."""
    new = len(sizes) - len(wire.shape)
    held: tuple[Dim, ...] = ((1,) * new + wire.shape) if new >= 0 else wire.shape
    sizes = (1,) * -new + sizes if new < 0 else sizes
    batched = next((dim for dim in held if isinstance(dim, Batch)), None)
    goal = tuple(
        have if want == 1 or (batched == have and want == task.fixed_batch) else want
        for have, want in zip(held, sizes, strict=True)
    )
    if goal == held:
        for _count in range(max(new, 0)):
            wire = task.call("Unsqueeze", {"dim": 0}, input=wire)
        return wire
    places = [place for place, dim in enumerate(goal) if isinstance(dim, Batch) and held[place] == 1]
    for _count in range(max(new, 0)):
        wire = task.call("Unsqueeze", {"dim": 0}, input=wire)
    if len(places) == 1 and goal[places[0]] == Batch():
        wire = over_batch(task.writer, wire, places[0])
    elif places:
        raise UnsupportedError("it stretches several dimensions to the batch")
    kept = tuple(-1 if isinstance(dim, Batch) else dim for dim in goal)
    return task.call("Expand", {"shape": kept}, input=wire) if wire.shape != goal else wire


def _tile(task: Task) -> Value:
    wire = task.wire(0)
    repeats = tuple(int(count) for count in task.numbers(1, "repeats"))
    return wire if set(repeats) == {1} else task.call("Repeat", {"repeats": repeats}, input=wire)


def _constant_of_shape(task: Task) -> Value:
    value = task.get("value", np.zeros(1, np.float32))
    return Filled(np.asarray(value).reshape(()), dims_of(task.numbers(0, "shape")))


def _cast(task: Task) -> Value:
    return cast(task, task.wire(0), dtype_name(int(task.get("to"))))


def cast(task: Task, wire: Wire, dtype: str) -> Wire:
    """The tensor in this dtype."""
    if wire.type.dtype == dtype:
        return wire
    if dtype in ("int8", "int16"):
        raise UnsupportedError(f"it casts to {dtype}")
    return task.call("Cast", {"dtype": dtype}, input=wire)


def _cast_like(task: Task) -> Value:
    other = task.value(1)
    known = task.known(1)
    dtype = known.dtype.name if known is not None else other.type.dtype if isinstance(other, Wire) else "float32"
    return cast(task, task.wire(0), dtype)


def _identity(task: Task) -> Value:
    value = task.value(0)
    assert value is not None  # an operator with one input
    return value


def _dropout(task: Task) -> tuple[Value | None, ...]:
    share = task.get("ratio", 0.5)
    given = task.known(1)
    share = float(given) if given is not None else share
    if task.node.op == "Dropout" and task.opset >= 12 and task.known(2) is None:
        return (task.wire(0), None)
    return (task.call("Dropout", {"p": min(max(float(share), 0.0), 1.0)}, input=task.wire(0)), None)


def _depth_to_space(task: Task) -> Value:
    wire, block = task.wire(0), task.get("blocksize")
    if task.get("mode", "DCR") == "CRD":
        return task.call("PixelShuffle", {"upscale_factor": block}, input=wire)
    channels, height, width = whole(wire, 1)
    inner = channels // block**2
    parted = reshaped(task.writer, wire, (wire.shape[0], block, block, inner, height, width))
    turned = permuted(task.writer, parted, (0, 3, 4, 1, 5, 2))
    return reshaped(task.writer, turned, (wire.shape[0], inner, height * block, width * block))


def _space_to_depth(task: Task) -> Value:
    wire, block = task.wire(0), task.get("blocksize")
    if task.get("mode", "DCR") == "CRD":
        return task.call("PixelUnshuffle", {"downscale_factor": block}, input=wire)
    channels, height, width = whole(wire, 1)
    rows, columns = height // block, width // block
    parted = reshaped(task.writer, wire, (wire.shape[0], channels, rows, block, columns, block))
    turned = permuted(task.writer, parted, (0, 3, 5, 1, 2, 4))
    return reshaped(task.writer, turned, (wire.shape[0], channels * block**2, rows, columns))


OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {
        "Shape": _shape,
        "Size": _size,
        "Reshape": _reshape,
        "Flatten": _flatten,
        "Transpose": _transpose,
        "Squeeze": _squeeze,
        "Unsqueeze": _unsqueeze,
        "Concat": _concat,
        "Split": _split,
        "Expand": _expand,
        "Tile": _tile,
        "ConstantOfShape": _constant_of_shape,
        "Cast": _cast,
        "CastLike": _cast_like,
        "Identity": _identity,
        "Dropout": _dropout,
        "DepthToSpace": _depth_to_space,
        "SpaceToDepth": _space_to_depth,
    }
)
