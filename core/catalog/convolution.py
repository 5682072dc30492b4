"""Learned filters that slide over signals, images and volumes."""

from __future__ import annotations

import math

from core.catalog.dense import BIAS, OUT, ROW
from core.catalog.formulas import infer_channels, integer, same_size, sizes, window
from core.catalog.initialization import BIAS_INIT, WEIGHT_PARAMS
from core.catalog.kind import Arguments, Form, Inputs, LayerKind, Param, Shaped, ShapeFormula, TensorType, Variant
from core.catalog.spatial import HINTS, example, kernel_size, pixels, sample
from core.errors import ShapeError

_MODES = ("zeros", "reflect", "replicate", "circular")


def _convolved(dims: int) -> ShapeFormula:
    def shape(inputs: Inputs, arguments: Arguments) -> Shaped:
        tensor = sample(inputs, dims)
        channels, out = integer(arguments, "in_channels"), integer(arguments, "out_channels")
        same_size(channels, tensor.shape[1], "in_channels")
        groups = integer(arguments, "groups")
        _check_groups(channels, out, groups)
        kernel = sizes(arguments, "kernel_size", dims)
        extent = _extent(tensor.features[1:], kernel, arguments)
        check_extent(extent, tensor, kernel)
        weights = out * (channels // groups) * math.prod(kernel)
        count = weights + (out if arguments["bias"] else 0)
        return Shaped({"output": TensorType((tensor.shape[0], out, *extent))}, count, weights * math.prod(extent))

    return shape


def _extent(size: tuple[int, ...], kernel: tuple[int, ...], arguments: Arguments) -> tuple[int, ...]:
    """How large the output is; raises ShapeError for a border that cannot be."""
    dims, mode = len(kernel), str(arguments["padding_mode"])
    stride, dilation = sizes(arguments, "stride", dims), sizes(arguments, "dilation", dims)
    if arguments["padding"] == "same":
        return _kept(size, stride, tuple(behind for _, behind in same_padding(kernel, dilation)), mode)
    padding = sizes(arguments, "padding", dims)
    _check_mode(mode, padding, size)
    steps = zip(size, kernel, stride, padding, dilation, strict=True)
    return tuple(window(have, wide, step, pad, apart) for have, wide, step, pad, apart in steps)


def _kept(size: tuple[int, ...], stride: tuple[int, ...], behind: tuple[int, ...], mode: str) -> tuple[int, ...]:
    """The size as it is, for padding "same"; raises ShapeError where the window takes larger steps (nn.Conv2d)."""
    if set(stride) != {1}:
        raise ShapeError(
            'a stride of 1 was wanted for padding "same"',
            f"{stride} came",
            fix="Set stride to 1, or padding to a number.",
        )
    _check_mode(mode, behind, size)
    return size


def same_padding(kernel: tuple[int, ...], dilation: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """What torch pads before and behind along every dimension for padding="same"."""
    totals = [apart * (wide - 1) for wide, apart in zip(kernel, dilation, strict=True)]
    return tuple((total // 2, total - total // 2) for total in totals)


def _transposed(dims: int) -> ShapeFormula:
    def shape(inputs: Inputs, arguments: Arguments) -> Shaped:
        tensor = sample(inputs, dims)
        channels, out = integer(arguments, "in_channels"), integer(arguments, "out_channels")
        same_size(channels, tensor.shape[1], "in_channels")
        groups = integer(arguments, "groups")
        _check_groups(channels, out, groups)
        kernel, stride, padding, extra, dilation = (
            sizes(arguments, name, dims) for name in ("kernel_size", "stride", "padding", "output_padding", "dilation")
        )
        if any(more >= max(step, apart) for more, step, apart in zip(extra, stride, dilation, strict=True)):
            raise ShapeError(
                "an output_padding below the stride or the dilation was wanted",
                f"{extra} came",
                fix="Lower output_padding.",
            )
        extent = tuple(
            (size - 1) * step - 2 * pad + apart * (width - 1) + 1 + more
            for size, step, pad, width, more, apart in zip(
                tensor.features[1:], stride, padding, kernel, extra, dilation, strict=True
            )
        )
        check_extent(extent, tensor, kernel)
        weights = channels * (out // groups) * math.prod(kernel)
        count = weights + (out if arguments["bias"] else 0)
        output = TensorType((tensor.shape[0], out, *extent))
        return Shaped({"output": output}, count, weights * math.prod(tensor.features[1:]))

    return shape


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


def _check_mode(mode: str, padding: tuple[int, ...], extent: tuple[int, ...]) -> None:
    """A border that repeats the input cannot be wider than it (torch.nn.functional.pad)."""
    most = [size - 1 if mode == "reflect" else size for size in extent]
    if mode in ("reflect", "circular") and any(pad > size for pad, size in zip(padding, most, strict=True)):
        raise ShapeError(
            f"padding of at most {'×'.join(map(str, most))} was wanted for padding_mode {mode}",
            f"{padding} came",
            fix="Lower padding, or set padding_mode to zeros.",
        )


def _params(dims: int, padding: Param) -> tuple[Param, ...]:
    return (
        Param("in_channels", "int", None, "Channels that come in.", 1, 2**24, inferred=True, required=True),
        Param("out_channels", "int", 8, "Filters, each makes one channel.", 1, 2**20, required=True),
        kernel_size(dims, 3),
        pixels("stride", 1, "Step of the window.", dims, 1),
        padding,
    )


def _border(dims: int) -> Param:
    words = "Border added at each side; same: as much as keeps the size, with stride 1."
    return Param("padding", "size", 0, words, 0, 4096, dims=dims, unit="px", words=("same",))


def _rest(dims: int) -> tuple[Param, ...]:
    return (
        pixels("dilation", 1, "Distance between the points of the window.", dims, 1),
        Param("groups", "int", 1, "Separate groups of channels.", 1, 2**20),
        BIAS,
    )


def _kind(dims: int) -> LayerKind:
    name = f"Conv{dims}d"
    params = _params(dims, _border(dims)) + _rest(dims)
    numbers = "{p_stride}, {p_padding}, {p_dilation}, {p_groups}"
    direct = f"F.conv{dims}d({{input}}, {{self}}.weight, {{self}}.bias, {numbers})"
    border = Param("padding_mode", "choice", "zeros", "What the border is filled with.", choices=_MODES)
    return LayerKind(
        name,
        "Convolution",
        "conv",
        "Slides learned filters over the input. Each output channel answers “where is my pattern?”",
        f"Slides learned filters over {HINTS[dims]}; every position of the output is a weighted sum of a window.",
        ROW,
        OUT,
        _convolved(dims),
        (*params, border, BIAS_INIT, *WEIGHT_PARAMS),
        lambda inputs: infer_channels("in_channels", inputs),
        f"nn.{name}",
        tuple(param.name for param in (*params, border)),
        "{self}({input})",
        variants=(Variant("padding_mode", "zeros", Form("{self}({input})", direct)),),
        words=("convolution", "filter", "kernel", "cnn", HINTS[dims]),
        formula="y[o] = b[o] + Σᵢ w[o, i] ⋆ x[i]",
        stem="conv",
        hint=HINTS[dims],
        weighted=True,
        example=example(dims, 4),
    )


def _transposed_kind(dims: int) -> LayerKind:
    name = f"ConvTranspose{dims}d"
    extra = pixels("output_padding", 0, "Rows and columns added at one side.", dims)
    dilation, groups, bias = _rest(dims)
    numbers = "{p_stride}, {p_padding}, {p_output_padding}, {p_groups}, {p_dilation}"
    padding = pixels("padding", 0, "Border taken off at each side.", dims)
    params = (*_params(dims, padding), extra, groups, bias, dilation)
    return LayerKind(
        name,
        "Convolution",
        "conv",
        f"Spreads every position over a window: a convolution run backwards, to make {HINTS[dims]} larger.",
        "Each input position adds its weighted filter to the output; with stride 2 the size doubles.",
        ROW,
        OUT,
        _transposed(dims),
        (*params, BIAS_INIT, *WEIGHT_PARAMS),
        lambda inputs: infer_channels("in_channels", inputs),
        f"nn.{name}",
        tuple(param.name for param in params),
        "{self}({input})",
        f"F.conv_transpose{dims}d({{input}}, {{self}}.weight, {{self}}.bias, {numbers})",
        words=("deconvolution", "upsample", "decoder", HINTS[dims]),
        formula="size = (n − 1)·stride − 2·padding + dilation·(kernel − 1) + 1 + output_padding",
        stem="deconv",
        hint="upsampling",
        weighted=True,
        example=example(dims, 4),
    )


KINDS = (*(_kind(dims) for dims in (1, 2, 3)), *(_transposed_kind(dims) for dims in (1, 2, 3)))
