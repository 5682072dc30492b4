"""Samples judged one by one: what is said of each, what is right, what it costs; the most wrong of them whole."""

from __future__ import annotations

from typing import Literal

import msgspec

from core.engine.predictions import Numbers
from core.engine.traces import Trace

Order = Literal["wrong", "unsure", "class", "number"]
Part = Literal["train", "validation"]


class Review(Trace, kw_only=True):
    """What the network says of samples of a part, in evaluation mode; answered by Reviewed.

    `samples` is how many of the part are judged at the most, from `first` on; 0: all of them.
    """

    part: Part = "validation"
    places: tuple[int, ...] = ()
    """Judge these of the part alone, and tell all of them whole."""
    limit: float = 0.0
    """Seconds after which no further samples are judged; 0: no such limit."""
    order: Order = "wrong"
    only_wrong: bool = False
    of_class: int = -1
    """The samples that are of this class alone; −1: all."""
    as_class: int = -1
    """Those that are said to be of this class, likewise."""
    rows: int = 0
    """How many of the first in this order are told whole."""
    side: int = 48
    """Pixels of a picture's longer side, at the most; larger ones are averaged."""


class Show(Review, kw_only=True):
    """The same of a few samples that are to be seen in a list."""


class Enlarge(Review, kw_only=True):
    """The same of one sample that is to be seen large."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One sample whole."""

    place: int
    """Its place in the part."""
    inputs: dict[str, Numbers]
    """In natural units, pictures as large as was wanted."""
    answer: Numbers
    """The first output as it is shown; of pixels and tokens, the class of each."""
    truth: Numbers | None = None
    """The same of what is right, where that is known."""


class Reviewed(msgspec.Struct, frozen=True, kw_only=True):
    """The answer; the columns hold a number for each sample that was judged, in the order of their places."""

    step: int
    seconds: float
    part: str
    """The one whose samples these are: training where nothing is held out."""
    size: int
    """How many samples the part has."""
    form: str
    """How an answer is shown, in the words of `meanings.Form`."""
    classes: list[str]
    places: bytes
    """int32: of each sample in the part."""
    numbers: bytes
    """int32: of each sample in its data set."""
    losses: bytes
    """float32: what a batch of this sample alone costs, all losses of the phase with their weights."""
    said: bytes
    """int32: the class that is said; −1 where none is."""
    right: bytes
    """int32: the class that is right, likewise."""
    is_share: bool
    """Whether `sure` is a share from 0 to 1, not a score."""
    sure: bytes
    """float32: how likely what is said is held to be; NaN where nothing tells."""
    lead: bytes
    """float32: how far that is ahead of what comes next; NaN likewise."""
    apart: bytes
    """float32: the error of one value; of many, the root of their mean square; of pixels, tokens and labels the share
    that is wrong."""
    wrong: bytes
    """uint8: whether a class is wrong, or any of a sample's pixels, tokens or labels."""
    rows: list[Row]
