"""Operations that stretch and repeat tensors."""

from __future__ import annotations

from core.catalog.formulas import integer, listed
from core.catalog.kind import (
    Arguments,
    Batch,
    Dim,
    Form,
    Inputs,
    LayerKind,
    Param,
    PortSpec,
    Shaped,
    TensorType,
    Variant,
    single,
)
from core.catalog.shaping import arrangement
from core.catalog.tensors import ANY, OUT_ANY, dim_param, position
from core.errors import ShapeError

_LARGE = 2**31


def _expand(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor, sizes = single(inputs), listed(arguments, "shape")
    wanted: tuple[Dim, ...] = (Batch(), *sizes) if arguments["batch"] else sizes
    return Shaped({"output": TensorType(_stretched(tensor, wanted), tensor.dtype)})


def _expand_as(inputs: Inputs, _arguments: Arguments) -> Shaped:
    tensor = single(inputs)
    return Shaped({"output": TensorType(_stretched(tensor, single(inputs, "other").shape), tensor.dtype)})


def _stretched(tensor: TensorType, wanted: tuple[Dim, ...]) -> tuple[Dim, ...]:
    new = len(wanted) - len(tensor.shape)
    held = (*(1 for _place in range(new)), *tensor.shape)
    fits = new >= 0 and all(want in (have, -1) or have == 1 for have, want in zip(held, wanted, strict=True))
    if not fits or -1 in wanted[: max(new, 0)]:
        raise ShapeError(
            f"a shape that {tensor.full} can be stretched to was wanted",
            f"{'×'.join(map(str, wanted))} came",
            fix="Only sizes of 1 can be stretched; -1 keeps a size.",
        )
    return tuple(have if want == -1 else want for have, want in zip(held, wanted, strict=True))


def _repeat(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor, repeats = single(inputs), listed(arguments, "repeats")
    new = len(repeats) - len(tensor.shape)
    if new < 0:
        raise ShapeError(
            f"at least {len(tensor.shape)} repeats were wanted for {tensor.full}",
            f"{len(repeats)} came",
            fix="Give one for each dimension, the batch too.",
        )
    held: tuple[Dim, ...] = (*(1 for _place in range(new)), *tensor.shape)
    shape = tuple(_times(size, count) for size, count in zip(held, repeats, strict=True))
    return Shaped({"output": TensorType(shape, tensor.dtype)})


def _repeat_interleave(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = single(inputs)
    place = position(tensor, integer(arguments, "dim"))
    longer = _times(tensor.shape[place], integer(arguments, "repeats"))
    return Shaped({"output": TensorType((*tensor.shape[:place], longer, *tensor.shape[place + 1 :]), tensor.dtype)})


def _times(size: Dim, count: int) -> Dim:
    return size * count if isinstance(size, int) else Batch(size.multiple * count)


KINDS = (
    LayerKind(
        "Expand",
        "Shape",
        "shape",
        "Stretches dimensions of size one without copying.",
        "-1 keeps a size; new dimensions come in front. With `batch` the first of all is the batch: a learned token "
        "for every sample.",
        ANY,
        OUT_ANY,
        _expand,
        (
            Param("shape", "sizes", (-1,), "The sizes after it; -1 keeps one.", -1, _LARGE, required=True),
            Param("batch", "bool", False, "Stretch the first dimension to the batch; shape tells the others."),
        ),
        forward="{input}.expand({s_shape})",
        variants=(Variant("batch", True, Form("{input}.expand({batch}, {s_shape})")),),
        words=("broadcast", "stretch", "class token", "tile"),
        stem="expand",
        example=(TensorType((Batch(), 1, 5)),),
        example_params=(("shape", (-1, 4, -1)),),
    ),
    LayerKind(
        "ExpandAs",
        "Shape",
        "shape",
        "Stretches dimensions of size one to the shape of another tensor.",
        "Nothing is copied; the other tensor gives its shape only.",
        (PortSpec("input", "any"), PortSpec("other", "any")),
        OUT_ANY,
        _expand_as,
        forward="{input}.expand_as({other})",
        words=("broadcast", "stretch", "class token"),
        stem="expand",
        example=(TensorType((Batch(), 1, 5)), TensorType((Batch(), 4, 5))),
    ),
    arrangement(
        "Repeat",
        "{input}.repeat({s_repeats})",
        "Lays copies side by side.",
        "One count for each dimension, the batch too; further counts make dimensions in front.",
        _repeat,
        (Param("repeats", "sizes", (1, 1), "How often each dimension is laid out.", 1, 2**20, required=True),),
        ("tile", "copy"),
        (("repeats", (1, 2, 1, 3)),),
    ),
    arrangement(
        "RepeatInterleave",
        "torch.repeat_interleave({input}, {p_repeats}, dim={p_dim})",
        "Repeats every element beside itself.",
        "1 2 3 becomes 1 1 2 2 3 3 along the dimension: keys that several heads share.",
        _repeat_interleave,
        (
            Param("repeats", "int", 2, "How often each stands.", 1, 2**20, required=True),
            dim_param(1, "The dimension that grows."),
        ),
        ("upsample", "copy", "grouped query"),
    ),
)
