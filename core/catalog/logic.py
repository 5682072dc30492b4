"""Comparisons, truth values, masks, and the choice between tensors."""

from __future__ import annotations

from core.catalog.formulas import broadcast, floating, integer
from core.catalog.kind import (
    Arguments,
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
from core.catalog.tensors import ANY, OUT_ANY, PAIR, ROWS, combined, pair
from core.errors import ShapeError

_MASK = TensorType(ROWS.shape, "bool")
_COMPARISONS = (">", ">=", "<", "<=", "==", "!=")
_TOLD = "True and false, element by element; sizes of one are stretched, and no gradient passes."


def _compared(inputs: Inputs, _arguments: Arguments) -> Shaped:
    return Shaped({"output": TensorType(combined(*pair(inputs)).shape, "bool")})


def _compared_to_number(inputs: Inputs, _arguments: Arguments) -> Shaped:
    return Shaped({"output": TensorType(single(inputs).shape, "bool")})


def _truth(tensor: TensorType, port: str) -> TensorType:
    if tensor.dtype != "bool":
        raise ShapeError(
            f"true and false were wanted at {port}", f"{tensor.dtype} came", fix="Insert a CompareScalar before it."
        )
    return tensor


def _where(inputs: Inputs, _arguments: Arguments) -> Shaped:
    condition, chosen = _truth(single(inputs, "condition"), "condition"), combined(*pair(inputs))
    return Shaped({"output": TensorType(broadcast(condition.shape, chosen.shape), chosen.dtype)})


def _masked(inputs: Inputs, _arguments: Arguments) -> Shaped:
    tensor, mask = floating(single(inputs)), _truth(single(inputs, "mask"), "mask")
    return Shaped({"output": TensorType(broadcast(tensor.shape, mask.shape), tensor.dtype)})


def _triangle(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = single(inputs)
    integer(arguments, "diagonal")
    matrix = tensor.shape[-2:]
    if len(tensor.shape) < 2 or any(not isinstance(size, int) for size in matrix):
        raise ShapeError("a matrix per sample was wanted", f"{tensor.full} came", fix="Wire rows and columns here.")
    return Shaped({"output": tensor})


def _comparison(name: str, call: str, sign: str, said: str) -> LayerKind:
    return LayerKind(
        name,
        "Math",
        "math",
        f"True where a is {said} b.",
        _TOLD,
        PAIR,
        OUT_ANY,
        _compared,
        forward=f"{{a}} {sign} {{b}}",
        words=("compare", "comparison", "mask", f"torch.{call}", call, sign),
        formula=f"y = (a {sign} b)",
        stem=name.lower(),
        example=(ROWS, ROWS),
    )


def _logical(name: str, call: str, said: str) -> LayerKind:
    return LayerKind(
        name,
        "Math",
        "math",
        f"True where {said} true.",
        f"{_TOLD} Whatever is not zero counts as true.",
        PAIR,
        OUT_ANY,
        _compared,
        forward=f"torch.{call}({{a}}, {{b}})",
        words=("logic", "boolean", "mask"),
        stem=name.lower(),
        example=(ROWS, ROWS),
    )


def _triangular(name: str, said: str, beside: str) -> LayerKind:
    return LayerKind(
        name,
        "Math",
        "math",
        f"Keeps the {said} triangle of a matrix; the rest becomes zero.",
        f"Keeps what stands on the diagonal and {beside} it, in the last two dimensions.",
        ANY,
        OUT_ANY,
        _triangle,
        (Param("diagonal", "int", 0, "Which diagonal; 0 is the main one, 1 the one above.", -(2**31), 2**31),),
        forward=f"torch.{name.lower()}({{input}}{{k_diagonal}})",
        words=("triangle", "causal", "mask"),
        stem=name.lower(),
        example=(ROWS,),
    )


KINDS = (
    _comparison("Greater", "gt", ">", "greater than"),
    _comparison("GreaterEqual", "ge", ">=", "greater than or equal to"),
    _comparison("Less", "lt", "<", "less than"),
    _comparison("LessEqual", "le", "<=", "less than or equal to"),
    _comparison("Equal", "eq", "==", "equal to"),
    _comparison("NotEqual", "ne", "!=", "not equal to"),
    LayerKind(
        "CompareScalar",
        "Math",
        "math",
        "Compares every number with a constant.",
        "True where the comparison holds; no gradient passes.",
        ANY,
        OUT_ANY,
        _compared_to_number,
        (
            Param("comparison", "choice", ">", "How it is compared.", choices=_COMPARISONS, required=True),
            Param("value", "float", 0.0, "What it is compared with.", required=True),
        ),
        forward="{input} > {p_value}",
        variants=tuple(Variant("comparison", sign, Form(f"{{input}} {sign} {{p_value}}")) for sign in _COMPARISONS[1:]),
        words=("greater", "less", "equal", "threshold", "mask", "gt", "lt", "eq"),
        stem="compare",
        example=(ROWS,),
    ),
    _logical("LogicalAnd", "logical_and", "both a and b are"),
    _logical("LogicalOr", "logical_or", "a or b, or both, are"),
    _logical("LogicalXor", "logical_xor", "either a or b, but not both, is"),
    LayerKind(
        "Where",
        "Math",
        "math",
        "Takes a where the condition is true, and b elsewhere.",
        "Element by element; sizes of one are stretched.",
        (PortSpec("condition", "any"), *PAIR),
        OUT_ANY,
        _where,
        forward="torch.where({condition}, {a}, {b})",
        words=("if", "choose", "select", "mask"),
        formula="y = c ? a : b",
        stem="where",
        example=(_MASK, ROWS, ROWS),
    ),
    LayerKind(
        "MaskedFill",
        "Math",
        "math",
        "Puts a number wherever the mask is true.",
        "The mask holds true and false; sizes of one are stretched. Before a softmax, −∞ takes a place out.",
        (PortSpec("input"), PortSpec("mask", "any")),
        OUT_ANY,
        _masked,
        (
            Param("value", "float", 0.0, "What stands where the mask is true.", required=True),
            Param("infinite", "bool", False, "Put −∞ there instead of value."),
        ),
        forward="{input}.masked_fill({mask}, {p_value})",
        variants=(
            Variant(
                "infinite",
                True,
                Form('{input}.masked_fill({mask}, float("-inf"))', "{input}.masked_fill({mask}, -1e999)"),
            ),
        ),
        words=("attention mask", "padding", "minus infinity", "masked_fill"),
        formula="y = m ? v : x",
        stem="masked",
        example=(ROWS, _MASK),
    ),
    _triangular("Tril", "lower", "below"),
    _triangular("Triu", "upper", "above"),
)
