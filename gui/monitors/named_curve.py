"""Curves with a name and a colour, as the plots of a few of them draw and tell them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtGui import QColor

from core.telemetry.column import Column
from gui.monitors.scale import Doubles


@dataclass(frozen=True)
class Named:
    """A curve with its name, its colour and how it is drawn."""

    name: str
    color: QColor
    x: Doubles
    y: Doubles
    dashed: bool = False
    width: float = 2.0

    def at(self, step: float) -> tuple[int, float] | None:
        """The step and the value of the point nearest to a step; None where there is none."""
        if not len(self.x):
            return None
        place = int(np.argmin(np.abs(self.x - step))) if math.isfinite(step) else -1
        return round(float(self.x[place])), float(self.y[place])

    def value(self, step: float | None) -> float:
        """The newest value, or the newest up to a step, else the first."""
        place = len(self.x) if step is None else int(np.searchsorted(self.x, step, side="right"))
        return float(self.y[max(place, 1) - 1])


@dataclass(frozen=True)
class Measured(Named):
    """A curve whose values are told as they were measured, however few of them are drawn."""

    column: Column | None = None
    factor: float = 1.0

    def at(self, step: float | None) -> tuple[int, float] | None:
        """The step and the value of the measurement nearest to a step, else of the newest; None where there is none."""
        if self.column is not None and len(self.column):
            found = self.column.at(self.column.steps(len(self.column) - 1)[0] if step is None else step)
            if found is not None and np.isfinite(found[1]):
                return found[0], self.factor * found[1]
        return super().at(math.inf if step is None else step)

    def value(self, step: float | None) -> float:
        """The newest value, or that nearest to a step."""
        found = self.at(step)
        return found[1] if found is not None else float("nan")
