"""Operations along dimensions: what sums, picks, orders or accumulates."""

from __future__ import annotations

import math
from collections.abc import Callable

from core.catalog.formulas import floating, integer
from core.catalog.kind import (
    Arguments,
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
    ANY,
    KEEPDIM,
    OUT_ANY,
    ROWS,
    along,
    as_float,
    as_sum,
    dim_param,
    dims_param,
    no_truth,
    places,
    resized,
    without,
)
from core.errors import ShapeError

Dtype = Callable[[TensorType], str]
_DIMS = dims_param(-1, "The dimensions that are reduced; the batch is none of them.")
_DIM = dim_param(-1, "The dimension that is reduced; 0 is the batch.")
_ALONG = dim_param(-1, "The dimension along which it goes; 0 is the batch.")
_CORRECTION = Param("correction", "int", 1, "What is taken from the count: 1 for a sample, 0 for all.", 0, 1)
_POWER = Param("p", "float", 2.0, "The power of the norm: 2 is the length, 1 the sum of the sizes.", 0, 1000)
_PICKED = (PortSpec("values", "any"), PortSpec("indices", "int"))


def _same(tensor: TensorType) -> str:
    return tensor.dtype


def _number(tensor: TensorType) -> str:
    return no_truth(tensor, "this operation").dtype


def _floating(tensor: TensorType) -> str:
    return floating(tensor).dtype


def _summed(tensor: TensorType) -> str:
    return as_sum(tensor.dtype)


def _logarithm(tensor: TensorType) -> str:
    return as_float(tensor.dtype)


def _truth(tensor: TensorType) -> str:
    return "uint8" if tensor.dtype == "uint8" else "bool"


def _count(_tensor: TensorType) -> str:
    return "int64"


def _place(tensor: TensorType) -> str:
    no_truth(tensor, "this operation")
    return "int64"


def _over(dtype: Dtype) -> ShapeFormula:
    """Over the dimensions in `dim`, one or several."""

    def formula(inputs: Inputs, arguments: Arguments) -> Shaped:
        tensor = single(inputs)
        shape = without(tensor, places(tensor, arguments), arguments.get("keepdim"))
        return Shaped({"output": TensorType(shape, dtype(tensor))})

    return formula


def _over_one(dtype: Dtype) -> ShapeFormula:
    def formula(inputs: Inputs, arguments: Arguments) -> Shaped:
        tensor, place, _size = along(inputs, arguments)
        return Shaped({"output": TensorType(without(tensor, (place,), arguments["keepdim"]), dtype(tensor))})

    return formula


def _picked(dtype: Dtype) -> ShapeFormula:
    def formula(inputs: Inputs, arguments: Arguments) -> Shaped:
        tensor, place, _size = along(inputs, arguments)
        shape = without(tensor, (place,), arguments["keepdim"])
        return Shaped({"values": TensorType(shape, dtype(tensor)), "indices": TensorType(shape, "int64")})

    return formula


def _through(dtype: Dtype) -> ShapeFormula:
    """Along one dimension, with the shape as it was."""

    def formula(inputs: Inputs, arguments: Arguments) -> Shaped:
        tensor, _place, _size = along(inputs, arguments)
        return Shaped({"output": TensorType(tensor.shape, dtype(tensor))})

    return formula


def _ordered(dtype: Dtype) -> ShapeFormula:
    def formula(inputs: Inputs, arguments: Arguments) -> Shaped:
        tensor, _place, _size = along(inputs, arguments)
        return Shaped(
            {
                "values": TensorType(tensor.shape, dtype(tensor)),
                "indices": TensorType(tensor.shape, "int64"),
            }
        )

    return formula


def _topk(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor, place, size = along(inputs, arguments)
    count = integer(arguments, "k")
    if count > size:
        raise ShapeError(f"a k of at most {size} was wanted", f"{count} came", fix=f"Set k to {size}.")
    kept = resized(tensor, place, count)
    return Shaped({"values": TensorType(kept.shape, _number(kept)), "indices": TensorType(kept.shape, "int64")})


def _diff(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor, place, size = along(inputs, arguments)
    if size < 2:
        raise ShapeError("at least two neighbours were wanted", f"{size} came", fix="Choose another dim.")
    return Shaped({"output": resized(tensor, place, size - 1)})


def _spread_out(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = single(inputs)
    found = places(tensor, arguments)
    count = math.prod(size for place in found if isinstance(size := tensor.shape[place], int))
    if count <= integer(arguments, "correction"):
        raise ShapeError("at least two numbers were wanted", f"{count} came", fix="Set correction to 0.")
    return _over(_floating)(inputs, arguments)


def _normalized(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = floating(single(inputs))
    places(tensor, arguments)
    return Shaped({"output": tensor})


def _kind(
    name: str,
    call: str,
    summary: str,
    formula: str,
    shape: ShapeFormula,
    params: tuple[Param, ...],
    words: tuple[str, ...] = (),
    outputs: tuple[PortSpec, ...] = OUT_ANY,
) -> LayerKind:
    return LayerKind(
        name,
        "Math",
        "math",
        summary,
        f"{summary} Samples stay apart: the batch is no dimension for it.",
        ANY,
        outputs,
        shape,
        params,
        forward=call,
        unpack="{values}, {indices}" if outputs is _PICKED else "",
        words=("along", "dimension", *words),
        formula=formula,
        stem=name.lower(),
        example=(ROWS,),
    )


def _reduced(
    name: str, summary: str, formula: str, dtype: Dtype, words: tuple[str, ...] = (), call: str = ""
) -> LayerKind:
    template = f"torch.{call or name.lower()}({{input}}, dim={{d_dim}}{{k_keepdim}})"
    return _kind(name, template, summary, formula, _over(dtype), (_DIMS, KEEPDIM), words)


def _chosen(name: str, summary: str, dtype: Dtype, words: tuple[str, ...] = ()) -> LayerKind:
    template = f"torch.{name.lower()}({{input}}, dim={{p_dim}}{{k_keepdim}})"
    return _kind(name, template, summary, "", _picked(dtype), (_DIM, KEEPDIM), words, _PICKED)


def _running(name: str, summary: str, formula: str, dtype: Dtype, words: tuple[str, ...] = ()) -> LayerKind:
    template = f"torch.{name.lower()}({{input}}, dim={{p_dim}})"
    return _kind(name, template, summary, formula, _through(dtype), (_ALONG,), ("cumulative", *words))


def _spread(name: str, summary: str, formula: str, words: tuple[str, ...]) -> LayerKind:
    template = f"torch.{name.lower()}({{input}}, dim={{d_dim}}{{k_correction}}{{k_keepdim}})"
    return _kind(name, template, summary, formula, _spread_out, (_DIMS, _CORRECTION, KEEPDIM), words)


KINDS = (
    _kind(
        "Mean",
        "{input}.mean(dim={d_dim}{k_keepdim})",
        "The mean along one or several dimensions.",
        "y = Σ xᵢ / n",
        _over(_floating),
        (dims_param(1, "The dimensions that are averaged; the batch is none of them."), KEEPDIM),
        ("average", "pool"),
    ),
    _kind(
        "Sum",
        "{input}.sum(dim={d_dim}{k_keepdim})",
        "The sum along one or several dimensions.",
        "y = Σ xᵢ",
        _over(_summed),
        (_DIMS, KEEPDIM),
        ("add", "total"),
    ),
    _kind(
        "Prod",
        "torch.prod({input}, dim={p_dim}{k_keepdim})",
        "The product along a dimension.",
        "y = Π xᵢ",
        _over_one(_summed),
        (_DIM, KEEPDIM),
        ("product", "multiply"),
    ),
    _chosen("Max", "The largest numbers along a dimension, and where they are.", _same, ("maximum", "maxout")),
    _chosen("Min", "The smallest numbers along a dimension, and where they are.", _same, ("minimum",)),
    _chosen("Median", "The middle numbers along a dimension, and where they are.", _number, ("middle",)),
    _reduced("Amax", "The largest number along dimensions.", "y = max xᵢ", _same, ("maximum",)),
    _reduced("Amin", "The smallest number along dimensions.", "y = min xᵢ", _same, ("minimum",)),
    _kind(
        "Argmax",
        "torch.argmax({input}, dim={p_dim}{k_keepdim})",
        "Where the largest number stands; no gradient passes.",
        "y = argmax xᵢ",
        _over_one(_place),
        (_DIM, KEEPDIM),
        ("class", "prediction"),
    ),
    _kind(
        "Argmin",
        "torch.argmin({input}, dim={p_dim}{k_keepdim})",
        "Where the smallest number stands; no gradient passes.",
        "y = argmin xᵢ",
        _over_one(_place),
        (_DIM, KEEPDIM),
        ("nearest", "codebook"),
    ),
    _kind(
        "Norm",
        "torch.norm({input}, p={p_p}, dim={d_dim}{k_keepdim})",
        "The length along dimensions.",
        "y = (Σ |xᵢ|ᵖ)^(1/p)",
        _over(_floating),
        (_POWER, _DIMS, KEEPDIM),
        ("length", "l2", "l1", "vector norm"),
    ),
    _spread("Var", "The variance along dimensions.", "y = Σ (xᵢ − x̄)² / (n − 1)", ("variance",)),
    _spread("Std", "The standard deviation along dimensions.", "y = √Var x", ("deviation",)),
    _reduced("LogSumExp", "A smooth maximum along dimensions.", "y = ln Σ e^xᵢ", _logarithm, ("softmax", "energy")),
    _reduced("Any", "True where a number along the dimensions is not zero.", "y = ∃ xᵢ ≠ 0", _truth, ("or", "mask")),
    _reduced("All", "True where no number along the dimensions is zero.", "y = ∀ xᵢ ≠ 0", _truth, ("and", "mask")),
    _kind(
        "CountNonzero",
        "torch.count_nonzero({input}, dim={d_dim})",
        "How many numbers along the dimensions are not zero.",
        "y = #{xᵢ ≠ 0}",
        _over(_count),
        (_DIMS,),
        ("length", "mask"),
    ),
    _running("Cumsum", "The sum of all so far.", "yᵢ = Σⱼ≤ᵢ xⱼ", _summed, ("running sum",)),
    _running("Cumprod", "The product of all so far.", "yᵢ = Πⱼ≤ᵢ xⱼ", _summed, ("running product", "diffusion")),
    _running("LogCumsumExp", "The logarithm of the sum of exponentials so far.", "yᵢ = ln Σⱼ≤ᵢ e^xⱼ", _floating),
    _kind(
        "Cummax",
        "torch.cummax({input}, dim={p_dim})",
        "The largest number so far, and where it was.",
        "",
        _ordered(_same),
        (_ALONG,),
        ("cumulative", "running maximum"),
        _PICKED,
    ),
    _kind(
        "Diff",
        "torch.diff({input}, dim={p_dim})",
        "What each number has more than its neighbour before.",
        "yᵢ = xᵢ₊₁ − xᵢ",
        _diff,
        (_ALONG,),
        ("difference", "derivative"),
    ),
    _kind(
        "TopK",
        "torch.topk({input}, {p_k}, dim={p_dim}{k_largest})",
        "The k largest numbers along a dimension, and where they are.",
        "",
        _topk,
        (
            Param("k", "int", 1, "How many are kept.", 1, 2**31, required=True),
            _ALONG,
            Param("largest", "bool", True, "The largest; else the smallest."),
        ),
        ("largest", "beam", "top k"),
        _PICKED,
    ),
    _kind(
        "Sort",
        "torch.sort({input}, dim={p_dim}{k_descending})",
        "The numbers in order along a dimension, and where they were.",
        "",
        _ordered(_same),
        (_ALONG, Param("descending", "bool", False, "The largest first.")),
        ("order", "rank"),
        _PICKED,
    ),
    _kind(
        "Argsort",
        "torch.argsort({input}, dim={p_dim}{k_descending})",
        "The places of the numbers in order; no gradient passes.",
        "",
        _through(_count),
        (_ALONG, Param("descending", "bool", False, "The largest first.")),
        ("order", "rank"),
    ),
    _kind(
        "Normalize",
        "F.normalize({input}, p={p_p}, dim={d_dim})",
        "Scales to length one along dimensions.",
        "y = x / max(‖x‖, ε)",
        _normalized,
        (_POWER, _DIMS),
        ("unit length", "cosine", "l2", "embedding"),
    ),
)
