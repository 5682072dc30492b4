"""Shape formulas that several families share."""

from __future__ import annotations

import math
from collections.abc import Mapping

from core.catalog.kind import Arguments, Batch, Dim, Inputs, Shaped, TensorType, single
from core.errors import ShapeError
from core.graph import Value


def integer(arguments: Arguments, name: str) -> int:
    """A whole-number argument; raises ShapeError where it is not known."""
    value = arguments[name]
    if not isinstance(value, int):
        raise ShapeError(f"{name} as a number was wanted", f"{value!r} came", fix=f"Set {name}, or wire the input.")
    return value


def sizes(arguments: Arguments, name: str, dims: int) -> tuple[int, ...]:
    """A size argument as `dims` numbers."""
    value = arguments[name]
    if isinstance(value, tuple):
        return tuple(int(item) for item in value)  # type: ignore[arg-type]  # Param.check made them ints
    return (integer(arguments, name),) * dims


def listed(arguments: Arguments, name: str) -> tuple[int, ...]:
    """The numbers of a `sizes` argument; raises ShapeError where there is none."""
    value = arguments[name]
    if not isinstance(value, tuple) or not value:
        raise ShapeError(f"whole numbers were wanted as {name}", f"{value!r} came", fix=f"Set {name}.")
    return tuple(int(item) for item in value)  # type: ignore[arg-type]  # Param.check made them ints


def elementwise(inputs: Inputs, _arguments: Arguments) -> Shaped:
    """What goes in comes out."""
    return Shaped({"output": floating(single(inputs))})


def floating(tensor: TensorType, port: str = "input") -> TensorType:
    """The same tensor; raises ShapeError where it is not of floating point."""
    if not tensor.dtype.startswith(("float", "bfloat")):
        raise ShapeError(
            f"numbers of floating point were wanted at {port}",
            f"{tensor.dtype} came",
            fix="Wire the picture or the features here, not the label.",
        )
    return tensor


def ranked(tensor: TensorType, rank: int, what: str) -> TensorType:
    """The same tensor; raises ShapeError where its number of dimensions, batch counted, is another."""
    floating(tensor)
    if len(tensor.shape) != rank or not tensor.batched:
        raise ShapeError(f"{what} was wanted", f"{tensor.full} came", fix=_rank_fix(tensor, rank))
    return tensor


def _rank_fix(tensor: TensorType, rank: int) -> str:
    if len(tensor.shape) > rank == 2:
        return "Insert a Flatten before it."
    return "Insert a Reshape before it." if len(tensor.shape) != rank else "Wire a batch of samples here."


def window(size: int, kernel: int, stride: int, padding: int, dilation: int = 1, ceil: bool = False) -> int:
    """Positions of a sliding window (torch.nn.Conv2d, MaxPool2d: "Shape"); below 1 where it does not fit."""
    span = size + 2 * padding - dilation * (kernel - 1) - 1
    count = (span + (stride - 1 if ceil else 0)) // stride + 1
    return count - 1 if ceil and (count - 1) * stride >= size + padding else count


def same_size(wanted: int, got: Dim, name: str) -> None:
    """Raises ShapeError where a hand-set size contradicts the wire."""
    if wanted != got:
        raise ShapeError(f"{name} is set to {wanted}", f"the wire brings {got}", fix=f"Set {name} to {got}.")


def infer_last(name: str, inputs: Inputs) -> Mapping[str, Value]:
    """`name` as the size of the input's last dimension."""
    tensor = inputs.get("input")
    last = tensor.shape[-1] if isinstance(tensor, TensorType) and len(tensor.shape) > 1 else None
    return {name: last} if isinstance(last, int) else {}


def infer_channels(name: str, inputs: Inputs) -> Mapping[str, Value]:
    """`name` as the size of the input's second dimension."""
    tensor = inputs.get("input")
    second = tensor.shape[1] if isinstance(tensor, TensorType) and len(tensor.shape) > 1 else None
    return {name: second} if isinstance(second, int) else {}


def broadcast(left: tuple[Dim, ...], right: tuple[Dim, ...]) -> tuple[Dim, ...]:
    """The common shape by numpy's rule; raises ShapeError where there is none."""
    longer = max(len(left), len(right))
    padded = [(1,) * (longer - len(shape)) + shape for shape in (left, right)]
    return tuple(_common(one, other, left, right) for one, other in zip(*padded, strict=True))


def _common(one: Dim, other: Dim, left: tuple[Dim, ...], right: tuple[Dim, ...]) -> Dim:
    if other in (one, 1):
        return one
    if one == 1:
        return other
    first, second = TensorType(left).full, TensorType(right).full
    raise ShapeError(
        "shapes that agree were wanted",
        f"{first} and {second} came",
        fix="Give both the same size, for example with a 1×1 convolution or a Linear on one of them.",
    )


def product(dims: tuple[Dim, ...]) -> Dim:
    """The product of dimensions, at most one of which is the batch; raises ShapeError for two."""
    batches = [dim for dim in dims if isinstance(dim, Batch)]
    if len(batches) > 1:
        raise ShapeError("one batch dimension was wanted", f"{len(batches)} came")
    numbers = math.prod(dim for dim in dims if isinstance(dim, int))
    return Batch(batches[0].multiple * numbers) if batches else numbers
