"""Tensors that the network itself keeps: what it learns without an input, and constants."""

from __future__ import annotations

import math

from core.catalog.initialization import FROZEN
from core.catalog.kind import Arguments, Inputs, LayerKind, Param, PortSpec, Shaped, TensorType
from core.errors import ShapeError

LEARNABLE = "LearnableTensor"
CONSTANT = "Constant"
MOST = 2**31
"""Numbers that one tensor may hold."""
_DTYPES = ("float32", "int64", "int32", "int16", "int8", "uint8", "bool")


def _type(arguments: Arguments, dtype: str) -> TensorType:
    shape = arguments["shape"]
    assert isinstance(shape, tuple)  # Param.check made it one
    sizes = tuple(size for size in shape if isinstance(size, int))
    if math.prod(sizes) > MOST:
        raise ShapeError(f"at most {MOST:,} numbers were wanted", f"{'×'.join(map(str, sizes))} came", fix="Set shape.")
    return TensorType(sizes, dtype)


def _learnable(_inputs: Inputs, arguments: Arguments) -> Shaped:
    kind = _type(arguments, "float32")
    return Shaped({"output": kind}, kind.numel)


def _constant(_inputs: Inputs, arguments: Arguments) -> Shaped:
    kind = _type(arguments, str(arguments["dtype"]))
    return Shaped({"output": kind}, buffers=kind.numel)


def _shape(default: tuple[int, ...]) -> Param:
    words = "All its sizes; it has no batch, a 1 in front is stretched to it."
    return Param("shape", "sizes", default, words, 0, MOST, required=True)


KINDS = (
    LayerKind(
        LEARNABLE,
        "Data",
        "linear",
        "Numbers that learn and hang on no input.",
        "A class token, a table of positions, a learned query. Sizes of one are stretched where it is added; Expand "
        "with batch gives every sample its copy.",
        (),
        (PortSpec("output"),),
        _learnable,
        (
            _shape((1, 16)),
            Param("std", "float", 0.02, "Deviation of the normal numbers it begins with; 0 for zeros.", 0, 1e3),
            FROZEN,
        ),
        module="tensors.LearnableTensor",
        arguments=("shape", "std"),
        forward="{self}()",
        fast="{self}.value",
        words=("parameter", "token", "positional", "embedding", "query", "nn.Parameter"),
        formula="y = θ",
        stem="learned",
        role="source",
        many_weights=True,
    ),
    LayerKind(
        CONSTANT,
        "Data",
        "math",
        "Numbers that never change.",
        "Kept with the weights: a mask, a table, the mean of the data. It begins filled with one number.",
        (),
        (PortSpec("output", "any"),),
        _constant,
        (
            _shape((1,)),
            Param("fill", "float", 0.0, "The number it is filled with."),
            Param("dtype", "choice", "float32", "What its numbers are.", choices=_DTYPES),
        ),
        module="tensors.Constant",
        arguments=("shape", "fill", "dtype"),
        forward="{self}()",
        fast="{self}.value",
        words=("buffer", "mask", "fill", "zeros", "ones", "torch.full"),
        formula="y = c",
        stem="constant",
        role="source",
    ),
)
