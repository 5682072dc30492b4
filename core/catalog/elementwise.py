"""Functions of one number, applied to every element, that are no activation."""

from __future__ import annotations

from collections.abc import Callable

from core.catalog.formulas import floating
from core.catalog.kind import (
    Arguments,
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
from core.catalog.tensors import ANY, OUT_ANY, ROWS, as_float, no_truth
from core.errors import ShapeError


def _as(dtype: Callable[[TensorType], str]) -> ShapeFormula:
    def formula(inputs: Inputs, _arguments: Arguments) -> Shaped:
        tensor = single(inputs)
        return Shaped({"output": TensorType(tensor.shape, dtype(tensor))})

    return formula


_SAME = _as(lambda tensor: tensor.dtype)
_FLOAT = _as(lambda tensor: as_float(tensor.dtype))
_NUMBER = _as(lambda tensor: no_truth(tensor, "this function").dtype)
_FLOATING = _as(lambda tensor: floating(tensor).dtype)
_TRUTH = _as(lambda _tensor: "bool")
_SQUARE = _as(lambda tensor: "int64" if tensor.dtype == "bool" else tensor.dtype)


def _clamp(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = single(inputs)
    if arguments["min"] is None and arguments["max"] is None:
        raise ShapeError("a bound was wanted", "neither min nor max is set", fix="Set min or max.")
    return Shaped({"output": TensorType(tensor.shape, as_float(tensor.dtype))})


def function(
    name: str,
    call: str,
    summary: str,
    formula: str,
    shape: ShapeFormula,
    words: tuple[str, ...] = (),
    params: tuple[Param, ...] = (),
    variants: tuple[Variant, ...] = (),
) -> LayerKind:
    """The kind of a function of every element; `call` is its template."""
    return LayerKind(
        name,
        "Math",
        "math",
        summary,
        f"{summary} Every element is taken by itself; the shape stays.",
        ANY,
        OUT_ANY,
        shape,
        params,
        forward=call,
        variants=variants,
        words=("elementwise", *words),
        formula=formula,
        stem=name.lower(),
        example=(ROWS,),
    )


def _torch(
    name: str, summary: str, formula: str, shape: ShapeFormula = _FLOAT, words: tuple[str, ...] = (), call: str = ""
) -> LayerKind:
    return function(name, f"torch.{call or name.lower()}({{input}})", summary, formula, shape, words)


KINDS = (
    _torch("Exp", "The exponential.", "y = eˣ", words=("exponential",)),
    _torch("Expm1", "The exponential less one, exact near zero.", "y = eˣ − 1", words=("exponential",)),
    _torch("Exp2", "Two to the power of x.", "y = 2ˣ", words=("exponential",)),
    _torch("Log", "The natural logarithm.", "y = ln x", words=("logarithm",)),
    _torch("Log1p", "The logarithm of one plus x, exact near zero.", "y = ln(1 + x)", words=("logarithm",)),
    _torch("Log2", "The logarithm to base two.", "y = log₂ x", words=("logarithm",)),
    _torch("Log10", "The logarithm to base ten.", "y = log₁₀ x", words=("logarithm", "decibel")),
    _torch("Logit", "The inverse of the sigmoid.", "y = ln(x / (1 − x))", words=("log odds",)),
    _torch("Sqrt", "The square root.", "y = √x", words=("square root",)),
    _torch("Rsqrt", "One over the square root.", "y = 1 / √x", words=("square root", "normalization")),
    _torch("Square", "The square.", "y = x²", _SQUARE, ("power",)),
    _torch("Reciprocal", "One over x.", "y = 1 / x", words=("inverse", "divide")),
    _torch("Negative", "The number with the other sign.", "y = −x", _NUMBER, ("negate", "minus"), "neg"),
    _torch("Abs", "The distance from zero.", "y = |x|", _NUMBER, ("absolute", "magnitude")),
    _torch("Sign", "−1, 0 or 1 as x is negative, zero or positive; no gradient passes.", "y = sgn x", _SAME),
    _torch("Sin", "The sine.", "y = sin x", words=("sine", "siren", "positional")),
    _torch("Cos", "The cosine.", "y = cos x", words=("cosine", "positional")),
    _torch("Tan", "The tangent.", "y = tan x", words=("tangent",)),
    _torch("Asin", "The inverse sine, of −1 to 1.", "y = arcsin x", words=("arcsin",)),
    _torch("Acos", "The inverse cosine, of −1 to 1.", "y = arccos x", words=("arccos",)),
    _torch("Atan", "The inverse tangent.", "y = arctan x", words=("arctan",)),
    _torch("Sinh", "The hyperbolic sine.", "y = sinh x", words=("hyperbolic",)),
    _torch("Cosh", "The hyperbolic cosine.", "y = cosh x", words=("hyperbolic",)),
    _torch("Asinh", "The inverse hyperbolic sine.", "y = arsinh x", words=("hyperbolic",)),
    _torch("Acosh", "The inverse hyperbolic cosine, of 1 and more.", "y = arcosh x", words=("hyperbolic",)),
    _torch("Atanh", "The inverse hyperbolic tangent, of −1 to 1.", "y = artanh x", words=("hyperbolic",)),
    _torch("Erf", "The error function of the normal distribution.", "y = erf x", words=("gaussian", "error function")),
    _torch("Erfc", "One less the error function.", "y = 1 − erf x", words=("gaussian",)),
    _torch("Sinc", "The sine of πx over πx.", "y = sin(πx) / (πx)"),
    _torch("Round", "The nearest whole number; no gradient passes.", "y = [x]", _NUMBER, ("quantize",)),
    _torch("Floor", "The next whole number below; no gradient passes.", "y = ⌊x⌋", _NUMBER),
    _torch("Ceil", "The next whole number above; no gradient passes.", "y = ⌈x⌉", _NUMBER, ("ceiling",)),
    _torch("Trunc", "The whole number towards zero; no gradient passes.", "y = trunc x", _NUMBER, ("fix",)),
    _torch("Frac", "What is left behind the whole number.", "y = x − trunc x", _FLOATING, ("fraction",)),
    _torch("LogicalNot", "True where x is zero or false.", "y = ¬x", _TRUTH, ("invert", "mask"), "logical_not"),
    _torch("IsNan", "True where x is not a number.", "y = (x ≠ x)", _TRUTH, ("nan", "mask")),
    _torch("IsFinite", "True where x is neither infinite nor NaN.", "y = (|x| < ∞)", _TRUTH, ("infinite", "mask")),
    function(
        "NanToNum",
        "torch.nan_to_num({input}{k_nan})",
        "Puts numbers in the place of NaN and of the infinite.",
        "y = x where finite",
        _SAME,
        ("nan", "infinite"),
        (Param("nan", "float", 0.0, "What stands for NaN."),),
    ),
    function(
        "Clamp",
        "torch.clamp({input}, min={p_min}, max={p_max})",
        "Keeps every number between two bounds.",
        "y = min(max(x, min), max)",
        _clamp,
        ("clip", "bound", "relu6"),
        (
            Param("min", "float", 0.0, "The lower bound; empty for none.", optional=True, required=True),
            Param("max", "float", 1.0, "The upper bound; empty for none.", optional=True, required=True),
        ),
    ),
    function(
        "Scale",
        "{input} * {p_factor} + {p_offset}",
        "Multiplies every number by a constant and adds another.",
        "y = a·x + b",
        _FLOAT,
        ("affine", "add scalar", "multiply scalar", "mul", "shift", "temperature"),
        (
            Param("factor", "float", 1.0, "What every number is multiplied by.", required=True),
            Param("offset", "float", 0.0, "What is added then.", required=True),
        ),
        (
            Variant("offset", 0.0, Form("{input} * {p_factor}")),
            Variant("factor", 1.0, Form("{input} + {p_offset}")),
        ),
    ),
    function(
        "PowerScalar",
        "{input} ** {p_exponent}",
        "Raises every number to a constant power.",
        "y = xⁿ",
        _FLOAT,
        ("pow", "exponent", "square", "torch.pow"),
        (Param("exponent", "float", 2.0, "The power.", required=True),),
    ),
    function("ZerosLike", "torch.zeros_like({input})", "Zeros in the shape of the input.", "y = 0", _SAME, ("empty",)),
    function("OnesLike", "torch.ones_like({input})", "Ones in the shape of the input.", "y = 1", _SAME, ("mask",)),
)
