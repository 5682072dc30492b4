"""When to measure what is not measured at every step, so that it costs no more than its share of the time."""

from __future__ import annotations

import math

ALWAYS = 20
"""The first steps, all of which are sampled."""
SHARE = 0.01
"""The part of the training time that sampling may cost."""
LONGEST = 4096
"""Sampled steps are never further apart."""
SELDOM = 10
"""What is measured seldom waits at least so many steps."""


class Schedule:
    """When to sample: the first ALWAYS steps, then so rarely that it costs at most SHARE of the time.

    It looks at clocks and so differs from run to run; what is trained does not, for a sampled step trains the same.
    """

    def __init__(self) -> None:
        self._next = 1
        self._plain: list[float] = []
        self._sampled: list[float] = []

    def due(self, step: int) -> bool:
        """Whether this step, counted from 1, is sampled."""
        return step <= ALWAYS or step >= self._next

    def note(self, step: int, seconds: float, sampled: bool) -> None:
        """How long a step took; decides after a sampled one when the next is."""
        times = self._sampled if sampled else self._plain
        if len(times) == 64:
            times.clear()
        times.append(seconds)
        if sampled:
            self._next = step + (interval(self.plain, min(self._sampled)) if self._plain else 10)

    @property
    def plain(self) -> float:
        """The seconds of a step at which nothing is sampled, 0 where there was none yet."""
        return min(self._plain, default=0.0)


class Seldom:
    """When to measure what costs much more than a sample: at the first step, then as its own cost allows.

    It is asked at sampled steps only.
    """

    def __init__(self) -> None:
        self._next = 1

    def due(self, step: int) -> bool:
        """Whether it is measured at this step."""
        return step >= self._next

    def note(self, step: int, seconds: float, plain: float) -> None:
        """How long it took, beside the seconds of a plain step; decides when it is next."""
        self._next = step + max(interval(plain, plain + seconds), SELDOM)


def interval(plain: float, sampled: float) -> int:
    """Every how many steps one may be sampled, from the seconds of a plain and of a sampled step."""
    extra = max(sampled - plain, 0.0)
    return min(max(math.ceil(extra / (SHARE * plain)), 1), LONGEST) if plain > 0 else 1
