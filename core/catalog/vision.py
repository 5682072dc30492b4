"""Layers for images that are made of several: patches, a class token, gates over channels."""

from __future__ import annotations

from core.catalog.attention import SEQUENCE
from core.catalog.dense import BIAS, OUT, ROW
from core.catalog.formulas import infer_channels, infer_last, integer, ranked, same_size, sizes
from core.catalog.initialization import WEIGHT_PARAMS
from core.catalog.kind import Arguments, Batch, Inputs, LayerKind, Param, Shaped, TensorType, single
from core.errors import ShapeError


def _squeeze_excite(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = ranked(single(inputs), 4, "an image (channels, height, width)")
    channels = integer(arguments, "channels")
    same_size(channels, tensor.shape[1], "channels")
    hidden = max(1, channels // integer(arguments, "reduction"))
    weights = 2 * channels * hidden
    return Shaped({"output": tensor}, weights + hidden + channels, weights + tensor.numel)


def _patches(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = ranked(single(inputs), 4, "an image (channels, height, width)")
    channels, wide = integer(arguments, "in_channels"), integer(arguments, "embed_dim")
    same_size(channels, tensor.shape[1], "in_channels")
    patch = sizes(arguments, "patch_size", 2)
    height, width = tensor.features[1:]
    if height % patch[0] or width % patch[1]:
        whole = max(size for size in range(1, max(patch) + 1) if height % size == 0 and width % size == 0)
        raise ShapeError(
            f"an image that patches of {patch[0]}×{patch[1]} divide was wanted",
            f"{height}×{width} came",
            fix=f"Set patch_size to {whole}, or insert a ZeroPad2d.",
        )
    count = (height // patch[0]) * (width // patch[1])
    weights = wide * channels * patch[0] * patch[1]
    learned = weights + (wide if arguments["bias"] else 0)
    return Shaped({"output": TensorType((tensor.shape[0], count, wide))}, learned, count * weights)


def _with_token(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = ranked(single(inputs), 3, SEQUENCE)
    wide = integer(arguments, "dim")
    same_size(wide, tensor.shape[-1], "dim")
    return Shaped({"output": TensorType((tensor.shape[0], tensor.features[0] + 1, wide))}, wide)


KINDS = (
    LayerKind(
        "SqueezeExcite",
        "Attention",
        "gauge",
        "Weighs every channel by what all channels hold on average.",
        "Averages each channel, passes the averages through two small Linear layers and scales the channels by the "
        "result (Hu et al. 2018).",
        ROW,
        OUT,
        _squeeze_excite,
        (
            Param("channels", "int", None, "Channels that come in.", 1, 2**24, inferred=True, required=True),
            Param("reduction", "int", 16, "How many times fewer numbers the inner layer has.", 1, 2**20),
            *WEIGHT_PARAMS,
        ),
        lambda inputs: infer_channels("channels", inputs),
        "vision.SqueezeExcite",
        ("channels", "reduction"),
        "{self}({input})",
        words=("channel attention", "se", "senet", "gate"),
        formula="y = x · σ(W₂ ReLU(W₁ mean x))",
        stem="se",
        hint="images",
        many_weights=True,
        example=(TensorType((Batch(), 8, 5, 4)),),
    ),
    LayerKind(
        "PatchEmbedding",
        "Attention",
        "shape",
        "Cuts an image into patches and makes a row of numbers of each.",
        "The image becomes a sequence, patch by patch, row by row: what a vision transformer reads (Dosovitskiy et al. "
        "2021). A convolution whose step is its window.",
        ROW,
        OUT,
        _patches,
        (
            Param("in_channels", "int", None, "Channels that come in.", 1, 2**24, inferred=True, required=True),
            Param("embed_dim", "int", 64, "Numbers per patch.", 1, 2**20, required=True),
            Param("patch_size", "size", 4, "Height and width of a patch.", 1, 2**16, dims=2, unit="px", required=True),
            BIAS,
            *WEIGHT_PARAMS,
        ),
        lambda inputs: infer_channels("in_channels", inputs),
        "vision.PatchEmbedding",
        ("in_channels", "embed_dim", "patch_size", "bias"),
        "{self}({input})",
        words=("vit", "vision transformer", "tokens", "patchify"),
        formula="y[p] = W · patch p + b",
        stem="patches",
        hint="images",
        weighted=True,
        many_weights=True,
        example=(TensorType((Batch(), 3, 8, 12)),),
    ),
    LayerKind(
        "ClassToken",
        "Attention",
        "pin",
        "Puts a learned step before the sequence.",
        "Attention gathers in it what the class hangs on: Select its index 0 behind the last layer.",
        ROW,
        OUT,
        _with_token,
        (
            Param("dim", "int", None, "Features of each step.", 1, 2**20, inferred=True, required=True),
            *WEIGHT_PARAMS,
        ),
        lambda inputs: infer_last("dim", inputs),
        "vision.ClassToken",
        ("dim",),
        "{self}({input})",
        words=("cls", "vit", "bert", "register", "readout"),
        formula="y = [θ, x₁, x₂ ...]",
        stem="token",
        hint="sequences",
        weighted=True,
        example=(TensorType((Batch(), 5, 8)),),
    ),
)
