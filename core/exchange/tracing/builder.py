"""Calls in the making: each is held against the kind's formula before it counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from torch import Tensor

from core.catalog import KINDS
from core.catalog.kept import CONSTANT, LEARNABLE
from core.catalog.kind import Batch, TensorType
from core.errors import ChainruleError
from core.exchange.calls import INPUT, Call, Ref, Scope
from core.exchange.settling import reduced
from core.exchange.tracing.pairing import Tensors, ways_cut
from core.graph import Value
from core.shapes import shapes_of

if TYPE_CHECKING:
    from core.exchange.calls import Array


class Unmapped(Exception):
    """What torch does here has no kind of ours, for this reason."""


class Wire(NamedTuple):
    """A tensor of the network that is being made."""

    ref: Ref
    type: TensorType

    @property
    def rank(self) -> int:
        """How many dimensions it has, the batch counted."""
        return len(self.type.shape)

    def place(self, dim: int) -> int:
        """The dimension counted from the front."""
        if not -max(self.rank, 1) <= dim < max(self.rank, 1):
            raise Unmapped(f"there is no dimension {dim}")
        return dim % max(self.rank, 1)


Fed = Wire | Tensors | Sequence[Wire | Tensors]


class Builder:
    """Collects the calls of one network."""

    def __init__(self, parameters: Mapping[str, Tensor]) -> None:
        self._names = {tensor.data_ptr(): path for path, tensor in parameters.items()}
        self._frozen = {path for path, tensor in parameters.items() if not tensor.requires_grad}
        self.calls: list[Call] = []
        self.scope: Scope = ()
        self.name = ""
        self.wires: dict[tuple[str, int, int], Wire] = {}
        """By source, number and output of the Tensors they stand for."""
        self.tied: set[int] = set()
        """Where the weights lie that layers of several kinds share: they are nodes of their own."""
        self.used: list[tuple[int, ...]] = []
        """By call, which of the module's tensors are its weights, told by where they lie."""
        self._held: dict[int, Wire] = {}
        self._alive: list[Tensor] = []
        """Weights must outlive the work: another tensor in their place would be taken for them."""

    def input(self, index: int, name: str, kind: TensorType) -> None:
        """Take an input of the network."""
        self.wires["input", index, 0] = Wire(Ref(INPUT, name), kind)

    def call(
        self,
        kind: str,
        params: Mapping[str, Value] | None = None,
        weights: Mapping[str, Tensor] | None = None,
        **inputs: Fed,
    ) -> Wire:
        """One call more, and its first output; raises Unmapped where the kind does not take this."""
        return self.calls_of(kind, params, weights, inputs)[0]

    def calls_of(
        self,
        kind: str,
        params: Mapping[str, Value] | None,
        weights: Mapping[str, Tensor] | None,
        inputs: Mapping[str, Fed],
    ) -> tuple[Wire, ...]:
        """The same with all outputs."""
        known = KINDS.get(kind)
        if known is None:
            raise Unmapped(f"there is no kind {kind}")
        fed = {port: self._fed(value) for port, value in inputs.items()}
        types = {
            port: tuple(wire.type for wire in wires) if spec.variadic else wires[0].type
            for port, wires in fed.items()
            if (spec := known.input(port)) is not None
        }
        try:
            said = reduced(known, params or {}, types)
        except ChainruleError as error:
            raise Unmapped(str(error)) from error
        result = shapes_of(known, said, types)
        if result.shaped is None:
            raise Unmapped(str(result.error))
        outputs = result.shaped.outputs
        refs = {port: tuple(wire.ref for wire in wires) for port, wires in fed.items()}
        return self.add(Call(self.name, kind, dict(params or {}), refs, self.scope, arrays(weights)), outputs, weights)

    def add(
        self, call: Call, outputs: Mapping[str, TensorType], weights: Mapping[str, Tensor] | None
    ) -> tuple[Wire, ...]:
        """Take a call whose outputs are known."""
        self.calls.append(call)
        self._alive += (weights or {}).values()
        self.used.append(tuple(tensor.data_ptr() for tensor in (weights or {}).values() if tensor.numel()))
        self.name = ""
        return tuple(Wire(Ref(len(self.calls) - 1, port), kind) for port, kind in outputs.items())

    def wire(self, tensors: Tensors) -> Wire:
        """The wire that brings this tensor; parameters and constants become nodes where they are first asked for."""
        key = tensors.source, tensors.index, tensors.output
        if key in self.wires:
            return self.wires[key]
        if tensors.source == "made":
            raise Unmapped("what comes in was made by something that could not be mapped")
        pointer = tensors.tensor.data_ptr() if tensors.source == "param" else id(tensors.tensor)
        if pointer not in self._held:
            self._held[pointer] = self._tensor(tensors)
        return self._held[pointer]

    def parameter(self, tensor: Tensor) -> Wire:
        """The node of a parameter; there is one of it, however many read it."""
        if tensor.data_ptr() not in self._held:
            self._held[tensor.data_ptr()] = self._learnable(tensor)
        return self._held[tensor.data_ptr()]

    def rewind(self, count: int) -> None:
        """Forget the calls from this number on."""
        del self.calls[count:], self.used[count:]
        self._held = {key: wire for key, wire in self._held.items() if wire.ref.call < count}

    def _tensor(self, tensors: Tensors) -> Wire:
        if tensors.source == "param":
            return self._learnable(tensors.tensor)
        if tensors.ways == ():
            return self.constant(tensors.tensor)
        if tensors.ways != (0,):
            raise Unmapped("a constant grows with the batch in another dimension than the first")
        small = self.constant(ways_cut(tensors.tensor, tensors.ways))
        first = tensors.type.shape[0]
        if first != Batch():
            raise Unmapped("a constant is several times as long as the batch")
        return self.call("Expand", {"batch": True, "shape": (-1,) * (small.rank - 1)}, input=small)

    def _learnable(self, tensor: Tensor) -> Wire:
        params: dict[str, Value] = {"shape": tuple(tensor.shape)}
        path = self._names.get(tensor.data_ptr(), "")
        if path in self._frozen:
            params["frozen"] = True
        kept, self.name = self.name, path.rpartition(".")[2]
        wire = self.call(LEARNABLE, params, {"value": tensor})
        self.name = kept
        return wire

    def constant(self, tensor: Tensor) -> Wire:
        """A tensor that stays as it is."""
        dtype = str(tensor.dtype).removeprefix("torch.")
        kept = tensor if not tensor.is_floating_point() else tensor.float()
        params: dict[str, Value] = {"shape": tuple(tensor.shape), "dtype": str(kept.dtype).removeprefix("torch.")}
        wire = self.call(CONSTANT, params, {"value": kept})
        return wire if wire.type.dtype == dtype else self.call("Cast", {"dtype": dtype}, input=wire)

    def _fed(self, value: Fed) -> tuple[Wire, ...]:
        if isinstance(value, Wire):
            return (value,)
        if isinstance(value, Tensors):
            return (self.wire(value),)
        return tuple(item if isinstance(item, Wire) else self.wire(item) for item in value)


def arrays(weights: Mapping[str, Tensor] | None) -> dict[str, Array]:
    """The weights as numpy has them; it has no bfloat16, so those become float32."""
    return {name: _array(tensor) for name, tensor in (weights or {}).items()}


def _array(tensor: Tensor) -> Array:
    whole: Any = tensor.detach().cpu()
    if str(whole.dtype) == "torch.bfloat16":
        whole = whole.float()
    return np.array(whole.numpy(), copy=True)
