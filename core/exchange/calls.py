"""A network from elsewhere as a list of calls: what every importer makes, and what is drawn as a project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from core.catalog.kind import TensorType
from core.graph import Value

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.generic]

INPUT = -1
"""As the call of a Ref: an input of the network, whose name is the port."""


class Ref(NamedTuple):
    """A tensor that a call makes: the place of the call in the list and its output port; see INPUT for the others."""

    call: int
    port: str = "output"


Scope = tuple[tuple[str, str], ...]
"""Modules around a call, outermost first, as (name in its parent, class): (("layer1", "Sequential"), ("0", "Res"))."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a layer or operation: a kind of the catalog with its parameters, and what goes in."""

    name: str
    """What it was called there, conv1 or relu_2; made valid and unique when it is drawn."""
    kind: str
    params: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    """Every parameter that is known, those that have their default or follow from the wires too."""
    inputs: Mapping[str, tuple[Ref, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """By input port what comes in: one, several for a variadic port."""
    scope: Scope = ()
    weights: Mapping[str, Array] = field(default_factory=lambda: MappingProxyType({}))
    """Parameters and buffers by their name in the module of the kind: weight, bias, running_mean."""
    shared: str = ""
    """Calls of one module have the same text here, and use the same weights."""
    types: Mapping[str, TensorType] = field(default_factory=lambda: MappingProxyType({}))
    """What comes out, where the kind has no formula that says so."""
    buffers: tuple[str, ...] = ()
    """Of the weights, those that nothing is learned of, where the kind does not say so itself."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A network as it was read: inputs by name, calls in running order, outputs by name."""

    name: str
    inputs: tuple[tuple[str, TensorType], ...]
    calls: tuple[Call, ...]
    outputs: tuple[tuple[str, Ref], ...]
    notes: tuple[str, ...] = ()
    """What the reader should know: what became opaque and why."""
