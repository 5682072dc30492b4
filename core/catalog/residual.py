"""Layers for the branch beside a skip, so that deep networks begin near the identity."""

from __future__ import annotations

from core.catalog.dense import OUT, ROW
from core.catalog.formulas import floating, infer_last, integer, same_size
from core.catalog.initialization import FROZEN
from core.catalog.kind import Arguments, Batch, Inputs, LayerKind, Param, Shaped, TensorType, single
from core.errors import ShapeError


def _scaled(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor, wide = floating(single(inputs)), integer(arguments, "dim")
    same_size(wide, tensor.shape[-1], "dim")
    return Shaped({"output": tensor}, wide, tensor.numel)


def _dropped(inputs: Inputs, _arguments: Arguments) -> Shaped:
    tensor = floating(single(inputs))
    if not tensor.batched:
        raise ShapeError("a batch of samples was wanted", f"{tensor.full} came", fix="Insert an Expand with batch.")
    return Shaped({"output": tensor})


KINDS = (
    LayerKind(
        "LayerScale",
        "Normalization",
        "gauge",
        "Scales every feature by a learned number that begins small.",
        "Behind the last layer of a branch: the skip rules at first, and deep networks begin to learn (Touvron et al. "
        "2021).",
        ROW,
        OUT,
        _scaled,
        (
            Param("dim", "int", None, "Features in the last dimension.", 1, 2**24, inferred=True, required=True),
            Param("value", "float", 1e-5, "What the numbers begin with; 0 as in ReZero.", -1e3, 1e3),
            FROZEN,
        ),
        lambda inputs: infer_last("dim", inputs),
        "residual.LayerScale",
        ("dim", "value"),
        "{self}({input})",
        "{input} * {self}.weight",
        words=("rezero", "skip", "residual", "cait", "learned scale"),
        formula="y = γ · x",
        stem="scale",
        hint="residual branch",
        example=(TensorType((Batch(), 5, 8)),),
    ),
    LayerKind(
        "DropPath",
        "Normalization",
        "bypass",
        "Leaves the whole branch out for random samples while training.",
        "Stochastic depth: behind the last layer of a branch, before it meets its skip (Huang et al. 2016); inactive "
        "after training.",
        ROW,
        OUT,
        _dropped,
        (Param("p", "float", 0.1, "Share of samples that go without the branch.", 0, 1),),
        module="residual.DropPath",
        arguments=("p",),
        forward="{self}({input})",
        words=("stochastic depth", "skip", "residual", "regularization"),
        formula="y = x · b / (1 − p),  b ~ Bernoulli(1 − p) per sample",
        stem="path",
        hint="residual branch",
        example=(TensorType((Batch(), 5, 8)),),
    ),
)
