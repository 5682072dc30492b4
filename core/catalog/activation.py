"""Functions of one number, applied to every element; and softmax."""

from __future__ import annotations

from core.catalog.dense import OUT, ROW
from core.catalog.formulas import elementwise, floating, integer
from core.catalog.kind import Arguments, Batch, Inputs, LayerKind, Param, Shaped, TensorType, single
from core.errors import ShapeError


def _along_a_dimension(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = floating(single(inputs))
    dim, rank = integer(arguments, "dim"), len(tensor.shape)
    if not -rank <= dim < rank:
        raise ShapeError(f"a dim from {-rank} to {rank - 1} was wanted", f"{dim} came", fix="Set dim to -1.")
    return Shaped({"output": tensor})


def _activation(
    name: str, summary: str, formula: str, fast: str, params: tuple[Param, ...] = (), words: tuple[str, ...] = ()
) -> LayerKind:
    along = any(param.name == "dim" for param in params)
    return LayerKind(
        name,
        "Activation",
        "act",
        summary,
        summary,
        ROW,
        OUT,
        _along_a_dimension if along else elementwise,
        params,
        module=f"nn.{name}",
        arguments=tuple(param.name for param in params),
        forward="{self}({input})",
        fast=fast,
        words=("nonlinearity", *words),
        formula=formula,
        stem=name.lower(),
        example=(TensorType((Batch(), 6)),),
    )


_DIM = Param("dim", "int", -1, "The dimension that sums to one; 1 is the class.", -8, 7, required=True)

KINDS = (
    _activation("ReLU", "Cuts everything below zero.", "y = max(0, x)", "F.relu({input})", words=("rectifier",)),
    _activation(
        "LeakyReLU",
        "As ReLU, with a small slope below zero, so that no unit dies.",
        "y = max(0, x) + a·min(0, x)",
        "F.leaky_relu({input}, {p_negative_slope})",
        (Param("negative_slope", "float", 0.01, "Slope below zero.", 0, 10),),
        ("dead relu",),
    ),
    _activation(
        "ELU",
        "As ReLU, bending smoothly to −α below zero.",
        "y = x, or α·(eˣ − 1) below 0",
        "F.elu({input}, {p_alpha})",
        (Param("alpha", "float", 1.0, "The depth it bends to.", 0, 100),),
    ),
    _activation("GELU", "A smooth ReLU, usual in transformers.", "y = x·Φ(x)", "F.gelu({input})", words=("gaussian",)),
    _activation("SiLU", "A smooth ReLU: x times its sigmoid.", "y = x·σ(x)", "F.silu({input})", words=("swish",)),
    _activation("Softplus", "A smooth ReLU that is never zero.", "y = log(1 + eˣ)", "F.softplus({input})"),
    _activation(
        "Sigmoid",
        "Squeezes everything between 0 and 1; its slope is at most 0.25.",
        "y = 1 / (1 + e⁻ˣ)",
        "torch.sigmoid({input})",
        words=("logistic", "saturation", "vanishing"),
    ),
    _activation(
        "Tanh",
        "Squeezes everything between −1 and 1.",
        "y = tanh x",
        "torch.tanh({input})",
        words=("hyperbolic tangent", "saturation"),
    ),
    _activation(
        "Softmax",
        "Turns scores into probabilities that sum to one.",
        "yᵢ = e^xᵢ / Σⱼ e^xⱼ",
        "F.softmax({input}, {p_dim})",
        (_DIM,),
        ("probability",),
    ),
    _activation(
        "LogSoftmax",
        "The logarithm of softmax, computed safely.",
        "yᵢ = xᵢ − log Σⱼ e^xⱼ",
        "F.log_softmax({input}, {p_dim})",
        (_DIM,),
        ("probability",),
    ),
)
