"""Layers that make images and signals smaller."""

from __future__ import annotations

from core.catalog.convolution import check_extent
from core.catalog.dense import OUT, ROW
from core.catalog.formulas import ranked, sizes, window
from core.catalog.kind import Arguments, Batch, Inputs, LayerKind, Param, Shaped, ShapeFormula, TensorType, single
from core.errors import ShapeError

_SAMPLES = {1: "a signal (channels, length)", 2: "an image (channels, height, width)"}
_HINTS = {1: "signals", 2: "images"}
_EXTENT = {1: (9,), 2: (9, 8)}


def _pooled(dims: int) -> ShapeFormula:
    def shape(inputs: Inputs, arguments: Arguments) -> Shaped:
        tensor = ranked(single(inputs), dims + 2, _SAMPLES[dims])
        kernel = sizes(arguments, "kernel_size", dims)
        stride = kernel if arguments["stride"] is None else sizes(arguments, "stride", dims)
        padding = sizes(arguments, "padding", dims)
        _check_padding(kernel, padding)
        ceil = bool(arguments["ceil_mode"])
        extent = tuple(
            window(size, wide, step, pad, ceil=ceil)
            for size, wide, step, pad in zip(tensor.features[1:], kernel, stride, padding, strict=True)
        )
        check_extent(extent, tensor, kernel)
        return Shaped({"output": TensorType((*tensor.shape[:2], *extent), tensor.dtype)})

    return shape


def _check_padding(kernel: tuple[int, ...], padding: tuple[int, ...]) -> None:
    if any(pad > wide // 2 for wide, pad in zip(kernel, padding, strict=True)):
        raise ShapeError(
            "padding of at most half the kernel was wanted", f"{padding} came for {kernel}", fix="Lower padding."
        )


def _adaptive(dims: int) -> ShapeFormula:
    def shape(inputs: Inputs, arguments: Arguments) -> Shaped:
        tensor = ranked(single(inputs), dims + 2, _SAMPLES[dims])
        return Shaped({"output": TensorType((*tensor.shape[:2], *sizes(arguments, "output_size", dims)))})

    return shape


def _window_kind(name: str, dims: int, summary: str, words: tuple[str, ...]) -> LayerKind:
    call = "max_pool" if name.startswith("Max") else "avg_pool"
    middle = "1, " if call == "max_pool" else ""
    window_arguments = f"{{p_kernel_size}}, {{p_stride}}, {{p_padding}}, {middle}ceil_mode={{p_ceil_mode}}"
    return LayerKind(
        name,
        "Pooling",
        "pool",
        summary,
        f"{summary} The stride is the window's width unless set.",
        ROW,
        OUT,
        _pooled(dims),
        (
            Param("kernel_size", "size", 2, "Width of the window.", 1, 4096, dims=dims, unit="px", required=True),
            Param(
                "stride",
                "size",
                None,
                "Step of the window; as wide as it where empty.",
                1,
                4096,
                dims=dims,
                unit="px",
                optional=True,
            ),
            Param("padding", "size", 0, "Border added at each side.", 0, 2048, dims=dims, unit="px"),
            Param("ceil_mode", "bool", False, "Keep a last window that is only partly filled."),
        ),
        module=f"nn.{name}",
        arguments=("kernel_size", "stride", "padding", "ceil_mode"),
        forward="{self}({input})",
        fast=f"F.{call}{dims}d({{input}}, {window_arguments})",
        words=("downsample", "subsample", *words, _HINTS[dims]),
        formula="size = ⌊(n + 2·padding − kernel) / stride⌋ + 1",
        stem="pool",
        hint=_HINTS[dims],
        example=(TensorType((Batch(), 3, *_EXTENT[dims])),),
    )


def _adaptive_kind(dims: int) -> LayerKind:
    name = f"AdaptiveAvgPool{dims}d"
    return LayerKind(
        name,
        "Pooling",
        "pool",
        "Averages down to a size you choose, whatever comes in.",
        "Divides the input into as many windows as asked for and takes each one's mean; 1 is global average pooling.",
        ROW,
        OUT,
        _adaptive(dims),
        (Param("output_size", "size", 1, "Size that goes out.", 1, 4096, dims=dims, unit="px", required=True),),
        module=f"nn.{name}",
        arguments=("output_size",),
        forward="{self}({input})",
        fast=f"F.adaptive_avg_pool{dims}d({{input}}, {{p_output_size}})",
        words=("global average", "gap", _HINTS[dims]),
        formula="y = mean over each window",
        stem="pool",
        hint=_HINTS[dims],
        example=(TensorType((Batch(), 3, *_EXTENT[dims])),),
    )


_MAX = "Keeps the largest value of each window."
_MEAN = "Keeps the mean of each window."

KINDS = (
    _window_kind("MaxPool1d", 1, _MAX, ("maximum",)),
    _window_kind("MaxPool2d", 2, _MAX, ("maximum",)),
    _window_kind("AvgPool1d", 1, _MEAN, ("average", "mean")),
    _window_kind("AvgPool2d", 2, _MEAN, ("average", "mean")),
    _adaptive_kind(1),
    _adaptive_kind(2),
)
