"""Functions of torch that part tensors, take of them and join them."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from core.catalog.kind import Batch
from core.exchange.ops.entry import Entry, Made, Table
from core.exchange.ops.views import expanded
from core.exchange.tracing.arguments import Given
from core.exchange.tracing.builder import Unmapped, Wire
from core.exchange.tracing.pairing import Tensors
from core.graph import Value

_PARTS = 8
"""Outputs that Chunk, Split and Unbind have at most."""


def _joined(kind: str) -> Entry:
    def make(given: Given) -> Wire:
        wires = given.wires("tensors")
        if len(wires) != len(given.raw("tensors")):
            raise Unmapped("something else than tensors is joined")
        dim = wires[0].place(given.whole()) if kind == "Concat" else given.whole()
        return (
            wires[0] if kind == "Concat" and len(wires) == 1 else given.builder.call(kind, {"dim": dim}, inputs=wires)
        )

    return Entry("tensors dim=0", make)


def _side_by_side(given: Given) -> Wire:
    wires = given.wires("tensors")
    return given.builder.call("Concat", {"dim": 1 if wires[0].rank > 1 else 0}, inputs=wires)


def _cut(given: Given, wire: Wire, dim: int, lengths: list[int]) -> tuple[Wire, ...]:
    """The wire in parts of these lengths along a dimension."""
    if len(lengths) == 1:
        return (wire,)
    if len(lengths) <= _PARTS:
        params: dict[str, Value] = {"lengths": tuple(lengths), "dim": dim}
        return given.builder.calls_of("Split", params, None, {"input": wire})[: len(lengths)]
    ends = [sum(lengths[: place + 1]) for place in range(len(lengths))]
    return tuple(_part(given, wire, dim, end - size, end) for size, end in zip(lengths, ends, strict=True))


def _part(given: Given, wire: Wire, dim: int, start: int, end: int | None, step: int = 1) -> Wire:
    size = wire.type.shape[dim]
    if start == 0 and step == 1 and (end is None or (isinstance(size, int) and end >= size)):
        return wire
    if isinstance(size, int) and end is not None and end >= size:
        end = None
    return given.builder.call("Slice", {"dim": dim, "start": start, "end": end, "step": step}, input=wire)


def _size(wire: Wire, dim: int) -> int:
    size = wire.type.shape[dim]
    if isinstance(size, Batch):
        raise Unmapped("the batch is cut")
    return size


def _chunk(given: Given) -> Made:
    wire, count = given.wire(), given.whole("chunks")
    dim = wire.place(given.whole())
    size = _size(wire, dim)
    each = -(-size // count)
    lengths = [min(each, size - start) for start in range(0, size, each)]
    if size % count == 0 and 1 < count <= _PARTS:
        return given.builder.calls_of("Chunk", {"chunks": count, "dim": dim}, None, {"input": wire})[:count]
    return _cut(given, wire, dim, lengths)


def _split(given: Given) -> Made:
    wire = given.wire()
    dim = wire.place(given.whole())
    size, asked = _size(wire, dim), given.ints("lengths")
    single = not isinstance(given.raw("lengths"), list | tuple)
    lengths = [min(asked[0], size - start) for start in range(0, size, asked[0])] if single else list(asked)
    if single and len(set(lengths)) == 1 and 1 < len(lengths) <= _PARTS:
        return given.builder.calls_of("Chunk", {"chunks": len(lengths), "dim": dim}, None, {"input": wire})[
            : len(lengths)
        ]
    return _cut(given, wire, dim, lengths)


def _unbind(given: Given) -> Made:
    wire = given.wire()
    dim = wire.place(given.whole())
    count = _size(wire, dim)
    if count <= _PARTS:
        return given.builder.calls_of("Unbind", {"count": count, "dim": dim}, None, {"input": wire})[:count]
    return tuple(given.builder.call("Select", {"dim": dim, "index": index}, input=wire) for index in range(count))


def _select(given: Given) -> Wire:
    return given.builder.call("Select", {"dim": given.whole(), "index": given.whole("index")}, input=given.wire())


def _slice(given: Given) -> Wire:
    wire = given.wire()
    dim = wire.place(given.whole())
    return _sliced(given, wire, dim, slice(given.raw("start"), given.raw("end"), given.raw("step")))


def _narrow(given: Given) -> Wire:
    wire, start = given.wire(), given.whole("start")
    dim = wire.place(given.whole())
    return _sliced(given, wire, dim, slice(start, start + given.whole("length"), 1))


def _sliced(given: Given, wire: Wire, dim: int, part: slice) -> Wire:
    size = wire.type.shape[dim]
    start, end, step = part.start or 0, part.stop, part.step or 1
    if end == size or (isinstance(end, int) and end >= 2**31):
        end = None
    if start == 0 and end is None and step == 1:
        return wire
    if not all(isinstance(value, int | None) for value in (start, end, step)) or isinstance(size, Batch):
        raise Unmapped("the batch is cut")
    return _part(given, wire, dim, start, end, step)


def _item(given: Given) -> Wire:
    """Python's brackets: numbers, slices, None, ... and one row of places."""
    index = given.raw("index")
    items = list(index) if isinstance(index, tuple | list) and not isinstance(index, Batch) else [index]
    wire = given.wire()
    taken = sum(item is not None and item is not Ellipsis for item in items)
    dim, rows = 0, 0
    for item in items:
        if item is None:
            wire = given.builder.call("Unsqueeze", {"dim": dim}, input=wire)
            dim += 1
        elif item is Ellipsis:
            dim += wire.rank - dim - (taken - rows)
        elif isinstance(item, slice):
            wire = _sliced(given, wire, dim, item)
            dim, rows = dim + 1, rows + 1
        elif isinstance(item, Tensors):
            wire = _looked_up(given, wire, dim, item, items)
            dim, rows = dim + 1, rows + 1
        elif isinstance(item, int) and not isinstance(item, bool):
            wire = given.builder.call("Select", {"dim": dim, "index": item}, input=wire)
            rows += 1
        else:
            raise Unmapped("it is indexed by something else than numbers")
    return wire


def _indexed(given: Given) -> Wire:
    """An index of aten, in which None stands for a whole dimension."""
    index = [slice(None) if item is None else item for item in given.raw("index")]
    return _item(Given(given.builder, {**given.values, "index": tuple(index)}, given.name))


def _scattered(given: Given) -> Wire:
    """A part of one dimension written: what copy_ into a slice becomes without writing."""
    dim = given.wire().place(given.whole())
    if "index" in given.values:
        item: Any = given.whole("index")
    else:
        end = given.raw("end")
        item = slice(given.raw("start"), None if isinstance(end, int) and end >= 2**31 else end, given.raw("step"))
    index = (*[slice(None)] * dim, item)
    return _assigned(Given(given.builder, {**given.values, "index": index}, given.name))


def _assigned(given: Given) -> Wire:
    """`x[:, 3] = y`: the tensor with a part of one dimension in the place of what was there."""
    wire, index = given.wire(), given.raw("index")
    items = list(index) if isinstance(index, tuple | list) else [index]
    if Ellipsis in items:
        place = items.index(Ellipsis)
        items[place : place + 1] = [slice(None)] * (wire.rank - len(items) + 1)
    chosen = [place for place, item in enumerate(items) if item != slice(None)]
    if not chosen and given.is_tensor("value"):
        return expanded(given, given.wire("value"), wire.type.shape)
    if len(chosen) != 1:
        raise Unmapped("it writes to several dimensions at once")
    dim = chosen[0]
    item = items[dim]
    part = slice(item, item + 1 or None) if isinstance(item, int) else item
    if not isinstance(part, slice) or part.step not in (None, 1):
        raise Unmapped("it is indexed by something else than numbers")
    start, end, _step = part.indices(_size(wire, dim))
    value = _value(given, wire, dim, end - start, isinstance(item, int))
    parts = [_part(given, wire, dim, 0, start)] if start else []
    parts += [value, *([_part(given, wire, dim, end, None)] if end < _size(wire, dim) else [])]
    return parts[0] if len(parts) == 1 else given.builder.call("Concat", {"dim": dim}, inputs=parts)


def _value(given: Given, wire: Wire, dim: int, size: int, is_row: bool) -> Wire:
    """What is written, in the shape of its place."""
    if not given.is_tensor("value"):
        raise Unmapped("it writes a number")
    value = given.wire("value")
    if is_row and value.rank == wire.rank - 1:
        value = given.builder.call("Unsqueeze", {"dim": dim}, input=value)
    shape = (*wire.type.shape[:dim], size, *wire.type.shape[dim + 1 :])
    return expanded(given, value, shape)


def _looked_up(given: Given, wire: Wire, dim: int, places: Tensors, items: list[Any]) -> Wire:
    if sum(isinstance(item, Tensors) for item in items) > 1 or len(places.type.shape) != 1:
        raise Unmapped("it is indexed by several tensors")
    return given.builder.call("IndexSelect", {"dim": dim}, input=wire, index=places)


def _index_select(given: Given) -> Wire:
    return given.builder.call("IndexSelect", {"dim": given.whole()}, input=given.wire(), index=given.wire("index"))


def _gather(given: Given) -> Wire:
    return given.builder.call("Gather", {"dim": given.whole()}, input=given.wire(), index=given.wire("index"))


def _one_hot(given: Given) -> Wire:
    return given.builder.call("OneHot", {"num_classes": given.whole("num_classes")}, input=given.wire())


OPS: Table = MappingProxyType(
    {
        "cat": _joined("Concat"),
        "concat": _joined("Concat"),
        "concatenate": _joined("Concat"),
        "stack": _joined("Stack"),
        "hstack": Entry("tensors", _side_by_side),
        "chunk": Entry("input chunks dim=0", _chunk),
        "split": Entry("input lengths dim=0", _split),
        "split_with_sizes": Entry("input lengths dim=0", _split),
        "unbind": Entry("input dim=0", _unbind),
        "select": Entry("input dim index", _select),
        "slice": Entry("input dim=0 start=None end=None step=1", _slice),
        "narrow": Entry("input dim start length", _narrow),
        "__getitem__": Entry("input index", _item),
        "copy": Entry(
            "input value non_blocking=False",
            lambda given: expanded(given, given.wire("value"), given.wire().type.shape),
        ),
        "select_scatter": Entry("input value dim index", _scattered),
        "slice_scatter": Entry("input value dim=0 start=None end=None step=1", _scattered),
        "aten:index": Entry("input index", _indexed),
        "__setitem__": Entry("input index value", _assigned),
        "index_select": Entry("input dim index", _index_select),
        "gather": Entry("input dim index sparse_grad=False", _gather),
        "one_hot": Entry("input num_classes", _one_hot),
    }
)
