"""Functions of one number, applied to every element; and those that share a sum among several."""

from __future__ import annotations

from core.catalog.dense import OUT, ROW
from core.catalog.formulas import elementwise, floating, integer, ranked
from core.catalog.initialization import FROZEN
from core.catalog.kind import (
    Arguments,
    Batch,
    Inputs,
    LayerKind,
    Param,
    Shaped,
    ShapeFormula,
    TensorType,
    single,
)
from core.errors import ShapeError


def _place(tensor: TensorType, arguments: Arguments) -> int:
    dim, rank = integer(arguments, "dim"), len(tensor.shape)
    if not -rank <= dim < rank:
        raise ShapeError(f"a dim from {-rank} to {rank - 1} was wanted", f"{dim} came", fix="Set dim to -1.")
    return dim % rank


def _along_a_dimension(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = floating(single(inputs))
    _place(tensor, arguments)
    return Shaped({"output": tensor})


def _halved(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = floating(single(inputs))
    place = _place(tensor, arguments)
    size = tensor.shape[place]
    if isinstance(size, Batch) or size % 2:
        raise ShapeError("a dimension of even size was wanted", f"{size} came", fix="Set dim to another, or the size.")
    return Shaped({"output": TensorType((*tensor.shape[:place], size // 2, *tensor.shape[place + 1 :]))})


def _ordered(low: str, high: str, strictly: bool = False) -> ShapeFormula:
    """For two numbers of which the second must not be below the first, or must be above it."""

    def shape(inputs: Inputs, arguments: Arguments) -> Shaped:
        smaller, larger = arguments[low], arguments[high]
        assert isinstance(smaller, float)  # Param.check made both of them floats
        assert isinstance(larger, float)
        if smaller > larger or (strictly and smaller == larger):
            raise ShapeError(
                f"a {high} {'above' if strictly else 'of at least'} {low} was wanted",
                f"{larger:g} and {smaller:g} came",
                fix=f"Raise {high}.",
            )
        return elementwise(inputs, arguments)

    return shape


def _channelwise(inputs: Inputs, _arguments: Arguments) -> Shaped:
    return Shaped({"output": ranked(single(inputs), 4, "an image (channels, height, width)")})


def _learned_slope(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = floating(single(inputs))
    count = integer(arguments, "num_parameters")
    channels = tensor.shape[1] if len(tensor.shape) > 1 else 1
    if count not in (1, channels):
        raise ShapeError(
            f"1 slope or one for each of the {channels} channels was wanted",
            f"{count} came",
            fix="Set num_parameters to 1.",
        )
    return Shaped({"output": tensor}, count, tensor.numel)


def _activation(
    name: str,
    summary: str,
    formula: str,
    fast: str,
    params: tuple[Param, ...] = (),
    words: tuple[str, ...] = (),
    shape: ShapeFormula | None = None,
    example: tuple[int, ...] = (6,),
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
        shape or (_along_a_dimension if along else elementwise),
        params,
        module=f"nn.{name}",
        arguments=tuple(param.name for param in params if param != FROZEN),
        forward="{self}({input})",
        fast=fast,
        words=("nonlinearity", *words),
        formula=formula,
        stem=name.lower(),
        example=(TensorType((Batch(), *example)),),
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
    _activation(
        "GELU",
        "A smooth ReLU, usual in transformers.",
        "y = x·Φ(x)",
        "F.gelu({input}, approximate={p_approximate})",
        (
            Param(
                "approximate", "choice", "none", "Φ itself, or a cheaper formula with tanh.", choices=("none", "tanh")
            ),
        ),
        ("gaussian",),
    ),
    _activation("SiLU", "A smooth ReLU: x times its sigmoid.", "y = x·σ(x)", "F.silu({input})", words=("swish",)),
    _activation(
        "Softplus",
        "A smooth ReLU that is never zero.",
        "y = log(1 + e^(β·x)) / β",
        "F.softplus({input}, {p_beta}, {p_threshold})",
        (
            Param("beta", "float", 1.0, "How sharp the bend is.", 1e-3, 1e3),
            Param("threshold", "float", 20.0, "Where β·x is above it, the function is x itself.", -1e4, 1e4),
        ),
    ),
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
    _activation(
        "Softmin",
        "Turns distances into probabilities: the smallest gets the most.",
        "yᵢ = e^−xᵢ / Σⱼ e^−xⱼ",
        "F.softmin({input}, {p_dim})",
        (_DIM,),
        ("probability",),
    ),
    _activation(
        "Softmax2d",
        "Softmax over the channels of every pixel.",
        "y[c] = e^x[c] / Σ e^x[k]",
        "",
        words=("probability", "segmentation"),
        shape=_channelwise,
        example=(3, 4, 5),
    ),
    _activation("ReLU6", "As ReLU, cut at 6.", "y = min(max(0, x), 6)", "F.relu6({input})", words=("mobile",)),
    _activation(
        "SELU",
        "An ELU whose slopes keep mean 0 and deviation 1 through many layers.",
        "y = λ·x, or λα·(eˣ − 1) below 0",
        "F.selu({input})",
        words=("self-normalizing",),
    ),
    _activation(
        "CELU",
        "As ELU, with a slope that has no corner for any α.",
        "y = max(0, x) + min(0, α·(e^(x/α) − 1))",
        "F.celu({input}, {p_alpha})",
        (Param("alpha", "float", 1.0, "The depth it bends to.", 0.001, 100),),
    ),
    _activation("Mish", "A smooth ReLU that dips below zero.", "y = x·tanh(softplus x)", "F.mish({input})"),
    _activation(
        "PReLU",
        "As LeakyReLU, with a slope that is learned.",
        "y = max(0, x) + a·min(0, x)",
        "F.prelu({input}, {self}.weight)",
        (
            Param("num_parameters", "int", 1, "Slopes: 1 for all, or one a channel.", 1, 2**24),
            Param("init", "float", 0.25, "The slope at the start.", -10, 10),
            FROZEN,
        ),
        ("parametric", "dead relu"),
        _learned_slope,
    ),
    _activation(
        "RReLU",
        "As LeakyReLU, with a slope drawn at random while training.",
        "y = max(0, x) + a·min(0, x),  a ~ U(lower, upper)",
        "F.rrelu({input}, {p_lower}, {p_upper}, {training})",
        (
            Param("lower", "float", 0.125, "Smallest slope below zero.", 0, 10),
            Param("upper", "float", 1 / 3, "Largest slope below zero.", 0, 10),
        ),
        ("random", "regularization"),
        _ordered("lower", "upper"),
    ),
    _activation(
        "Hardswish", "SiLU in straight pieces.", "y = x·ReLU6(x + 3) / 6", "F.hardswish({input})", (), ("mobile",)
    ),
    _activation("Hardsigmoid", "Sigmoid in straight pieces.", "y = ReLU6(x + 3) / 6", "F.hardsigmoid({input})"),
    _activation(
        "Hardtanh",
        "Cuts everything below and above.",
        "y = min(max(x, min_val), max_val)",
        "F.hardtanh({input}, {p_min_val}, {p_max_val})",
        (
            Param("min_val", "float", -1.0, "Nothing goes below.", -1e6, 1e6),
            Param("max_val", "float", 1.0, "Nothing goes above.", -1e6, 1e6),
        ),
        ("clamp", "clip"),
        _ordered("min_val", "max_val", strictly=True),
    ),
    _activation(
        "LogSigmoid", "The logarithm of the sigmoid, computed safely.", "y = log σ(x)", "F.logsigmoid({input})"
    ),
    _activation(
        "Softsign", "Squeezes between −1 and 1, more gently than tanh.", "y = x / (1 + |x|)", "F.softsign({input})"
    ),
    _activation("Tanhshrink", "What tanh takes away.", "y = x − tanh x", "F.tanhshrink({input})"),
    _activation(
        "Hardshrink",
        "Sets small values to zero and keeps the others.",
        "y = x where |x| > λ, else 0",
        "F.hardshrink({input}, {p_lambd})",
        (Param("lambd", "float", 0.5, "Below this size values are set to zero.", 0, 1e6),),
        ("sparse",),
    ),
    _activation(
        "Softshrink",
        "Moves values towards zero by λ; the small ones reach it.",
        "y = sign(x)·max(0, |x| − λ)",
        "F.softshrink({input}, {p_lambd})",
        (Param("lambd", "float", 0.5, "How far values are moved.", 0, 1e6),),
        ("sparse", "lasso"),
    ),
    _activation(
        "Threshold",
        "Keeps what is above a threshold and replaces the rest.",
        "y = x where x > threshold, else value",
        "F.threshold({input}, {p_threshold}, {p_value})",
        (
            Param("threshold", "float", 0.1, "What is above stays.", -1e6, 1e6, required=True),
            Param("value", "float", 0.0, "What the rest becomes.", -1e6, 1e6, required=True),
        ),
    ),
    _activation(
        "GLU",
        "One half of the features gates the other.",
        "y = a·σ(b),  x = [a, b]",
        "F.glu({input}, {p_dim})",
        (Param("dim", "int", -1, "The dimension that is halved.", -8, 7),),
        ("gated linear unit",),
        _halved,
    ),
)
