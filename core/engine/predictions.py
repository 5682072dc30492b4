"""What the window asks of a trained network and what it answers: samples, predictions, and sweeps for small plots.

All numbers are in natural units, in and out; the engine scales them as the training part was scaled.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """An array as bytes: float32, or int64 where it is `whole`."""

    shape: list[int]
    data: bytes
    whole: bool = False


def packed(array: NDArray[Any]) -> Numbers:
    """The array as it travels."""
    whole = array.dtype.kind in "iub"
    kept = np.ascontiguousarray(array, np.int64 if whole else np.float32)
    return Numbers(shape=list(kept.shape), data=kept.tobytes(), whole=whole)


def unpacked(numbers: Numbers) -> NDArray[Any]:
    """The array as it was."""
    # a copy, as torch wants to be able to write
    return np.frombuffer(numbers.data, np.int64 if numbers.whole else np.float32).reshape(numbers.shape).copy()


class Trained(msgspec.Struct, kw_only=True):
    """A project's text, and the safetensors file of its weights; empty: those of the engine's last run."""

    project: str
    weights: str = ""


class Survey(Trained, kw_only=True):
    """What there is to predict from; answered by Surveyed."""

    across: list[int] = []
    """Of an input of many numbers, the two whose places are wanted."""


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One number of an input, over all samples."""

    low: float
    high: float
    middle: float
    """The median of the training part."""
    levels: list[float] = []
    """All values that occur, where they are few."""
    whole: bool = False
    """Whether all values are whole numbers."""
    offset: float = 0.0
    scale: float = 1.0
    """What the network sees is `(value - offset) / scale`."""


class Surveyed(msgspec.Struct, kw_only=True):
    """What is known of a network's data."""

    train: int
    held_out: int
    """How many samples there are in each part."""
    columns: dict[str, list[Column]]
    """By input whose numbers have names: of each of them."""
    places: Numbers | None = None
    """The places (N, 1) or (N, 2) of samples, where the network has but one input of one number or two, or two of its
    numbers were asked for."""
    held: Numbers | None = None
    """Which of these are held out: (N,) of 0 and 1."""
    truths: dict[str, Numbers] = {}
    """By output what is right for these, as far as that is known."""


class Draw(Trained, kw_only=True):
    """One sample, by its place in a part; answered by Drawn."""

    part: Literal["train", "validation"] = "validation"
    place: int = 0


class Drawn(msgspec.Struct, kw_only=True):
    """A sample of the data."""

    number: int
    """Of the sample in its data set, from 0."""
    inputs: dict[str, Numbers]
    truths: dict[str, Numbers]
    """By output what is right for it, as far as that is known."""


class Guess(Trained, kw_only=True):
    """The outputs for samples (N, ...), by input; answered by Guessed."""

    inputs: dict[str, Numbers]


class Guessed(msgspec.Struct, kw_only=True):
    """Outputs (N, ...) as they are shown: probabilities, scores, or values in natural units."""

    step: int
    """After how many steps of training; 0 for weights from a file."""
    seconds: float
    """What it cost."""
    outputs: dict[str, Numbers]


class Sweep(Trained, kw_only=True):
    """The first output over a range of the only input, of one number or two; answered by Swept.

    Of an input of more numbers, `across` says which two vary: the others stand at their means.
    """

    low: list[float]
    high: list[float]
    count: int
    """Places along each number, both ends included."""
    across: list[int] = []


class Swept(msgspec.Struct, kw_only=True):
    """The first output, as it is shown."""

    step: int
    seconds: float
    values: Numbers
    """(COUNT, ...) along one number; (COUNT, COUNT, ...) for two, the second one's places first."""
    samples: Numbers
    """(N, ...) of the samples whose places Surveyed has told, with all of their own numbers."""
    means: list[float] = []
    """Those of the training part, by number of the input, where some stand at them."""


class Coefficients(Trained, kw_only=True):
    """What a Linear layer multiplies with; answered by Weighed."""

    module: str


class Weighed(msgspec.Struct, kw_only=True):
    """A layer's weight (OUT, IN) and bias (OUT,), in the network's own units."""

    step: int
    weight: Numbers
    bias: Numbers | None = None


class Next(Trained, kw_only=True):
    """How likely each token is to come next; answered by Likely."""

    inputs: dict[str, Numbers]
    """The other inputs, one sample (1, ...) each."""
    grown: str
    """The input into which the tokens are put."""
    output: str
    """The output (1, C, T) whose scores say what follows each token."""
    tokens: list[int]
    """What there is so far, at least one; of more than the input holds the last."""
    temperature: float = 1.0
    top_k: int = 0


class Likely(msgspec.Struct, kw_only=True):
    """The probabilities (C,) of the next token, as temperature and top-k leave them."""

    step: int
    seconds: float
    shares: Numbers
    causal: bool
    """Whether the network looks at nothing behind the last token: else what fills the input counts too."""


class Write(Next, kw_only=True):
    """Further tokens, drawn one after another; answered by Written."""

    count: int
    """How many, at the most; fewer come where they take longer than training can wait."""
    drawn: int = 0
    """How many were drawn before, so that a text drawn in pieces is the same as in one."""
    seed: int = 0
    end: int = -1
    """The token that ends a text; −1 for none."""
    full: bool = False
    """Whether to end, instead of forgetting what came first, when the input is full."""


class Written(msgspec.Struct, kw_only=True):
    """The tokens that were drawn, the one that ends included."""

    step: int
    seconds: float
    tokens: list[int]
    ended: bool
    causal: bool
