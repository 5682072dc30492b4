"""What several cases of the second suite are made of."""

from __future__ import annotations

from typing import Any

from tests.faulty.view import Layer

HELICES = {"name": "helices", "n": 1100, "noise": 0.18, "standardize": True}
PINWHEEL = {"name": "pinwheel", "n": 1300, "k": 5, "noise": 0.1, "standardize": True}
GRATINGS = {"name": "gratings", "n": 1000, "size": 12, "noise": 0.5}
ARM = {"name": "arm", "n": 1200, "noise": 0.05, "standardize": True}
ROLL = {"name": "roll", "n": 1000, "noise": 0.4, "standardize": True}
PHASE = {"name": "phase", "n": 1000, "noise": 0.05, "standardize": True}
CHIRP = {"name": "chirp", "n": 900, "noise": 0.08}
WORDS = {"name": "words", "n": 1400, "f": 120, "k": 4}
FEATURES = {"name": "features", "n": 1100, "f": 16, "k": 4, "apart": 1.8, "standardize": True}


def convs(channels: list[int], act: str, out: int, norm: Layer | None = None) -> list[Layer]:
    """Convolutions of 3 by 3 with an activation behind each, the mean of each map, and a linear layer."""
    layers: list[Layer] = []
    for count in channels:
        layers += [["conv", count, 3], *([norm] if norm else []), *([[act]] if act else [])]
    return [*layers, ["gap"], ["linear", out]]


def dropped(widths: list[int], act: str, share: float, out: int) -> list[Layer]:
    """Linear layers with an activation and a dropout behind each, and one to the outputs."""
    layers: list[Layer] = []
    for width in widths:
        layers += [["linear", width], [act], ["dropout", share]]
    return [*layers, ["linear", out]]


def residual(width: int, blocks: int, body: list[Layer], out: int, last: list[Layer] | None = None) -> list[Layer]:
    """A linear layer, blocks with a wire past each, and a linear layer to the outputs."""
    return [["linear", width], *[["res", body] for _block in range(blocks)], *(last or []), ["linear", out]]


def sgd(rate: float, batch: int, steps: int, momentum: float = 0.9, **more: Any) -> dict[str, Any]:
    """A training by gradient descent."""
    return {"opt": "sgd", "lr": rate, "momentum": momentum, "batch": batch, "steps": steps, **more}


def adam(rate: float, batch: int, steps: int, **more: Any) -> dict[str, Any]:
    """A training by Adam, or what `opt` says."""
    return {"opt": "adam", "lr": rate, "batch": batch, "steps": steps, **more}
