"""From values to pixels and back, and what part of a run is looked at."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]
FLOOR = -60.0
"""The logarithm that stands for zero: below every float32, and so below every view."""
FAR = 20_000.0
"""Pixels beyond which a point is drawn no further off; QPainter is not exact there."""


@dataclass(frozen=True)
class Scale:
    """A straight map of `low`..`high` to the pixels `start`..`end`; of logarithms where `log` is set."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def pixels(self, values: npt.ArrayLike) -> Doubles:
        """The pixel of each value; NaN stays NaN, zero lies below every view of a logarithmic scale."""
        numbers = np.asarray(values, np.float64)
        return self.place(logarithm(numbers) if self.log else numbers)

    def place(self, numbers: npt.ArrayLike) -> Doubles:
        """The pixel of each number that is already in the scale's own terms."""
        share = (np.asarray(numbers, np.float64) - self.low) / (self.high - self.low)
        pixels: Doubles = np.clip(self.start + share * (self.end - self.start), -FAR, FAR)
        return pixels

    def pixel(self, number: float) -> float:
        """The pixel of one number in the scale's own terms."""
        return self.start + (number - self.low) / (self.high - self.low) * (self.end - self.start)

    def number(self, pixel: float) -> float:
        """The number at a pixel, in the scale's own terms."""
        return self.low + (pixel - self.start) / (self.end - self.start) * (self.high - self.low)

    def numbers(self, pixels: npt.ArrayLike) -> Doubles:
        """The number at each pixel."""
        share = (np.asarray(pixels, np.float64) - self.start) / (self.end - self.start)
        found: Doubles = self.low + share * (self.high - self.low)
        return found


@dataclass(frozen=True)
class LogSteps(Scale):
    """A map of steps to pixels by the logarithm of how many there were before: its own terms stay steps."""

    origin: float = 0.0
    """The step that the run began at: the first of it lies at the left end."""

    def place(self, numbers: npt.ArrayLike) -> Doubles:
        """The pixel of each step."""
        low, high = self._logs
        logs = np.log1p(np.maximum(np.asarray(numbers, np.float64) - self.origin, 0.0))
        pixels: Doubles = self.start + (logs - low) / (high - low) * (self.end - self.start)
        return pixels

    def pixels(self, values: npt.ArrayLike) -> Doubles:
        """The same."""
        return self.place(values)

    def pixel(self, number: float) -> float:
        """The pixel of one step."""
        return float(self.place(number))

    def number(self, pixel: float) -> float:
        """The step at a pixel."""
        low, high = self._logs
        share = (pixel - self.start) / (self.end - self.start)
        return self.origin + math.expm1(low + share * (high - low))

    def numbers(self, pixels: npt.ArrayLike) -> Doubles:
        """The step at each pixel."""
        low, high = self._logs
        share = (np.asarray(pixels, np.float64) - self.start) / (self.end - self.start)
        found: Doubles = self.origin + np.expm1(low + share * (high - low))
        return found

    @property
    def _logs(self) -> tuple[float, float]:
        low = math.log1p(max(self.low - self.origin, 0.0))
        return low, max(math.log1p(max(self.high - self.origin, 0.0)), low + 1e-9)


def log_pixels(scale: Scale, values: Doubles) -> Floats:
    """The pixel of each value on a logarithmic scale, for very many of them: in numbers of four bytes."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.log10(values.astype(np.float32))
    found -= np.float32(scale.low)
    found *= np.float32((scale.end - scale.start) / (scale.high - scale.low))
    found += np.float32(scale.start)
    return np.clip(found, np.float32(-FAR), np.float32(FAR), out=found)


def logarithm(values: Doubles) -> Doubles:
    """log10, where zero and less are the floor."""
    positive = ~(values <= 0)
    return np.log10(values, out=np.full(values.shape, FLOOR), where=positive)


@dataclass(frozen=True)
class Window:
    """The part of an extent that is looked at: all of it, or what a person chose."""

    chosen: tuple[float, float] | None = None
    follows: bool = False
    """The chosen part ends at the newest row, and moves with it."""

    def within(self, low: float, high: float) -> tuple[float, float]:
        """What is shown of `low`..`high`."""
        if self.chosen is None:
            return low, high
        begin, end = self.chosen
        return (high - (end - begin), high) if self.follows else (begin, end)

    def zoomed(self, low: float, high: float, around: float, factor: float, least: float = 0.0) -> Window:
        """Shown are `factor` times as much, with `around` where it was; all of it once it would show everything."""
        begin, end = self.within(low, high)
        if (end - begin) * factor < least:
            return self
        return _kept(around - (around - begin) * factor, around + (end - around) * factor, low, high)

    def showing(self, low: float, high: float, begin: float, end: float, least: float = 0.0) -> Window:
        """Shown is `begin` to `end` of `low`..`high`, pushed inside; all of it where that is all."""
        return self if end - begin < least else _kept(begin, end, low, high)

    def moved(self, low: float, high: float, by: float) -> Window:
        """The same length, elsewhere, but not outside of the extent."""
        if self.chosen is None:
            return self
        begin, end = self.within(low, high)
        by = min(max(by, low - begin), high - end)
        return replace(self, chosen=(begin + by, end + by), follows=end + by >= high)


def _kept(begin: float, end: float, low: float, high: float) -> Window:
    if end - begin >= high - low:
        return Window()
    if begin < low:
        begin, end = low, low + (end - begin)
    if end > high:
        begin, end = high - (end - begin), high
    return Window((begin, end), follows=end >= high)


def padded(low: float, high: float, share: float, least: float) -> tuple[float, float]:
    """The range with a margin at both ends, and at least `least` wide."""
    missing = max(least - (high - low), 0.0) / 2
    margin = share * max(high - low, least)
    return low - missing - margin, high + missing + margin
