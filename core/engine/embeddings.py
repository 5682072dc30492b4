"""What a layer gives for many samples, seen from the side from which it spreads most."""

from __future__ import annotations

from typing import Literal

import msgspec

from core.engine.traces import Trace


class Embed(Trace, kw_only=True):
    """A step's output for samples of a part, on its first two principal components; answered by Embedded.

    `samples` 0 means MOST; fewer where there are fewer.
    """

    path: str
    port: str = "output"
    part: Literal["train", "validation"] = "validation"


class Embedded(msgspec.Struct, frozen=True, kw_only=True):
    """A point for each sample; a component's direction is that in which its largest loading is positive."""

    step: int
    part: str
    """The one whose samples these are: training where nothing is held out."""
    size: int
    """Numbers of one sample's output."""
    points: bytes
    """float32 (N, 2)."""
    explained: list[float]
    """The share of the variance along each of the two."""
    labels: list[int]
    """The class of each sample; empty where the loss compares no classes."""
    classes: list[str]
    numbers: list[int]
    """The number of each sample in its data set."""
    seconds: float
