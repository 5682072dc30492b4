"""What a layer gives for one sample, map by map, and the filters with which a convolution looks for it."""

from __future__ import annotations

import msgspec

from core.engine.traces import Trace


class Feature(Trace, kw_only=True):
    """A step's output in evaluation mode for one sample; answered by Featured.

    The sample is of the held-out part, or of training where nothing is held out: the one at `first`, counted round.
    """

    path: str
    port: str = "output"


class Maps(msgspec.Struct, frozen=True, kw_only=True):
    """Pictures of one size: float32 (SHOWN, HEIGHT, WIDTH)."""

    count: int
    """How many there are, of which the first are told."""
    height: int
    width: int
    numbers: bytes
    scaled: bool = False
    """Whether larger pictures were averaged to this size."""

    @property
    def shown(self) -> int:
        """How many are told."""
        return len(self.numbers) // (4 * self.height * self.width) if self.numbers else 0


class Featured(msgspec.Struct, frozen=True, kw_only=True):
    """The answer."""

    step: int
    number: int
    """That of the sample in its data set."""
    shape: list[int]
    """Of the sample's output."""
    maps: Maps
    """A channel each; of a vector one line."""
    filters: Maps | None
    """A kernel and input channel each, kernel by kernel; None where the step is no convolution."""
    channels: int
    """Input channels of a kernel."""
    seconds: float
