"""An example of a kind, worked out by its own shape formula: what comes in, what goes out, and what it costs."""

from __future__ import annotations

from typing import NamedTuple

from core.catalog.kind import Arguments, LayerKind, Shaped, TensorType
from core.errors import ChainruleError

Came = tuple[tuple[str, TensorType], ...]


class Worked(NamedTuple):
    """The tensors at the first ports, the arguments they lead to, and what the formula says of them."""

    inputs: Came
    arguments: Arguments
    shaped: Shaped


def worked(kind: LayerKind) -> Worked | None:
    """The example of this kind; None for kinds without one, or without a formula."""
    if kind.opaque or (kind.inputs and not kind.example):
        return None
    names = [port.name for port in kind.inputs]
    # A port that takes several wires is the last that the example feeds: what is left over goes there too.
    ports = [names[min(place, len(names) - 1)] for place in range(len(kind.example))]
    came = tuple(zip(ports, kind.example, strict=True))
    inputs: dict[str, TensorType | tuple[TensorType, ...]] = dict(came)
    for port in kind.inputs:
        if port.variadic and port.name in inputs:
            fed = tuple(tensor for name, tensor in came if name == port.name)
            inputs[port.name] = fed if len(fed) > 1 else fed * 2
    try:
        known = {param.name: param.default for param in kind.params} | dict(kind.infer(inputs))
        arguments = known | dict(kind.example_params)
        return Worked(came, arguments, kind.shape(inputs, arguments))
    except ChainruleError:
        return None
