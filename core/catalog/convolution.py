"""Learned filters that slide over signals, images and volumes."""

from __future__ import annotations

import math

from core.catalog.dense import BIAS, OUT, ROW
from core.catalog.formulas import infer_channels, integer, ranked, same_size, sizes, window
from core.catalog.initialization import WEIGHT_PARAMS
from core.catalog.kind import Arguments, Batch, Inputs, LayerKind, Param, Shaped, ShapeFormula, TensorType, single
from core.errors import ShapeError

_SAMPLES = {
    1: "a signal (channels, length)",
    2: "an image (channels, height, width)",
    3: "a volume (channels, d, h, w)",
}
_HINTS = {1: "signals", 2: "images", 3: "volumes"}
_EXTENT = {1: (9,), 2: (9, 8), 3: (5, 6, 7)}


def _convolved(dims: int) -> ShapeFormula:
    def shape(inputs: Inputs, arguments: Arguments) -> Shaped:
        tensor = ranked(single(inputs), dims + 2, _SAMPLES[dims])
        channels, out = integer(arguments, "in_channels"), integer(arguments, "out_channels")
        same_size(channels, tensor.shape[1], "in_channels")
        groups = integer(arguments, "groups")
        _check_groups(channels, out, groups)
        kernel = sizes(arguments, "kernel_size", dims)
        steps = (sizes(arguments, name, dims) for name in ("stride", "padding", "dilation"))
        extent = tuple(
            window(size, *numbers) for size, *numbers in zip(tensor.features[1:], kernel, *steps, strict=True)
        )
        check_extent(extent, tensor, kernel)
        weights = out * (channels // groups) * math.prod(kernel)
        count = weights + (out if arguments["bias"] else 0)
        return Shaped({"output": TensorType((tensor.shape[0], out, *extent))}, count, weights * math.prod(extent))

    return shape


def _transposed(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = ranked(single(inputs), 4, _SAMPLES[2])
    channels, out = integer(arguments, "in_channels"), integer(arguments, "out_channels")
    same_size(channels, tensor.shape[1], "in_channels")
    kernel, stride, padding, extra = (
        sizes(arguments, name, 2) for name in ("kernel_size", "stride", "padding", "output_padding")
    )
    if any(more >= step for more, step in zip(extra, stride, strict=True)):
        raise ShapeError("an output_padding below the stride was wanted", f"{extra} came", fix="Lower output_padding.")
    extent = tuple(
        (size - 1) * step - 2 * pad + width + more
        for size, step, pad, width, more in zip(tensor.features[1:], stride, padding, kernel, extra, strict=True)
    )
    check_extent(extent, tensor, kernel)
    weights = channels * out * math.prod(kernel)
    count = weights + (out if arguments["bias"] else 0)
    return Shaped(
        {"output": TensorType((tensor.shape[0], out, *extent))}, count, weights * math.prod(tensor.features[1:])
    )


def check_extent(extent: tuple[int, ...], tensor: TensorType, kernel: tuple[int, ...]) -> None:
    """Raises ShapeError where a window does not fit."""
    if min(extent) < 1:
        raise ShapeError(
            f"an input at least as large as the window {'×'.join(map(str, kernel))} was wanted",
            f"{tensor} came",
            fix="Use a smaller kernel_size or more padding.",
        )


def _check_groups(channels: int, out: int, groups: int) -> None:
    if channels % groups or out % groups:
        raise ShapeError(
            f"channels that {groups} groups divide were wanted", f"{channels} and {out} came", fix="Set groups to 1."
        )


def _params(dims: int) -> tuple[Param, ...]:
    return (
        Param("in_channels", "int", None, "Channels that come in.", 1, 2**24, inferred=True, required=True),
        Param("out_channels", "int", 8, "Filters, each makes one channel.", 1, 2**20, required=True),
        Param("kernel_size", "size", 3, "Width of the window.", 1, 4096, dims=dims, unit="px", required=True),
        Param("stride", "size", 1, "Step of the window.", 1, 4096, dims=dims, unit="px"),
        Param("padding", "size", 0, "Zeros added at each border.", 0, 4096, dims=dims, unit="px"),
    )


def _kind(dims: int) -> LayerKind:
    name = f"Conv{dims}d"
    rest = "{self}.weight, {self}.bias, {p_stride}, {p_padding}, {p_dilation}, {p_groups}"
    return LayerKind(
        name,
        "Convolution",
        "conv",
        "Slides learned filters over the input. Each output channel answers “where is my pattern?”",
        f"Slides learned filters over {_HINTS[dims]}; every position of the output is a weighted sum of a window.",
        ROW,
        OUT,
        _convolved(dims),
        (
            *_params(dims),
            Param("dilation", "size", 1, "Distance between the points of the window.", 1, 4096, dims=dims, unit="px"),
            Param("groups", "int", 1, "Separate groups of channels.", 1, 2**20),
            BIAS,
            *WEIGHT_PARAMS,
        ),
        lambda inputs: infer_channels("in_channels", inputs),
        f"nn.{name}",
        ("in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "bias"),
        "{self}({input})",
        f"F.conv{dims}d({{input}}, {rest})",
        words=("convolution", "filter", "kernel", "cnn", _HINTS[dims]),
        formula="y[o] = b[o] + Σᵢ w[o, i] ⋆ x[i]",
        stem="conv",
        hint=_HINTS[dims],
        weighted=True,
        example=(TensorType((Batch(), 4, *_EXTENT[dims])),),
    )


_TRANSPOSED = LayerKind(
    "ConvTranspose2d",
    "Convolution",
    "conv",
    "Spreads every position over a window: a convolution run backwards, to make images larger.",
    "Each input position adds its weighted filter to the output; with stride 2 the image doubles.",
    ROW,
    OUT,
    _transposed,
    (
        *_params(2),
        Param("output_padding", "size", 0, "Rows and columns added at one side.", 0, 4096, dims=2, unit="px"),
        BIAS,
        *WEIGHT_PARAMS,
    ),
    lambda inputs: infer_channels("in_channels", inputs),
    "nn.ConvTranspose2d",
    ("in_channels", "out_channels", "kernel_size", "stride", "padding", "output_padding", "bias"),
    "{self}({input})",
    "F.conv_transpose2d({input}, {self}.weight, {self}.bias, {p_stride}, {p_padding}, {p_output_padding})",
    words=("deconvolution", "upsample", "decoder"),
    formula="size = (n − 1)·stride − 2·padding + kernel",
    stem="deconv",
    hint="upsampling",
    weighted=True,
    example=(TensorType((Batch(), 4, 5, 6)),),
)

KINDS = (_kind(1), _kind(2), _kind(3), _TRANSPOSED)
