"""The loss over a plane through the weights: what is asked, and what comes back."""

from __future__ import annotations

import msgspec

from core.engine.traces import Trace


class Survey(Trace, kw_only=True):
    """The loss around the weights as they are, along two random directions; answered by Landscape.

    Directions are normalised filter by filter (Li et al., "Visualizing the Loss Landscape of Neural Nets", NeurIPS
    2018, arXiv:1712.09913): at 1 a filter's weights have been moved by as much as they are long.
    """

    reach: float = 1.0
    """How far the plane goes to every side."""
    points: int = 21
    """Along each side; odd, so that the weights themselves are one."""
    seed: int = 0


class Landscape(msgspec.Struct, frozen=True, kw_only=True):
    """Losses row by row, the second direction going down the rows."""

    step: int
    samples: int
    reach: float
    points: int
    losses: list[float | None]
    """(POINTS * POINTS); None where the loss is not finite."""
