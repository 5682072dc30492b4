"""What several cases are made of: recipes, and stacks of layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.faulty.view import Layer

MOONS = {"name": "moons", "n": 900, "noise": 0.18, "standardize": True}
CIRCLES = {"name": "circles", "n": 900, "noise": 0.08, "standardize": True}
RINGS = {"name": "rings", "n": 900, "noise": 0.06, "standardize": True}
XOR = {"name": "xor", "n": 900, "noise": 0.05, "standardize": True}
SPIRALS = {"name": "spirals", "n": 1000, "k": 2, "noise": 0.12, "standardize": True}
DIGITS = {"name": "digits", "standardize": True}
FRIEDMAN = {"name": "friedman", "n": 900, "noise": 0.5, "standardize": True, "y_standardize": True}
BOWL = {"name": "bowl", "n": 1000, "noise": 0.05}
SINE = {"name": "sine", "n": 800, "noise": 0.1}
LINEAR = {"name": "linear", "n": 700, "f": 8, "noise": 5.0, "standardize": True}


def mlp(
    widths: Sequence[int], act: str | Sequence[Any], out: int, post: Sequence[Layer] = (), bn: bool = False
) -> list[Layer]:
    """Linear layers of these widths with an activation behind each, and one to the outputs."""
    layers: list[Layer] = []
    for width in widths:
        layers += [["linear", width], *([["bn"]] if bn else []), [act] if isinstance(act, str) else list(act)]
    return [*layers, ["linear", out], *post]
