"""Images, signals and volumes made larger or smaller."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from core.exchange.onnx.task import Operation, Task, UnsupportedError, short, whole
from core.exchange.onnx.values import Array, Size, Value, Wire
from core.graph import Value as Setting

_ROUNDED: Mapping[str, Callable[[Array], Array]] = MappingProxyType(
    {
        "floor": np.floor,
        "ceil": np.ceil,
        "round_prefer_floor": lambda numbers: np.ceil(numbers - 0.5),
        "round_prefer_ceil": lambda numbers: np.floor(numbers + 0.5),
    }
)
_LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}


class _Asked(NamedTuple):
    """The sizes after it, and by which factors where these were given."""

    sizes: tuple[int, ...]
    factors: tuple[float, ...] | None


def _resize(task: Task) -> Value:
    wire = task.wire(0)
    extent = whole(wire, 2)
    first = 1 if task.opset == 10 or task.node.op == "Upsample" else 2
    asked = _asked(task, wire, extent, first)
    mode = task.get("mode", "nearest")
    if asked.sizes == extent and (asked.factors is None or set(asked.factors) == {1.0}):
        return wire
    if task.get("antialias", 0) or task.get("exclude_outside", 0) or task.get("axes"):
        raise UnsupportedError("it smooths, leaves out what is outside, or names axes")
    return _nearest(task, wire, asked) if mode == "nearest" else _smooth(task, wire, asked, mode)


def _asked(task: Task, wire: Wire, extent: tuple[int, ...], first: int) -> _Asked:
    scales = task.get("scales")
    if scales is None and task.value(first) is not None:
        known = task.numbers(first, "scale")
        scales = tuple(known.reshape(-1).tolist()) if known.size else None
    if scales is not None:
        numbers = [1.0 if isinstance(item, Size) else float(item) for item in scales]
        if numbers[:2] != [1.0, 1.0]:
            raise UnsupportedError("it resizes the batch or the channels")
        factors = tuple(short(number) for number in numbers[2:])
        return _Asked(tuple(int(size * factor) for size, factor in zip(extent, factors, strict=True)), factors)
    sizes = task.numbers(3, "size").reshape(-1).tolist()
    if task.get("keep_aspect_ratio_policy", "stretch") != "stretch":
        raise UnsupportedError("it keeps the aspect")
    if len(sizes) == len(wire.shape):
        sizes = sizes[2:]
    return _Asked(tuple(int(size) for size in sizes), None)


def _target(asked: _Asked) -> dict[str, Setting]:
    if asked.factors is None:
        return {"size": asked.sizes}
    factors = asked.factors
    return {"scale_factor": factors[:1] if len(set(factors)) == 1 else factors}


def _way(task: Task) -> str:
    default = "asymmetric" if task.opset <= 10 or task.node.op == "Upsample" else "half_pixel"
    return str(task.get("coordinate_transformation_mode", default))


def _nearest(task: Task, wire: Wire, asked: _Asked) -> Value:
    """By the source of every place: torch has two ways to find it, and a table does for all others."""
    way, rounding = _way(task), task.get("nearest_mode", "floor" if task.opset <= 10 else "round_prefer_floor")
    extent = whole(wire, 2)
    factors = asked.factors or tuple(out / size for out, size in zip(asked.sizes, extent, strict=True))
    spans = tuple(zip(extent, asked.sizes, factors, strict=True))
    wanted = [_sources(size, out, factor, way, rounding) for size, out, factor in spans]
    for mode in ("nearest", "nearest-exact"):
        theirs = [_torch(size, out, factor, mode) for size, out, factor in spans]
        if all(np.array_equal(one, other) for one, other in zip(wanted, theirs, strict=True)):
            return task.call("Interpolate", {**_target(asked), "mode": mode}, input=wire)
    for place, rows in enumerate(wanted):
        wire = task.call("IndexSelect", {"dim": place + 2}, input=wire, index=task.writer.constant(rows))
    return wire


def _sources(size: int, out: int, factor: float, way: str, rounding: str) -> Array:
    """The place that each place of the output is taken from (ONNX, Resize)."""
    places = np.arange(out, dtype=np.float64)
    match way:
        case "asymmetric":
            found = places / factor
        case "align_corners":
            found = places * (size - 1) / (out - 1) if out > 1 else places * 0
        case "half_pixel":
            found = (places + 0.5) / factor - 0.5
        case "pytorch_half_pixel":
            found = (places + 0.5) / factor - 0.5 if out > 1 else places * 0
        case _:
            raise UnsupportedError(f"it finds places by {way}")
    rounded = _ROUNDED[rounding](np.round(found, 6))
    return np.clip(rounded, 0, size - 1).astype(np.int64)


def _torch(size: int, out: int, factor: float, mode: str) -> Array:
    """The same for torch.nn.functional.interpolate."""
    offset = 0.5 if mode == "nearest-exact" else 0.0
    found = np.floor(np.round((np.arange(out) + offset) / factor, 6))
    return np.clip(found, 0, size - 1).astype(np.int64)


def _smooth(task: Task, wire: Wire, asked: _Asked, mode: str) -> Value:
    way, dims = _way(task), len(asked.sizes)
    corners = way == "align_corners"
    cubic = mode == "cubic"
    if way not in ("align_corners", "half_pixel", "pytorch_half_pixel") or (cubic and dims != 2) or dims > 3:
        raise UnsupportedError(f"it finds places by {way} in {dims} dimensions")
    if cubic and abs(task.get("cubic_coeff_a", -0.75) + 0.75) > 1e-6:
        raise UnsupportedError("its cubic has another coefficient than torch's")
    scaled = zip(whole(wire, 2), asked.factors or (), asked.sizes, strict=False)
    if corners and any(abs(size * factor - out) > 1e-4 for size, factor, out in scaled):
        raise UnsupportedError("it keeps the corners of a size that is no whole number")
    if way == "pytorch_half_pixel" and 1 in asked.sizes:
        raise UnsupportedError("it finds the place of a single number in its own way")
    params = {**_target(asked), "mode": "bicubic" if cubic else _LINEAR[dims]}
    return task.call("Interpolate", {**params, "align_corners": True} if corners else params, input=wire)


OPERATIONS: Mapping[str, Operation] = MappingProxyType({"Resize": _resize, "Upsample": _resize})
