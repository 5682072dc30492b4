"""Operations on several tensors."""

from __future__ import annotations

from functools import reduce

from core.catalog.dense import OUT
from core.catalog.formulas import broadcast, floating, integer
from core.catalog.kind import Arguments, Batch, Dim, Inputs, LayerKind, Param, PortSpec, Shaped, TensorType, single
from core.errors import ShapeError

MANY = (PortSpec("inputs", "any", variadic=True),)
PAIR = (PortSpec("a", "any"), PortSpec("b", "any"))
_TYPE = TensorType((Batch(), 3, 4))


def _several(inputs: Inputs) -> tuple[TensorType, ...]:
    value = inputs.get("inputs", ())
    if isinstance(value, TensorType) or not value:
        raise ShapeError("at least one wire at “inputs” was wanted", "none came", fix="Wire an output to it.")
    return value


def _dtype(tensors: tuple[TensorType, ...]) -> str:
    kinds = {tensor.dtype for tensor in tensors}
    return next(iter(kinds)) if len(kinds) == 1 else "float32"


def _summed(inputs: Inputs, _arguments: Arguments) -> Shaped:
    tensors = _several(inputs)
    return Shaped({"output": TensorType(reduce(broadcast, (item.shape for item in tensors)), _dtype(tensors))})


def _paired(inputs: Inputs, _arguments: Arguments) -> Shaped:
    tensors = (single(inputs, "a"), single(inputs, "b"))
    return Shaped({"output": TensorType(broadcast(tensors[0].shape, tensors[1].shape), _dtype(tensors))})


def _concatenated(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensors = _several(inputs)
    rank, dim = len(tensors[0].shape), integer(arguments, "dim")
    if not -rank <= dim < rank or dim % rank == 0:
        raise ShapeError(f"a dim from 1 to {rank - 1} was wanted", f"{dim} came", fix="Set dim to 1.")
    place = dim % rank
    rests = {(*item.shape[:place], *item.shape[place + 1 :]) for item in tensors}
    if len({len(item.shape) for item in tensors}) > 1 or len(rests) > 1:
        shapes = " and ".join(item.full for item in tensors)
        raise ShapeError(
            f"shapes that differ only in dim {place} were wanted", f"{shapes} came", fix="Make the other sizes equal."
        )
    total = sum(size for item in tensors if isinstance(size := item.shape[place], int))
    shape: tuple[Dim, ...] = (*tensors[0].shape[:place], total, *tensors[0].shape[place + 1 :])
    return Shaped({"output": TensorType(shape, _dtype(tensors))})


def _mean(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = floating(single(inputs))
    rank, dim = len(tensor.shape), integer(arguments, "dim")
    if not -rank <= dim < rank or dim % rank == 0:
        raise ShapeError(f"a dim from 1 to {rank - 1} was wanted", f"{dim} came", fix="Set dim to 1.")
    place = dim % rank
    return Shaped({"output": TensorType((*tensor.shape[:place], *tensor.shape[place + 1 :]))})


KINDS = (
    LayerKind(
        "Add",
        "Shape",
        "plus",
        "Adds tensors of one shape: a skip connection.",
        "The sum of all wires; sizes of one are stretched.",
        MANY,
        OUT,
        _summed,
        forward="{inputs:sum}",
        words=("sum", "residual", "skip", "plus"),
        formula="y = Σ xᵢ",
        stem="add",
        hint="skip",
        example=(_TYPE, _TYPE),
    ),
    LayerKind(
        "Subtract",
        "Shape",
        "minus",
        "The first tensor less the second.",
        "Element by element; sizes of one are stretched.",
        PAIR,
        OUT,
        _paired,
        forward="{a} - {b}",
        words=("difference", "minus"),
        formula="y = a − b",
        stem="subtract",
        example=(_TYPE, _TYPE),
    ),
    LayerKind(
        "Multiply",
        "Shape",
        "close",
        "Multiplies two tensors: a gate.",
        "Element by element; sizes of one are stretched.",
        PAIR,
        OUT,
        _paired,
        forward="{a} * {b}",
        words=("product", "gate", "times"),
        formula="y = a · b",
        stem="multiply",
        example=(_TYPE, _TYPE),
    ),
    LayerKind(
        "Concat",
        "Shape",
        "link",
        "Puts tensors side by side along one dimension.",
        "All sizes but that of `dim` must be equal; dim 1 is the channel.",
        MANY,
        OUT,
        _concatenated,
        (Param("dim", "int", 1, "The dimension that grows; 1 is the channel.", -8, 7, required=True),),
        forward="torch.cat(({inputs},), dim={p_dim})",
        words=("concatenate", "join", "cat", "skip"),
        stem="concat",
        hint="channels",
        example=(_TYPE, _TYPE),
    ),
    LayerKind(
        "Mean",
        "Shape",
        "gauge",
        "The mean along one dimension.",
        "Averages over `dim`; the dimension goes.",
        (PortSpec("input"),),
        OUT,
        _mean,
        (Param("dim", "int", 1, "The dimension that is averaged.", -8, 7, required=True),),
        forward="{input}.mean({p_dim})",
        words=("average", "pool"),
        formula="y = Σ xᵢ / n",
        stem="mean",
        example=(_TYPE,),
    ),
)
