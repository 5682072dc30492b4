"""Arithmetic of several tensors, element by element or as matrices."""

from __future__ import annotations

import math

from core.catalog.dense import OUT
from core.catalog.einsum import contracted
from core.catalog.formulas import broadcast, floating
from core.catalog.kind import (
    Arguments,
    Batch,
    Dim,
    Inputs,
    LayerKind,
    Param,
    PortSpec,
    Shaped,
    ShapeFormula,
    TensorType,
    single,
)
from core.catalog.tensors import (
    OUT_ANY,
    PAIR,
    ROWS,
    Ends,
    as_float,
    combined,
    no_truth,
    one_dtype,
    pair,
    several,
    within,
)
from core.errors import ShapeError

MANY = (PortSpec("inputs", "any", variadic=True),)
_ROW = TensorType((Batch(), 4))
_STRETCHED = "Element by element; sizes of one are stretched."


def _summed(inputs: Inputs, _arguments: Arguments) -> Shaped:
    return Shaped({"output": combined(*several(inputs))})


def _paired(inputs: Inputs, _arguments: Arguments) -> Shaped:
    return Shaped({"output": combined(*pair(inputs))})


def _subtracted(inputs: Inputs, arguments: Arguments) -> Shaped:
    for tensor in pair(inputs):
        no_truth(tensor, "a difference")
    return _paired(inputs, arguments)


def _divided(inputs: Inputs, _arguments: Arguments) -> Shaped:
    result = combined(*pair(inputs))
    return Shaped({"output": TensorType(result.shape, as_float(result.dtype))})


def _numeric(inputs: Inputs, _arguments: Arguments) -> Shaped:
    return Shaped({"output": no_truth(combined(*pair(inputs)), "this operation")})


def _blended(inputs: Inputs, _arguments: Arguments) -> Shaped:
    ends = pair(inputs)
    floating(ends.a, "a")
    dtype = one_dtype(ends)
    weight = single(inputs, "weight")
    one_dtype(Ends(ends.a, weight))
    shape = broadcast(broadcast(ends.a.shape, ends.b.shape), weight.shape)
    return Shaped({"output": TensorType(shape, dtype)})


def _matrix_product(inputs: Inputs, _arguments: Arguments) -> Shaped:
    ends = pair(inputs)
    dtype = one_dtype(ends)
    for tensor in ends:
        no_truth(tensor, "a matrix product")
        if not tensor.shape:
            raise ShapeError("rows or matrices were wanted", "a single number came", fix="Use Multiply.")
    shared = _inner(ends)
    a, b = ends.a.shape, ends.b.shape
    batch = broadcast(a[:-2], b[:-2]) if len(a) > 1 and len(b) > 1 else a[:-2] if len(a) > 1 else b[:-2]
    shape = (*batch, *(a[-2:-1] if len(a) > 1 else ()), *(b[-1:] if len(b) > 1 else ()))
    return Shaped({"output": TensorType(shape, dtype)}, macs=_numbers(shape) * shared)


def _inner(ends: Ends) -> int:
    """The size that is summed over; raises ShapeError where the two differ, or are the batch."""
    last = len(ends.a.shape) - 1
    _place, columns = within(ends.a, last, "last dimension of a")
    _place, rows = within(ends.b, max(len(ends.b.shape) - 2, 0), "dimension of b that is summed over")
    if columns != rows:
        raise ShapeError(
            "as many columns in a as rows in b were wanted",
            f"{ends.a.full} and {ends.b.full} came",
            fix="Insert a Transpose before one of them.",
        )
    return columns


def _numbers(shape: tuple[Dim, ...]) -> int:
    """The numbers of one sample."""
    return math.prod(dim if isinstance(dim, int) else dim.multiple for dim in shape)


def _outer(inputs: Inputs, _arguments: Arguments) -> Shaped:
    ends = pair(inputs)
    for tensor in ends:
        within(tensor, -1, "last dimension")
    rows = TensorType((*ends.a.shape, 1), ends.a.dtype)
    columns = TensorType((*ends.b.shape[:-1], 1, ends.b.shape[-1]), ends.b.dtype)
    return Shaped({"output": combined(rows, columns)})


def _distances(inputs: Inputs, _arguments: Arguments) -> Shaped:
    ends = pair(inputs)
    if one_dtype(ends) not in {"float32", "float64"}:
        raise ShapeError("float32 or float64 was wanted", f"{ends.a.dtype} came", fix="Insert a Cast before both.")
    for tensor in ends:
        if len(tensor.shape) < 2:
            raise ShapeError("rows of points were wanted", f"{tensor.full} came", fix="Insert an Unsqueeze before it.")
        within(tensor, -1, "last dimension")
        within(tensor, -2, "dimension of points")
    (points, wide), (others, wide_too) = ends.a.shape[-2:], ends.b.shape[-2:]
    if wide != wide_too:
        raise ShapeError(
            "points of one size were wanted", f"{ends.a.full} and {ends.b.full} came", fix="Give both one last size."
        )
    batch = broadcast(ends.a.shape[:-2], ends.b.shape[:-2])
    shape = (*batch, points, others)
    return Shaped({"output": TensorType(shape, ends.a.dtype)}, macs=_numbers((*shape, wide)))


def _einsum(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensors = several(inputs)
    result, macs = contracted(str(arguments["equation"]), tensors)
    return Shaped({"output": result}, macs=macs)


def _elementwise(
    name: str,
    icon: str,
    call: str,
    summary: str,
    formula: str,
    shape: ShapeFormula = _paired,
    words: tuple[str, ...] = (),
) -> LayerKind:
    return LayerKind(
        name,
        "Math",
        icon,
        summary,
        _STRETCHED,
        PAIR,
        OUT_ANY,
        shape,
        forward=call,
        words=words,
        formula=formula,
        stem=name.lower(),
        example=(ROWS, ROWS),
    )


KINDS = (
    LayerKind(
        "Add",
        "Math",
        "plus",
        "Adds tensors of one shape: a skip connection.",
        "The sum of all wires; sizes of one are stretched.",
        MANY,
        OUT_ANY,
        _summed,
        forward="{inputs:sum}",
        words=("sum", "residual", "skip", "plus", "torch.add"),
        formula="y = Σ xᵢ",
        stem="add",
        hint="skip",
        example=(ROWS, ROWS),
    ),
    _elementwise(
        "Subtract",
        "minus",
        "{a} - {b}",
        "The first tensor less the second.",
        "y = a − b",
        _subtracted,
        ("difference", "minus", "torch.sub"),
    ),
    _elementwise(
        "Multiply",
        "close",
        "{a} * {b}",
        "Multiplies two tensors: a gate.",
        "y = a · b",
        words=("product", "gate", "times", "torch.mul", "hadamard"),
    ),
    _elementwise(
        "Divide",
        "math",
        "{a} / {b}",
        "The first tensor by the second.",
        "y = a / b",
        _divided,
        ("quotient", "ratio", "torch.div"),
    ),
    _elementwise(
        "Power",
        "math",
        "{a} ** {b}",
        "The first tensor to the power of the second.",
        "y = aᵇ",
        _numeric,
        ("exponent", "torch.pow"),
    ),
    _elementwise(
        "Maximum",
        "math",
        "torch.maximum({a}, {b})",
        "The larger of two numbers.",
        "y = max(a, b)",
        words=("maxout", "larger"),
    ),
    _elementwise(
        "Minimum",
        "math",
        "torch.minimum({a}, {b})",
        "The smaller of two numbers.",
        "y = min(a, b)",
        words=("smaller",),
    ),
    _elementwise(
        "Remainder",
        "math",
        "torch.remainder({a}, {b})",
        "What is left when a is divided by b; it has b's sign.",
        "y = a mod b",
        _numeric,
        ("modulo", "mod"),
    ),
    _elementwise(
        "FloorDivide",
        "math",
        'torch.div({a}, {b}, rounding_mode="floor")',
        "How often b goes whole into a; no gradient passes.",
        "y = ⌊a / b⌋",
        _numeric,
        ("integer division", "quotient", "torch.floor_divide"),
    ),
    _elementwise(
        "Atan2",
        "math",
        "torch.atan2({a}, {b})",
        "The angle of the point with height a and width b.",
        "y = arctan(a / b)",
        _divided,
        ("angle", "arctan2", "phase"),
    ),
    LayerKind(
        "Lerp",
        "Math",
        "math",
        "Goes from a to b by a weight: a soft gate.",
        _STRETCHED,
        (PortSpec("a"), PortSpec("b"), PortSpec("weight")),
        OUT,
        _blended,
        forward="torch.lerp({a}, {b}, {weight})",
        words=("interpolate", "blend", "highway", "mix", "gate"),
        formula="y = a + w·(b − a)",
        stem="lerp",
        example=(ROWS, ROWS, ROWS),
    ),
    LayerKind(
        "MatMul",
        "Math",
        "math",
        "The product of two matrices, or of a matrix and a row.",
        "Rows of a meet columns of b; further dimensions in front are stretched as in Multiply.",
        PAIR,
        OUT_ANY,
        _matrix_product,
        forward="{a} @ {b}",
        words=("matrix", "dot", "bmm", "torch.matmul", "torch.bmm", "mm", "attention scores"),
        formula="y = a b",
        stem="matmul",
        example=(ROWS, TensorType((Batch(), 4, 5))),
    ),
    LayerKind(
        "Einsum",
        "Math",
        "math",
        "A product of tensors, written with a letter for each dimension.",
        "Letters that are missing behind the arrow are summed; ... stands for all dimensions that are not named.",
        MANY,
        OUT_ANY,
        _einsum,
        (Param("equation", "text", "b...ij,b...jk->b...ik", "Letters of each input, an arrow, those of the output."),),
        forward="torch.einsum({p_equation}, {inputs})",
        words=("einstein", "contraction", "bilinear", "attention"),
        formula="y = Σ a·b",
        stem="einsum",
        example=(ROWS, TensorType((Batch(), 4, 5))),
    ),
    LayerKind(
        "Outer",
        "Math",
        "math",
        "Every number of a times every number of b.",
        "The last dimension of a becomes rows, that of b columns.",
        PAIR,
        OUT_ANY,
        _outer,
        forward="{a}.unsqueeze(-1) * {b}.unsqueeze(-2)",
        words=("product", "torch.outer", "rank one", "interaction"),
        formula="yᵢⱼ = aᵢ bⱼ",
        stem="outer",
        example=(_ROW, TensorType((Batch(), 5))),
    ),
    LayerKind(
        "Cdist",
        "Math",
        "math",
        "The distance of every point of a from every point of b.",
        "Points are rows of the last dimension.",
        (PortSpec("a"), PortSpec("b")),
        OUT,
        _distances,
        (Param("p", "float", 2.0, "The norm: 2 is the straight way, 1 along the axes.", 0, 1000),),
        forward="torch.cdist({a}, {b}{k_p})",
        words=("distance", "pairwise", "codebook", "neighbour"),
        formula="yᵢⱼ = ‖aᵢ − bⱼ‖",
        stem="cdist",
        example=(ROWS, TensorType((Batch(), 5, 4))),
    ),
)
