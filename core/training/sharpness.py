"""The largest eigenvalue of the loss's Hessian, by Lanczos's iteration: see core/engine/sharpness.py."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from chainrule.measuring import Doubles
from core.engine.sharpness import Curve, Curved
from core.errors import EngineError, TrainingError
from core.training.evaluate import undisturbed
from core.training.tracing import Tracer

MOST = 1000
"""Iterations, at the most."""
ROUNDING = 1e-7
"""What is this small beside the largest is nothing, as products are of float32."""
LARGEST = 1e6
"""A residual is not told larger."""
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
    if not math.isfinite(value):
        came = f"{value} came of a product with it"
        raise TrainingError("a Hessian of finite numbers was wanted", came, "Sharpness", "Look at the first bad step.")
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
    """Lanczos's: what a matrix is within the directions that its products with a random one have led into.

    C. Lanczos (1950); power iteration looks at the last of these directions alone, and is led astray where the
    eigenvalue that is largest in size lies below zero. Three vectors are kept, however many products are made.
    """

    def __init__(self, numbers: int, wish: Curve, tell: Callable[[str, float], None]) -> None:
        self.done = 0
        self._numbers, self._wish, self._tell = numbers, wish, tell

    def largest(self, product: Product) -> tuple[float, float]:
        """The largest eigenvalue and its residual; NaN where products are not finite."""
        generator = torch.Generator().manual_seed(self._wish.seed)
        vector = torch.randn(self._numbers, generator=generator)
        vector, before, between = vector / vector.norm(), torch.zeros(self._numbers), 0.0
        diagonal, beside = np.zeros(self._wish.iterations), np.zeros(self._wish.iterations)
        value = residual = math.nan
        for turn in range(self._wish.iterations):
            self._tell("Measuring the sharpness of the loss", turn / self._wish.iterations)
            moved = product(vector)
            self.done += 1
            diagonal[turn] = float(vector.double() @ moved.double())
            moved = moved - diagonal[turn] * vector - between * before
            beside[turn] = between = float(moved.double().norm())
            if not math.isfinite(between):
                return math.nan, math.nan
            value, residual = _of_line(diagonal[: turn + 1], beside[: turn + 1])
            if residual**2 < self._wish.tolerance:
                break
            before, vector = vector, moved / between
        return value, residual


def _of_line(diagonal: Doubles, beside: Doubles) -> tuple[float, float]:
    """The largest eigenvalue of a tridiagonal matrix, and ‖Hv − λv‖ / |λ| of what it stands for."""
    values, vectors = np.linalg.eigh(np.diag(diagonal) + np.diag(beside[:-1], 1) + np.diag(beside[:-1], -1))
    value, error = float(values[-1]), float(beside[-1] * abs(vectors[-1, -1]))
    if error <= ROUNDING * float(np.abs(values).max()):
        return value, 0.0
    return value, min(error / abs(value), LARGEST) if value else LARGEST
