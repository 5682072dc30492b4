"""Functions of torch that change sizes of images: borders, scales, windows, pixels."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import Any

from core.exchange.ops.entry import Entry, Table
from core.exchange.tracing.arguments import Given
from core.exchange.tracing.builder import Wire


def _pad(given: Given) -> Wire:
    mode = given.raw("mode") or "constant"
    value = 0.0 if given.raw("value") is None else float(given.number("value"))
    params = {"pad": given.ints("pad"), "mode": mode, "value": value}
    return given.builder.call("Pad", params, input=given.wire())


def _interpolate(given: Given) -> Wire:
    wire = given.wire()
    size = given.raw("size")
    params: dict[str, Any] = {"mode": given.raw("mode"), "align_corners": bool(given.raw("align_corners"))}
    extent = tuple(given.ints("size")) if size is not None else None
    dims = wire.rank - 2
    if extent is None:
        scale = given.raw("scale_factor")
        factors = tuple(scale) if isinstance(scale, list | tuple) else (scale,)
        params["scale_factor"] = tuple(float(factor) for factor in factors)
        before = wire.type.features[1:]
        each = params["scale_factor"] * dims if len(factors) == 1 else params["scale_factor"]
        if given.raw("recompute_scale_factor"):
            extent = tuple(math.floor(have * factor) for have, factor in zip(before, each, strict=True))
    if extent is not None:
        params.pop("scale_factor", None)
        params["size"] = extent * dims if len(extent) == 1 else extent
    return given.builder.call("Interpolate", params, input=wire)


def _aten_upsample(mode: str) -> Entry:
    """Aten's upsampling: with corners where the mode has them, by a size or by factors."""

    def make(given: Given) -> Wire:
        wire = given.wire()
        params: dict[str, Any] = {"mode": mode, "align_corners": given.flag("align_corners")}
        if given.raw("size") is not None:
            params["size"] = given.ints("size")
        else:
            params["scale_factor"] = tuple(float(factor) for factor in given.raw("factors"))
        return given.builder.call("Interpolate", params, input=wire)

    corners = "" if mode.startswith("nearest") else " align_corners"
    default = " align_corners=False" if not corners else ""
    return Entry(f"input size{corners} factors=None{default}", make)


def _pixels(kind: str, name: str) -> Entry:
    return Entry(f"input {name}", lambda given: given.builder.call(kind, {name: given.whole(name)}, input=given.wire()))


def _windows(given: Given) -> Wire:
    params = {name: given.ints(name) for name in ("kernel_size", "dilation", "padding", "stride")}
    return given.builder.call("Unfold", _two(params), input=given.wire())


def _from_windows(given: Given) -> Wire:
    names = ("output_size", "kernel_size", "dilation", "padding", "stride")
    return given.builder.call("Fold", _two({name: given.ints(name) for name in names}), input=given.wire())


def _two(params: dict[str, tuple[int, ...]]) -> dict[str, Any]:
    return {name: sizes * 2 if len(sizes) == 1 else sizes for name, sizes in params.items()}


OPS: Table = MappingProxyType(
    {
        "pad": Entry("input pad mode='constant' value=None", _pad),
        "constant_pad_nd": Entry("input pad value=None mode='constant'", _pad),
        "interpolate": Entry(
            "input size=None scale_factor=None mode='nearest' align_corners=None recompute_scale_factor=None "
            "antialias=False",
            _interpolate,
        ),
        "upsample": Entry(
            "input size=None scale_factor=None mode='nearest' align_corners=None recompute_scale_factor=None",
            _interpolate,
        ),
        "upsample_nearest1d": _aten_upsample("nearest"),
        "upsample_nearest2d": _aten_upsample("nearest"),
        "upsample_nearest3d": _aten_upsample("nearest"),
        "upsample_linear1d": _aten_upsample("linear"),
        "upsample_bilinear2d": _aten_upsample("bilinear"),
        "upsample_bicubic2d": _aten_upsample("bicubic"),
        "upsample_trilinear3d": _aten_upsample("trilinear"),
        "pixel_shuffle": _pixels("PixelShuffle", "upscale_factor"),
        "pixel_unshuffle": _pixels("PixelUnshuffle", "downscale_factor"),
        "channel_shuffle": _pixels("ChannelShuffle", "groups"),
        "unfold": Entry("input kernel_size dilation=1 padding=0 stride=1", _windows),
        "im2col": Entry("input kernel_size dilation padding stride", _windows),
        "fold": Entry("input output_size kernel_size dilation=1 padding=0 stride=1", _from_windows),
        "col2im": Entry("input output_size kernel_size dilation padding stride", _from_windows),
    }
)
