"""Draws of a number from which everything of a fresh network comes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


class Luck:
    """Draws that the same numbers repeat."""

    def __init__(self, *numbers: int) -> None:
        """Begun by these numbers."""
        self._random = np.random.default_rng(numbers)

    def one(self, choices: Sequence[T]) -> T:
        """One of the choices."""
        return choices[int(self._random.integers(len(choices)))]

    def whole(self, least: int, most: int) -> int:
        """A whole number, both ends counted."""
        return int(self._random.integers(least, most + 1))

    def even(self, least: float, most: float) -> float:
        """A number of three digits between these."""
        return _rounded(float(self._random.uniform(least, most)))

    def wide(self, least: float, most: float) -> float:
        """A number of three digits whose logarithm lies evenly between those of these."""
        return _rounded(math.exp(self._random.uniform(math.log(least), math.log(most))))

    def chance(self, share: float) -> bool:
        """Whether this share of draws came true."""
        return bool(self._random.random() < share)


def _rounded(value: float) -> float:
    return float(f"{value:.3g}")
