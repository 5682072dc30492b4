"""How sharply the loss is curved: what is asked, and what comes back."""

from __future__ import annotations

import msgspec

from core.engine.traces import Trace


class Curve(Trace, kw_only=True):
    """The largest eigenvalue of the Hessian of the loss of one batch, in evaluation mode; answered by Curved."""

    iterations: int = 100
    """Products with the Hessian, at the most."""
    tolerance: float = 1e-3
    """It ends once the square of the residual is less: by such a share an eigenvalue is off that stands apart."""
    seed: int = 0


class Curved(msgspec.Struct, frozen=True, kw_only=True):
    """How far along a direction the slope changes, at the sharpest."""

    step: int
    samples: int
    sharpness: float
    """The largest eigenvalue: plain gradient descent swings where it is above 2 / learning rate (J. Cohen et al.,
    Gradient descent on neural networks typically occurs at the edge of stability, 2021)."""
    residual: float
    """‖Hv − λv‖ / |λ| of the vector that was found: how far it still is from an eigenvector."""
    iterations: int
    """Products with the Hessian that it took."""
