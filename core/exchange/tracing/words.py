"""The arguments of a call and the name of a function as Python text."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.nn import functional

from core.catalog.kind import Batch
from core.exchange.tracing.builder import Unmapped
from core.exchange.tracing.pairing import Tensors

_SPACES = (
    (torch, "torch"),
    (functional, "F"),
    (torch.linalg, "torch.linalg"),
    (torch.fft, "torch.fft"),
    (torch.special, "torch.special"),
    (torch.Tensor, "torch.Tensor"),
)


def function_text(function: Callable[..., Any], name: str) -> str:
    """How the function is called in Python; raises Unmapped where it has no public name."""
    if isinstance(function, torch._ops.OpOverload):
        return f"torch.ops.{str(function).replace('::', '.')}"
    if getattr(function, "__name__", "") == "__get__":
        return f"torch.Tensor.{name}.__get__"
    if name == "view":  # what was contiguous there need not be here
        return "torch.Tensor.reshape"
    for space, text in _SPACES:
        for word in (name, name.removeprefix(f"{text.rpartition('.')[2]}_")):
            found = getattr(space, word, None)
            if found is function or (found is not None and found == function):
                return f"{text}.{word}"
    raise Unmapped(f"{name} has no public name")


class Words:
    """Writes arguments; each tensor in them becomes an input by a name of its own."""

    def __init__(self) -> None:
        self.tensors: dict[str, Tensors] = {}

    def call(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str:
        """The arguments between the brackets."""
        self._take((args, dict(kwargs)))
        return ", ".join([*map(self.text, args), *(f"{name}={self.text(value)}" for name, value in kwargs.items())])

    def parts(self, args: tuple[Any, ...]) -> list[str]:
        """Each argument by itself."""
        return [self.text(value) for value in args]

    def _take(self, value: Any) -> None:
        """Name every tensor first: sizes are told by them."""
        if isinstance(value, Tensors):
            if not any(known is value for known in self.tensors.values()):
                self.tensors["x" if not self.tensors else f"x{len(self.tensors) + 1}"] = value
        elif isinstance(value, dict):
            self._take(tuple(value.values()))
        elif isinstance(value, list | tuple) and not isinstance(value, Batch):
            for item in value:
                self._take(item)

    def text(self, value: Any) -> str:
        """A value as Python writes it; raises Unmapped where it cannot be written."""
        if isinstance(value, Tensors):
            return next(name for name, known in self.tensors.items() if known is value)
        if isinstance(value, Batch):
            return self._batch(value)
        if isinstance(value, list | tuple):
            inside = "".join(f"{self.text(item)}, " for item in value)
            return f"[{inside}]" if isinstance(value, list) else f"({inside})"
        if isinstance(value, dict):
            return "{" + "".join(f"{key!r}: {self.text(item)}, " for key, item in value.items()) + "}"
        if isinstance(value, slice):
            return f"slice({self.text(value.start)}, {self.text(value.stop)}, {self.text(value.step)})"
        return _plain(value)

    def _batch(self, size: Batch) -> str:
        for name, tensors in self.tensors.items():
            for place, dim in enumerate(tensors.type.shape):
                if isinstance(dim, Batch):
                    return f"{name}.shape[{place}] // {dim.multiple} * {size.multiple}"
        raise Unmapped("nothing tells the number of samples")


def _plain(value: Any) -> str:
    if value is Ellipsis:
        return "..."
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    if value is None or isinstance(value, bool | int | float | str | torch.dtype):
        return repr(value)
    if isinstance(value, torch.device):
        return f'torch.device("{value}")'
    raise Unmapped(f"a {type(value).__name__} cannot be written")
