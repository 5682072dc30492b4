"""The ways in which wires can be drawn."""

from __future__ import annotations

from typing import Literal

Style = Literal["spline", "straight", "orthogonal"]
"""How a wire runs that leads forward past no card; all others turn at right angles, through the gutters."""
STYLES: tuple[Style, ...] = ("spline", "straight", "orthogonal")
"""In the order of the menu."""
