"""When a watch samples: at the first steps, then as rarely as its budget asks."""

from __future__ import annotations

import math

ALWAYS = 20
"""The first steps, all of which are sampled."""
LONGEST = 4096
"""Sampled steps are never further apart."""
LEAST = 0.2
"""The part of the budget that sampling has in any case: the norms of every step are never left out."""
MEMORY = 0.95
"""How much of what was known of a step's time stays when the next is known."""


class Schedule:
    """Looks at clocks and so differs from run to run; what is trained does not, for a sampled step trains the same."""

    def __init__(self, budget: float) -> None:
        self._budget = budget
        self._next = 1
        self._step = self._norms = self._sample = math.nan

    def due(self, step: int) -> bool:
        """Whether this step, counted from 1, is sampled."""
        return step <= ALWAYS or step >= self._next

    def note(self, step: int, seconds: float, norms: float, sample: float) -> None:
        """How long a step took without us, how long its norms did, and its sample, 0 where there was none."""
        self._step, self._norms = _smooth(self._step, seconds), _smooth(self._norms, norms)
        if sample > 0:
            self._sample = _smooth(self._sample, sample)
            self._next = step + self.interval

    @property
    def cost(self) -> float:
        """The part of a step's own time that is taken, samples spread over the steps between them."""
        taken = self._norms + (0.0 if math.isnan(self._sample) else self._sample / self.interval)
        return taken / self._step if self._step > 0 else 0.0

    @property
    def interval(self) -> int:
        """Every how many steps one is sampled, by what is known."""
        share = max(self._budget - self._norms / self._step, LEAST * self._budget) if self._step > 0 else 0.0
        if not share > 0:
            return LONGEST
        return min(max(math.ceil(self._sample / (share * self._step)), 1), LONGEST)


def _smooth(known: float, new: float) -> float:
    return new if math.isnan(known) else MEMORY * known + (1 - MEMORY) * new
