"""The way of layers with weights from the data to the loss, along which depth is counted, and how wide they are."""

from __future__ import annotations

from typing import Literal

from core.diagnosis.network import Network
from core.plan import Step, Value

_NO_DEPTH = frozenset({"Normalization", "Activation"})
"""Categories whose weights are gains and slopes, which are no layer of their own."""


def is_layer(step: Step) -> bool:
    """Whether it has weights that make new features of what comes in."""
    return step.kind.weighted and step.kind.role == "layer" and step.kind.category not in _NO_DEPTH


def trunk(network: Network) -> tuple[Step, ...]:
    """The layers with weights on the way to a loss that has most of them, input first."""
    longest: dict[str, tuple[Step, ...]] = {}
    for step in network.trained:
        before = max((longest[value.path] for value in step.values()), key=len, default=())
        longest[step.path] = (*before, step) if is_layer(step) else before
    losses = [longest[step.path] for step in network.trained if step.kind.role == "loss"]
    return max(losses, key=len, default=())


def units(network: Network, step: Step, side: Literal["in", "out"]) -> int:
    """How many features or channels come into a layer or go out of it; 0 where that is not known."""
    value = next(step.values(), None) if side == "in" else Value(step.path, step.outputs[0])
    found = network.analysis.types.get(value) if value is not None else None
    if found is None or not found.features:
        return 0
    convolved = step.kind.category == "Convolution" and len(found.features) > 1
    return found.features[0] if convolved else found.features[-1]
