"""What training says of a node: the size of its gradient now and over the last steps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

LENGTH = 160
"""Steps that a sparkline shows."""


@dataclass(frozen=True, slots=True)
class Health:
    """The gradient at a node's output: its root mean square, its course, and what is wrong with it."""

    value: float | None = None
    history: Sequence[float] = ()
    vanishing: bool = False
    """Under the limit of the diagnosis, which is relative; no matter of `value` alone."""
    exploding: bool = False
    nan: bool = False

    @property
    def warmth(self) -> float:
        """From 0 (1e−8 and below) to 1 (1e−2 and above) by the logarithm: what cards and wires take their look from."""
        if self.value is None or self.nan or not math.isfinite(self.value):
            return 1.0
        return warmth(self.value)


def warmth(value: float) -> float:
    """clamp((log10 value + 8) / 6, 0, 1)."""
    return min(max((math.log10(value) + 8) / 6, 0.0), 1.0) if value > 0 else 0.0


def course(history: Sequence[float], width: float, height: float) -> list[tuple[float, float]]:
    """The sparkline: log10 of the last steps over their own range, at least two decades; gaps are left out."""
    recent = list(history)[-LENGTH:]
    logs = [(index, math.log10(value)) for index, value in enumerate(recent) if value > 0 and math.isfinite(value)]
    if len(logs) < 2:
        return []
    low, high = min(log for _index, log in logs), max(log for _index, log in logs)
    spread = max(high - low, 2.0)
    floor = (low + high - spread) / 2
    step = width / max(len(recent) - 1, 1)
    return [(index * step, height - (log - floor) / spread * height) for index, log in logs]
