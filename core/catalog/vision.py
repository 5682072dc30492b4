"""Layers for images that are made of several: patches, gates over channels."""

from __future__ import annotations

from core.catalog.dense import OUT, ROW
from core.catalog.formulas import infer_channels, integer, ranked, same_size
from core.catalog.initialization import WEIGHT_PARAMS
from core.catalog.kind import Arguments, Batch, Inputs, LayerKind, Param, Shaped, TensorType, single


def _squeeze_excite(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = ranked(single(inputs), 4, "an image (channels, height, width)")
    channels = integer(arguments, "channels")
    same_size(channels, tensor.shape[1], "channels")
    hidden = max(1, channels // integer(arguments, "reduction"))
    weights = 2 * channels * hidden
    return Shaped({"output": tensor}, weights + hidden + channels, weights + tensor.numel)


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
)
