"""Layers that keep activations in range."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from core.catalog.dense import OUT, ROW
from core.catalog.formulas import floating, infer_channels, integer, listed, same_size
from core.catalog.initialization import FROZEN
from core.catalog.kind import Arguments, Batch, Inputs, LayerKind, Param, Shaped, ShapeFormula, TensorType, single
from core.catalog.spatial import HINTS, example, sample
from core.errors import ShapeError
from core.graph import Value

EPS = Param("eps", "float", 1e-5, "Keeps the division from zero.", 1e-12, 1)
AFFINE = Param("affine", "bool", True, "Learn a scale per channel, and with bias a shift.")
SHIFT = Param("bias", "bool", True, "Learn a shift per channel.", only_with=("affine", (True,)))
_MOMENTUM = Param("momentum", "float", 0.1, "Weight of the newest batch in the running statistics.", 0, 1)
_AVERAGED = replace(
    _MOMENTUM,
    help="Weight of the newest batch in the running statistics; empty: all batches weigh the same.",
    optional=True,
    empty="average",
)
_CHANNELS = Param("num_features", "int", None, "Channels that come in.", 1, 2**24, inferred=True, required=True)
_FORMULA = "y = γ·(x − μ) / √(σ² + ε) + β"


def _batch_norm(ranks: tuple[int, ...], wanted: str) -> ShapeFormula:
    def shape(inputs: Inputs, arguments: Arguments) -> Shaped:
        tensor = floating(single(inputs))
        if len(tensor.shape) not in ranks or not tensor.batched:
            raise ShapeError(f"{wanted} was wanted", f"{tensor.full} came", fix=_other(tensor))
        return _by_channel(tensor, arguments)

    return shape


def _other(tensor: TensorType) -> str:
    """The batch norm that takes what came."""
    dims = {2: 1, 3: 1, 4: 2, 5: 3}.get(len(tensor.shape)) if tensor.batched else None
    return f"Use BatchNorm{dims}d here." if dims else "Insert a Reshape before it."


def _instance_norm(dims: int) -> ShapeFormula:
    def shape(inputs: Inputs, arguments: Arguments) -> Shaped:
        tensor = sample(inputs, dims)
        if math.prod(tensor.features[1:]) == 1:
            raise ShapeError(
                "more than one number per channel was wanted", f"{tensor} came", fix="Use LayerNorm or no norm here."
            )
        return _by_channel(tensor, arguments)

    return shape


def _by_channel(tensor: TensorType, arguments: Arguments) -> Shaped:
    count = integer(arguments, "num_features")
    same_size(count, tensor.shape[1], "num_features")
    buffers = 2 * count + 1 if arguments["track_running_stats"] else 0
    return Shaped({"output": tensor}, _learned(count, arguments), tensor.numel, buffers)


def _learned(channels: int, arguments: Arguments) -> int:
    """Scales and shifts of so many channels."""
    return (1 + bool(arguments["bias"])) * channels if arguments["affine"] else 0


def _last_dimensions(scales: int) -> ShapeFormula:
    """`scales` learned tensors of the normalized shape, as far as they are learned."""

    def shape(inputs: Inputs, arguments: Arguments) -> Shaped:
        tensor, wanted = floating(single(inputs)), listed(arguments, "normalized_shape")
        rank = len(wanted)
        if tensor.shape[-rank:] != wanted or len(tensor.shape) <= rank - 1:
            raise ShapeError(
                f"{'×'.join(map(str, wanted))} was wanted as the last dimensions",
                f"{tensor.full} came",
                fix="Reset normalized_shape, which then follows from the wire.",
            )
        biased = scales if arguments.get("bias", True) else 1
        count = biased * math.prod(wanted) if arguments["elementwise_affine"] else 0
        return Shaped({"output": tensor}, count, tensor.numel)

    return shape


def _infer_last(inputs: Inputs) -> Mapping[str, Value]:
    tensor = inputs.get("input")
    last = tensor.shape[-1] if isinstance(tensor, TensorType) and len(tensor.shape) > 1 else None
    return {"normalized_shape": (last,)} if isinstance(last, int) else {}


def _group_norm(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = floating(single(inputs))
    if len(tensor.shape) < 2:
        raise ShapeError("channels per sample were wanted", f"{tensor.full} came", fix="Insert a Reshape before it.")
    channels, groups = integer(arguments, "num_channels"), integer(arguments, "num_groups")
    same_size(channels, tensor.shape[1], "num_channels")
    if channels % groups:
        raise ShapeError(
            f"channels that {groups} groups divide were wanted", f"{channels} came", fix="Set num_groups to 1."
        )
    return Shaped({"output": tensor}, _learned(channels, arguments), tensor.numel)


def _across_channels(ranks: tuple[int, ...]) -> ShapeFormula:
    def shape(inputs: Inputs, _arguments: Arguments) -> Shaped:
        tensor = floating(single(inputs))
        if len(tensor.shape) not in ranks or not tensor.batched:
            raise ShapeError(
                "a sample with channels and sizes was wanted", f"{tensor.full} came", fix="Insert a Reshape before it."
            )
        return Shaped({"output": tensor}, 0, tensor.numel)

    return shape


def _tracked(name: str, summary: str, text: str, shape: ShapeFormula, on: bool, hint: str, dims: int) -> LayerKind:
    """Batch norms learn and remember unless told not to, instance norms do neither."""
    affine = replace(AFFINE, default=on)
    track = Param("track_running_stats", "bool", on, "Remember mean and deviation for use after training.")
    flat = name == "BatchNorm1d"
    return LayerKind(
        name,
        "Normalization",
        "norm",
        summary,
        text,
        ROW,
        OUT,
        shape,
        (_CHANNELS, EPS, _AVERAGED if on else _MOMENTUM, affine, SHIFT, track, FROZEN),
        lambda inputs: infer_channels("num_features", inputs),
        f"nn.{name}",
        ("num_features", "eps", "momentum", "affine", "track_running_stats", "bias"),
        "{self}({input})",
        words=("batch normalization", "bn") if on else ("instance normalization", "style"),
        formula=_FORMULA,
        stem="bn" if on else "norm",
        hint=hint,
        example=(TensorType((Batch(), 6)),) if flat else example(dims),
    )


def _batch_kind(dims: int) -> LayerKind:
    ranks = (2, 3) if dims == 1 else (dims + 2,)
    wanted = {1: "features or a signal", 2: "an image (channels, height, width)", 3: "a volume (channels, d, h, w)"}
    return _tracked(
        f"BatchNorm{dims}d",
        "Gives every channel mean 0 and deviation 1 over the batch.",
        "Subtracts the batch's mean, divides by its deviation, then scales and shifts; "
        "its running statistics serve after training.",
        _batch_norm(ranks, wanted[dims]),
        True,
        "features" if dims == 1 else HINTS[dims],
        dims,
    )


def _instance_kind(dims: int) -> LayerKind:
    return _tracked(
        f"InstanceNorm{dims}d",
        "Gives every channel of every sample mean 0 and deviation 1.",
        "As batch norm, but over one sample alone: what is left is the pattern, not its contrast.",
        _instance_norm(dims),
        False,
        HINTS[dims],
        dims,
    )


_SHAPE = Param(
    "normalized_shape", "sizes", None, "Sizes of the last dimensions.", 1, 2**24, inferred=True, required=True
)
_ELEMENTWISE = Param("elementwise_affine", "bool", True, "Learn a scale per feature, and with bias a shift.")
_WINDOW = (
    Param("size", "int", 5, "Channels that count together.", 1, 2**16, required=True),
    Param("alpha", "float", 1e-4, "How strongly neighbours weigh.", 0, 100),
    Param("beta", "float", 0.75, "The exponent.", 0, 10),
    Param("k", "float", 1.0, "Added to the sum of squares.", 0, 100),
)


def _response_kind(name: str, ranks: tuple[int, ...], text: str) -> LayerKind:
    return LayerKind(
        name,
        "Normalization",
        "norm",
        "Divides every number by what its neighbouring channels hold: AlexNet's norm.",
        text,
        ROW,
        OUT,
        _across_channels(ranks),
        _WINDOW,
        module=f"nn.{name}",
        arguments=tuple(param.name for param in _WINDOW),
        forward="{self}({input})",
        words=("lrn", "alexnet", "contrast"),
        formula="y = x / (k + α/n · Σ x²)^β",
        stem="norm",
        hint="images",
        example=example(2),
    )


KINDS = (
    *(_batch_kind(dims) for dims in (1, 2, 3)),
    *(_instance_kind(dims) for dims in (1, 2, 3)),
    LayerKind(
        "LayerNorm",
        "Normalization",
        "norm",
        "Gives every sample mean 0 and deviation 1 over its features.",
        "Normalises the last dimensions of each sample by itself, so it does not depend on the batch.",
        ROW,
        OUT,
        _last_dimensions(2),
        (_SHAPE, EPS, _ELEMENTWISE, Param("bias", "bool", True, "Learn a shift per feature."), FROZEN),
        _infer_last,
        "nn.LayerNorm",
        ("normalized_shape", "eps", "elementwise_affine", "bias"),
        "{self}({input})",
        words=("layer normalization", "ln", "transformer"),
        formula=_FORMULA,
        stem="norm",
        hint="sequences",
        example=(TensorType((Batch(), 5, 8)),),
    ),
    LayerKind(
        "RMSNorm",
        "Normalization",
        "norm",
        "Gives every sample a root mean square of 1 over its features.",
        "As LayerNorm without subtracting the mean, and without a shift (Zhang and Sennrich 2019, arXiv:1910.07467).",
        ROW,
        OUT,
        _last_dimensions(1),
        (
            _SHAPE,
            Param(
                "eps",
                "float",
                None,
                "Keeps the division from zero; empty: the least.",
                1e-12,
                1,
                optional=True,
                empty="least",
            ),
            Param("elementwise_affine", "bool", True, "Learn a scale per feature."),
            FROZEN,
        ),
        _infer_last,
        "nn.RMSNorm",
        ("normalized_shape", "eps", "elementwise_affine"),
        "{self}({input})",
        words=("root mean square", "llama", "transformer"),
        formula="y = γ·x / √(mean x² + ε)",
        stem="norm",
        hint="sequences",
        example=(TensorType((Batch(), 5, 8)),),
    ),
    LayerKind(
        "GroupNorm",
        "Normalization",
        "norm",
        "Normalises groups of channels of each sample.",
        "As batch norm, but over groups of channels of one sample, so that a batch of one works too.",
        ROW,
        OUT,
        _group_norm,
        (
            Param("num_groups", "int", 1, "Groups that the channels are divided into.", 1, 2**20, required=True),
            Param("num_channels", "int", None, "Channels that come in.", 1, 2**24, inferred=True, required=True),
            EPS,
            AFFINE,
            SHIFT,
            FROZEN,
        ),
        lambda inputs: infer_channels("num_channels", inputs),
        "nn.GroupNorm",
        ("num_groups", "num_channels", "eps", "affine", "bias"),
        "{self}({input})",
        words=("group normalization", "gn"),
        formula=_FORMULA,
        stem="norm",
        hint="small batches",
        example=(TensorType((Batch(), 4, 5, 3)),),
    ),
    _response_kind(
        "LocalResponseNorm",
        (3, 4, 5),
        "Sums squares over a window of neighbouring channels (Krizhevsky et al. 2012).",
    ),
    _response_kind("CrossMapLRN2d", (4,), "The same for images alone, as older networks have it."),
)
