"""The notation of Einstein's summation, as torch.einsum reads it, held against the types of its tensors."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from core.catalog.kind import Batch, Dim, TensorType
from core.errors import ShapeError

_REST = "..."


@dataclass(frozen=True, slots=True)
class _Equation:
    """The letters of each input and of the output; `...` stands as one item."""

    inputs: tuple[tuple[str, ...], ...]
    output: tuple[str, ...]


def contracted(text: str, tensors: tuple[TensorType, ...]) -> tuple[TensorType, int]:
    """The type of the result, and multiply-accumulates of a sample; raises ShapeError where the two do not fit."""
    equation = _parsed(text)
    if len(equation.inputs) != len(tensors):
        raise ShapeError(
            f"{len(equation.inputs)} wires were wanted by the equation", f"{len(tensors)} came", fix="Change equation."
        )
    dtypes = {tensor.dtype for tensor in tensors}
    if len(dtypes) > 1 or "bool" in dtypes:
        raise ShapeError("numbers of one dtype were wanted", " and ".join(sorted(dtypes)), fix="Insert a Cast before.")
    rest = max(
        (len(t.shape) - len(n) + 1 for n, t in zip(equation.inputs, tensors, strict=True) if _REST in n), default=0
    )
    sizes: dict[str, Dim] = {}
    for names, tensor in zip(equation.inputs, tensors, strict=True):
        _collect(_spread(names, len(tensor.shape), rest), tensor, sizes)
    output = (
        _spread(equation.output, len(equation.output) - 1 + rest, rest) if _REST in equation.output else equation.output
    )
    _judge(equation, output, sizes)
    dtype = next(iter(dtypes))
    summed = any(name not in output for name in sizes)
    if summed and len(tensors) == 1 and dtype in {"uint8", "int8", "int16", "int32"}:
        dtype = "int64"
    macs = math.prod(_number(size) for size in sizes.values()) if len(tensors) > 1 else 0
    return TensorType(tuple(sizes[name] for name in output), dtype), macs


def _parsed(text: str) -> _Equation:
    left, arrow, right = text.replace(" ", "").partition("->")
    inputs = tuple(_letters(part, text) for part in left.split(","))
    if arrow:
        output = _letters(right, text)
    else:
        counts = Counter(name for names in inputs for name in names if name != _REST)
        output = ((_REST,) if any(_REST in names for names in inputs) else ()) + tuple(
            sorted(name for name, count in counts.items() if count == 1)
        )
    known = {name for names in inputs for name in names}
    if len(set(output)) < len(output) or not known.issuperset(output):
        raise _misread(text)
    return _Equation(inputs, output)


def _letters(part: str, text: str) -> tuple[str, ...]:
    before, dots, behind = part.partition(_REST)
    names = (*before, *((_REST,) if dots else ()), *behind)
    if not all(name == _REST or (name.isascii() and name.isalpha()) for name in names):
        raise _misread(text)
    return names


def _misread(text: str) -> ShapeError:
    return ShapeError("an equation like bij,bjk->bik was wanted", f"“{text}” came", fix="Change equation.")


def _spread(names: tuple[str, ...], rank: int, rest: int) -> tuple[str, ...]:
    """The names of every dimension: those of `...` are numbered from behind, so that they stretch as torch's do."""
    count = rank - (len(names) - 1) if _REST in names else 0
    if count < 0 or (_REST not in names and rank != len(names)):
        raise ShapeError(
            f"{len(names) - (_REST in names)} dimensions were wanted by {''.join(names)}",
            f"{rank} came",
            fix="Change equation.",
        )
    dots = tuple(f"{_REST}{place}" for place in range(rest - count, rest))
    return tuple(item for name in names for item in (dots if name == _REST else (name,)))


def _collect(names: tuple[str, ...], tensor: TensorType, sizes: dict[str, Dim]) -> None:
    here: dict[str, Dim] = {}
    for name, size in zip(names, tensor.shape, strict=True):
        if here.setdefault(name, size) != size or (isinstance(size, Batch) and names.count(name) > 1):
            raise ShapeError(
                f"one size was wanted for {name} within a tensor", f"{tensor.full} came", fix="Use another letter."
            )
        known = sizes.setdefault(name, size)
        if known != size and 1 not in (known, size):
            raise ShapeError(
                f"one size was wanted for {name}", f"{known} and {size} came", fix="Use another letter, or Transpose."
            )
        sizes[name] = size if known == 1 else known


def _judge(equation: _Equation, output: tuple[str, ...], sizes: Mapping[str, Dim]) -> None:
    for name, size in sizes.items():
        if isinstance(size, Batch) and name not in output:
            raise ShapeError(
                "samples that stay apart were wanted",
                f"{name}, the batch, is summed",
                fix=f"Put {name[0] if name[0] != '.' else _REST} behind the arrow: {''.join(equation.output)}.",
            )


def _number(size: Dim) -> int:
    return size if isinstance(size, int) else size.multiple
