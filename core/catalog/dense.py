"""Layers of weighted sums over features."""

from __future__ import annotations

from core.catalog.formulas import floating, infer_last, integer, same_size
from core.catalog.initialization import WEIGHT_PARAMS
from core.catalog.kind import Arguments, Batch, Inputs, LayerKind, Param, PortSpec, Shaped, TensorType, single
from core.errors import ShapeError

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
    count = integer(arguments, "num_embeddings") * wide
    return Shaped({"output": TensorType((*tensor.shape, wide))}, count)


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
        "Embedding",
        "Linear",
        "linear",
        "A learned row of numbers for every token.",
        "Looks up one learned vector for each whole number that comes in.",
        (PortSpec("input", "int"),),
        OUT,
        _embedding,
        (
            Param("num_embeddings", "int", 128, "Different tokens.", 1, 2**24, required=True),
            Param("embedding_dim", "int", 32, "Numbers per token.", 1, 2**20, required=True),
            Param("frozen", "bool", False, "Keep the table as it is while training."),
        ),
        module="nn.Embedding",
        arguments=("num_embeddings", "embedding_dim"),
        forward="{self}({input})",
        fast="F.embedding({input}, {self}.weight)",
        words=("token", "lookup", "word vector"),
        formula="y = W[x]",
        stem="embedding",
        hint="tokens",
        weighted=True,
        example=(TensorType((Batch(), 6), "int64"),),
    ),
)
