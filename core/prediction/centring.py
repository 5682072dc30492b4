"""A drawing brought to the size and place that a data set's pictures have, so that it looks like the training data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
INK = 0.05
"""Less than this is paper."""


@dataclass(frozen=True, slots=True)
class Framing:
    """How the pictures of a data set stand in their frame."""

    box: int
    """Pixels of the longer side of what is drawn."""
    by_mass: bool
    """Whether its centre of mass stands in the middle, instead of the middle of its box."""


FRAMINGS: Mapping[str, Framing] = MappingProxyType({"mnist": Framing(20, True), "digits": Framing(8, False)})
"""By source. MNIST: LeCun et al. 1998, section III.A. Digits 8 x 8: the drawing fills a bitmap, whose blocks are
counted."""


def framing_of(source: str, shape: tuple[int, ...], classes: tuple[str, ...]) -> Framing | None:
    """How the pictures of a data set stand in their frame; those of ten digits in MNIST's size as its own do."""
    digits = shape == (1, 28, 28) and classes == tuple("0123456789")
    return FRAMINGS["mnist"] if digits else FRAMINGS.get(source)


def framed(ink: Floats, side: int, framing: Framing) -> Floats:
    """The drawing (H, W) as (side, side): its box scaled to the framing's, each pixel the mean of what it covers."""
    drawn = ink > INK
    if not drawn.any():
        return np.zeros((side, side), np.float32)
    rows, columns = np.flatnonzero(drawn.any(1)), np.flatnonzero(drawn.any(0))
    cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = framing.box / max(cut.shape)
    height, width = (max(round(size * scale), 1) for size in cut.shape)
    small = resized(cut, height, width)
    down, across = _middle(small) if framing.by_mass else ((height - 1) / 2, (width - 1) / 2)
    frame = np.zeros((side, side), np.float32)
    middle = side / 2 if framing.by_mass else (side - 1) / 2
    top = min(max(round(middle - down), 0), side - height)
    left = min(max(round(middle - across), 0), side - width)
    frame[top : top + height, left : left + width] = small
    return frame


def resized(picture: Floats, height: int, width: int) -> Floats:
    """The picture (..., H, W) as (..., height, width), each pixel the mean of what it covers."""
    down, across = _shares(picture.shape[-2], height), _shares(picture.shape[-1], width)
    found: Floats = (down @ picture.astype(np.float64) @ across.T).astype(np.float32)
    return found


def _shares(before: int, after: int) -> NDArray[np.float64]:
    """How much of each of `before` equal parts of a line lies in each of `after`: (after, before), rows add up to 1."""
    edges = np.linspace(0, before, after + 1)
    starts = np.arange(before)
    overlap = np.minimum(edges[1:, None], starts + 1) - np.maximum(edges[:-1, None], starts)
    shares: NDArray[np.float64] = np.clip(overlap, 0, None) * after / before
    return shares


def _middle(picture: Floats) -> tuple[float, float]:
    """The centre of mass, in rows and columns."""
    total = picture.sum(dtype=np.float64)
    rows = float((picture.sum(1) * np.arange(picture.shape[0])).sum() / total)
    return rows, float((picture.sum(0) * np.arange(picture.shape[1])).sum() / total)
