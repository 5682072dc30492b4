"""What the curves of layers have in common: their colours, their rows, and small sums over all of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor, QPolygonF

from core.engine.messages import RowInfo
from core.telemetry.record import RunRecord
from gui.monitors.scale import FLOOR, Doubles, Floats, logarithm
from gui.theme import Theme

FEW = 6
"""Layers that colours of their own can tell apart."""

NONE: Doubles = np.empty((0, 4))
"""No rectangles."""


@dataclass(eq=False)
class LayerCurve:
    """One layer's line: steps and values as they were measured, and its pixels."""

    row: RowInfo
    color: QColor
    x: Doubles
    y: Doubles
    drawn: list[QPolygonF] = field(default_factory=list)
    raw: Doubles = field(default_factory=lambda: NONE)
    end: float = math.nan
    """The pixel that the line ends at."""
    label: float = math.nan
    """The pixel of its label; NaN for one that has no room."""

    def become(self, x: Doubles, y: Doubles) -> None:
        """Have another line, of which nothing is placed yet."""
        self.x, self.y, self.drawn, self.raw, self.end, self.label = x, y, [], NONE, math.nan, math.nan


def colors(theme: Theme, count: int) -> list[QColor]:
    """A colour a layer: of their own for a few, from input to output for more."""
    return [theme.series(index) for index in range(count)] if count <= FEW else theme.depth_ramp(count)


def weight_rows(record: RunRecord | None, quantity: str) -> list[RowInfo]:
    """The layers with a weight that a quantity is measured at, in network order."""
    if record is None:
        return []
    weights = {row.path for row in record.started.weights}
    return [row for row in record.rows(quantity) if row.path in weights]


def last_ones(heights: Doubles | Floats) -> Doubles:
    """The last number in each column; NaN where there is none."""
    if not len(heights):
        return np.full(heights.shape[1], np.nan)
    newest: Doubles = heights[-1].astype(np.float64)
    if np.isfinite(newest).all():
        return newest
    known = np.isfinite(heights)
    last = len(heights) - 1 - known[::-1].argmax(axis=0)
    found: Doubles = np.where(known.any(axis=0), heights[last, np.arange(heights.shape[1])], np.nan)
    return found


def ends_of(values: Doubles) -> tuple[float, float]:
    """The smallest and the largest of those that are positive and finite; NaN where none is."""
    least, most = (float(values.min()), float(values.max())) if values.size else (math.nan, math.nan)
    if least > 10**FLOOR and most < math.inf:
        return least, most
    known = values[(values > 10**FLOOR) & (values < math.inf)]
    return (float(known.min()), float(known.max())) if len(known) else (math.nan, math.nan)


def logs_of(found: Sequence[npt.ArrayLike]) -> Doubles:
    """The logarithms of all positive finite numbers in these."""
    logs = logarithm(np.concatenate([np.ravel(part) for part in found])) if found else np.empty(0)
    return logs[np.isfinite(logs) & (logs > FLOOR)]
