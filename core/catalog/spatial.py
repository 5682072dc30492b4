"""Samples with channels first: signals, images and volumes, and what the kinds for them have in common."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from core.catalog.formulas import ranked
from core.catalog.kind import Batch, Inputs, Param, TensorType, single
from core.errors import ShapeError

SAMPLES: Mapping[int, str] = MappingProxyType(
    {
        1: "a signal (channels, length)",
        2: "an image (channels, height, width)",
        3: "a volume (channels, depth, height, width)",
    }
)
HINTS: Mapping[int, str] = MappingProxyType({1: "signals", 2: "images", 3: "volumes"})
EXTENTS: Mapping[int, tuple[int, ...]] = MappingProxyType({1: (9,), 2: (9, 8), 3: (5, 6, 7)})


def sample(inputs: Inputs, dims: int, port: str = "input") -> TensorType:
    """The type at a port: channels and `dims` sizes behind the batch; raises ShapeError."""
    return ranked(single(inputs, port), dims + 2, SAMPLES[dims])


def example(dims: int, channels: int = 3) -> tuple[TensorType, ...]:
    """What the tests try a kind on."""
    return (TensorType((Batch(), channels, *EXTENTS[dims])),)


def resized(tensor: TensorType, extent: tuple[int, ...], channels: int | None = None) -> TensorType:
    """The sample with other sizes; raises ShapeError where one would be empty."""
    if min(extent) < 1:
        raise ShapeError(
            "an output of at least one number was wanted",
            f"{'×'.join(map(str, extent))} would come of {tensor}",
            fix="Use a smaller window, less cropping or a larger input.",
        )
    kept = tensor.shape[1] if channels is None else channels
    return TensorType((tensor.shape[0], kept, *extent), tensor.dtype)


def kernel_size(dims: int, default: int) -> Param:
    """The window of a convolution or a pooling."""
    return Param("kernel_size", "size", default, "Width of the window.", 1, 4096, dims=dims, unit="px", required=True)


def pixels(name: str, default: int, help_text: str, dims: int, minimum: int = 0) -> Param:
    """A length in pixels along each dimension."""
    return Param(name, "size", default, help_text, minimum, 4096, dims=dims, unit="px")
