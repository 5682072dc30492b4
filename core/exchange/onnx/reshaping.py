"""A tensor in another shape: as flattening and parting of neighbouring dimensions, so that the batch survives."""

from __future__ import annotations

import math
from typing import NamedTuple

from core.catalog.kind import Batch, Dim
from core.exchange.onnx.task import UnsupportedError, order_of, permuted
from core.exchange.onnx.values import Wire
from core.exchange.onnx.writer import Writer, multiple


class Group(NamedTuple):
    """Neighbouring dimensions that become others and hold as many numbers."""

    start: int
    before: tuple[Dim, ...]
    after: tuple[Dim, ...]


def total(shape: tuple[Dim, ...]) -> tuple[int, int]:
    """How often the batch is a factor, and the number beside it."""
    parts = [multiple(dim) for dim in shape]
    return sum(part[0] for part in parts), math.prod(part[1] for part in parts)


def wanted_shape(given: tuple[Dim, ...], wire: Wire, fixed_batch: int) -> tuple[Dim, ...]:
    """The asked shape with -1 worked out, and with the batch where a number stands for it."""
    power, numbers = total(wire.shape)
    asked = tuple(dim for dim in given if dim != -1)
    if len(given) - len(asked) > 1:
        raise UnsupportedError("it asks for several sizes of -1")
    has, product = total(asked)
    if has == power:
        return _filled(given, numbers, product)
    if has or power != 1:
        raise UnsupportedError("it takes the batch apart")
    if fixed_batch and (found := _fixed(given, numbers, fixed_batch)) is not None:
        return found
    rest = total(given[1:])[1]
    if -1 in given:
        if product and numbers % product == 0:
            return tuple(Batch(numbers // product) if dim == -1 else dim for dim in given)
    elif given and rest and numbers % rest == 0:
        return (Batch(numbers // rest), *given[1:])
    raise UnsupportedError("its shape leaves no place for the batch")


def _filled(given: tuple[Dim, ...], numbers: int, product: int) -> tuple[Dim, ...]:
    if -1 not in given:
        return given
    if product == 0 or numbers % product:
        raise UnsupportedError("its shape does not fit")
    return tuple(numbers // product if dim == -1 else dim for dim in given)


def _fixed(given: tuple[Dim, ...], numbers: int, batch: int) -> tuple[Dim, ...] | None:
    """For a file that knows one batch only: the first place whose number may be it."""
    sizes = [int(dim) for dim in given]  # type: ignore[arg-type]  # no batch is among them
    known = math.prod(size for size in sizes if size != -1)
    if -1 in sizes and known and numbers * batch % known == 0:
        sizes[sizes.index(-1)] = numbers * batch // known
    for place, size in enumerate(sizes):
        if size > 0 and size % batch == 0 and math.prod(sizes) == numbers * batch:
            return (*sizes[:place], Batch(size // batch), *sizes[place + 1 :])
    return None


def reshaped(writer: Writer, wire: Wire, shape: tuple[Dim, ...]) -> Wire:
    """The tensor in this shape, which holds as many numbers; raises UnsupportedError where the batch is in between."""
    if wire.shape == shape:
        return wire
    restored = _turned(writer, wire, shape)
    if restored is not None:
        return restored
    kept = tuple(dim for dim in wire.shape if dim != 1)
    if kept == shape and len(shape) != 2:
        return squeezed(writer, wire, tuple(place for place, dim in enumerate(wire.shape) if dim == 1))
    groups = _groups(wire.shape, shape)
    busy = [group for group in groups if group.before != group.after]
    first_stays = bool(wire.shape) and isinstance(wire.shape[0], Batch) and wire.shape[0] == shape[:1][0]
    if first_stays and len(shape) > 1 and not _simple(busy):
        sizes = tuple(int(dim) for dim in shape[1:])  # type: ignore[arg-type]  # the batch is in front
        return writer.call("Reshape", {"shape": sizes}, input=wire)
    for group in reversed(busy):
        wire = _regrouped(writer, wire, group)
    return wire


def squeezed(writer: Writer, wire: Wire, places: tuple[int, ...]) -> Wire:
    """The tensor without these dimensions of size one; one that was put in before is not put in at all."""
    if len(places) == 1:
        before = _before_unsqueeze(writer, wire, places[0])
        if before is not None:
            return before
    return writer.call("Squeeze", {"dim": places}, input=wire)


def _before_unsqueeze(writer: Writer, wire: Wire, place: int) -> Wire | None:
    """The tensor without this dimension, where an Unsqueeze made it, with permutations in between; else None."""
    call = writer.maker(wire)
    if call is not None and call.kind == "Unsqueeze" and call.params["dim"] == place:
        return writer.source(wire)
    if call is None or call.kind not in ("Permute", "Transpose"):
        return None
    order = order_of(call.params, len(wire.shape))
    gone = order[place]
    before = _before_unsqueeze(writer, writer.source(wire), gone)
    if before is None:
        return None
    return permuted(writer, before, tuple(axis - (axis > gone) for axis in order if axis != gone))


def _turned(writer: Writer, wire: Wire, shape: tuple[Dim, ...]) -> Wire | None:
    """Where leading dimensions were merged, the others permuted and the leading ones parted again: the turn alone."""
    turn = writer.maker(wire)
    if turn is None or turn.kind != "Transpose" or (turn.params["dim0"], turn.params["dim1"]) != (1, 2):
        return None
    merged = writer.source(wire)
    merge = writer.maker(merged)
    if merge is None or merge.kind != "Flatten" or len(merged.shape) != 3:
        return None
    origin = writer.source(merged)
    lead = len(origin.shape) - 2
    if len(shape) != lead + 2 or origin.shape[:lead] != shape[:lead] or wire.shape[1:] != shape[lead:]:
        return None
    return permuted(writer, origin, (*range(lead), lead + 1, lead))


def _simple(busy: list[Group]) -> bool:
    """Whether one Flatten or one Unflatten does it."""
    return len(busy) == 1 and 1 in (len(busy[0].before), len(busy[0].after)) and bool(busy[0].after)


def _groups(before: tuple[Dim, ...], after: tuple[Dim, ...]) -> list[Group]:
    """Runs of dimensions, as short as possible, that hold equally many numbers on both sides."""
    groups: list[Group] = []
    left = right = 0
    while left < len(before) or right < len(after):
        start, first = left, right
        left, right = min(left + 1, len(before)), min(right + 1, len(after))
        while total(before[start:left]) != total(after[first:right]):
            if left == len(before) and right == len(after):
                raise UnsupportedError("its shape holds another number of numbers")
            if right == len(after) or (left < len(before) and _smaller(before[start:left], after[first:right])):
                left += 1
            else:
                right += 1
        if first == right and groups and not _holds_batch(groups[-1]):
            # Ones at the end are laid into the row before them: Flatten takes them all at once.
            last = groups.pop()
            start, first = last.start, first - len(last.after)
        groups.append(Group(start, before[start:left], after[first:right]))
    return groups


def _holds_batch(group: Group) -> bool:
    return total(group.before)[0] > 0


def _smaller(one: tuple[Dim, ...], other: tuple[Dim, ...]) -> bool:
    """Whether more must be taken into the first to reach the second."""
    (power, numbers), (power_too, numbers_too) = total(one), total(other)
    return power < power_too or (power == power_too and numbers < numbers_too)


def _regrouped(writer: Writer, wire: Wire, group: Group) -> Wire:
    place = group.start
    if not group.before:
        for offset in range(len(group.after)):
            wire = writer.call("Unsqueeze", {"dim": place + offset}, input=wire)
        return wire
    if not group.after:
        return squeezed(writer, wire, tuple(range(place, place + len(group.before))))
    if len(group.before) > 1:
        last = place + len(group.before) - 1
        end = -1 if last == len(wire.shape) - 1 else last
        wire = writer.call("Flatten", {"start_dim": place, "end_dim": end}, input=wire)
    if len(group.after) > 1:
        sizes = tuple(-1 if isinstance(dim, Batch) else dim for dim in group.after)
        wire = writer.call("Unflatten", {"dim": place, "unflattened_size": sizes}, input=wire)
    return wire
