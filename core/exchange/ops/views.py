"""Functions of torch that lay numbers out anew: views, orders of dimensions, copies."""

from __future__ import annotations

import math
from collections.abc import Iterator
from types import MappingProxyType

import torch

from core.catalog.kind import Batch, Dim
from core.exchange.ops.entry import Entry, Table, passing
from core.exchange.tracing.arguments import Given
from core.exchange.tracing.builder import Unmapped, Wire
from core.graph import Value


def reshaped(given: Given, wire: Wire, shape: tuple[Dim, ...]) -> Wire:
    """The wire with another shape, batch in front in both; raises Unmapped where that cannot be."""
    before, builder = wire.type.shape, given.builder
    if before == shape:
        return wire
    if not any(isinstance(size, Batch) for size in before):
        return _constant_reshaped(given, wire, shape)
    if not (_is_front(before) and _is_front(shape)):
        return _regrouped(given, wire, shape)
    old, new = _front(before), _front(shape)
    if new.multiple > old.multiple:
        wire = _merged(given, wire, new.multiple // old.multiple)
    elif new.multiple < old.multiple:
        sizes = (-1, old.multiple // new.multiple)
        wire = builder.call("Unflatten", {"dim": 0, "unflattened_size": sizes}, input=wire)
    return wire if wire.type.shape == shape else _shaped(given, wire, shape)


def _shaped(given: Given, wire: Wire, shape: tuple[Dim, ...]) -> Wire:
    """The same where the batch is in front and stays as it is."""
    rest = tuple(size for size in shape[1:] if isinstance(size, int))
    flat, builder = wire.type.features, given.builder
    if len(rest) == 1 and len(flat) > 1:
        return builder.call("Flatten", input=wire)
    if not rest:
        return _squeezed(given, wire)
    return builder.call("Reshape", {"shape": rest}, input=wire)


def _is_front(shape: tuple[Dim, ...]) -> bool:
    """Whether the first dimension alone is the batch."""
    return bool(shape) and isinstance(shape[0], Batch) and not any(isinstance(size, Batch) for size in shape[1:])


def _regrouped(given: Given, wire: Wire, shape: tuple[Dim, ...]) -> Wire:
    """The same wherever the batch is: dimensions that hold the same numbers are merged and parted again."""
    place, builder = 0, given.builder
    for old, new in _groups(wire.type.shape, shape):
        if len(old) > 1:
            wire = builder.call("Flatten", {"start_dim": place, "end_dim": place + len(old) - 1}, input=wire)
        if len(new) > 1:
            sizes = tuple(-1 if isinstance(size, Batch) else size for size in new)
            wire = builder.call("Unflatten", {"dim": place, "unflattened_size": sizes}, input=wire)
        place += len(new)
    return wire


def _groups(old: tuple[Dim, ...], new: tuple[Dim, ...]) -> Iterator[tuple[tuple[Dim, ...], tuple[Dim, ...]]]:
    """Runs of old and of new dimensions that hold the same numbers."""
    first, second = 0, 0
    while first < len(old) and second < len(new):
        ends = [first + 1, second + 1]
        while (one := _product(old[first : ends[0]])) != (other := _product(new[second : ends[1]])):
            behind = 0 if one[1] < other[1] or (one[1] == other[1] and one[0] < other[0]) else 1
            ends[behind] += 1
            if ends[0] > len(old) or ends[1] > len(new):
                raise Unmapped("its dimensions hold other numbers")
        yield old[first : ends[0]], new[second : ends[1]]
        first, second = ends
    if first < len(old) or second < len(new):
        raise Unmapped("dimensions of one number are left over")


def _front(shape: tuple[Dim, ...]) -> Batch:
    first = shape[0] if shape else 1
    if not isinstance(first, Batch) or any(isinstance(size, Batch) for size in shape[1:]):
        raise Unmapped("the batch is not in front")
    return first


def _merged(given: Given, wire: Wire, factor: int) -> Wire:
    """With so much of the dimensions behind the batch taken into it."""
    sizes = wire.type.features
    for count in range(1, len(sizes) + 1):
        if math.prod(sizes[:count]) == factor:
            return given.builder.call("Flatten", {"start_dim": 0, "end_dim": count}, input=wire)
    rest = math.prod(sizes)
    if rest % factor:
        raise Unmapped("samples would be torn apart")
    parted = given.builder.call("Reshape", {"shape": (factor, rest // factor)}, input=wire)
    return given.builder.call("Flatten", {"start_dim": 0, "end_dim": 1}, input=parted)


def _squeezed(given: Given, wire: Wire) -> Wire:
    dims = tuple(range(1, wire.rank))
    return given.builder.call("Squeeze", {"dim": dims}, input=wire) if dims else wire


def _constant_reshaped(given: Given, wire: Wire, shape: tuple[Dim, ...]) -> Wire:
    first, *rest = shape or (1,)
    sizes = tuple(size for size in shape if isinstance(size, int))
    if len(sizes) < len(shape):
        raise Unmapped("the batch comes from nowhere")
    builder = given.builder
    if wire.rank and wire.type.shape[0] == first and rest:
        return builder.call("Reshape", {"shape": tuple(sizes[1:])}, input=wire)
    flat = builder.call("Flatten", {"start_dim": 0}, input=wire) if wire.rank > 1 else wire
    return builder.call("Unflatten", {"dim": 0, "unflattened_size": sizes}, input=flat)


def _filled(wire: Wire, sizes: tuple[int | Batch, ...]) -> tuple[Dim, ...]:
    """The sizes with what -1 stands for."""
    if -1 not in sizes:
        return sizes
    known = [size for size in sizes if size != -1]
    total, batches = _product(wire.type.shape)
    part, taken = _product(tuple(known))
    if total % part or batches < taken:
        raise Unmapped("the sizes do not hold the numbers")
    left = total // part
    missing: Dim = Batch(left) if batches > taken else left
    return tuple(missing if size == -1 else size for size in sizes)


def _product(shape: tuple[Dim, ...]) -> tuple[int, int]:
    """The numbers, and how many dimensions are the batch."""
    numbers = math.prod(size.multiple if isinstance(size, Batch) else size for size in shape)
    return numbers, sum(isinstance(size, Batch) for size in shape)


def _view(given: Given) -> Wire:
    if isinstance(given.raw("shape")[0], torch.dtype):
        raise Unmapped("it reads the bits as another dtype")
    wire = given.wire()
    return reshaped(given, wire, _filled(wire, given.numbers("shape")))


def _view_as(given: Given) -> Wire:
    return reshaped(given, given.wire(), given.wire("other").type.shape)


def _flatten(given: Given) -> Wire:
    wire = given.wire()
    params = {"start_dim": given.whole("start_dim"), "end_dim": given.whole("end_dim")}
    if wire.rank == 0:
        raise Unmapped("a single number is flattened")
    if wire.place(params["start_dim"]) == wire.place(params["end_dim"]):
        return wire
    return given.builder.call("Flatten", params, input=wire)


def _unflatten(given: Given) -> Wire:
    wire = given.wire()
    dim, sizes = wire.place(given.whole()), given.numbers("sizes")
    target = _filled(Wire(wire.ref, type(wire.type)((wire.type.shape[dim],), wire.type.dtype)), sizes)
    if dim == 0:
        return reshaped(given, wire, (*target, *wire.type.shape[1:]))
    params: dict[str, Value] = {"dim": dim, "unflattened_size": tuple(s for s in target if isinstance(s, int))}
    return given.builder.call("Unflatten", params, input=wire)


def _permute(given: Given) -> Wire:
    wire = given.wire()
    dims = tuple(wire.place(dim) for dim in given.ints("dims"))
    return wire if dims == tuple(range(wire.rank)) else given.builder.call("Permute", {"dims": dims}, input=wire)


def _transposed(given: Given, wire: Wire, one: int, other: int) -> Wire:
    if wire.rank < 2:
        return wire
    return given.builder.call("Transpose", {"dim0": one, "dim1": other}, input=wire)


def _movedim(given: Given) -> Wire:
    wire = given.wire()
    source = [wire.place(dim) for dim in given.ints("source")]
    target = [wire.place(dim) for dim in given.ints("destination")]
    order = [dim for dim in range(wire.rank) if dim not in source]
    for place, dim in sorted(zip(target, source, strict=True)):
        order.insert(place, dim)
    return given.builder.call("Permute", {"dims": tuple(order)}, input=wire)


def _squeeze(given: Given) -> Wire:
    wire = given.wire()
    dims = tuple(range(wire.rank)) if given.raw("dim") in ((), None) else given.ints("dim")
    ones = tuple(wire.place(dim) for dim in dims if wire.type.shape[wire.place(dim)] == 1)
    return given.builder.call("Squeeze", {"dim": ones}, input=wire) if ones else wire


def _unsqueeze(given: Given) -> Wire:
    return given.builder.call("Unsqueeze", {"dim": given.whole()}, input=given.wire())


def _expand(given: Given) -> Wire:
    wire = given.wire()
    return expanded(given, wire, given.numbers("shape"))


def expanded(given: Given, wire: Wire, sizes: tuple[int | Batch, ...]) -> Wire:
    """The wire stretched to these sizes; -1 keeps one."""
    lead = len(sizes) - wire.rank
    target = tuple(
        wire.type.shape[place - lead] if size == -1 and place >= lead else size for place, size in enumerate(sizes)
    )
    if target == wire.type.shape:
        return wire
    grown = [place for place, size in enumerate(target) if isinstance(size, Batch)]
    if grown and (lead > grown[0] or wire.type.shape[grown[0] - lead] != target[grown[0]]):
        return _grown(given, wire, target, grown)
    shape = tuple(
        -1 if place >= lead and size == wire.type.shape[place - lead] else size for place, size in enumerate(target)
    )
    if not all(isinstance(size, int) for size in shape):
        raise Unmapped("the batch is stretched elsewhere than in front")
    return given.builder.call("Expand", {"shape": tuple(size for size in shape if isinstance(size, int))}, input=wire)


def _grown(given: Given, wire: Wire, target: tuple[Dim, ...], grown: list[int]) -> Wire:
    """The wire, one for all samples until here, laid out for every sample along the dimension that grows."""
    place = grown[0]
    if len(grown) > 1 or target[place] != Batch():
        raise Unmapped("it is stretched by more than the number of samples")
    for count in range(len(target) - wire.rank):
        wire = given.builder.call("Unsqueeze", {"dim": min(count, 1)}, input=wire)
    others = tuple(dim for dim in range(len(target)) if dim != place)
    if place:
        wire = given.builder.call("Permute", {"dims": (place, *others)}, input=wire)
    sizes = tuple(size for dim in others if isinstance(size := target[dim], int))
    kept = tuple(-1 if size == known else size for size, known in zip(sizes, wire.type.shape[1:], strict=True))
    wire = given.builder.call("Expand", {"batch": True, "shape": kept}, input=wire)
    if not place:
        return wire
    back = (*range(1, place + 1), 0, *range(place + 1, len(target)))
    return given.builder.call("Permute", {"dims": back}, input=wire)


def _expand_as(given: Given) -> Wire:
    wire = given.wire()
    other = given.wire("other")
    try:
        return expanded(given, wire, other.type.shape)
    except Unmapped:
        return given.builder.call("ExpandAs", input=wire, other=other)


def _repeat(given: Given) -> Wire:
    wire, counts = given.wire(), given.numbers("repeats")
    grown = [place for place, count in enumerate(counts) if isinstance(count, Batch)]
    if grown:
        lead = len(counts) - wire.rank
        sizes = (*((1,) * lead), *wire.type.shape)
        if len(grown) > 1 or sizes[grown[0]] != 1:
            raise Unmapped("the batch is repeated")
        rest = tuple(count if isinstance(count, int) else 1 for count in counts)
        if rest.count(1) < len(rest):
            wire = given.builder.call("Repeat", {"repeats": rest}, input=wire)
            sizes = wire.type.shape
        return expanded(
            given, wire, tuple(counts[place] if place in grown else size for place, size in enumerate(sizes))
        )
    return given.builder.call("Repeat", {"repeats": given.ints("repeats")}, input=wire)


def _tile(given: Given) -> Wire:
    wire, counts = given.wire(), given.ints("repeats")
    lead = (1,) * max(wire.rank - len(counts), 0)
    return given.builder.call("Repeat", {"repeats": (*lead, *counts)}, input=wire)


def _interleaved(given: Given) -> Wire:
    params = {"repeats": given.whole("repeats"), "dim": given.whole()}
    return given.builder.call("RepeatInterleave", params, input=given.wire())


def _flip(given: Given) -> Wire:
    return given.builder.call("Flip", {"dim": given.ints("dims")}, input=given.wire())


def _roll(given: Given) -> Wire:
    params = {"shifts": given.ints("shifts"), "dim": given.ints("dims")}
    return given.builder.call("Roll", params, input=given.wire())


_VIEW = Entry("input *shape", _view)
_SWAP = Entry(
    "input dim0 dim1", lambda given: _transposed(given, given.wire(), given.whole("dim0"), given.whole("dim1"))
)

OPS: Table = MappingProxyType(
    {
        "view": _VIEW,
        "reshape": _VIEW,
        "_unsafe_view": _VIEW,
        "view_as": Entry("input other", _view_as),
        "reshape_as": Entry("input other", _view_as),
        "flatten": Entry("input start_dim=0 end_dim=-1", _flatten),
        "ravel": Entry("input start_dim=0 end_dim=-1", _flatten),
        "unflatten": Entry("input dim sizes", _unflatten),
        "permute": Entry("input *dims", _permute),
        "transpose": _SWAP,
        "swapaxes": _SWAP,
        "swapdims": _SWAP,
        "t": Entry("input", lambda given: _transposed(given, given.wire(), 0, 1)),
        "T": Entry("input", lambda given: _transposed(given, given.wire(), 0, 1)),
        "numpy_T": Entry("input", lambda given: _transposed(given, given.wire(), 0, 1)),
        "mT": Entry("input", lambda given: _transposed(given, given.wire(), -2, -1)),
        "adjoint": Entry("input", lambda given: _transposed(given, given.wire(), -2, -1)),
        "movedim": Entry("input source destination", _movedim),
        "moveaxis": Entry("input source destination", _movedim),
        "squeeze": Entry("input *dim=()", _squeeze),
        "unsqueeze": Entry("input dim", _unsqueeze),
        "expand": Entry("input *shape", _expand),
        "broadcast_to": Entry("input *shape", _expand),
        "expand_as": Entry("input other", _expand_as),
        "repeat": Entry("input *repeats", _repeat),
        "tile": Entry("input *repeats", _tile),
        "repeat_interleave": Entry("input repeats dim", _interleaved),
        "flip": Entry("input *dims", _flip),
        "roll": Entry("input shifts dims", _roll),
        "identity": passing(),
    }
)
