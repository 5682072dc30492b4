"""How quickly steps pass: an average in which old ones count less."""

from __future__ import annotations

import math

MEMORY = 3.0
"""Seconds of training after which what passed counts for a third."""


class Pace:
    """Steps a second while training goes on; times in which it stands still are not told to it."""

    def __init__(self) -> None:
        self._steps = self._seconds = 0.0

    def note(self, steps: int, seconds: float) -> None:
        """So many steps took so long."""
        left = math.exp(-seconds / MEMORY)
        self._steps, self._seconds = left * self._steps + steps, left * self._seconds + seconds

    @property
    def rate(self) -> float:
        """Steps a second; 0 before the first."""
        return self._steps / self._seconds if self._seconds else 0.0
