"""Operations that take some numbers out of many."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from core.exchange.onnx.folding import slices
from core.exchange.onnx.ops_shape import cast
from core.exchange.onnx.reshaping import reshaped
from core.exchange.onnx.task import Operation, Task, UnsupportedError, axis_of, size_of
from core.exchange.onnx.values import Array, Known, Size, Value, Wire
from core.graph import Value as Setting

_ALL = 10**6
"""As the end of a slice of the batch: exporters write some large number for all samples."""


def _slice(task: Task) -> Value:
    wire = task.wire(0)
    given = tuple(task.known(place) for place in range(len(task.values)))
    if any(value is not None and given[place] is None for place, value in enumerate(task.values) if place):
        raise UnsupportedError("its bounds are worked out by the network itself")
    for axis, start, end, step in slices(task.node, given):
        wire = _cut(task, wire, axis_of(axis, wire), (start, end, step))
    return wire


def _cut(task: Task, wire: Wire, axis: int, bounds: tuple[object, object, int]) -> Wire:
    start, end, step = bounds
    dim = wire.shape[axis]
    if step == 1 and start == 0 and _reaches(end, dim):
        return wire
    size = size_of(dim)
    if isinstance(start, Size) or isinstance(end, Size):
        raise UnsupportedError("its bounds hang on the batch")
    kept = _span(size, bounds)
    if not kept:
        raise UnsupportedError("it takes out nothing")
    if step < 0:
        wire = task.call("Flip", {"dim": (axis,)}, input=wire)
        first = size - 1 - kept[0]
        kept = range(first, first + (len(kept) - 1) * -step + 1, -step)
    if kept == range(size):
        return wire
    params: dict[str, Setting] = {"dim": axis, "start": kept[0]}
    if kept[-1] + kept.step < size or kept.step > 1:
        params["end"] = kept[-1] + 1
    if kept.step > 1:
        params["step"] = kept.step
    return task.call("Slice", params, input=wire)


def _span(size: int, bounds: tuple[object, object, int]) -> range:
    start, end, step = bounds
    return range(size)[slice(int(start), _bound(int(end), size, step), step)]  # type: ignore[call-overload]  # numbers


def _bound(end: int, size: int, step: int) -> int | None:
    return None if step < 0 and end < -size else end


def _reaches(end: object, dim: object) -> bool:
    if isinstance(end, Size):
        return isinstance(dim, tuple) and end == Size(dim[0])
    return isinstance(end, int | np.integer) and (int(end) >= _ALL or end == dim)


def _gather(task: Task) -> Value:
    data, index = task.value(0), task.value(1)
    if isinstance(index, Known):
        return _picked(task, task.wire(0), index.array)
    if isinstance(data, Known):
        return _looked_up(task, data, cast(task, task.wire(1), "int64"))
    raise UnsupportedError("both table and places are worked out by the network itself")


def _picked(task: Task, wire: Wire, index: Array) -> Value:
    axis = axis_of(task.get("axis", 0), wire)
    size = size_of(wire.shape[axis])
    places = [int(place) for place in index.reshape(-1)]
    if not places or not all(-size <= place < size for place in places):
        raise UnsupportedError("it takes places that are not there")
    if index.ndim == 0:
        return task.call("Select", {"dim": axis, "index": places[0]}, input=wire)
    span = [place % size for place in places]
    if span == list(range(span[0], span[0] + len(span))):
        made = _cut(task, wire, axis, (span[0], span[-1] + 1, 1))
    else:
        made = task.call("IndexSelect", {"dim": axis}, input=wire, index=task.writer.constant(np.array(span)))
    shape = (*wire.shape[:axis], *index.shape, *wire.shape[axis + 1 :])
    return reshaped(task.writer, made, shape)


def _looked_up(task: Task, data: Known, index: Wire) -> Value:
    """Rows of a known table: an embedding."""
    table = data.array
    if table.dtype != np.float32 or not table.ndim or task.get("axis", 0) % table.ndim:
        raise UnsupportedError("its table holds no rows of numbers of floating point")
    rows, wide = table.shape[0], math.prod(table.shape[1:])
    params: dict[str, Setting] = {"num_embeddings": int(rows), "embedding_dim": int(wide)}
    weights = {"weight": table.reshape(rows, wide)}
    made = task.writer.call("Embedding", params, weights, task.shared(0), input=index)
    return reshaped(task.writer, made, (*index.shape, *table.shape[1:]))


def _gather_elements(task: Task) -> Value:
    wire = task.wire(0)
    axis = axis_of(task.get("axis", 0), wire)
    size_of(wire.shape[axis])
    return task.call("Gather", {"dim": axis}, input=wire, index=cast(task, task.wire(1), "int64"))


OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {"Slice": _slice, "Gather": _gather, "GatherElements": _gather_elements}
)
