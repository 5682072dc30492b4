"""The loss over a plane through the weights: see core/engine/landscapes.py."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from core.engine.landscapes import Landscape, Survey
from core.errors import EngineError
from core.training.evaluate import undisturbed
from core.training.tracing import Tracer

MOST = 101
"""Points along a side, at the most."""


def survey(tracer: Tracer, wish: Survey, tell: Callable[[str, float], None]) -> Landscape:
    """The loss at every point of the plane, in evaluation mode; every weight is put back. Raises EngineError."""
    if not (3 <= wish.points <= MOST and wish.points % 2 and math.isfinite(wish.reach) and wish.reach > 0):
        wanted = f"an odd number of points from 3 to {MOST} and a reach above 0 were wanted"
        raise EngineError(wanted, f"{wish.points} points and a reach of {wish.reach:g} came", "Landscape")
    network = tracer.network
    weights = [weight for weight in network.root.parameters() if weight.is_floating_point()]
    before = [weight.detach().clone() for weight in weights]
    one, other = directions(before, wish.seed)
    loss, size = tracer.judged(wish)
    found: list[float | None] = []
    try:
        with undisturbed(network):
            for row, down in enumerate(_places(wish)):
                tell("Measuring the loss around these weights", row / wish.points)
                base = [weight + down * by for weight, by in zip(before, other, strict=True)]
                found += [_at(weights, base, one, along, loss) for along in _places(wish)]
    finally:
        with torch.no_grad():
            for weight, old in zip(weights, before, strict=True):
                weight.copy_(old)
    return Landscape(step=tracer.step, samples=size, reach=wish.reach, points=wish.points, losses=found)


def directions(weights: Sequence[Tensor], seed: int) -> tuple[list[Tensor], list[Tensor]]:
    """Two random directions, each filter as long as that of the weights; biases and other vectors stay."""
    generator = torch.Generator().manual_seed(seed)
    return _direction(weights, generator), _direction(weights, generator)


def _direction(weights: Sequence[Tensor], generator: torch.Generator) -> list[Tensor]:
    drawn = [torch.randn(weight.shape, generator=generator).to(weight) for weight in weights]
    return [_scaled(one, weight) for one, weight in zip(drawn, weights, strict=True)]


def _scaled(drawn: Tensor, weight: Tensor) -> Tensor:
    """The direction, filter by filter as long as the weights."""
    if weight.dim() < 2:
        return torch.zeros_like(weight)
    flat = drawn.flatten(1)
    lengths = weight.flatten(1).norm(dim=1, keepdim=True) / flat.norm(dim=1, keepdim=True).clamp(min=1e-10)
    scaled: Tensor = (flat * lengths).view(weight.shape)
    return scaled


def _at(
    weights: Sequence[Tensor],
    base: Sequence[Tensor],
    direction: Sequence[Tensor],
    along: float,
    loss: Callable[[], float],
) -> float | None:
    for weight, start, by in zip(weights, base, direction, strict=True):
        torch.add(start, by, alpha=along, out=weight.data)
    found = loss()
    return found if math.isfinite(found) else None


def _places(wish: Survey) -> list[float]:
    """From -reach to reach, exactly 0 in the middle."""
    half = wish.points // 2
    return [wish.reach * (place - half) / half for place in range(wish.points)]
