"""How the numbers of layers were spread over a run: moments of it, thinned as it grows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np

from core.engine.histograms import Counts
from core.engine.messages import Counted

What = Literal["weights", "gradients", "activations"]
KEPT = 512
"""Moments at the most; of more about half goes, so that those that stay lie evenly over the run."""


class Spread(NamedTuple):
    """A layer's numbers at a step."""

    step: int
    counts: Counts


class Distributions:
    """The moments of one run, the oldest first."""

    def __init__(self) -> None:
        self.moments: list[Counted] = []

    def __len__(self) -> int:
        return len(self.moments)

    def add(self, counted: Counted) -> None:
        """Add a moment; one at the same or a later step (of a run since resumed) gives way."""
        self.truncate(counted.step - 1)
        self.moments.append(counted)
        self.moments = [self.moments[place] for place in places_kept([one.step for one in self.moments])]

    def truncate(self, step: int) -> None:
        """Forget what came after this step."""
        while self.moments and self.moments[-1].step > step:
            self.moments.pop()

    @property
    def paths(self) -> list[str]:
        """The layers that were counted, in network order."""
        return [layer.path for layer in self.moments[-1].layers] if self.moments else []

    def of(self, path: str, what: What) -> list[Spread]:
        """The moments of one quantity of a layer."""
        return list(self._of(path, what))

    def _of(self, path: str, what: What) -> Iterator[Spread]:
        for moment in self.moments:
            layer = next((one for one in moment.layers if one.path == path), None)
            counts: Counts | None = getattr(layer, what) if layer is not None else None
            if counts is not None:
                yield Spread(moment.step, counts)


def places_kept(steps: Sequence[int]) -> list[int]:
    """The places of the moments that are kept: of too many about half, evenly over the steps, first and last too."""
    if len(steps) <= KEPT:
        return list(range(len(steps)))
    known = np.asarray(steps)
    wanted = np.linspace(known[0], known[-1], KEPT // 2 + 1)
    after = np.clip(np.searchsorted(known, wanted), 1, len(known) - 1)
    nearest = np.where(wanted - known[after - 1] <= known[after] - wanted, after - 1, after)
    found: list[int] = np.unique(nearest).tolist()
    return found
