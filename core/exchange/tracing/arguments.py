"""What a function of torch was given, by the names of its arguments."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from core.catalog.kind import Batch
from core.exchange.tracing.builder import Builder, Unmapped, Wire
from core.exchange.tracing.pairing import Tensors

_IGNORED = frozenset({"inplace", "memory_format", "_stacklevel", "layout", "pin_memory", "device", "copy", "implicit"})
"""Arguments that change how something is computed, not what."""


class Given:
    """The arguments of one call."""

    def __init__(self, builder: Builder, values: Mapping[str, Any], name: str) -> None:
        self.builder = builder
        self.values = values
        self.name = name

    def raw(self, name: str) -> Any:
        """The argument as it is."""
        return self.values[name]

    def wire(self, name: str = "input") -> Wire:
        """A tensor that flows; raises Unmapped for anything else."""
        value = self.values[name]
        if not isinstance(value, Tensors):
            raise Unmapped(f"{name} is no tensor")
        return self.builder.wire(value)

    def wires(self, name: str) -> list[Wire]:
        """A list of tensors."""
        return [self.builder.wire(value) for value in self.values[name] if isinstance(value, Tensors)]

    def is_tensor(self, name: str) -> bool:
        """Whether the argument is a tensor."""
        return isinstance(self.values[name], Tensors)

    def held(self, name: str) -> Tensors | None:
        """A parameter or constant, None where none was given; raises Unmapped for a tensor that was computed."""
        value = self.values[name]
        if value is None:
            return None
        if not isinstance(value, Tensors) or value.source not in ("param", "const") or value.ways:
            raise Unmapped(f"{name} is computed")
        return value

    def number(self, name: str) -> float | int:
        """A plain number."""
        value = self.values[name]
        if isinstance(value, Tensors) and value.source == "const" and not value.type.shape:
            return float(value.tensor) if value.tensor.is_floating_point() else int(value.tensor)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Unmapped(f"{name} is no number")
        return value

    def whole(self, name: str = "dim") -> int:
        """A whole number."""
        value = self.number(name)
        if not isinstance(value, int):
            raise Unmapped(f"{name} is no whole number")
        return value

    def numbers(self, name: str) -> tuple[int | Batch, ...]:
        """A size or a list of them, as numbers or multiples of the batch."""
        value = self.values[name]
        if isinstance(value, list | tuple) and not isinstance(value, Batch):
            items: Iterable[Any] = value[0] if len(value) == 1 and isinstance(value[0], list | tuple) else value
            if isinstance(items, Batch):
                items = (items,)
            found = tuple(items)
        else:
            found = (value,)
        if not all(isinstance(item, int | Batch) for item in found):
            raise Unmapped(f"{name} holds something else than numbers")
        return found

    def ints(self, name: str) -> tuple[int, ...]:
        """The same where the batch must not be among them."""
        found = self.numbers(name)
        if any(isinstance(item, Batch) for item in found):
            raise Unmapped(f"{name} depends on the batch")
        return tuple(int(item) for item in found if isinstance(item, int))

    def flag(self, name: str) -> bool:
        """True or false."""
        return bool(self.values[name])


def bound(builder: Builder, signature: str, name: str, args: Iterable[Any], kwargs: Mapping[str, Any]) -> Given:
    """The arguments by name; raises Unmapped where they are not those of the signature.

    A signature is `input dim=None *rest`: names, Python literals as defaults, and a starred one for all the rest.
    """
    names, defaults, rest = _parsed(signature)
    values: dict[str, Any] = dict(defaults)
    given = list(args)
    for place, value in enumerate(given):
        if place < len(names):
            values[names[place]] = value
        elif rest:
            values[rest] = tuple(given[place:])
            break
        else:
            raise Unmapped("it has more arguments than are known")
    for key, value in kwargs.items():
        alias = {"self": "input", "axis": "dim", "dims": rest or "dims", "keepdims": "keepdim"}.get(key, key)
        if alias in (*names, rest):
            values[alias] = value
        elif key not in _IGNORED and value is not None and value is not False:
            raise Unmapped(f"its argument {key} has no counterpart")
    missing = [one for one in (*names, *((rest,) if rest else ())) if one not in values]
    if missing:
        raise Unmapped(f"its argument {missing[0]} is missing")
    return Given(builder, values, name)


@cache
def _parsed(signature: str) -> tuple[tuple[str, ...], tuple[tuple[str, Any], ...], str]:
    names: list[str] = []
    defaults: list[tuple[str, Any]] = []
    rest = ""
    for word in signature.split():
        name, equals, literal = word.partition("=")
        if name.startswith("*"):
            rest = name[1:]
            name = rest
        else:
            names.append(name)
        if equals:
            defaults.append((name, ast.literal_eval(literal)))
    return tuple(names), tuple(defaults), rest
