"""The list of calls while it is being written: every call's types follow from the catalog's own shape formulas."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np

from core.catalog import find
from core.catalog.kept import CONSTANT, LEARNABLE
from core.catalog.kind import Batch, Dim, TensorType
from core.catalog.python_block import PYTHON
from core.errors import ChainruleError, ShapeError
from core.exchange.calls import INPUT, Call, Ref, Scope
from core.exchange.onnx.values import Array, Wire
from core.graph import Value as Setting
from core.shapes import shapes_of

Inputs = Mapping[str, Wire | tuple[Wire, ...]]
Params = Mapping[str, Setting]
Weights = Mapping[str, Array]
_NOTHING: Mapping[str, Array] = MappingProxyType({})


class Writer:
    """Calls in running order, with what each of them makes."""

    def __init__(self, inputs: tuple[tuple[str, TensorType], ...]) -> None:
        self.inputs = inputs
        self.calls: list[Call] = []
        self.name = ""
        """How the next call is called."""
        self.scope: Scope = ()
        """The modules around the next call."""
        self._made: list[Mapping[str, TensorType]] = []
        self._constants: dict[tuple[str, str | bytes, tuple[int, ...]], Wire] = {}

    def wire(self, name: str) -> Wire:
        """The input of this name."""
        return Wire(Ref(INPUT, name), dict(self.inputs)[name])

    def call(
        self, kind: str, params: Params | None = None, weights: Weights = _NOTHING, shared: str = "", **inputs: Any
    ) -> Wire:
        """The first output of a new call of this kind; inputs by port; raises ShapeError where they do not fit."""
        return self.outputs(kind, params, weights, shared, **inputs)[0]

    def outputs(
        self, kind: str, params: Params | None = None, weights: Weights = _NOTHING, shared: str = "", **inputs: Any
    ) -> tuple[Wire, ...]:
        """All outputs of a new call of this kind."""
        wires = {port: _bundle(value) for port, value in inputs.items() if value is not None}
        made = _types(kind, dict(params or {}), wires)
        refs = {port: tuple(wire.ref for wire in bundle) for port, bundle in wires.items()}
        self.calls.append(Call(self.name, kind, dict(params or {}), refs, self.scope, dict(weights), shared))
        self._made.append(made)
        return tuple(Wire(Ref(len(self.calls) - 1, port), made_type) for port, made_type in made.items())

    def opaque(
        self,
        source: str,
        settings: Mapping[str, str | int | bool],
        types: Mapping[str, TensorType],
        weights: Weights = _NOTHING,
        **inputs: Wire,
    ) -> tuple[Wire, ...]:
        """The outputs of a new node that holds this Python source, with these arguments for its class."""
        params: dict[str, Setting] = {"source": source, "settings": json.dumps(settings) if settings else ""}
        refs = {port: (wire.ref,) for port, wire in inputs.items()}
        self.calls.append(Call(self.name, PYTHON, params, refs, self.scope, dict(weights), types=dict(types)))
        self._made.append(types)
        return tuple(Wire(Ref(len(self.calls) - 1, port), kind) for port, kind in types.items())

    def maker(self, wire: Wire) -> Call | None:
        """The call that makes this wire; None for an input."""
        return self.calls[wire.ref.call] if wire.ref.call != INPUT else None

    def source(self, wire: Wire, port: str = "input", order: int = 0) -> Wire:
        """A wire that goes into the call which makes this one."""
        call = self.maker(wire)
        assert call is not None  # the caller knows what makes it
        ref = call.inputs[port][order]
        return Wire(ref, self._made[ref.call][ref.port]) if ref.call != INPUT else self.wire(ref.port)

    def amend(self, wire: Wire, params: Params, weights: Weights) -> None:
        """Give the call that makes this wire further parameters and weights; its types stay."""
        place = wire.ref.call
        old = self.calls[place]
        self.calls[place] = replace(old, params={**old.params, **params}, weights={**old.weights, **weights})

    def constant(self, array: Array, learned: str = "") -> Wire:
        """Numbers that are part of the network, as a wire; `learned` names those that are a parameter of their own."""
        numbers = np.ascontiguousarray(array).reshape(array.shape)
        key = (numbers.dtype.name, learned or numbers.tobytes(), numbers.shape)
        if key not in self._constants:
            outer, self.name = self.name, learned.rpartition(".")[2] or self.name
            self._constants[key] = self._held(numbers, bool(learned))
            self.name = outer
        return self._constants[key]

    def _held(self, numbers: Array, learned: bool) -> Wire:
        params: dict[str, Setting] = {"shape": tuple(numbers.shape)}
        if learned:
            return self.call(LEARNABLE, params, {"value": numbers})
        return self.call(CONSTANT, {**params, "dtype": numbers.dtype.name}, {"value": numbers})

    def used(self, outputs: Mapping[str, Ref]) -> tuple[tuple[Call, ...], tuple[tuple[str, Ref], ...]]:
        """The calls that the outputs need, and where the outputs are then."""
        needed = set[int]()
        waiting = [ref.call for ref in outputs.values()]
        while waiting:
            place = waiting.pop()
            if place != INPUT and place not in needed:
                needed.add(place)
                waiting += [ref.call for refs in self.calls[place].inputs.values() for ref in refs]
        places = {old: new for new, old in enumerate(sorted(needed))} | {INPUT: INPUT}
        kept = tuple(_moved(self.calls[place], places) for place in sorted(needed))
        return kept, tuple((name, Ref(places[ref.call], ref.port)) for name, ref in outputs.items())


def _bundle(value: object) -> tuple[Wire, ...]:
    return (value,) if isinstance(value, Wire) else tuple(value)  # type: ignore[arg-type]  # a wire, or several


def _types(kind: str, params: dict[str, Setting], wires: Mapping[str, tuple[Wire, ...]]) -> Mapping[str, TensorType]:
    """What the kind makes of these, by its formula; raises the formula's error."""
    known = find(kind)
    variadic = {port.name for port in known.inputs if port.variadic}
    types = {
        port: tuple(wire.type for wire in bundle) if port in variadic else bundle[0].type
        for port, bundle in wires.items()
    }
    result = shapes_of(known, tuple(sorted(params.items())), types)
    if result.shaped is None:
        assert isinstance(result.error, ChainruleError)  # one of the two is there
        raise ShapeError(result.error.wanted, result.error.came, kind, result.error.fix) from None
    return result.shaped.outputs


def _moved(call: Call, places: Mapping[int, int]) -> Call:
    inputs = {port: tuple(Ref(places[ref.call], ref.port) for ref in refs) for port, refs in call.inputs.items()}
    return replace(call, inputs=inputs)


def multiple(dim: Dim) -> tuple[int, int]:
    """A dimension as batches and numbers: B is (1, 1), 4B is (1, 4), 7 is (0, 7)."""
    return (1, dim.multiple) if isinstance(dim, Batch) else (0, dim)


def batches(shape: tuple[Dim, ...]) -> Iterator[int]:
    """The places at which the batch stands."""
    return (place for place, dim in enumerate(shape) if isinstance(dim, Batch))
