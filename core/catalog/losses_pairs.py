"""Losses of several inputs that stand side by side: which one should be higher, near or far."""

from __future__ import annotations

from core.catalog.formulas import floating
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
from core.catalog.loss_inputs import LOSS, MOST, REDUCTION, WEIGHT, alike, loss_of, of_one_shape
from core.errors import ShapeError

_ROW = TensorType((Batch(), 4))
_PER_SAMPLE = TensorType((Batch(),))
_TRIPLET = (PortSpec("anchor"), PortSpec("positive"), PortSpec("negative"))
_SIGN = PortSpec("target", help="−1 or 1.")
_SWAP = Param("swap", "bool", False, "Take the positive as the anchor where it lies nearer to the negative.")


def _margin(default: float, help_: str, minimum: float = -MOST) -> Param:
    return Param("margin", "float", default, help_, minimum, MOST)


def _cosine(inputs: Inputs, arguments: Arguments) -> Shaped:
    first, target = of_one_shape(inputs, "first", "second"), floating(single(inputs, "target"), "target")
    if len(first.shape) != 2 or target.shape != first.shape[:1]:
        raise ShapeError(
            "two rows of numbers and one −1 or 1 per sample were wanted",
            f"{first.full} and {target.full} came",
            fix="Flatten the rows; reshape the target to one number per sample.",
        )
    return loss_of(target.shape, arguments)


def _with_distance(call: str) -> Form:
    head = "F.triplet_margin_with_distance_loss({anchor}, {positive}, {negative}"
    return Form(f"{head}{call}{{k_margin}}{{k_swap}}{{k_reduction}})")


def _rows(inputs: Inputs, arguments: Arguments) -> Shaped:
    anchor = of_one_shape(inputs, "anchor", "positive", "negative")
    if len(anchor.shape) < 2:
        raise ShapeError("a row of numbers per sample was wanted", f"{anchor.full} came", fix="Wire an embedding here.")
    return loss_of(anchor.shape[:-1], arguments)


KINDS = (
    LayerKind(
        "TripletMargin",
        "Loss",
        "loss",
        "Wants the anchor nearer to its like than to another by a margin.",
        "Takes the embeddings of an anchor, of a sample of its class and of one of another class, as a rule by one "
        "network that is used three times (Balntas et al. 2016).",
        _TRIPLET,
        LOSS,
        _rows,
        (
            WEIGHT,
            _margin(1.0, "How much farther the negative must be.", 1e-6),
            Param("p", "float", 2.0, "The norm: 1 sums absolute differences, 2 is Euclidean.", 1, 100),
            Param("eps", "float", 1e-6, "Added to each difference, for a gradient where two are equal.", 0, 1),
            _SWAP,
            REDUCTION,
        ),
        forward="F.triplet_margin_loss({anchor}, {positive}, {negative}{k_margin}{k_p}{k_eps}{k_swap}{k_reduction})",
        words=("metric learning", "siamese", "embedding", "face"),
        formula="L = max(0, d(a, p) − d(a, n) + m)",
        stem="triplet",
        hint="embeddings",
        role="loss",
        example=(_ROW, _ROW, _ROW),
        prediction="values",
        like="nn.TripletMarginLoss",
    ),
    LayerKind(
        "TripletMarginWithDistance",
        "Loss",
        "loss",
        "As TripletMargin, with a distance of one's choice.",
        "Wants the anchor nearer to its like than to another by a margin: Euclidean, squared, Manhattan, Chebyshev or "
        "cosine distance.",
        _TRIPLET,
        LOSS,
        _rows,
        (
            WEIGHT,
            Param(
                "distance",
                "choice",
                "euclidean",
                "How far two embeddings are from each other.",
                choices=("euclidean", "squared", "manhattan", "chebyshev", "cosine"),
            ),
            _margin(1.0, "How much farther the negative must be.", 1e-6),
            _SWAP,
            REDUCTION,
        ),
        forward=_with_distance("").forward,
        variants=(
            Variant(
                "distance",
                "squared",
                _with_distance(", distance_function=lambda first, second: (first - second).square().sum(-1)"),
            ),
            Variant(
                "distance",
                "manhattan",
                _with_distance(", distance_function=lambda first, second: (first - second).abs().sum(-1)"),
            ),
            Variant(
                "distance",
                "chebyshev",
                _with_distance(", distance_function=lambda first, second: (first - second).abs().amax(-1)"),
            ),
            Variant(
                "distance",
                "cosine",
                _with_distance(", distance_function=lambda first, second: 1 - F.cosine_similarity(first, second, -1)"),
            ),
        ),
        words=("metric learning", "siamese", "embedding", "cosine"),
        formula="L = max(0, d(a, p) − d(a, n) + m)",
        stem="triplet",
        hint="embeddings",
        role="loss",
        example=(_ROW, _ROW, _ROW),
        prediction="values",
        like="nn.TripletMarginWithDistanceLoss",
    ),
    LayerKind(
        "CosineEmbedding",
        "Loss",
        "loss",
        "Turns two embeddings the same way for 1, apart for −1.",
        "For 1 it is one minus their cosine, for −1 what their cosine is above the margin.",
        (PortSpec("first"), PortSpec("second"), _SIGN),
        LOSS,
        _cosine,
        (WEIGHT, Param("margin", "float", 0.0, "The cosine that −1 may keep.", -1, 1), REDUCTION),
        forward="F.cosine_embedding_loss({first}, {second}, {target}{k_margin}{k_reduction})",
        words=("metric learning", "siamese", "similarity", "contrastive"),
        formula="L = 1 − cos(a, b) for t = 1, else max(0, cos(a, b) − m)",
        stem="cosine_embedding",
        hint="embeddings",
        role="loss",
        example=(_ROW, _ROW, _PER_SAMPLE),
        prediction="values",
        like="nn.CosineEmbeddingLoss",
    ),
    LayerKind(
        "HingeEmbedding",
        "Loss",
        "loss",
        "Makes a distance small for 1, larger than a margin for −1.",
        "Takes the distance of two embeddings, from PairwiseDistance as a rule.",
        (PortSpec("distance"), _SIGN),
        LOSS,
        alike("distance", "target"),
        (WEIGHT, _margin(1.0, "The distance that −1 must reach."), REDUCTION),
        forward="F.hinge_embedding_loss({distance}, {target}{k_margin}{k_reduction})",
        words=("metric learning", "siamese", "contrastive"),
        formula="L = d for t = 1, max(0, m − d) for t = −1",
        stem="hinge_embedding",
        hint="distances",
        role="loss",
        example=(_PER_SAMPLE, _PER_SAMPLE),
        prediction="values",
        like="nn.HingeEmbeddingLoss",
    ),
    LayerKind(
        "MarginRanking",
        "Loss",
        "loss",
        "Wants the first score above the second for 1, below it for −1.",
        "For learning an order from pairs: which of two is better.",
        (PortSpec("first"), PortSpec("second"), _SIGN),
        LOSS,
        alike("first", "second", "target"),
        (WEIGHT, _margin(0.0, "How far apart they must be."), REDUCTION),
        forward="F.margin_ranking_loss({first}, {second}, {target}{k_margin}{k_reduction})",
        words=("ranking", "order", "preference", "pairs"),
        formula="L = max(0, −t·(a − b) + m)",
        stem="ranking",
        hint="pairs",
        role="loss",
        example=(_PER_SAMPLE, _PER_SAMPLE, _PER_SAMPLE),
        prediction="values",
        like="nn.MarginRankingLoss",
    ),
)
