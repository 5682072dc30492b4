"""What a card shows of a layer's last activation: an image, curves or a histogram, small enough to be sent often."""

from __future__ import annotations

from typing import Literal

import msgspec

Form = Literal["image", "curve", "histogram"]


class Activation(msgspec.Struct, frozen=True, kw_only=True):
    """What a layer gave for the first held-out samples, in evaluation mode."""

    path: str
    port: str
    form: Form
    shape: list[int]
    """Of one sample, or of all where the first dimension is no batch."""
    low: float
    high: float
    """The smallest and the largest of the numbers that are shown; NaN and infinity are left out."""
    nonfinite: int = 0
    """How many of the shown numbers are NaN or infinite."""
    count: int = 0
    """Of a histogram: numbers that it counts, from all samples."""
    total: int = 0
    """Of an image or curves: the channels that there are, of which the first are shown."""
    bins: list[int] = []
    """How many numbers lie in each of as many equal bins from `low` to `high`."""
    lines: list[list[float | None]] = []
    """Curves of the first sample, a channel each; None where the number is not finite."""
    length: int = 0
    """Steps of each curve; a long one is told by the least and the most of each stretch."""
    height: int = 0
    width: int = 0
    pixels: bytes = b""
    """Maps of the first sample one after another: (MAPS, HEIGHT, WIDTH) bytes, 128 being zero, 1 and 255 the edge."""

    @property
    def edge(self) -> float:
        """The magnitude that is as strong as a colour gets."""
        return max(abs(self.low), abs(self.high))

    @property
    def shown(self) -> int:
        """How many maps or curves there are to be seen."""
        return len(self.pixels) // (self.height * self.width) if self.pixels else len(self.lines)


class Peek(msgspec.Struct, kw_only=True):
    """What these values come to in the run that is under way, or the last one; answered by Peeked."""

    values: list[tuple[str, str]]
    """Path and port of each; those that the run does not compute are left out of the answer."""


class Peeked(msgspec.Struct, kw_only=True):
    """The answer: how the network stood after `step`, and what looking cost."""

    step: int
    seconds: float
    found: list[Activation]
