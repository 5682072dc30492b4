"""Convolutions, their transposes, margins and sizes that are worked out from the input's."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from core.catalog.convolution import same_padding
from core.exchange.onnx.task import Operation, Task, UnsupportedError, one_or_all, scalar, whole
from core.exchange.onnx.values import Array, Value, Wire
from core.graph import Value as Setting

LOWEST = float(np.finfo(np.float32).min)


def margins(task: Task, extent: tuple[int, ...], kernel: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """The pads before and behind each spatial dimension, `auto_pad` worked out."""
    dims = len(extent)
    mode = task.get("auto_pad", "NOTSET")
    if mode == "VALID":
        return ((0, 0),) * dims
    if mode == "NOTSET":
        pads = task.get("pads") or (0,) * 2 * dims
        return tuple(zip(pads[:dims], pads[dims:], strict=True))
    strides, apart = (task.get(name) or (1,) * dims for name in ("strides", "dilations"))
    found = []
    for size, wide, step, gap in zip(extent, kernel, strides, apart, strict=True):
        out = -(-size // step)
        missing = max((out - 1) * step + (wide - 1) * gap + 1 - size, 0)
        less = missing // 2
        found.append((less, missing - less) if mode == "SAME_UPPER" else (missing - less, less))
    return tuple(found)


def padded(task: Task, wire: Wire, pads: tuple[tuple[int, int], ...], value: float = 0.0) -> Wire:
    """The tensor with margins around its last dimensions."""
    flat = tuple(margin for pair in reversed(pads) for margin in pair)
    while flat[-2:] == (0, 0):
        flat = flat[:-2]
    if not flat:
        return wire
    return task.call("Pad", {"pad": flat} if value == 0.0 else {"pad": flat, "value": value}, input=wire)


def _extent(wire: Wire) -> tuple[int, ...]:
    if len(wire.shape) not in (3, 4, 5) or not wire.type.batched:
        raise UnsupportedError(f"it works on {wire.type.full}, not on a batch of signals, images or volumes")
    return whole(wire, 2)


def _conv(task: Task) -> Value:
    wire, weight = task.wire(0), task.numbers(1, "weight")
    extent = _extent(wire)
    kernel = weight.shape[2:]
    pads = margins(task, extent, kernel)
    steps = _steps(task, len(extent))
    even = all(before == behind for before, behind in pads)
    apart = tuple(task.get("dilations") or (1,) * len(extent))
    same = not even and steps["stride"] == 1 and pads == same_padding(kernel, apart)
    if not even and not same:
        wire = padded(task, wire, pads)
    padding = one_or_all(tuple(before for before, _behind in pads)) if even else "same" if same else 0
    params: dict[str, Setting] = {
        "in_channels": int(wire.shape[1]),  # type: ignore[arg-type]  # `_extent` saw the batch in front
        "out_channels": int(weight.shape[0]),
        "kernel_size": one_or_all(kernel),
        **steps,
        "padding": padding,
    }
    return _layer(task, f"Conv{len(extent)}d", wire, params, weight)


def _steps(task: Task, dims: int) -> dict[str, Setting]:
    return {
        "stride": one_or_all(tuple(task.get("strides") or (1,) * dims)),
        "dilation": one_or_all(tuple(task.get("dilations") or (1,) * dims)),
        "groups": int(task.get("group", 1)),
    }


def _layer(task: Task, kind: str, wire: Wire, params: dict[str, Setting], weight: Array) -> Wire:
    bias = task.numbers(2, "bias") if task.value(2) is not None else None
    weights = {"weight": weight} if bias is None else {"weight": weight, "bias": bias}
    shared = task.shared(1, 2) if bias is not None else task.shared(1)
    return task.writer.call(kind, {**params, "bias": bias is not None}, weights, shared, input=wire)


def _transposed(task: Task) -> Value:
    wire, weight = task.wire(0), task.numbers(1, "weight")
    extent = _extent(wire)
    dims, kernel = len(extent), weight.shape[2:]
    strides, apart, extra = (
        tuple(task.get(name) or (default,) * dims)
        for name, default in (("strides", 1), ("dilations", 1), ("output_padding", 0))
    )
    # What the full transpose has beyond the asked shape is cut off: negative margins.
    full = [
        (size - 1) * step + gap * (wide - 1) + 1 + more
        for size, step, gap, wide, more in zip(extent, strides, apart, kernel, extra, strict=True)
    ]
    pads = _cuts(task, extent, full, strides)
    fitting = all(before == behind and before >= 0 for before, behind in pads)
    params: dict[str, Setting] = {
        "in_channels": int(weight.shape[0]),
        "out_channels": int(weight.shape[1]) * int(task.get("group", 1)),
        "kernel_size": one_or_all(kernel),
        **_steps(task, dims),
        "padding": one_or_all(tuple(before for before, _behind in pads)) if fitting else 0,
        "output_padding": one_or_all(extra),
    }
    made = _layer(task, f"ConvTranspose{dims}d", wire, params, weight)
    return made if fitting else padded(task, made, tuple((-before, -behind) for before, behind in pads))


def _cuts(
    task: Task, extent: tuple[int, ...], full: list[int], strides: tuple[int, ...]
) -> tuple[tuple[int, int], ...]:
    mode, asked = task.get("auto_pad", "NOTSET"), task.get("output_shape")
    dims = len(extent)
    if asked is None and mode in ("NOTSET", "VALID"):
        pads = task.get("pads") if mode == "NOTSET" else None
        pads = pads or (0,) * 2 * dims
        return tuple(zip(pads[:dims], pads[dims:], strict=True))
    grown = [size * step for size, step in zip(extent, strides, strict=True)]
    wanted = asked[-dims:] if asked is not None else grown
    found = []
    for has, want in zip(full, wanted, strict=True):
        spare = has - want
        less = spare // 2
        found.append((less, spare - less) if mode == "SAME_UPPER" else (spare - less, less))
    return tuple(found)


def _pad(task: Task) -> Value:
    wire = task.wire(0)
    given = task.get("pads") or task.get("paddings")
    pads = tuple(given) if given is not None else tuple(int(item) for item in task.numbers(1, "pads"))
    axes = task.known(3)
    rank = len(wire.shape)
    places = list(range(rank)) if axes is None else [int(axis) % rank for axis in axes]
    pairs = [(0, 0)] * rank
    for spot, place in enumerate(places):
        pairs[place] = (pads[spot], pads[spot + len(places)])
    mode = {"edge": "replicate", "wrap": "circular"}.get(task.get("mode", "constant"), task.get("mode", "constant"))
    if mode != "constant":
        return _mirrored(task, wire, pairs, mode)
    number = scalar(task.known(2)) if task.value(2) is not None else task.get("value", 0.0)
    if number is None:
        known = task.known(2)
        number = LOWEST if known is not None and known.reshape(-1)[0] == -np.inf else None
    if number is None:
        raise UnsupportedError("the number in its margins is not known")
    return padded(task, wire, tuple(pairs), float(number))


def _mirrored(task: Task, wire: Wire, pairs: list[tuple[int, int]], mode: str) -> Wire:
    flat = tuple(margin for pair in reversed(pairs) for margin in pair)
    kept = max(2 * (len(wire.shape) - 2), 2)
    if any(flat[kept:]):
        raise UnsupportedError("it mirrors the channels or the batch")
    return task.call("Pad", {"pad": flat[:kept], "mode": mode}, input=wire) if any(flat) else wire


OPERATIONS: Mapping[str, Operation] = MappingProxyType({"Conv": _conv, "ConvTranspose": _transposed, "Pad": _pad})
