"""Calls as a project wants them: without what nobody reads, outputs that end, parameters that were set by hand only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from core.catalog import find
from core.catalog.kind import LayerKind, Param, TensorType
from core.catalog.python_block import PYTHON, fitted
from core.exchange.calls import INPUT, Call, Imported, Ref
from core.graph import Parameters, Value
from core.shapes import Shapes, complete, shapes_of

Types = dict[Ref, TensorType]


def settled(imported: Imported) -> Imported:
    """The network without calls that no output needs; each output is a call of its own that nothing else reads."""
    ended = _ended(imported)
    needed = {ref.call for _name, ref in ended.outputs}
    for place in reversed(range(len(ended.calls))):
        if place in needed:
            needed.update(ref.call for refs in ended.calls[place].inputs.values() for ref in refs)
    kept = [place for place in range(len(ended.calls)) if place in needed]
    places = {old: new for new, old in enumerate(kept)} | {INPUT: INPUT}
    calls = tuple(_moved(ended.calls[place], places) for place in kept)
    outputs = tuple((name, Ref(places[ref.call], ref.port)) for name, ref in ended.outputs)
    return replace(ended, calls=calls, outputs=outputs)


def _moved(call: Call, places: Mapping[int, int]) -> Call:
    inputs = {port: tuple(Ref(places[ref.call], ref.port) for ref in refs) for port, refs in call.inputs.items()}
    return replace(call, inputs=inputs)


def _ended(imported: Imported) -> Imported:
    """With an Identity behind every output that would not be told from what is read inside."""
    read = {ref.call for call in imported.calls for refs in call.inputs.values() for ref in refs}
    calls = list(imported.calls)
    ends = [ref.call for _name, ref in imported.outputs]
    outputs: list[tuple[str, Ref]] = []
    for name, ref in imported.outputs:
        is_end = ref.call != INPUT and ref.call not in read and ends.count(ref.call) == 1
        told = is_end and ref.port == _first_port(calls[ref.call])
        if not told:
            calls.append(Call(name, "Identity", inputs={"input": (ref,)}))
        outputs.append((name, ref if told else Ref(len(calls) - 1)))
    return replace(imported, calls=tuple(calls), outputs=tuple(outputs))


def _first_port(call: Call) -> str:
    ports = kind_of(call).outputs_with(tuple(call.params.items()))
    return ports[0].name if ports else "output"


def kind_of(call: Call) -> LayerKind:
    """The call's kind, with the ports that its own source gives it; raises KindError."""
    return fitted(tuple(call.params.items())) if call.kind == PYTHON else find(call.kind)


def by_hand(imported: Imported) -> list[Parameters]:
    """For every call the parameters that neither have their default nor follow from the wires."""
    types: Types = {Ref(INPUT, name): kind for name, kind in imported.inputs}
    found: list[Parameters] = []
    for place, call in enumerate(imported.calls):
        kind = kind_of(call)
        types |= {Ref(place, port): out for port, out in call.types.items()}
        inputs = inputs_of(kind, call.inputs, types)
        params = reduced(kind, call.params, inputs)
        found.append(params)
        if inputs is not None and not kind.opaque:
            shaped = shapes_of(kind, params, inputs).shaped
            types |= {Ref(place, port): out for port, out in (shaped.outputs if shaped is not None else {}).items()}
    return found


def inputs_of(
    kind: LayerKind, wires: Mapping[str, Sequence[Ref]], types: Mapping[Ref, TensorType]
) -> dict[str, TensorType | tuple[TensorType, ...]] | None:
    """What comes in by port; None where a part of it is not known."""
    found: dict[str, TensorType | tuple[TensorType, ...]] = {}
    for port in kind.inputs:
        refs = wires.get(port.name, ())
        if not all(ref in types for ref in refs):
            return None
        if port.variadic:
            found[port.name] = tuple(types[ref] for ref in refs)
        elif refs:
            found[port.name] = types[refs[0]]
    return found


def reduced(
    kind: LayerKind,
    params: Mapping[str, Value],
    inputs: Mapping[str, TensorType | tuple[TensorType, ...]] | None,
) -> Parameters:
    """The parameters that say something; raises ParameterError for one that the kind does not have or take."""
    whole = {name: _plain(kind.param(name), value, kind.name) for name, value in params.items()}
    if "kernel_size" in whole and whole.get("stride") == whole["kernel_size"] and kind.param("stride").optional:
        whole["stride"] = None  # a pooling's stride is its window's width anyway
    inferred = kind.infer(inputs) if inputs is not None else {}
    said = {name: value for name, value in whole.items() if not _follows(kind.param(name), value, inferred)}
    if inputs is not None and not kind.opaque and _result(kind, said, inputs) != _result(kind, whole, inputs):
        said = whole  # a size that nothing infers after all
    return tuple(sorted(said.items()))


def _follows(param: Param, value: Value, inferred: Mapping[str, Value]) -> bool:
    if param.name in inferred:
        return value is None or value == inferred[param.name]
    return value == param.default


def _plain(param: Param, value: Value, where: str) -> Value:
    """The value as the parameter holds it; equal sizes along all dimensions are one number."""
    if param.type == "size" and isinstance(value, tuple) and len(set(value)) == 1 and value[0] is not None:
        value = value[0]
    return param.check(value, where)


def _result(
    kind: LayerKind, params: Mapping[str, Value], inputs: Mapping[str, TensorType | tuple[TensorType, ...]]
) -> tuple[Mapping[str, Value], object]:
    found: Shapes = shapes_of(kind, tuple(sorted(params.items())), inputs)
    return complete(kind, tuple(params.items()), found.inferred), found.shaped
