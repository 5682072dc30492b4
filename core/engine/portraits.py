"""What the inspector shows of a layer's weights: their histogram, and the kernels of a convolution as pictures."""

from __future__ import annotations

import msgspec


class Portrait(msgspec.Struct, frozen=True, kw_only=True):
    """A layer's weights at one moment; biases are left out."""

    count: int
    mean: float
    deviation: float
    """Of the population, not the sample."""
    edge: float
    """The largest magnitude: the histogram goes from its negative to it."""
    bins: list[int]
    """How many weights lie in each of as many equal bins."""
    nonfinite: int = 0
    """Weights that are NaN or infinite; they count nowhere else."""
    kernels: int = 0
    """Kernels of a convolution, of which the first are shown; 0: no convolution of pictures."""
    channels: int = 0
    """What each of them looks at."""
    height: int = 0
    width: int = 0
    step: int = -1
    """After which step of a run they were kept by another program; -1: they are as the network has them."""
    pixels: bytes = b""
    """The shown kernels one after another: (KERNELS, HEIGHT, WIDTH) bytes, 128 being zero, 1 and 255 the edge."""

    @property
    def shown(self) -> int:
        """How many kernels the pixels hold."""
        return len(self.pixels) // (self.height * self.width) if self.pixels else 0


class Look(msgspec.Struct, kw_only=True):
    """A layer's weights by the path of its module; answered by a Portrait."""

    module: str
    channel: int = 0
    """Of a convolution's inputs, the one whose kernels are wanted."""
    weights: str = ""
    """A safetensors file; empty: the run that is under way, or the last one."""
    alone: bool = False
    """Whether modules within it are left out, as they are layers of their own."""
