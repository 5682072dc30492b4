"""How long each step of the plan takes, forward and backward, on the steps of a run that are sampled.

Forward, the generated function notes the time after each line. Backward, a hook on each kept output notes when its
gradient has come: autograd calls it right before it goes through what made the output, so that the time until the next
hook is that step's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise
from time import perf_counter

from torch import Tensor


class Stopwatch:
    """Notes when the gradients of these outputs come; to be made between forward and backward."""

    def __init__(self, outputs: Sequence[Tensor]) -> None:
        self._stamps: list[tuple[int, float]] = []
        for place, tensor in enumerate(outputs):
            if tensor.requires_grad:
                tensor.register_hook(partial(self._note, place))  # type: ignore[no-untyped-call]

    def backward(self) -> Iterator[tuple[int, float]]:
        """By place in the outputs the seconds that the way back through their steps took; asked right after it."""
        self._stamps.append((-1, perf_counter()))
        for (place, begin), (_next, end) in pairwise(self._stamps):
            yield place, end - begin

    def _note(self, place: int, _gradient: Tensor) -> None:
        self._stamps.append((place, perf_counter()))


def forward(times: Sequence[float]) -> Iterator[float]:
    """The seconds of each line, from the time before the first and after each."""
    return (end - begin for begin, end in pairwise(times))
