"""One node while it is being turned into calls: what comes in, in the form in which an operation wants it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.catalog.kind import Batch, Dim
from core.exchange.onnx.folding import axes_of
from core.exchange.onnx.limits import FOLDED_NUMBERS
from core.exchange.onnx.model import OnnxNode
from core.exchange.onnx.values import Array, Filled, Known, Value, Wire
from core.exchange.onnx.writer import Params, Weights, Writer, batches

_UNNAMED = re.compile(r"(val|lifted_tensor|const|constant|v|t|sub)?[_:./]*\d*|.*(onnx::|Constant).*", re.IGNORECASE)
"""Names that exporters give to constants; any other weight is one that learns."""


def is_named(source: str) -> bool:
    """Whether a weight has a name that a person gave it, so that it is one that learns."""
    return bool(source) and not _UNNAMED.fullmatch(source)


class UnsupportedError(Exception):
    """Why an operation cannot be said with the kinds of the catalog."""


@dataclass(frozen=True, slots=True)
class Task:
    """A node and all that is known where it stands."""

    node: OnnxNode
    values: tuple[Value | None, ...]
    """By input; None where an optional one is left out."""
    writer: Writer
    opset: int
    fixed_batch: int
    """The batch with which the file was exported, where that is all it allows; else 0."""
    readers: Mapping[str, int]
    """How often a name is read."""

    def get(self, name: str, default: Any = None) -> Any:
        """The attribute, or the default."""
        return self.node.attributes.get(name, default)

    def value(self, place: int) -> Value | None:
        """What comes in there; None where it is left out."""
        return self.values[place] if place < len(self.values) else None

    def is_wire(self, place: int) -> bool:
        """Whether a tensor that the network makes comes in there."""
        return isinstance(self.value(place), Wire)

    def known(self, place: int) -> Array | None:
        """The numbers that come in there, where they are known."""
        value = self.value(place)
        return value.array if isinstance(value, Known) else None

    def numbers(self, place: int, what: str) -> Array:
        """The numbers that must be known; raises UnsupportedError."""
        array = self.known(place)
        if array is None:
            raise UnsupportedError(f"its {what} is worked out by the network itself")
        return array

    def wire(self, place: int) -> Wire:
        """What comes in there as a tensor of the network; constants become nodes."""
        return self.as_wire(self.value(place))

    def as_wire(self, value: Value | None) -> Wire:
        """A value as a tensor of the network."""
        if isinstance(value, Wire):
            return value
        if isinstance(value, Filled):
            return filled(self.writer, value)
        if value is None:
            raise UnsupportedError("an input is missing")
        if value.symbolic:
            raise UnsupportedError("it computes with the size of the batch")
        learned = value.array.dtype == np.float32 and is_named(value.source)
        return self.writer.constant(value.array, value.source if learned else "")

    def shared(self, *places: int) -> str:
        """What names the weights at these inputs, where they are initializers as they stand."""
        found = [self.value(place) for place in places]
        names = [value.source for value in found if isinstance(value, Known)]
        return "|".join(names) if names and all(names) else ""

    def call(self, kind: str, params: Params | None = None, weights: Weights | None = None, **inputs: Any) -> Wire:
        """The output of a new call; see Writer.call."""
        return self.writer.call(kind, params, weights or {}, "", **inputs)

    def alone(self, name: str) -> bool:
        """Whether nobody else reads what has this name."""
        return self.readers.get(name, 0) <= 1

    def axes(self) -> tuple[int, ...] | None:
        """The axes, an attribute or the second input."""
        if "axes" not in self.node.attributes and self.value(1) is not None:
            self.numbers(1, "axes")
        return axes_of(self.node, (None, self.known(1)))


Operation = Callable[[Task], "Value | tuple[Value | None, ...]"]


def filled(writer: Writer, value: Filled) -> Wire:
    """One number in a shape that holds the batch, as a tensor of the network."""
    places = list(batches(value.shape))
    sizes = [1 if isinstance(dim, Batch) else dim for dim in value.shape]
    if math.prod(sizes) > FOLDED_NUMBERS:
        raise UnsupportedError(f"it fills {'×'.join(map(str, sizes))} numbers")
    constant = writer.constant(np.broadcast_to(value.number, sizes))
    if not places:
        return constant
    if len(places) > 1 or value.shape[places[0]] != Batch():
        raise UnsupportedError("it fills a shape that holds the batch several times")
    return over_batch(writer, constant, places[0])


def over_batch(writer: Writer, wire: Wire, place: int = 0) -> Wire:
    """The tensor, of size one there, stretched to the batch."""
    order = [place, *(axis for axis in range(len(wire.shape)) if axis != place)]
    front = permuted(writer, wire, tuple(order))
    rest = tuple(int(dim) for dim in front.shape[1:])  # type: ignore[arg-type]  # it holds no batch
    if rest:
        stretched = writer.call("Expand", {"shape": rest, "batch": True}, input=front)
    else:
        widened = writer.call("Unsqueeze", {"dim": 1}, input=front)
        wide = writer.call("Expand", {"shape": (1,), "batch": True}, input=widened)
        stretched = writer.call("Squeeze", {"dim": (1,)}, input=wide)
    return permuted(writer, stretched, tuple(int(axis) for axis in np.argsort(order)))


def permuted(writer: Writer, wire: Wire, order: tuple[int, ...]) -> Wire:
    """The tensor with its dimensions in this order; two orders in a row become one, or none at all."""
    call = writer.maker(wire)
    if call is not None and call.kind in ("Permute", "Transpose"):
        before = order_of(call.params, len(order))
        wire, order = writer.source(wire), tuple(before[place] for place in order)
    if order == tuple(range(len(order))):
        return wire
    moved = [place for place, axis in enumerate(order) if place != axis]
    if len(moved) == 2:
        return writer.call("Transpose", {"dim0": moved[0], "dim1": moved[1]}, input=wire)
    return writer.call("Permute", {"dims": order}, input=wire)


def order_of(params: Params, rank: int) -> tuple[int, ...]:
    """The order that a Permute or a Transpose puts the dimensions in."""
    dims = params.get("dims")
    if isinstance(dims, tuple):
        return tuple(int(axis) for axis in dims)  # type: ignore[arg-type]  # written by `permuted`
    order = list(range(rank))
    one, other = int(str(params["dim0"])), int(str(params["dim1"]))
    order[one], order[other] = order[other], order[one]
    return tuple(order)


def whole(wire: Wire, start: int = 0) -> tuple[int, ...]:
    """The sizes from `start` on; raises UnsupportedError where the batch is among them."""
    return tuple(size_of(dim) for dim in wire.shape[start:])


def size_of(dim: Dim) -> int:
    """The dimension as a number; raises UnsupportedError for the batch."""
    if isinstance(dim, Batch):
        raise UnsupportedError("it works along the batch, whose samples stay apart here")
    return dim


def axis_of(axis: int, wire: Wire) -> int:
    """The axis counted from the front."""
    rank = len(wire.shape)
    if not -rank <= axis < rank:
        raise UnsupportedError(f"its axis {axis} is none of {rank}")
    return axis % rank


def scalar(array: Array | None) -> float | None:
    """The one number of an array as Python writes it shortest; None where there are several, or it is not finite."""
    if array is None or array.size != 1 or array.dtype == object:
        return None
    number = float(str(array.reshape(-1)[0])) if array.dtype.kind == "f" else float(array.reshape(-1)[0])
    return number if math.isfinite(number) else None


def one_or_all(sizes: tuple[int, ...]) -> int | tuple[int, ...]:
    """A size as one number where all dimensions have the same."""
    return sizes[0] if len(set(sizes)) == 1 else sizes


def short(number: float) -> float:
    """A number of 32 bits as Python writes it shortest: 0.1, not 0.10000000149011612."""
    return float(str(np.float32(number)))
