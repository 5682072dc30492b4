"""Layers that make signals, images and volumes larger, or trade their size for channels."""

from __future__ import annotations

import math

from core.catalog.dense import OUT, ROW
from core.catalog.formulas import floating, integer, listed
from core.catalog.kind import Arguments, Batch, Inputs, LayerKind, Param, Shaped, ShapeFormula, TensorType, single
from core.catalog.spatial import example, resized, sample
from core.errors import ShapeError

_RANKS = {
    "nearest": (3, 4, 5),
    "nearest-exact": (3, 4, 5),
    "linear": (3,),
    "bilinear": (4,),
    "bicubic": (4,),
    "trilinear": (5,),
}
_CORNERS = ("linear", "bilinear", "bicubic", "trilinear")
_SIZE = Param("size", "sizes", None, "The sizes that go out; empty for scale_factor.", 1, 2**16, optional=True)
_FACTOR = Param(
    "scale_factor", "float", 2.0, "How many times larger; empty for size.", 0.01, 1024, optional=True, required=True
)


def _scaled(mode: str) -> ShapeFormula:
    def shape(inputs: Inputs, arguments: Arguments) -> Shaped:
        tensor = floating(single(inputs))
        chosen = mode or str(arguments["mode"])
        ranks = (4,) if mode else _RANKS[chosen]
        if len(tensor.shape) not in ranks or not tensor.batched:
            words = " or ".join(str(rank - 2) for rank in ranks)
            raise ShapeError(
                f"channels and {words} sizes were wanted for {chosen}",
                f"{tensor.full} came",
                fix="Choose the mode for this many sizes: linear, bilinear or trilinear.",
            )
        if arguments.get("align_corners") is not None and chosen not in _CORNERS:
            raise ShapeError(
                f"no align_corners was wanted for {chosen}",
                "it is set",
                fix="Reset align_corners, or choose a linear mode.",
            )
        return Shaped({"output": resized(tensor, _extent(tensor, arguments))})

    return shape


def _extent(tensor: TensorType, arguments: Arguments) -> tuple[int, ...]:
    size, factor, given = arguments["size"], arguments["scale_factor"], tensor.features[1:]
    if (size is None) == (factor is None):
        came = "neither" if size is None else "both"
        raise ShapeError("either size or scale_factor was wanted", f"{came} came", fix="Empty one of the two.")
    if isinstance(factor, float):
        return tuple(math.floor(length * factor) for length in given)
    wanted = listed(arguments, "size")
    if len(wanted) not in (1, len(given)):
        raise ShapeError(f"{len(given)} sizes were wanted", f"{wanted} came", fix="Set size to as many.")
    return wanted if len(wanted) == len(given) else wanted * len(given)


def _shuffled(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor, factor = sample(inputs, 2), integer(arguments, "upscale_factor")
    channels, *extent = tensor.features
    if channels % factor**2:
        raise ShapeError(
            f"channels that {factor}² divides were wanted", f"{channels} came", fix="Change the channels before it."
        )
    return Shaped({"output": resized(tensor, tuple(size * factor for size in extent), channels // factor**2)})


def _unshuffled(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor, factor = sample(inputs, 2), integer(arguments, "downscale_factor")
    channels, *extent = tensor.features
    if any(size % factor for size in extent):
        raise ShapeError(
            f"sizes that {factor} divides were wanted", f"{tensor} came", fix="Pad the image, or change the factor."
        )
    return Shaped({"output": resized(tensor, tuple(size // factor for size in extent), channels * factor**2)})


def _regrouped(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor, groups = floating(single(inputs)), integer(arguments, "groups")
    channels = tensor.shape[1] if len(tensor.shape) > 2 else None
    if not isinstance(channels, int) or channels % groups:
        raise ShapeError(
            f"a sample whose channels {groups} groups divide was wanted", f"{tensor.full} came", fix="Change groups."
        )
    return Shaped({"output": tensor})


def _shuffle_kind(name: str, param: str, shape: ShapeFormula, summary: str, text: str) -> LayerKind:
    call = {"PixelShuffle": "pixel_shuffle", "PixelUnshuffle": "pixel_unshuffle", "ChannelShuffle": "channel_shuffle"}
    words = "Groups of channels." if param == "groups" else "How many times."
    return LayerKind(
        name,
        "Shape",
        "shape",
        summary,
        text,
        ROW,
        OUT,
        shape,
        (Param(param, "int", 2, words, 1, 256, required=True),),
        module=f"nn.{name}",
        arguments=(param,),
        forward="{self}({input})",
        fast=f"F.{call[name]}({{input}}, {{p_{param}}})",
        words=("super-resolution", "depth to space", "space to depth", "rearrange"),
        stem=call[name],
        hint="images",
        example=(TensorType((Batch(), 8, 4, 6)),),
    )


def _kind(name: str, mode: str, how: str, params: tuple[Param, ...] = ()) -> LayerKind:
    return LayerKind(
        name,
        "Shape",
        "shape",
        f"Makes {'samples' if params else 'images'} larger, {how}.",
        "To `size`, or by `scale_factor`; one of the two must be empty.",
        ROW,
        OUT,
        _scaled(mode),
        (_SIZE, _FACTOR, *params),
        module=f"nn.{name}",
        arguments=("size", "scale_factor", *(param.name for param in params)),
        forward="{self}({input})",
        words=("resize", "interpolate", "enlarge", "decoder"),
        formula="size = ⌊n · scale_factor⌋",
        stem="upsample",
        hint="images",
        example=example(2),
    )


KINDS = (
    _kind(
        "Upsample",
        "",
        "by one of several ways to fill in between",
        (
            Param("mode", "choice", "nearest", "How numbers in between are found.", choices=tuple(_RANKS)),
            Param("align_corners", "bool", None, "Keep the corners where they are, for linear modes.", optional=True),
        ),
    ),
    _kind("UpsamplingNearest2d", "nearest", "by repeating pixels"),
    _kind("UpsamplingBilinear2d", "bilinear", "by straight lines between pixels, the corners kept"),
    _shuffle_kind(
        "PixelShuffle",
        "upscale_factor",
        _shuffled,
        "Makes images larger by laying channels side by side.",
        "r² channels become one of r times the width and height (Shi et al. 2016, arXiv:1609.05158).",
    ),
    _shuffle_kind(
        "PixelUnshuffle",
        "downscale_factor",
        _unshuffled,
        "Makes images smaller by laying neighbouring pixels into channels.",
        "The way back of PixelShuffle: nothing is lost.",
    ),
    _shuffle_kind(
        "ChannelShuffle",
        "groups",
        _regrouped,
        "Mixes the channels of several groups.",
        "Takes a channel of each group in turn, so that the next grouped convolution sees them all.",
    ),
)
