"""Paired calls to an imported network: each becomes a call of ours, or a node that runs it as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from torch import Tensor
from torch.utils._pytree import tree_flatten

from core.catalog.kept import LEARNABLE
from core.catalog.kind import TensorType
from core.exchange.calls import Call, Imported, Ref
from core.exchange.joining import joined
from core.exchange.lifting import lifted
from core.exchange.ops.table import entry
from core.exchange.ops.weighted import TIED
from core.exchange.tracing import layers, opaque
from core.exchange.tracing.arguments import bound
from core.exchange.tracing.builder import Builder, Unmapped, Wire
from core.exchange.tracing.pairing import Op, Tensors
from core.exchange.tracing.recording import Undrawable


class Assembly:
    """A network being put together."""

    def __init__(
        self,
        inputs: Sequence[tuple[str, TensorType]],
        parameters: Mapping[str, Tensor],
        reasons: Mapping[str, str],
        aten: bool = False,
    ) -> None:
        """`parameters` are by path, `reasons` say by path why a module is taken whole."""
        self._reasons = reasons
        self.builder = Builder(parameters)
        self.inputs = tuple(inputs)
        self.notes: list[str] = []
        self._aten = aten
        for index, (name, kind) in enumerate(inputs):
            self.builder.input(index, name, kind)

    def take(self, ops: Sequence[Op]) -> None:
        """Put these calls behind what is there."""
        for index, op in enumerate(ops):
            self.builder.scope = op.scope
            self.builder.name = ""
            for wire, tensors in zip(self._made(op), op.outputs, strict=False):
                self.builder.wires["made", index, tensors.output] = wire

    def imported(self, name: str, result: Any) -> Imported:
        """What came of it, with the outputs that the module returned."""
        self.builder.scope = ()
        outputs = [(word, self._result(tensors)) for word, tensors in results(result)]
        if not outputs:
            raise Undrawable("", "it returns no tensor")
        calls = tuple(_plainer(_linked(self.builder, self.notes), outputs))
        whole = Imported(name, self.inputs, calls, tuple(outputs), tuple(dict.fromkeys(self.notes)))
        return lifted(joined(whole))

    def _result(self, tensors: Tensors) -> Ref:
        try:
            return self.builder.wire(tensors).ref
        except Unmapped as error:
            raise Undrawable("", str(error)) from error

    def _made(self, op: Op) -> tuple[Wire, ...]:
        count = len(self.builder.calls)
        try:
            wires = self._mapped(op)
            self._check(op, wires)
        except Unmapped as error:
            self.builder.rewind(count)
            self.builder.scope, self.builder.name = op.scope, ""
            return self._opaque(op, str(error))
        return wires

    def _mapped(self, op: Op) -> tuple[Wire, ...]:
        if op.module is not None:
            found = layers.layer(op.module)
            if found is None:
                raise Unmapped(self._reasons.get(op.path, "no layer of ours does what it does"))
            if names := layers.computed(op.module):
                self.notes.append(f"the norm of {op.path}'s {' and '.join(names)} is worked into it")
            return layers.called(self.builder, op, found)
        known = entry(op.name, self._aten)
        if known is None:
            raise Unmapped("no kind of ours does it")
        made = known.make(bound(self.builder, known.signature, op.name, op.args, op.kwargs))
        return (made,) if isinstance(made, Wire) else tuple(made)

    def _check(self, op: Op, wires: Sequence[Wire]) -> None:
        if len(wires) < len(op.outputs):
            raise Unmapped("it gives more tensors")
        for wire, tensors in zip(wires, op.outputs, strict=False):
            if wire.type != tensors.type:
                raise Unmapped(f"{tensors.type.full} {tensors.type.dtype} would become {wire.type.full}")

    def _opaque(self, op: Op, reason: str) -> tuple[Wire, ...]:
        what = f"{op.path} ({type(op.module).__name__})" if op.module is not None else op.name
        if op.module is None and op.path:
            what = f"{what} in {op.path}"
        try:
            wires = opaque.node(self.builder, op)
        except Unmapped as error:
            raise Undrawable(op.path, f"{what} has no counterpart ({reason}; {error})") from error
        self.notes.append(f"{what} is kept as Python code: {reason}")
        return wires

    def shared(self) -> set[int]:
        """Where weights lie that an Embedding, a Linear and the network's own arithmetic read, two of them or all."""
        holders: dict[int, set[str]] = {}
        for call, pointers in zip(self.builder.calls, self.builder.used, strict=True):
            for pointer in pointers:
                holders.setdefault(pointer, set()).add(call.kind)
        return {pointer for pointer, kinds in holders.items() if len(kinds & {*TIED, LEARNABLE}) > 1}


def _plainer(calls: list[Call], outputs: Sequence[tuple[str, Ref]]) -> list[Call]:
    """The calls, without the weights of attention where nobody reads them."""
    read = {ref for call in calls for refs in call.inputs.values() for ref in refs}
    read.update(ref for _name, ref in outputs)
    return [
        replace(call, params={**call.params, "need_weights": False})
        if call.params.get("need_weights") and Ref(place, "weights") not in read
        else call
        for place, call in enumerate(calls)
    ]


def results(result: Any) -> list[tuple[str, Tensors]]:
    """The outputs by name: those of a dictionary, or output, output2 and so on."""
    if isinstance(result, Mapping):
        named = [(str(key), value) for key, value in result.items()]
        return [(f"{name}{place or ''}", item) for name, value in named for place, item in enumerate(_tensors(value))]
    return [(f"output{place if place > 1 else ''}", item) for place, item in enumerate(_tensors(result), 1)]


def _tensors(value: Any) -> list[Tensors]:
    return [item for item in tree_flatten(value)[0] if isinstance(item, Tensors)]


def _linked(builder: Builder, notes: list[str]) -> list[Call]:
    """The calls, those marked that use the same weights."""
    groups: dict[tuple[str, tuple[int, ...]], list[int]] = {}
    holders: dict[int, set[tuple[str, tuple[int, ...]]]] = {}
    for place, pointers in enumerate(builder.used):
        if pointers:
            key = builder.calls[place].kind, pointers
            groups.setdefault(key, []).append(place)
            for pointer in pointers:
                holders.setdefault(pointer, set()).add(key)
    calls = list(builder.calls)
    for number, places in enumerate((places for places in groups.values() if len(places) > 1), 1):
        for place in places:
            calls[place] = replace(calls[place], shared=f"shared{number}")
    for keys in holders.values():
        if len(keys) > 1:
            kinds = " and a ".join(sorted(kind for kind, _pointers in keys))
            notes.append(f"a {kinds} share weights, which nodes of different kinds cannot: each has its own copy")
    return calls
