"""How alike two tensors are, row by row."""

from __future__ import annotations

from core.catalog.dense import OUT
from core.catalog.formulas import broadcast, floating, integer
from core.catalog.kind import Arguments, Batch, Inputs, LayerKind, Param, PortSpec, Shaped, TensorType, single
from core.errors import ShapeError

_PAIR = (PortSpec("x1"), PortSpec("x2"))
_ROWS = (TensorType((Batch(), 6)), TensorType((Batch(), 6)))


def _together(inputs: Inputs) -> TensorType:
    first, second = floating(single(inputs, "x1"), "x1"), floating(single(inputs, "x2"), "x2")
    return TensorType(broadcast(first.shape, second.shape))


def _cosine(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor, dim = _together(inputs), integer(arguments, "dim")
    rank = len(tensor.shape)
    if not -rank <= dim < rank:
        raise ShapeError(f"a dim from {-rank} to {rank - 1} was wanted", f"{dim} came", fix="Set dim to -1.")
    place = dim % rank
    return Shaped({"output": TensorType((*tensor.shape[:place], *tensor.shape[place + 1 :]))})


def _distance(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = _together(inputs)
    if not tensor.shape:
        raise ShapeError("rows of features were wanted", "a scalar came", fix="Wire a tensor with a dimension here.")
    last = (1,) if arguments["keepdim"] else ()
    return Shaped({"output": TensorType((*tensor.shape[:-1], *last))})


KINDS = (
    LayerKind(
        "CosineSimilarity",
        "Linear",
        "linear",
        "The cosine of the angle between two rows: 1 where they point the same way.",
        "The product of both along `dim`, divided by their lengths.",
        _PAIR,
        OUT,
        _cosine,
        (
            Param("dim", "int", 1, "The dimension along which they are compared.", -8, 7),
            Param("eps", "float", 1e-8, "Keeps the division from zero.", 1e-12, 1),
        ),
        module="nn.CosineSimilarity",
        arguments=("dim", "eps"),
        forward="{self}({x1}, {x2})",
        fast="F.cosine_similarity({x1}, {x2}, {p_dim}, {p_eps})",
        words=("angle", "similarity", "siamese", "contrastive"),
        formula="y = x₁·x₂ / (‖x₁‖·‖x₂‖)",
        stem="cosine",
        hint="two inputs",
        example=_ROWS,
    ),
    LayerKind(
        "PairwiseDistance",
        "Linear",
        "linear",
        "How far two rows are apart.",
        "The p-norm of their difference along the last dimension.",
        _PAIR,
        OUT,
        _distance,
        (
            Param("p", "float", 2.0, "The norm: 1 adds up, 2 is the straight way.", 0.1, 64),
            Param("eps", "float", 1e-6, "Added to the difference, so that the gradient exists at zero.", 0, 1),
            Param("keepdim", "bool", False, "Keep the last dimension, of size 1."),
        ),
        module="nn.PairwiseDistance",
        arguments=("p", "eps", "keepdim"),
        forward="{self}({x1}, {x2})",
        fast="F.pairwise_distance({x1}, {x2}, {p_p}, {p_eps}, {p_keepdim})",
        words=("euclidean", "metric", "siamese", "triplet"),
        formula="y = ‖x₁ − x₂ + ε‖ₚ",
        stem="distance",
        hint="two inputs",
        example=_ROWS,
    ),
)
