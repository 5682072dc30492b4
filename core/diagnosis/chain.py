"""The way of layers with weights from the data to the loss, along which depth is counted."""

from __future__ import annotations

from core.diagnosis.seen import Network
from core.plan import Step

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
