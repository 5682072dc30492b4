"""Two recordings of batches of different size to one: what grew with the batch is told from what is always so."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from core.catalog.kind import Batch, Dim, TensorType
from core.exchange.calls import Scope
from core.exchange.tracing.recording import Record, Recording, Source, Undrawable, Val

BATCHES = (2, 3)
"""Samples of the two runs."""


@dataclass(frozen=True, slots=True, eq=False)
class Tensors:
    """A tensor of both runs."""

    source: Source
    index: int
    output: int
    type: TensorType
    tensor: Tensor
    """Of the first run; a constant's or parameter's numbers."""
    ways: tuple[int, ...] = ()
    """Of a constant: the dimensions that grow with the batch, along which it is the same."""


@dataclass(frozen=True, slots=True, eq=False)
class Op:
    """One call of both runs: arguments with Tensors, and Batch where a number grew with the batch."""

    name: str
    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    outputs: tuple[Tensors, ...]
    scope: Scope
    path: str
    module: nn.Module | None


def paired(runs: Sequence[Recording]) -> tuple[list[Op], Any]:
    """The calls of both runs and what was returned; raises Undrawable where the runs took different ways."""
    first, second = runs
    ops = []
    for one, other in zip(first.records, second.records, strict=False):
        if (one.name, one.path) != (other.name, other.path):
            break
        ops.append(_op(one, other))
    if not len(ops) == len(first.records) == len(second.records):
        where = (first.records + second.records)[-1].path if not ops else ops[-1].path
        raise Undrawable(where, "it does other things for other batch sizes")
    last = ops[-1].path if ops else ""
    return ops, _both(first.result, second.result, last)


def _op(one: Record, other: Record) -> Op:
    return Op(
        one.name,
        one.function,
        _both(one.args, other.args, one.path),
        _both(one.kwargs, other.kwargs, one.path),
        tuple(_both(list(one.outputs), list(other.outputs), one.path)),
        one.scope,
        one.path,
        one.module,
    )


def _both(one: Any, other: Any, where: str) -> Any:
    """An argument of both runs."""
    if isinstance(one, Val):
        return _tensors(one, other, where)
    if isinstance(one, dict):
        return {key: _both(value, other[key], where) for key, value in one.items()}
    if isinstance(one, list | tuple):
        made = _each(one, other, where)
        return tuple(made) if type(one) is tuple else made
    if isinstance(one, slice):
        return slice(*(_both(getattr(one, end), getattr(other, end), where) for end in ("start", "stop", "step")))
    return _plain(one, other, where)


def _each(one: Sequence[Any], other: Sequence[Any], where: str) -> list[Any]:
    if len(one) != len(other):
        raise Undrawable(where, "it makes as many tensors as there are samples")
    return [_both(value, more, where) for value, more in zip(one, other, strict=True)]


def _plain(one: Any, other: Any, where: str) -> Any:
    if isinstance(one, int) and not isinstance(one, bool) and one != other:
        return dim_of(one, other, where)
    if isinstance(one, float) and one != other:
        raise Undrawable(where, "it computes with the number of samples")
    return one


def dim_of(one: int, other: int, where: str) -> Dim:
    """The size that was so in the two runs; raises Undrawable where it is no multiple of the batch."""
    if one == other:
        return one
    small, large = BATCHES
    if one % small or one // small * large != other:
        raise Undrawable(where, f"a size is {one} for {small} samples and {other} for {large}")
    return Batch(one // small)


def _tensors(one: Val, other: Val, where: str) -> Tensors:
    if (one.source, one.index, one.output) != (other.source, other.index, other.output):
        raise Undrawable(where, "it does other things for other batch sizes")
    small, large = one.tensor, other.tensor
    if small.dim() != large.dim():
        raise Undrawable(where, "the number of dimensions depends on the batch")
    shape = tuple(dim_of(a, b, where) for a, b in zip(small.shape, large.shape, strict=True))
    kind = TensorType(shape, str(small.dtype).removeprefix("torch."))
    ways = _constant_ways(small, large, shape, where) if one.source == "const" else ()
    return Tensors(one.source, one.index, one.output, kind, small, ways)


def _constant_ways(one: Tensor, other: Tensor, shape: tuple[Dim, ...], where: str) -> tuple[int, ...]:
    """The dimensions of a constant that grow; raises Undrawable where its numbers depend on them."""
    ways = tuple(place for place, size in enumerate(shape) if isinstance(size, Batch))
    small, large = ways_cut(one, ways), ways_cut(other, ways)
    same = torch.equal(small, large) and torch.equal(one, small.expand_as(one))
    if not same or not torch.equal(other, large.expand_as(other)):
        raise Undrawable(where, "it makes numbers that depend on the number of samples")
    return ways


def ways_cut(tensor: Tensor, ways: Sequence[int]) -> Tensor:
    """The tensor with size 1 along these dimensions."""
    for way in ways:
        tensor = tensor.narrow(way, 0, 1)
    return tensor
