"""What operations ask of dimensions and dtypes, as torch answers it; the batch is never cut, mixed or summed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from core.catalog.formulas import broadcast, integer, listed
from core.catalog.kind import Arguments, Batch, Dim, Inputs, Param, PortSpec, TensorType, single
from core.errors import ShapeError

ANY = (PortSpec("input", "any"),)
PAIR = (PortSpec("a", "any"), PortSpec("b", "any"))
OUT_ANY = (PortSpec("output", "any"),)
KEEPDIM = Param("keepdim", "bool", False, "Leave the dimension in, with size 1.")
IMAGE = TensorType((Batch(), 3, 4, 5))
ROWS = TensorType((Batch(), 3, 4))
_WIDER = ("float16", "bfloat16", "float32", "float64")
_WHOLE: Mapping[str, tuple[int, bool]] = MappingProxyType(
    {"uint8": (8, False), "int8": (8, True), "int16": (16, True), "int32": (32, True), "int64": (64, True)}
)
"""Bits, and whether signed."""


class Ends(NamedTuple):
    """Two tensors that an operation takes together."""

    a: TensorType
    b: TensorType


def pair(inputs: Inputs) -> Ends:
    """The tensors at a and b; raises ShapeError where one is loose."""
    return Ends(single(inputs, "a"), single(inputs, "b"))


def several(inputs: Inputs) -> tuple[TensorType, ...]:
    """The tensors at the variadic port; raises ShapeError where there is none."""
    value = inputs.get("inputs", ())
    if isinstance(value, TensorType) or not value:
        raise ShapeError("at least one wire at “inputs” was wanted", "none came", fix="Wire an output to it.")
    return value


def dim_param(default: int, help_: str, name: str = "dim") -> Param:
    """A parameter that names one dimension."""
    return Param(name, "int", default, help_, -8, 7, required=True)


def dims_param(default: int, help_: str) -> Param:
    """A parameter that names one or several dimensions."""
    return Param("dim", "sizes", (default,), help_, -8, 7, required=True)


def position(tensor: TensorType, dim: int, name: str = "dim") -> int:
    """The dimension counted from the front; raises ShapeError where the tensor has no such dimension."""
    rank = len(tensor.shape)
    if not -rank <= dim < rank:
        raise ShapeError(f"a {name} from {-rank} to {rank - 1} was wanted", f"{dim} came", fix=f"Set {name} to -1.")
    return dim % rank


def within(tensor: TensorType, dim: int, name: str = "dim") -> tuple[int, int]:
    """The dimension counted from the front, and its size; raises ShapeError for the batch."""
    place = position(tensor, dim, name)
    size = tensor.shape[place]
    if isinstance(size, Batch):
        raise ShapeError(
            f"a {name} other than the batch was wanted",
            f"{dim} came, the batch of {tensor.full}",
            fix=f"Set {name} to {1 if place == 0 else 0}: samples stay apart.",
        )
    return place, size


def along(inputs: Inputs, arguments: Arguments) -> tuple[TensorType, int, int]:
    """The input, and place and size of the dimension in `dim`; raises ShapeError for the batch."""
    tensor = single(inputs)
    return (tensor, *within(tensor, integer(arguments, "dim")))


def places(tensor: TensorType, arguments: Arguments, name: str = "dim") -> tuple[int, ...]:
    """The dimensions of a `sizes` argument; raises ShapeError for the batch, and for one that is named twice."""
    found = tuple(within(tensor, dim, name)[0] for dim in listed(arguments, name))
    distinct(found, name)
    return found


def distinct(found: tuple[int, ...], name: str) -> None:
    """Raises ShapeError where a dimension is named twice."""
    if len(set(found)) < len(found):
        named = ", ".join(map(str, found))
        raise ShapeError(f"each dimension once was wanted as {name}", f"{named} came", fix=f"Name each once in {name}.")


def without(tensor: TensorType, gone: Iterable[int], keep: object = False) -> tuple[Dim, ...]:
    """The shape after a reduction; with `keep` the dimensions stay with size 1."""
    removed = set(gone)
    if keep:
        return tuple(1 if place in removed else dim for place, dim in enumerate(tensor.shape))
    return tuple(dim for place, dim in enumerate(tensor.shape) if place not in removed)


def resized(tensor: TensorType, place: int, size: Dim) -> TensorType:
    """The tensor with another size at this place."""
    return TensorType((*tensor.shape[:place], size, *tensor.shape[place + 1 :]), tensor.dtype)


def combined(*tensors: TensorType) -> TensorType:
    """What a sum of these is: their common shape and dtype; raises ShapeError where there is none."""
    result = tensors[0]
    for other in tensors[1:]:
        result = TensorType(broadcast(result.shape, other.shape), promoted(result, other))
    return result


def promoted(one: TensorType, other: TensorType) -> str:
    """The dtype that torch computes both in (torch.result_type): a scalar gives way within its category."""
    first, second = category(one.dtype), category(other.dtype)
    if bool(one.shape) != bool(other.shape):
        array, scalar = (one, other) if one.shape else (other, one)
        if category(array.dtype) >= category(scalar.dtype):
            return array.dtype
    if first != second:
        return one.dtype if first > second else other.dtype
    return _common(one.dtype, other.dtype)


def category(dtype: str) -> int:
    """0 for truth values, 1 for whole numbers, 2 for numbers of floating point."""
    return 0 if dtype == "bool" else 1 if dtype in _WHOLE else 2


def _common(one: str, other: str) -> str:
    if one == other:
        return one
    if {one, other} == {"float16", "bfloat16"}:
        return "float32"
    if one in _WIDER:
        return max(one, other, key=_WIDER.index)
    (bits, signed), (bits_too, signed_too) = _WHOLE[one], _WHOLE[other]
    if signed == signed_too:
        return one if bits > bits_too else other
    wide = max(bits if signed else 2 * bits, bits_too if signed_too else 2 * bits_too)
    return f"int{wide}"


def as_float(dtype: str) -> str:
    """The dtype of a function whose values are no whole numbers."""
    return dtype if category(dtype) == 2 else "float32"


def as_sum(dtype: str) -> str:
    """The dtype of a sum: whole numbers are summed as int64."""
    return dtype if category(dtype) == 2 else "int64"


def no_truth(tensor: TensorType, what: str) -> TensorType:
    """The same tensor; raises ShapeError where it holds truth values."""
    if tensor.dtype == "bool":
        raise ShapeError(f"numbers were wanted for {what}", "true and false came", fix="Insert a Cast before it.")
    return tensor


def whole(tensor: TensorType, port: str) -> TensorType:
    """The same tensor; raises ShapeError where it does not hold places, as int64."""
    if tensor.dtype != "int64":
        raise ShapeError(
            f"places as int64 were wanted at {port}", f"{tensor.dtype} came", fix="Insert a Cast to int64 before it."
        )
    return tensor


def one_dtype(ends: Ends) -> str:
    """The dtype of both; raises ShapeError where they differ."""
    if ends.a.dtype != ends.b.dtype:
        raise ShapeError(
            "one dtype was wanted for both",
            f"{ends.a.dtype} and {ends.b.dtype} came",
            fix="Insert a Cast before one of them.",
        )
    return ends.a.dtype
