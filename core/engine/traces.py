"""One batch, step by step: what each step gave on the way forward, and what came back by each wire."""

from __future__ import annotations

from typing import Literal

import msgspec

from core.engine.predictions import Trained


class Trace(Trained, kw_only=True):
    """One batch through the network and back, of the training part where no other is named; answered by Traced.

    The network is that of `weights`, else that of the last run, else, where `fresh` says so, as its seed starts it.
    """

    fresh: bool = False
    first: int = 0
    """The place of the first sample in its part, counted round."""
    part: Literal["train", "validation"] = "train"
    samples: int = 0
    """How many there are; 0: a batch."""
    phase: int = 0
    """Whose losses the gradient is that of."""


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """How the numbers of a tensor lie, those that are not finite left out."""

    count: int
    nonfinite: int = 0
    mean: float = 0.0
    deviation: float = 0.0
    """The root of the mean square distance from the mean."""
    low: float = 0.0
    high: float = 0.0
    zeros: float = 0.0
    """The share of the numbers that are exactly zero."""
    bins: list[int] = []
    """How many numbers lie in each of as many equal bins from `low` to `high`."""


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """What a step gave by a port, and the gradient that came back to it."""

    port: str
    shape: list[int]
    spread: Spread
    numbers: list[float | None]
    """The first numbers of the first sample; None for one that is not finite."""
    gradient: float | None = None
    """The rms of the loss's gradient by it, times the number of samples; None where none comes back.

    One number for all samples, as a loss is, is not multiplied: that of the loss itself is 1.
    """
    gradients: list[float | None] = []
    """The gradient by each of `numbers`, likewise."""


class Incoming(msgspec.Struct, frozen=True, kw_only=True):
    """What came in by a wire, and the gradient that goes back by it alone."""

    port: str
    path: str
    """The step that it comes from."""
    source: str
    """That step's port."""
    gradient: float | None = None
    factor: float | None = None
    """The rms that goes back by the wire against the rms that came back to the step's output."""
    slope: float | None = None
    """Where the step works number by number: the mean magnitude of its derivative there."""
    steepest: float | None = None
    """The largest such magnitude."""


class Weight(msgspec.Struct, frozen=True, kw_only=True):
    """A parameter of a step and its gradient, both as euclidean norms; the gradient is that of the mean loss."""

    name: str
    shape: list[int]
    norm: float
    gradient: float | None = None


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """A step of the plan, in running order."""

    path: str
    node: str
    """The id of the node that is called, in whatever block."""
    module: str
    """The path of its weights."""
    kind: str
    category: str
    outputs: list[Output]
    incoming: list[Incoming]
    weights: list[Weight]


class Traced(msgspec.Struct, frozen=True, kw_only=True):
    """The answer: the network as it stood after `step`."""

    step: int
    samples: int
    loss: float
    stages: list[Stage]


class Differ(Trace, kw_only=True):
    """Autograd's gradient of one weight beside the quotient of differences; answered by Differed."""

    module: str
    parameter: str
    place: list[int]
    """The index of the weight in its parameter."""


class Differed(msgspec.Struct, frozen=True, kw_only=True):
    """The gradient of the mean loss by one weight, in three ways."""

    value: float
    """The weight itself."""
    autograd: float
    """As training computes it, in float32."""
    exact: float
    """Autograd's in float64."""
    numeric: float
    """(L(w + h) - L(w - h)) / 2h in float64."""
    left: float
    """(L(w) - L(w - h)) / h: where it differs from `right`, the loss has a kink between."""
    right: float
    width: float
    """h."""
    error: float
    """|exact - numeric| / max(|exact|, |numeric|); 0 where both are 0."""
    noise: float = 0.0
    """How far the rounding of the loss, which is far larger than its change, may push `numeric` off."""
