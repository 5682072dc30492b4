"""How the numbers of layers are spread at one step of a run: weights, the gradients of these, and what layers give."""

from __future__ import annotations

import msgspec

HALF = 32
"""Bins on either side of zero."""


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers by size: 64 equal bins from `-2 ** exponent` to `2 ** exponent`, which thereby nest from time to time."""

    exponent: int
    bins: list[int]
    count: int
    nonfinite: int = 0
    """Numbers that are NaN or infinite; they are in no bin."""

    @property
    def edge(self) -> float:
        """The upper end of the last bin."""
        return float(2.0**self.exponent)


class LayerCounts(msgspec.Struct, frozen=True, kw_only=True):
    """One layer; None for what it does not have: a frozen one has no gradient."""

    path: str
    weights: Counts | None = None
    gradients: Counts | None = None
    activations: Counts | None = None


class Distribute(msgspec.Struct, kw_only=True):
    """How the numbers of these layers are spread now, of the first where none are named; answered by Distributed."""

    paths: list[str] = []
    weights: str = ""
    """A safetensors file that another program has kept of a step: then its weights alone are counted."""
    modules: dict[str, str] = {}
    """By path what the layers are called in that file."""


class Distributed(msgspec.Struct, frozen=True, kw_only=True):
    """The answer: after `step`, and what it cost."""

    step: int
    seconds: float
    layers: list[LayerCounts]
