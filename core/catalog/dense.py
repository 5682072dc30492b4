"""Layers of weighted sums over features."""

from __future__ import annotations

from collections.abc import Mapping

from core.catalog.formulas import floating, infer_last, integer, same_size
from core.catalog.initialization import BIAS_INIT, WEIGHT_PARAMS
from core.catalog.kind import (
    Arguments,
    Batch,
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
from core.errors import ShapeError
from core.graph import Value

ROW = (PortSpec("input"),)
OUT = (PortSpec("output"),)
BIAS = Param("bias", "bool", True, "Add a learned number to every output.")


def _linear(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = floating(single(inputs))
    if len(tensor.shape) < 2:
        raise ShapeError("a row of features per sample was wanted", f"{tensor.full} came", fix="Insert a Reshape.")
    wide, out = integer(arguments, "in_features"), integer(arguments, "out_features")
    same_size(wide, tensor.shape[-1], "in_features")
    rows = TensorType(tensor.shape[:-1]).numel
    count = wide * out + (out if arguments["bias"] else 0)
    return Shaped({"output": TensorType((*tensor.shape[:-1], out))}, count, rows * wide * out)


def _embedding(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = single(inputs)
    if not tensor.dtype.startswith("int"):
        raise ShapeError("whole numbers were wanted", f"{tensor.dtype} came", fix="Wire labels or tokens here.")
    wide = integer(arguments, "embedding_dim")
    return Shaped({"output": TensorType((*tensor.shape, wide))}, _rows(arguments) * wide)


def _rows(arguments: Arguments) -> int:
    rows, empty = integer(arguments, "num_embeddings"), arguments["padding_idx"]
    if isinstance(empty, int) and empty >= rows:
        raise ShapeError(
            f"a padding_idx below {rows} was wanted", f"{empty} came", fix="Raise num_embeddings, or lower it."
        )
    return rows


def _bilinear(inputs: Inputs, arguments: Arguments) -> Shaped:
    first, second = floating(single(inputs, "x1"), "x1"), floating(single(inputs, "x2"), "x2")
    if first.shape[:-1] != second.shape[:-1] or len(first.shape) < 2:
        raise ShapeError(
            "two tensors that differ only in their features were wanted",
            f"{first.full} and {second.full} came",
            fix="Give both the same number of rows.",
        )
    wide, other = integer(arguments, "in1_features"), integer(arguments, "in2_features")
    same_size(wide, first.shape[-1], "in1_features")
    same_size(other, second.shape[-1], "in2_features")
    out = integer(arguments, "out_features")
    weights, rows = out * wide * other, TensorType(first.shape[:-1]).numel
    count = weights + (out if arguments["bias"] else 0)
    return Shaped({"output": TensorType((*first.shape[:-1], out))}, count, rows * weights)


def _infer_both(inputs: Inputs) -> Mapping[str, Value]:
    found: dict[str, Value] = {}
    for number in (1, 2):
        tensor = inputs.get(f"x{number}")
        last = tensor.shape[-1] if isinstance(tensor, TensorType) and tensor.shape else None
        if isinstance(last, int):
            found[f"in{number}_features"] = last
    return found


def _bag(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = single(inputs)
    if not tensor.dtype.startswith("int") or len(tensor.shape) != 2:
        raise ShapeError(
            "rows of whole numbers were wanted", f"{tensor.dtype} of shape {tensor.full} came", fix="Wire tokens here."
        )
    wide = integer(arguments, "embedding_dim")
    output = TensorType((tensor.shape[0], wide))
    return Shaped({"output": output}, _rows(arguments) * wide, tensor.numel * wide)


def _table(*more: Param) -> tuple[Param, ...]:
    return (
        Param("num_embeddings", "int", 128, "Different tokens.", 1, 2**24, required=True),
        Param("embedding_dim", "int", 32, "Numbers per token.", 1, 2**20, required=True),
        *more,
        Param("padding_idx", "int", None, "The token whose row stays zero.", 0, 2**24, optional=True),
        Param("max_norm", "float", None, "Longer rows are shortened to this length.", 1e-6, 1e6, optional=True),
    )


_TOKENS = (TensorType((Batch(), 6), "int64"),)

KINDS = (
    LayerKind(
        "Linear",
        "Linear",
        "linear",
        "Every output is a weighted sum of all inputs, plus a bias.",
        "Multiplies the features by a learned matrix and adds a learned bias.",
        ROW,
        OUT,
        _linear,
        (
            Param("in_features", "int", None, "Features that come in.", 1, 2**31, inferred=True, required=True),
            Param("out_features", "int", 64, "Features that go out.", 1, 2**24, required=True),
            BIAS,
            BIAS_INIT,
            *WEIGHT_PARAMS,
        ),
        lambda inputs: infer_last("in_features", inputs),
        "nn.Linear",
        ("in_features", "out_features", "bias"),
        "{self}({input})",
        "F.linear({input}, {self}.weight, {self}.bias)",
        words=("dense", "fully connected", "fc", "perceptron", "affine"),
        formula="y = x Wᵀ + b",
        stem="fc",
        hint="features",
        weighted=True,
        example=(TensorType((Batch(), 10)),),
    ),
    LayerKind(
        "Bilinear",
        "Linear",
        "linear",
        "Every output weighs all products of a feature of one input with a feature of the other.",
        "A learned matrix for each output stands between the two rows of features.",
        (PortSpec("x1"), PortSpec("x2")),
        OUT,
        _bilinear,
        (
            Param("in1_features", "int", None, "Features of x1.", 1, 2**20, inferred=True, required=True),
            Param("in2_features", "int", None, "Features of x2.", 1, 2**20, inferred=True, required=True),
            Param("out_features", "int", 16, "Features that go out.", 1, 2**20, required=True),
            BIAS,
            BIAS_INIT,
            *WEIGHT_PARAMS,
        ),
        _infer_both,
        "nn.Bilinear",
        ("in1_features", "in2_features", "out_features", "bias"),
        "{self}({x1}, {x2})",
        "F.bilinear({x1}, {x2}, {self}.weight, {self}.bias)",
        words=("product", "interaction", "two inputs"),
        formula="y = x₁ᵀ W x₂ + b",
        stem="bilinear",
        hint="two inputs",
        weighted=True,
        example=(TensorType((Batch(), 4)), TensorType((Batch(), 5))),
    ),
    LayerKind(
        "Identity",
        "Linear",
        "right",
        "Hands on what comes in.",
        "Changes nothing; it holds a place, or gives a wire a name.",
        (PortSpec("input", "any"),),
        OUT,
        lambda inputs, _arguments: Shaped({"output": single(inputs)}),
        module="nn.Identity",
        forward="{self}({input})",
        fast="{input}",
        words=("pass", "nothing", "placeholder"),
        formula="y = x",
        stem="identity",
        example=(TensorType((Batch(), 10)),),
    ),
    LayerKind(
        "Embedding",
        "Linear",
        "linear",
        "A learned row of numbers for every token.",
        "Looks up one learned vector for each whole number that comes in.",
        (PortSpec("input", "int"),),
        OUT,
        _embedding,
        (*_table(), *WEIGHT_PARAMS),
        module="nn.Embedding",
        arguments=("num_embeddings", "embedding_dim", "padding_idx", "max_norm"),
        forward="{self}({input})",
        words=("token", "lookup", "word vector"),
        formula="y = W[x]",
        stem="embedding",
        hint="tokens",
        weighted=True,
        variants=(
            Variant("max_norm", None, Form("{self}({input})", "F.embedding({input}, {self}.weight, {p_padding_idx})")),
        ),
        example=_TOKENS,
    ),
    LayerKind(
        "EmbeddingBag",
        "Linear",
        "linear",
        "Learned rows of numbers, averaged over the tokens of a sample.",
        "Looks up one learned vector for each token and takes their mean, sum or maximum: a bag of words.",
        (PortSpec("input", "int"),),
        OUT,
        _bag,
        (
            *_table(Param("mode", "choice", "mean", "How the rows become one.", choices=("mean", "sum", "max"))),
            *WEIGHT_PARAMS,
        ),
        module="nn.EmbeddingBag",
        arguments=("num_embeddings", "embedding_dim", "mode", "padding_idx", "max_norm"),
        forward="{self}({input})",
        words=("bag of words", "token", "lookup", "text"),
        formula="y = mean W[x]",
        stem="embedding",
        hint="tokens",
        weighted=True,
        example=_TOKENS,
    ),
)
