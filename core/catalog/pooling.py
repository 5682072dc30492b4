"""Layers that make signals, images and volumes smaller, and the way back."""

from __future__ import annotations

from core.catalog.convolution import check_extent
from core.catalog.dense import OUT, ROW
from core.catalog.formulas import sizes, window
from core.catalog.kind import (
    Arguments,
    Form,
    Inputs,
    LayerKind,
    Param,
    PortSpec,
    Shaped,
    ShapeFormula,
    TensorType,
    Variant,
    single,
)
from core.catalog.spatial import HINTS, example, kernel_size, pixels, resized, sample
from core.errors import ShapeError

_INDICES = PortSpec("indices", "int", help="Where each largest value stood, for unpooling.", needs="return_indices")
_RETURN = Param("return_indices", "bool", False, "Also tell where each largest value stood.")
_CEIL = Param("ceil_mode", "bool", False, "Keep a last window that is only partly filled.")
_WITH_INDICES = Variant("return_indices", True, Form("{self}({input})", unpack="{output}, {indices}"))


def _stride(dims: int) -> Param:
    words = "Step of the window; as wide as it where empty."
    return Param("stride", "size", None, words, 1, 4096, dims=dims, unit="px", optional=True)


def _windows(arguments: Arguments, dims: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    kernel = sizes(arguments, "kernel_size", dims)
    return kernel, kernel if arguments["stride"] is None else sizes(arguments, "stride", dims)


def _both(output: TensorType, arguments: Arguments) -> dict[str, TensorType]:
    """The output, and the places of its values where they are asked for."""
    if not arguments.get("return_indices"):
        return {"output": output}
    return {"output": output, "indices": TensorType(output.shape, "int64")}


def _pooled(dims: int, average: bool = False) -> ShapeFormula:
    def shape(inputs: Inputs, arguments: Arguments) -> Shaped:
        tensor = sample(inputs, dims)
        kernel, stride = _windows(arguments, dims)
        padding = sizes(arguments, "padding", dims)
        dilation = sizes(arguments, "dilation", dims) if "dilation" in arguments else (1,) * dims
        _check_padding(kernel, padding)
        ceil = bool(arguments["ceil_mode"])
        extent = tuple(
            window(size, wide, step, pad, apart, ceil)
            for size, wide, step, pad, apart in zip(tensor.features[1:], kernel, stride, padding, dilation, strict=True)
        )
        if average and dims == 3:
            check_extent(_room(tensor, kernel), tensor, kernel)
        check_extent(extent, tensor, kernel)
        return Shaped(_both(resized(tensor, extent), arguments))

    return shape


def _check_padding(kernel: tuple[int, ...], padding: tuple[int, ...]) -> None:
    if any(pad > wide // 2 for wide, pad in zip(kernel, padding, strict=True)):
        raise ShapeError(
            "padding of at most half the kernel was wanted", f"{padding} came for {kernel}", fix="Lower padding."
        )


def _powered(dims: int) -> ShapeFormula:
    def shape(inputs: Inputs, arguments: Arguments) -> Shaped:
        tensor = sample(inputs, dims)
        kernel, stride = _windows(arguments, dims)
        ceil = bool(arguments["ceil_mode"])
        extent = tuple(
            window(size, wide, step, 0, ceil=ceil)
            for size, wide, step in zip(tensor.features[1:], kernel, stride, strict=True)
        )
        check_extent(extent, tensor, kernel)
        if dims == 3:
            check_extent(_room(tensor, kernel), tensor, kernel)
        return Shaped({"output": resized(tensor, extent)})

    return shape


def _room(tensor: TensorType, kernel: tuple[int, ...]) -> tuple[int, ...]:
    """Places of the window within the input alone: torch's mean over volumes wants one, whatever the padding."""
    return tuple(size - wide + 1 for size, wide in zip(tensor.features[1:], kernel, strict=True))


def _adaptive(dims: int) -> ShapeFormula:
    def shape(inputs: Inputs, arguments: Arguments) -> Shaped:
        tensor, asked = sample(inputs, dims), arguments["output_size"]
        each = asked if isinstance(asked, tuple) else sizes(arguments, "output_size", dims)
        extent = tuple(
            size if isinstance(size, int) else have for size, have in zip(each, tensor.features[1:], strict=True)
        )
        return Shaped(_both(resized(tensor, extent), arguments))

    return shape


def _fractional(dims: int) -> ShapeFormula:
    def shape(inputs: Inputs, arguments: Arguments) -> Shaped:
        tensor = sample(inputs, dims)
        kernel, out = sizes(arguments, "kernel_size", dims), _fraction(tensor.features[1:], arguments)
        spare = 1 if dims == 3 else 0  # torch wants one more along each side of a volume
        if any(
            size + wide - 1 + spare > have for size, wide, have in zip(out, kernel, tensor.features[1:], strict=True)
        ):
            raise ShapeError(
                f"an input of at least output_size + kernel_size{'' if spare else ' − 1'} was wanted",
                f"{tensor} came",
                fix="Lower output_size.",
            )
        return Shaped(_both(resized(tensor, out), arguments))

    return shape


def _fraction(size: tuple[int, ...], arguments: Arguments) -> tuple[int, ...]:
    """The size that goes out: as it is told, or a share of what comes in."""
    if arguments["output_size"] is not None:
        return sizes(arguments, "output_size", len(size))
    shares = arguments["output_ratio"]
    assert isinstance(shares, tuple)  # Param.check made it one
    if len(shares) not in (1, len(size)):
        raise ShapeError(
            f"one output_ratio, or {len(size)} of them, was wanted", f"{len(shares)} came", fix="Set output_ratio."
        )
    each = shares * len(size) if len(shares) == 1 else shares
    pairs = zip(size, each, strict=True)
    return tuple(int(have * share) for have, share in pairs if isinstance(share, float))


def _unpooled(dims: int) -> ShapeFormula:
    def shape(inputs: Inputs, arguments: Arguments) -> Shaped:
        tensor, indices = sample(inputs, dims), single(inputs, "indices")
        if indices.shape != tensor.shape or indices.dtype != "int64":
            raise ShapeError(
                f"places (int64) of shape {tensor.full} were wanted at indices",
                f"{indices.dtype} of shape {indices.full} came",
                fix="Wire the indices of the MaxPool here, with return_indices on.",
            )
        kernel, stride = _windows(arguments, dims)
        padding = sizes(arguments, "padding", dims)
        extent = tuple(
            (size - 1) * step - 2 * pad + wide
            for size, wide, step, pad in zip(tensor.features[1:], kernel, stride, padding, strict=True)
        )
        return Shaped({"output": resized(tensor, extent)})

    return shape


def _max_kind(dims: int) -> LayerKind:
    name = f"MaxPool{dims}d"
    summary = "Keeps the largest value of each window."
    numbers = "{p_kernel_size}, {p_stride}, {p_padding}, {p_dilation}, ceil_mode={p_ceil_mode}"
    return LayerKind(
        name,
        "Pooling",
        "pool",
        summary,
        f"{summary} The stride is the window's width unless set.",
        ROW,
        (*OUT, _INDICES),
        _pooled(dims),
        (
            kernel_size(dims, 2),
            _stride(dims),
            pixels("padding", 0, "Border added at each side.", dims),
            pixels("dilation", 1, "Distance between the points of the window.", dims, 1),
            _RETURN,
            _CEIL,
        ),
        module=f"nn.{name}",
        arguments=("kernel_size", "stride", "padding", "dilation", "return_indices", "ceil_mode"),
        forward="{self}({input})",
        fast=f"F.max_pool{dims}d({{input}}, {numbers})",
        unpack="{output}",
        variants=(_WITH_INDICES,),
        words=("downsample", "subsample", "maximum", HINTS[dims]),
        formula="size = ⌊(n + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1",
        stem="pool",
        hint=HINTS[dims],
        example=example(dims),
    )


def _average_kind(dims: int) -> LayerKind:
    name = f"AvgPool{dims}d"
    summary = "Keeps the mean of each window."
    counting = Param("count_include_pad", "bool", True, "Count the border's zeros in the mean.")
    divisor = Param("divisor_override", "int", None, "Divide by this number instead.", 1, 2**20, optional=True)
    rest = (divisor,) if dims > 1 else ()
    params = (
        kernel_size(dims, 2),
        _stride(dims),
        pixels("padding", 0, "Border added at each side.", dims),
        _CEIL,
        counting,
        *rest,
    )
    numbers = ", ".join(f"{{p_{param.name}}}" for param in params)
    return LayerKind(
        name,
        "Pooling",
        "pool",
        summary,
        f"{summary} The stride is the window's width unless set.",
        ROW,
        OUT,
        _pooled(dims, average=True),
        params,
        module=f"nn.{name}",
        arguments=tuple(param.name for param in params),
        forward="{self}({input})",
        fast=f"F.avg_pool{dims}d({{input}}, {numbers})",
        words=("downsample", "subsample", "average", "mean", HINTS[dims]),
        formula="size = ⌊(n + 2·padding − kernel) / stride⌋ + 1",
        stem="pool",
        hint=HINTS[dims],
        example=example(dims),
    )


def _power_kind(dims: int) -> LayerKind:
    name = f"LPPool{dims}d"
    params = (
        Param("norm_type", "float", 2.0, "The power p: 1 sums, large ones take the largest.", 0.1, 64, required=True),
        kernel_size(dims, 2),
        _stride(dims),
        _CEIL,
    )
    return LayerKind(
        name,
        "Pooling",
        "pool",
        "Keeps the p-norm of each window: between a sum and a maximum.",
        "Sums the p-th powers of each window and takes the p-th root; with p = 1 it is a sum pooling.",
        ROW,
        OUT,
        _powered(dims),
        params,
        module=f"nn.{name}",
        arguments=tuple(param.name for param in params),
        forward="{self}({input})",
        words=("downsample", "norm", "power", HINTS[dims]),
        formula="y = (Σ xᵖ)^(1/p)",
        stem="pool",
        hint=HINTS[dims],
        example=example(dims),
        example_params=(("norm_type", 1.0),),
    )


def _adaptive_kind(dims: int, largest: bool) -> LayerKind:
    name = f"Adaptive{'Max' if largest else 'Avg'}Pool{dims}d"
    what = "largest value" if largest else "mean"
    words = "Size that goes out." if dims == 1 else "Size that goes out; keep: as it comes in along that dimension."
    size = Param(
        "output_size", "size", 1, words, 1, 4096, dims=dims, unit="px", required=True, keeps=dims > 1, empty="keep"
    )
    call = "adaptive_max_pool" if largest else "adaptive_avg_pool"
    return LayerKind(
        name,
        "Pooling",
        "pool",
        f"Keeps the {what} of as many windows as you choose, whatever size comes in.",
        f"Divides the input into as many windows as asked for and takes each one's {what}; 1 is global pooling.",
        ROW,
        (*OUT, _INDICES) if largest else OUT,
        _adaptive(dims),
        (size, _RETURN) if largest else (size,),
        module=f"nn.{name}",
        arguments=("output_size", "return_indices") if largest else ("output_size",),
        forward="{self}({input})",
        fast=f"F.{call}{dims}d({{input}}, {{p_output_size}})",
        unpack="{output}" if largest else "",
        variants=(_WITH_INDICES,) if largest else (),
        words=("global maximum",) if largest else ("global average", "gap", HINTS[dims]),
        formula=f"y = {what} of each window",
        stem="pool",
        hint=HINTS[dims],
        example=example(dims),
    )


def _fractional_kind(dims: int) -> LayerKind:
    name = f"FractionalMaxPool{dims}d"
    size = Param(
        "output_size",
        "size",
        2,
        "Size that goes out; empty: output_ratio of what comes in.",
        1,
        4096,
        dims=dims,
        unit="px",
        optional=True,
        required=True,
        empty="by ratio",
    )
    words = "Share of the size that goes out, below 1; one, or one a dimension."
    most = 1 - 2**-10
    ratio = Param(
        "output_ratio", "numbers", (0.5,), words, 2**-10, most, required=True, only_with=("output_size", (None,))
    )
    return LayerKind(
        name,
        "Pooling",
        "pool",
        "Keeps the largest value of windows at random places, so that any smaller size can go out.",
        "The places of the windows are drawn anew at every pass, also after training (Graham 2014, arXiv:1412.6071).",
        ROW,
        (*OUT, _INDICES),
        _fractional(dims),
        (kernel_size(dims, 2), size, ratio, _RETURN),
        module=f"nn.{name}",
        arguments=("kernel_size", "output_size", "output_ratio", "return_indices"),
        forward="{self}({input})",
        unpack="{output}",
        variants=(_WITH_INDICES,),
        words=("downsample", "random", "maximum", HINTS[dims]),
        formula="y = max over windows at random places",
        stem="pool",
        hint=HINTS[dims],
        example=example(dims),
    )


def _unpool_kind(dims: int) -> LayerKind:
    name = f"MaxUnpool{dims}d"
    return LayerKind(
        name,
        "Pooling",
        "pool",
        "Puts values back where the largest ones stood; all else becomes zero.",
        "The way back of MaxPool: needs its indices, and the same kernel, stride and padding.",
        (PortSpec("input"), PortSpec("indices", "int", help="From the MaxPool, with return_indices on.")),
        OUT,
        _unpooled(dims),
        (kernel_size(dims, 2), _stride(dims), pixels("padding", 0, "Border the MaxPool added.", dims)),
        module=f"nn.{name}",
        arguments=("kernel_size", "stride", "padding"),
        forward="{self}({input}, {indices})",
        words=("upsample", "decoder", "segnet", HINTS[dims]),
        formula="size = (n − 1)·stride − 2·padding + kernel",
        stem="unpool",
        hint="upsampling",
        example=(*example(dims), TensorType(example(dims)[0].shape, "int64")),
    )


_DIMS = (1, 2, 3)
KINDS = (
    *(_max_kind(dims) for dims in _DIMS),
    *(_average_kind(dims) for dims in _DIMS),
    *(_adaptive_kind(dims, largest=False) for dims in _DIMS),
    *(_adaptive_kind(dims, largest=True) for dims in _DIMS),
    *(_power_kind(dims) for dims in _DIMS),
    *(_fractional_kind(dims) for dims in (2, 3)),
    *(_unpool_kind(dims) for dims in _DIMS),
)
