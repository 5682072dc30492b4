"""Operations that change how numbers are arranged, not the numbers."""

from __future__ import annotations

import math

from core.catalog.dense import OUT
from core.catalog.formulas import integer, listed, product
from core.catalog.kind import (
    Arguments,
    Batch,
    Dim,
    Form,
    Inputs,
    LayerKind,
    Param,
    Shaped,
    ShapeFormula,
    TensorType,
    Variant,
    single,
)
from core.catalog.tensors import ANY, IMAGE, OUT_ANY, dim_param, dims_param, distinct, places, position, within
from core.errors import ShapeError
from core.graph import Parameters

_LARGE = 2**31
_CASTS = {
    "float64": "double",
    "float16": "half",
    "bfloat16": "bfloat16",
    "int64": "long",
    "int32": "int",
    "uint8": "byte",
    "bool": "bool",
}
"""The methods that cast, by dtype; float32 is the one that stands in the template."""


def _flatten(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = single(inputs)
    start = position(tensor, integer(arguments, "start_dim"), "start_dim")
    end = position(tensor, integer(arguments, "end_dim"), "end_dim")
    if end < start:
        raise ShapeError("an end_dim behind start_dim was wanted", f"{start} and {end} came", fix="Set end_dim to -1.")
    merged = product(tensor.shape[start : end + 1])
    return Shaped({"output": TensorType((*tensor.shape[:start], merged, *tensor.shape[end + 1 :]), tensor.dtype)})


def _reshape(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = single(inputs)
    if not tensor.shape:
        raise ShapeError("a tensor with a dimension to keep was wanted", "a scalar came", fix="Insert an Unsqueeze.")
    first, *rest = tensor.shape
    if any(isinstance(size, Batch) for size in rest):
        raise ShapeError("the batch in front was wanted", f"{tensor.full} came", fix="Insert a Permute before it.")
    sizes = _filled(listed(arguments, "shape"), math.prod(TensorType(tuple(rest)).features), "shape")
    return Shaped({"output": TensorType((first, *sizes), tensor.dtype)})


def _filled(wanted: tuple[int, ...], numbers: int, name: str) -> tuple[int, ...]:
    """The sizes with what -1 stands for; raises ShapeError where they do not hold so many numbers."""
    known = math.prod(size for size in wanted if size != -1)
    missing = wanted.count(-1)
    fits = missing <= 1 and (numbers == known if not missing else known > 0 and numbers % known == 0)
    if not fits:
        raise ShapeError(
            f"a {name} of {numbers} numbers was wanted",
            f"{'×'.join(map(str, wanted))} came",
            fix="Choose sizes whose product is that; one may be -1.",
        )
    return tuple(numbers // known if size == -1 else size for size in wanted)


def _unflatten(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor, wanted = single(inputs), listed(arguments, "unflattened_size")
    place = position(tensor, integer(arguments, "dim"))
    size = tensor.shape[place]
    if isinstance(size, int):
        sizes: tuple[Dim, ...] = _filled(wanted, size, "unflattened_size")
    else:
        sizes = _parted(size, wanted)
    return Shaped({"output": TensorType((*tensor.shape[:place], *sizes, *tensor.shape[place + 1 :]), tensor.dtype)})


def _parted(batch: Batch, wanted: tuple[int, ...]) -> tuple[Dim, ...]:
    """A batch that holds each sample several times, taken apart again: -1 stands for the batch."""
    known = math.prod(size for size in wanted if size != -1)
    if wanted.count(-1) != 1 or known <= 0 or batch.multiple % known:
        raise ShapeError(
            f"-1 and sizes that part {batch} were wanted",
            f"{'×'.join(map(str, wanted))} came",
            fix="Put -1 where the batch stays.",
        )
    return tuple(Batch(batch.multiple // known) if size == -1 else size for size in wanted)


def _permute(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor, wanted = single(inputs), listed(arguments, "dims")
    order = tuple(position(tensor, dim, "dims") for dim in wanted)
    distinct(order, "dims")
    if len(order) != len(tensor.shape):
        raise ShapeError(
            f"{len(tensor.shape)} dims were wanted for {tensor.full}",
            f"{len(order)} came",
            fix=f"Set dims to {', '.join(map(str, range(len(tensor.shape))))} in the order you want.",
        )
    return Shaped({"output": TensorType(tuple(tensor.shape[place] for place in order), tensor.dtype)})


def _transpose(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = single(inputs)
    first, second = (position(tensor, integer(arguments, name), name) for name in ("dim0", "dim1"))
    dims: list[Dim] = list(tensor.shape)
    dims[first], dims[second] = dims[second], dims[first]
    return Shaped({"output": TensorType(tuple(dims), tensor.dtype)})


def _squeeze(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = single(inputs)
    gone = {place for place in places(tensor, arguments) if tensor.shape[place] == 1}
    shape = tuple(size for place, size in enumerate(tensor.shape) if place not in gone)
    return Shaped({"output": TensorType(shape, tensor.dtype)})


def _unsqueeze(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = single(inputs)
    dim = position(TensorType((*tensor.shape, 1)), integer(arguments, "dim"))
    return Shaped({"output": TensorType((*tensor.shape[:dim], 1, *tensor.shape[dim:]), tensor.dtype)})


def _flip(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = single(inputs)
    places(tensor, arguments)
    return Shaped({"output": tensor})


def _roll(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor, dims, shifts = single(inputs), listed(arguments, "dim"), listed(arguments, "shifts")
    for dim in dims:
        within(tensor, dim)
    if len(dims) != len(shifts):
        raise ShapeError("a shift for each dim was wanted", f"{len(shifts)} for {len(dims)} came", fix="Set shifts.")
    return Shaped({"output": tensor})


def _same(inputs: Inputs, _arguments: Arguments) -> Shaped:
    return Shaped({"output": single(inputs)})


def _cast(inputs: Inputs, arguments: Arguments) -> Shaped:
    return Shaped({"output": TensorType(single(inputs).shape, str(arguments["dtype"]))})


def arrangement(
    name: str,
    call: str,
    summary: str,
    help_: str,
    shape: ShapeFormula,
    params: tuple[Param, ...] = (),
    words: tuple[str, ...] = (),
    example: Parameters = (),
) -> LayerKind:
    """The kind of an operation on one tensor that only arranges its numbers."""
    return LayerKind(
        name,
        "Shape",
        "shape",
        summary,
        help_,
        ANY,
        OUT_ANY,
        shape,
        params,
        forward=call,
        words=words,
        stem=name.lower(),
        example=(IMAGE,),
        example_params=example,
    )


KINDS = (
    LayerKind(
        "Flatten",
        "Shape",
        "shape",
        "Lays all numbers of a sample in one row.",
        "Merges the dimensions from start_dim to end_dim into one; the batch stays.",
        ANY,
        OUT,
        _flatten,
        (
            Param("start_dim", "int", 1, "First dimension that is merged; 0 is the batch.", -8, 7),
            Param("end_dim", "int", -1, "Last dimension that is merged.", -8, 7),
        ),
        module="nn.Flatten",
        arguments=("start_dim", "end_dim"),
        forward="{self}({input})",
        fast="torch.flatten({input}, {p_start_dim}, {p_end_dim})",
        words=("reshape", "view", "vector"),
        stem="flatten",
        example=(IMAGE,),
    ),
    LayerKind(
        "Unflatten",
        "Shape",
        "shape",
        "Parts one dimension into several.",
        "The numbers keep their order; one size may be -1 and follows from the rest.",
        ANY,
        OUT,
        _unflatten,
        (
            dim_param(1, "The dimension that is parted."),
            Param("unflattened_size", "sizes", (1, -1), "What it is parted into.", -1, _LARGE, required=True),
        ),
        module="nn.Unflatten",
        arguments=("dim", "unflattened_size"),
        forward="{self}({input})",
        fast="{input}.unflatten({p_dim}, {p_unflattened_size})",
        words=("reshape", "view", "heads", "groups"),
        stem="unflatten",
        example=(IMAGE,),
    ),
    arrangement(
        "Reshape",
        "{input}.reshape({input}.shape[0], {s_shape})",
        "Arranges the numbers of a sample in another shape.",
        "The numbers keep their order; one size may be -1 and follows from the rest. The batch stays.",
        _reshape,
        (Param("shape", "sizes", (-1,), "Sizes of one sample, as 16, 5, 5.", -1, _LARGE, required=True),),
        ("view", "unflatten"),
    ),
    arrangement(
        "Permute",
        "{input}.permute({s_dims})",
        "Puts the dimensions in another order.",
        "The numbers stay; 0, 2, 3, 1 puts the channels of an image behind.",
        _permute,
        (
            Param(
                "dims", "sizes", (0, 2, 1), "All dimensions in their new order; 0 is the batch.", -8, 7, required=True
            ),
        ),
        ("transpose", "channels last", "swap", "movedim", "rearrange"),
        (("dims", (0, 2, 3, 1)),),
    ),
    arrangement(
        "Transpose",
        "{input}.transpose({p_dim0}, {p_dim1})",
        "Swaps two dimensions.",
        "The numbers stay, dimensions dim0 and dim1 change places.",
        _transpose,
        (dim_param(1, "One dimension.", "dim0"), dim_param(2, "The other.", "dim1")),
        ("permute", "swap"),
    ),
    arrangement(
        "Squeeze",
        "{input}.squeeze({d_dim})",
        "Takes out dimensions of size one.",
        "The numbers stay; a dimension of another size stays too.",
        _squeeze,
        (dims_param(-1, "The dimensions that go; the batch is none of them."),),
        ("remove dimension",),
    ),
    arrangement(
        "Unsqueeze",
        "{input}.unsqueeze({p_dim})",
        "Inserts a dimension of size one.",
        "The numbers stay; a dimension of size 1 comes in at `dim`.",
        _unsqueeze,
        (dim_param(1, "Where the new dimension stands."),),
        ("expand dims", "channel"),
    ),
    arrangement(
        "Flip",
        "torch.flip({input}, dims={p_dim})",
        "Turns the order of dimensions round.",
        "The first becomes the last: a mirrored image, a sequence from its end.",
        _flip,
        (dims_param(-1, "The dimensions that are turned; the batch is none of them."),),
        ("mirror", "reverse"),
    ),
    arrangement(
        "Roll",
        "torch.roll({input}, {d_shifts}, {d_dim})",
        "Moves everything along dimensions; what falls out comes in again.",
        "The shifted windows of a Swin transformer, for example.",
        _roll,
        (
            Param("shifts", "sizes", (1,), "How far, for each of the dims.", -_LARGE, _LARGE, required=True),
            dims_param(-1, "The dimensions along which it moves; the batch is none of them."),
        ),
        ("shift", "circular", "swin"),
    ),
    LayerKind(
        "Cast",
        "Shape",
        "shape",
        "Changes the dtype of the numbers.",
        "To whole numbers, fractions are cut off; to bool, whatever is not zero is true.",
        ANY,
        OUT_ANY,
        _cast,
        (Param("dtype", "choice", "float32", "What the numbers become.", choices=("float32", *_CASTS), required=True),),
        forward="{input}.float()",
        variants=tuple(Variant("dtype", name, Form(f"{{input}}.{method}()")) for name, method in _CASTS.items()),
        words=("dtype", "convert", "type", "to", "half", "long", "labels"),
        stem="cast",
        example=(IMAGE,),
    ),
    LayerKind(
        "Detach",
        "Shape",
        "lock",
        "Lets values through and stops the gradient.",
        "Forward it changes nothing; backward nothing passes: a GAN's discriminator learns behind it.",
        ANY,
        OUT_ANY,
        _same,
        forward="{input}.detach()",
        words=("stop gradient", "gan"),
        stem="detach",
        example=(IMAGE,),
    ),
)
