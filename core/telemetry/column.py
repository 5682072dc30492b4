"""One quantity of a run over its rows, and views of it that cost their pixels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.telemetry.binned import TableBins
from core.telemetry.octaves import octaves
from core.telemetry.pyramid import Doubles, Pyramid
from core.telemetry.series import Series
from core.telemetry.smoothing import memory, smoothed
from core.telemetry.table import Floats, Indices

Part = tuple[int, int, int]
"""Rows in bins: where they begin, where they end, and how many are in a bin."""
Made = tuple[npt.NDArray[Any], ...]
VIEWS = 4 * 2**20
"""Bytes of views of stretches of bins that stay at hand."""


@dataclass(frozen=True)
class Envelope:
    """What to draw of a column: at each x (a step) the smallest and the largest value of its bin."""

    x: Doubles
    low: Floats
    high: Floats
    width: int
    """Rows in a bin; 1: every row is drawn and `low` is `high`."""


class Column:
    """One quantity over the run, as the rows gave it: (rows,), or (rows, paths) for all steps of the plan at once."""

    def __init__(self, series: Series, read: Callable[[int, int], Floats], bins: TableBins | None = None) -> None:
        """With `bins` those that are kept elsewhere, else a pyramid of its own."""
        self._series = series
        self._read = read
        self._pyramid: Pyramid | TableBins = bins if bins is not None else Pyramid(read)
        self._generation = self._kept_of = series.generation
        self._views: dict[object, Made] = {}
        """What was made of stretches of bins, by what and of which."""
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._series)

    def values(self, first: int = 0, last: int | None = None) -> Floats:
        """The values of rows `first` to `last` (exclusive)."""
        return self._read(first, len(self) if last is None else last)

    def steps(self, first: int = 0, last: int | None = None) -> Indices:
        """The steps of rows `first` to `last` (exclusive)."""
        return self._series.steps(first, len(self) if last is None else last)

    def index(self, step: float) -> int:
        """The first row at or after `step`."""
        return self._series.index(step)

    def latest(self) -> float:
        """The newest value of a single column; NaN where there is none."""
        return float(self.values(len(self) - 1)[0]) if len(self) else float("nan")

    def value(self, step: float | None) -> float:
        """The newest value of a single column, or that of the row nearest to a step; NaN where there is none."""
        found = self.at(step) if step is not None else None
        return found[1] if found is not None else self.latest()

    def at(self, step: float) -> tuple[int, float] | None:
        """The row nearest to `step` of a single column: its step and value; None where there is no row."""
        place = self.nearest(step)
        if place is None:
            return None
        return int(self.steps(place, place + 1)[0]), float(self.values(place, place + 1)[0])

    def nearest(self, step: float) -> int | None:
        """The place of the row nearest to `step`; None where there is no row."""
        if not len(self):
            return None
        after = min(self._series.index(step), len(self) - 1)
        rows = range(max(after - 1, 0), after + 1)
        steps = self.steps(rows[0], rows[-1] + 1)
        return rows[int(np.argmin(np.abs(steps - step)))]

    def catch_up(self, values: int) -> bool:
        """Take in at most so many of the values that are new since the last view; whether all are in.

        A view takes in the rest by itself: who must not wait for a long column asks for part after part before.
        """
        beside = self._read(0, 0).shape[1:]
        self._follow(max(values // (beside[0] or 1 if beside else 1), 1))
        return len(self._pyramid) == len(self._series)

    def envelope(self, first: float, last: float, pixels: int, log: bool = False) -> Envelope:
        """Steps `first` to `last`, and one bin more at each side, in at most 2 `pixels` + 2 bins.

        Bins hold a power of two of rows and begin at multiples of it: they stand still while rows come. With `log`
        they grow with the rows before them.
        """
        self._follow()
        parts = self._parts(first, last, 2 * pixels, log)
        x, low, high = self._of_parts(self._extremes, parts)
        return Envelope(x, low, high, parts[-1][2])

    def smooth(
        self, first: float, last: float, pixels: int, factor: float, log: bool = False
    ) -> tuple[Doubles, Doubles]:
        """Steps and their moving average with `factor`, in at most `pixels` + 2 points.

        Where a point stands for several rows their mean counts as that many equal rows.
        """
        self._follow()
        steps, average = self._of_parts(self._averages, self._parts(first, last, pixels, log), factor)
        return steps, average

    def _of_parts(self, make: Callable[..., Made], parts: list[Part], *more: float) -> Made:
        """What is made of the bins of all these rows, one after another."""
        found = [self._kept(make, part, *more) for part in parts]
        return found[0] if len(found) == 1 else tuple(np.concatenate(one) for one in zip(*found, strict=True))

    def _kept(self, make: Callable[..., Made], part: Part, *more: float) -> Made:
        """The same of some of them; where all are whole it stays at hand, as they stand still."""
        if self._kept_of != self._series.generation:
            self._kept_of, self._views, self._bytes = self._series.generation, {}, 0
        _begin, stop, width = part
        key = (make.__name__, *part, *more)
        known = self._views.pop(key, None)
        found = known if known is not None else make(*part, *more)
        if -(-stop // width) * width <= len(self):
            for one in found:
                one.flags.writeable = False
            self._views[key] = found  # the last of them, as it was used last
            self._bytes += sum(one.nbytes for one in found) if known is None else 0
            while self._bytes > VIEWS:
                self._bytes -= sum(one.nbytes for one in self._views.pop(next(iter(self._views))))
        return found

    def _extremes(self, begin: int, stop: int, width: int) -> Made:
        """The middle steps, the smallest and the largest values of the bins of these rows."""
        bins = self._pyramid.bins(begin // width, -(-stop // width), width)
        return self._centres(begin, min(-(-stop // width) * width, len(self)), width), bins.low, bins.high

    def _averages(self, begin: int, stop: int, width: int, factor: float) -> Made:
        """The middle steps and averages of the bins of these rows; what was before them is looked back at."""
        low, high = max(begin - memory(factor), 0) // width, -(-stop // width)
        total, count = self._pyramid.sums(low, high, width)
        shown = begin // width * width
        average = smoothed(total, count, factor**width)[(shown - low * width) // width :]
        return self._centres(shown, min(high * width, len(self)), width), average

    def _parts(self, first: float, last: float, bins: int, log: bool) -> list[Part]:
        """The rows at these steps in stretches of bins of one width: where each begins, ends, and that width."""
        begin, end = self._rows_between(first, last)
        if log and end > begin:
            return octaves(begin, end, max(bins // 2, 1))
        width = _width(end - begin, bins)
        begin, whole = begin // width * width, min(end, len(self) // width * width)
        parts = [(begin, whole, width), (max(whole, begin), end, width)]
        return [part for part in parts if part[1] > part[0]] or parts[:1]

    def _rows_between(self, first: float, last: float) -> tuple[int, int]:
        begin = max(self._series.index(first) - 1, 0)
        return begin, max(min(self._series.index(last) + 2, len(self)), begin)

    def _follow(self, most: int | None = None) -> None:
        """Take in the rows that are new, or `most` of them; begin anew where rows were taken back."""
        if isinstance(self._pyramid, TableBins):
            return
        if self._generation != self._series.generation:
            self._pyramid, self._generation = Pyramid(self._read), self._series.generation
        end = len(self._series) if most is None else min(len(self._pyramid) + most, len(self._series))
        if end != len(self._pyramid):
            self._pyramid.extend(end)

    def _centres(self, begin: int, end: int, width: int) -> Doubles:
        """The middle step of each bin of rows."""
        starts = np.arange(begin, end, width, dtype=np.int64)
        ends = np.minimum(starts + width, end) - 1
        centres: Doubles = (self._series.steps_of(starts) + self._series.steps_of(ends)) / 2.0
        return centres


def _width(rows: int, bins: int) -> int:
    """The smallest power of two of rows a bin so that at most `bins` cover `rows`."""
    return 1 << max(0, (-(-rows // max(bins, 1)) - 1).bit_length())
