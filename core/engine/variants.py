"""What the window asks to see of a data set's augmentation, and what it is shown: samples as they are and as drawn."""

from __future__ import annotations

from typing import Literal

import msgspec


class Vary(msgspec.Struct, kw_only=True):
    """Samples of the training part as a list of augmentation draws them; answered by Varied."""

    dataset: str
    """The line of the data set, as a project file has it."""
    seed: int = 0
    samples: int = 5
    draws: int = 3


class Varied(msgspec.Struct, frozen=True, kw_only=True):
    """Samples, each as it is and as it was drawn."""

    form: Literal["picture", "row"]
    shape: list[int]
    """(SAMPLES, 1 + DRAWS, CHANNELS, HEIGHT, WIDTH); a row is as high as it is deep, one pixel a number."""
    pixels: bytes
    """A byte a number, from the least to the most of the samples as they are."""
    masks: bytes = b""
    """A byte a pixel (SAMPLES, 1 + DRAWS, HEIGHT, WIDTH): the class of each, where pictures come with masks."""
    captions: list[list[str]]
    """What each of them is: its class, or its classes with their shares where it was mixed."""
