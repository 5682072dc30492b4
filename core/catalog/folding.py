"""Windows of images as columns, and back: a convolution taken apart."""

from __future__ import annotations

import math

from core.catalog.dense import OUT, ROW
from core.catalog.formulas import ranked, sizes, window
from core.catalog.kind import Arguments, Batch, Inputs, LayerKind, Param, Shaped, TensorType, single
from core.catalog.spatial import example, kernel_size, pixels, sample
from core.errors import ShapeError

_WINDOW = (
    kernel_size(2, 2),
    pixels("dilation", 1, "Distance between the points of the window.", 2, 1),
    pixels("padding", 0, "Border added at each side.", 2),
    pixels("stride", 1, "Step of the window.", 2, 1),
)
_NAMES = tuple(param.name for param in _WINDOW)


def _places(extent: tuple[int, ...], arguments: Arguments) -> int:
    """How many windows there are."""
    kernel, dilation, padding, stride = (sizes(arguments, name, 2) for name in _NAMES)
    counts = [
        window(size, wide, step, pad, apart)
        for size, wide, step, pad, apart in zip(extent, kernel, stride, padding, dilation, strict=True)
    ]
    if min(counts) < 1:
        raise ShapeError(
            f"sizes of at least the window {'×'.join(map(str, kernel))} were wanted",
            f"{'×'.join(map(str, extent))} came",
            fix="Use a smaller kernel_size or more padding.",
        )
    return math.prod(counts)


def _unfolded(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = sample(inputs, 2)
    channels, *extent = tensor.features
    rows = channels * math.prod(sizes(arguments, "kernel_size", 2))
    return Shaped({"output": TensorType((tensor.shape[0], rows, _places(tuple(extent), arguments)))})


def _folded(inputs: Inputs, arguments: Arguments) -> Shaped:
    tensor = ranked(single(inputs), 3, "columns of windows (numbers, windows)")
    rows, columns = tensor.features
    extent = sizes(arguments, "output_size", 2)
    numbers, places = math.prod(sizes(arguments, "kernel_size", 2)), _places(extent, arguments)
    if rows % numbers or columns != places:
        raise ShapeError(
            f"a multiple of {numbers} numbers in {places} windows were wanted",
            f"{tensor} came",
            fix="Set output_size and the window as they were for Unfold.",
        )
    return Shaped({"output": TensorType((tensor.shape[0], rows // numbers, *extent))})


KINDS = (
    LayerKind(
        "Unfold",
        "Convolution",
        "conv",
        "Lays every window of an image in a column.",
        "The columns times a matrix of filters are a convolution; attention over patches begins so too.",
        ROW,
        OUT,
        _unfolded,
        _WINDOW,
        module="nn.Unfold",
        arguments=_NAMES,
        forward="{self}({input})",
        fast="F.unfold({input}, {p_kernel_size}, {p_dilation}, {p_padding}, {p_stride})",
        words=("im2col", "patches", "windows"),
        formula="C×H×W → C·k² × windows",
        stem="unfold",
        hint="images",
        example=example(2),
    ),
    LayerKind(
        "Fold",
        "Convolution",
        "conv",
        "Lays columns of windows back into an image; where windows overlap they are added.",
        "The way back of Unfold, up to the number of windows over each pixel.",
        ROW,
        OUT,
        _folded,
        (
            Param("output_size", "size", 4, "Size of the image.", 1, 2**16, dims=2, unit="px", required=True),
            *_WINDOW,
        ),
        module="nn.Fold",
        arguments=("output_size", *_NAMES),
        forward="{self}({input})",
        fast="F.fold({input}, {p_output_size}, {p_kernel_size}, {p_dilation}, {p_padding}, {p_stride})",
        words=("col2im", "patches", "windows"),
        formula="C·k² × windows → C×H×W",
        stem="fold",
        hint="images",
        example=(TensorType((Batch(), 12, 9)),),
    ),
)
