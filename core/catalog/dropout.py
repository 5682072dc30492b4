"""Layers that set numbers to zero at random while training, so that no feature is relied on alone."""

from __future__ import annotations

from core.catalog.dense import OUT, ROW
from core.catalog.formulas import elementwise
from core.catalog.kind import Arguments, Batch, Inputs, LayerKind, Param, Shaped, ShapeFormula, TensorType
from core.catalog.spatial import HINTS, example, sample

_PARAMS = (Param("p", "float", 0.5, "Share of features set to zero.", 0, 1),)
_WORDS = ("regularization", "overfitting")


def _whole_channels(dims: int) -> ShapeFormula:
    def shape(inputs: Inputs, _arguments: Arguments) -> Shaped:
        return Shaped({"output": sample(inputs, dims)})

    return shape


def _kind(
    name: str,
    summary: str,
    text: str,
    call: str,
    example_types: tuple[TensorType, ...] = (TensorType((Batch(), 8)),),
    shape: ShapeFormula = elementwise,
    hint: str = "",
) -> LayerKind:
    return LayerKind(
        name,
        "Normalization",
        "bypass",
        summary,
        text,
        ROW,
        OUT,
        shape,
        _PARAMS,
        module=f"nn.{name}",
        arguments=("p",),
        forward="{self}({input})",
        fast=f"F.{call}({{input}}, {{p_p}}, {{training}})",
        words=_WORDS,
        formula="y = x·m / (1 − p),  m ~ Bernoulli(1 − p)",
        stem="dropout",
        hint=hint,
        example=example_types,
    )


def _channel_kind(dims: int) -> LayerKind:
    return _kind(
        f"Dropout{dims}d",
        "Sets whole random channels to zero while training.",
        "Neighbouring numbers of a channel are alike, so whole channels are left out; the rest grow by 1/(1 − p).",
        f"dropout{dims}d",
        example(dims),
        _whole_channels(dims),
        HINTS[dims],
    )


_KEEPS = "As dropout, but features become SELU's lowest value and all are scaled, so that mean and deviation stay."

KINDS = (
    _kind(
        "Dropout",
        "Sets random features to zero while training.",
        "Each feature becomes zero with probability p, the rest grow by 1/(1 − p); inactive after training.",
        "dropout",
    ),
    *(_channel_kind(dims) for dims in (1, 2, 3)),
    _kind("AlphaDropout", "Dropout for networks of SELU.", _KEEPS, "alpha_dropout"),
    _kind(
        "FeatureAlphaDropout",
        "Dropout of whole channels for networks of SELU.",
        _KEEPS,
        "feature_alpha_dropout",
        example(2),
    ),
    LayerKind(
        "FunctionalDropout",
        "Normalization",
        "bypass",
        "Dropout as a function, without a module.",
        "As Dropout, called as F.dropout: the network has no layer of that name.",
        ROW,
        OUT,
        elementwise,
        _PARAMS,
        forward="F.dropout({input}, p={p_p}, training={training})",
        fast="F.dropout({input}, {p_p}, {training})",
        words=("function", "functional", *_WORDS),
        formula="y = x·m / (1 − p),  m ~ Bernoulli(1 − p)",
        stem="drop",
        example=(TensorType((Batch(), 8)),),
    ),
)
