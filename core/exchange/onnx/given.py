"""The inputs of a model: which of their dimensions is the batch, and how large the others are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from core.catalog.kind import Batch, Dim, TensorType
from core.exchange.onnx.limits import refusal
from core.exchange.onnx.model import Declared, OnnxModel
from core.exchange.onnx.values import Array
from core.graph import free_name, is_valid_name

_BATCH = re.compile(r"(n|b|bs|batch.*|.*batch|.*batch_?size)", re.IGNORECASE)
_SIDE, _STEPS = 224, 16
"""How large a dimension is taken to be that the file leaves open: of an image, and of anything else."""


Fixed = Mapping[str, float | int | Array]
"""By input that holds no samples, its numbers."""


@dataclass(frozen=True, slots=True)
class Given:
    """One input: its type with the batch in front, and where the batch stood."""

    name: str
    type: TensorType
    place: int
    label: str
    """The name as a node can have it."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """All inputs of a model."""

    given: tuple[Given, ...]
    known: Mapping[str, Array]
    """Inputs that hold no samples, with the numbers that they were given."""
    fixed_batch: int
    """The batch that the file is written for, where it allows no other; else 0."""
    notes: tuple[str, ...]


def inputs_of(
    model: OnnxModel, sizes: Mapping[str, int], fixed: Fixed, shapes: Mapping[str, tuple[int, ...]]
) -> Inputs:
    """The inputs, with these sizes of what is open; raises FileError where one has no batch and no numbers."""
    declared = [item for item in model.inputs if item.name not in fixed]
    for item in declared:
        if item.shape is None:
            fix = "Export the model with the sizes of its inputs."
            raise refusal("inputs whose number of dimensions is known were wanted", f"“{item.name}” has none", fix)
    symbol = _batch_symbol(declared, sizes)
    number = 0 if symbol is not None else _batch_number(declared)
    notes: list[str] = []
    given = tuple(_given(_sized(item, symbol, number, shapes), symbol, number, sizes, notes) for item in declared)
    known = {item.name: _numbers(item, fixed[item.name]) for item in model.inputs if item.name in fixed}
    return Inputs(_labelled(given), known, number, tuple(dict.fromkeys(notes)))


def _sized(item: Declared, symbol: str | None, number: int, shapes: Mapping[str, tuple[int, ...]]) -> Declared:
    """The input with these sizes of a sample; raises FileError where the file has others."""
    told, shape = shapes.get(item.name), item.shape or ()
    place = _place(shape, symbol, number)
    if told is None or place is None:
        return item
    rest = (*shape[:place], *shape[place + 1 :])
    if len(rest) != len(told) or any(
        isinstance(has, int) and has != want for has, want in zip(rest, told, strict=True)
    ):
        wanted = f"{'×'.join(str(size or '?') for size in rest)} was wanted for a sample of “{item.name}”"
        raise refusal(wanted, f"{'×'.join(map(str, told))} came", "Give the sizes that the file has.")
    return item._replace(shape=(*told[:place], shape[place], *told[place:]))


def _numbers(item: Declared, value: float | int | Array) -> Array:
    array = np.asarray(value)
    dtype = item.dtype if item.dtype != "bfloat16" else "float32"
    return array.astype(dtype)


def _symbols(declared: list[Declared]) -> Iterator[tuple[int, str]]:
    for item in declared:
        for place, size in enumerate(item.shape or ()):
            if isinstance(size, str):
                yield place, size


def _batch_symbol(declared: list[Declared], sizes: Mapping[str, int]) -> str | None:
    """The name of the batch: one that says so, else the first in front; None where all sizes are numbers."""
    found = [(place, symbol) for place, symbol in _symbols(declared) if symbol not in sizes]
    named = [symbol for _place, symbol in found if _BATCH.fullmatch(symbol)]
    front = [symbol for place, symbol in found if place == 0]
    return next(iter((*named, *front)), None)


def _batch_number(declared: list[Declared]) -> int:
    """The size in front of the first input, in a file that names no batch."""
    shape = next((item.shape for item in declared if item.shape), (1,))
    return max(int(shape[0]), 1)


def _given(item: Declared, symbol: str | None, number: int, sizes: Mapping[str, int], notes: list[str]) -> Given:
    shape = item.shape or ()
    place = _place(shape, symbol, number)
    if place is None:
        fix = f"Give its number, as --input {item.name}=1 does, or export the model without it."
        came = f"“{item.name}” is {'×'.join(str(size or '?') for size in shape) or 'a single number'}"
        raise refusal("inputs that hold a batch of samples were wanted", came, fix)
    if place:
        notes.append(f"The batch comes first in “{item.name}”; in the file it is dimension {place}.")
    rest = (*shape[:place], *shape[place + 1 :])
    named = [f"{item.name}.{spot}" for spot in range(len(shape)) if spot != place]
    known = tuple(_size(name, size, len(shape), sizes, notes) for name, size in zip(named, rest, strict=True))
    dims: tuple[Dim, ...] = (Batch(), *known)
    return Given(item.name, TensorType(dims, item.dtype), place, item.name)


def _labelled(given: tuple[Given, ...]) -> tuple[Given, ...]:
    """The inputs by names that nodes can have, each its own."""
    taken: set[str] = set()
    found = []
    for item in given:
        plain = re.sub(r"\W+", "_", item.name, flags=re.ASCII).strip("_")
        name = plain if is_valid_name(plain) else f"input_{plain}" if plain else "input"
        name = name if is_valid_name(name) and name not in taken else free_name("input", taken)
        taken.add(name)
        found.append(replace(item, label=name))
    return tuple(found)


def _place(shape: tuple[int | str, ...], symbol: str | None, number: int) -> int | None:
    wanted: int | str = number if symbol is None else symbol
    if symbol is None:
        return shape.index(wanted) if wanted in shape[:2] else None
    if symbol in shape:
        return shape.index(symbol)
    # Exporters that trace leave out the name, or write one for every input.
    return 0 if shape and isinstance(shape[0], str) and not any(size == symbol for size in shape) else None


def _size(name: str, size: int | str, rank: int, sizes: Mapping[str, int], notes: list[str]) -> int:
    if isinstance(size, int):
        if size < 1:
            raise refusal("sizes of at least one were wanted", f"{name} is {size}", "Export the model with its sizes.")
        return size
    if size in sizes or name in sizes:
        return sizes[name] if name in sizes else sizes[size]
    taken = _SIDE if rank == 4 else _STEPS
    notes.append(f"The size {size or name}{f' ({name})' if size else ''} is open in the file and was taken as {taken}.")
    return taken
