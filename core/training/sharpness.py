"""The largest eigenvalue of the loss's Hessian, by power iteration: see core/engine/sharpness.py."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from core.engine.sharpness import Curve, Curved
from core.errors import EngineError, TrainingError
from core.training.evaluate import undisturbed
from core.training.tracing import Tracer

MOST = 10_000
"""Iterations, at the most."""
CLEAR = 0.3
"""A residual below which a vector is that of one eigenvalue, rather than between two of one size."""
Product = Callable[[Tensor], Tensor]
"""A matrix times a vector."""


def sharpness(tracer: Tracer, wish: Curve, tell: Callable[[str, float], None]) -> Curved:
    """The largest eigenvalue of the Hessian by all trained weights; raises EngineError, TrainingError."""
    if not (1 <= wish.iterations <= MOST and 0 < wish.tolerance < 1):
        wanted = f"1 to {MOST:,} iterations and a tolerance between 0 and 1 were wanted"
        raise EngineError(wanted, f"{wish.iterations} and {wish.tolerance:g} came", "Sharpness")
    network = tracer.network
    loss, size = tracer.losses_of(wish)
    weights = [weight for weight in network.root.parameters() if weight.requires_grad]
    iteration = Iteration(sum(weight.numel() for weight in weights), wish, tell)
    with undisturbed(network), torch.enable_grad(), sdpa_kernel(SDPBackend.MATH):
        value, residual = iteration.largest(hessian(loss(), weights))
    return Curved(step=tracer.step, samples=size, sharpness=value, residual=residual, iterations=iteration.done)


def hessian(loss: Tensor, weights: Sequence[Tensor]) -> Product:
    """What multiplies the Hessian of the loss by all weights with a vector; raises TrainingError."""
    gradients = torch.autograd.grad(loss, weights, create_graph=True, allow_unused=True)
    reached = [(weight, gradient) for weight, gradient in zip(weights, gradients, strict=True) if gradient is not None]
    slope = torch.cat([gradient.flatten() for _weight, gradient in reached])
    sizes = [weight.numel() for weight in weights]

    def product(vector: Tensor) -> Tensor:
        if not slope.requires_grad:
            return torch.zeros_like(vector)  # the loss is flat or a plane
        parts = [
            part for part, gradient in zip(torch.split(vector, sizes), gradients, strict=True) if gradient is not None
        ]
        try:
            found = torch.autograd.grad(slope, weights, torch.cat(parts), retain_graph=True, allow_unused=True)
        except RuntimeError as error:
            fix = "Measure it with another layer in its place."
            raise TrainingError(
                "a network whose gradient has a gradient was wanted", str(error), "Sharpness", fix
            ) from error
        whole = [
            torch.zeros_like(weight) if part is None else part for weight, part in zip(weights, found, strict=True)
        ]
        return torch.cat([part.flatten() for part in whole])

    return product


class Iteration:
    """Power iteration: by which eigenvalue the longest-lived direction grows."""

    def __init__(self, numbers: int, wish: Curve, tell: Callable[[str, float], None]) -> None:
        self.done = 0
        self._numbers, self._wish, self._tell = numbers, wish, tell

    def largest(self, product: Product) -> tuple[float, float]:
        """The largest eigenvalue and its residual.

        Where the one that is largest in size lies below zero, or one does that is as large, all are lifted above zero.
        """
        value, residual, length = self._longest(product)
        if not math.isfinite(length) or not length or (value > 0 and residual < CLEAR):
            return value, residual
        lifted, residual, _length = self._longest(lambda vector: product(vector) + length * vector)
        found = lifted - length
        return found, residual * lifted / abs(found) if found else math.inf

    def _longest(self, product: Product) -> tuple[float, float, float]:
        """The eigenvalue that is largest in size, its residual, and by how much the matrix makes its vector longer."""
        generator = torch.Generator().manual_seed(self._wish.seed)
        vector = torch.randn(self._numbers, generator=generator)
        vector /= vector.norm()
        value, residual, length = math.nan, math.inf, 0.0
        for turn in range(self._wish.iterations):
            self._tell("Measuring the sharpness of the loss", turn / self._wish.iterations)
            moved = product(vector)
            self.done += 1
            before, value = value, float(vector.double() @ moved.double())
            length = float(moved.norm())
            residual = float((moved - value * vector).norm()) / abs(value) if value else math.inf
            if not length or not math.isfinite(length) or abs(value - before) < self._wish.tolerance * abs(value):
                break
            vector = moved / length
        return value, residual, length
