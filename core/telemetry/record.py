"""What a run measured: every row as it came, and views of it that cost their pixels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

import numpy as np

from core.engine.messages import (
    AnyEvent,
    Counted,
    Progress,
    RateChanged,
    RowInfo,
    SampleRows,
    Started,
    StepRows,
    Validated,
)
from core.errors import EngineError
from core.telemetry.binned import TableBins
from core.telemetry.distributions import Distributions
from core.telemetry.happenings import Happening, happening
from core.telemetry.octaves import octaves
from core.telemetry.pyramid import Doubles, Pyramid
from core.telemetry.quantities import QUANTITIES, names_at
from core.telemetry.series import EveryStep, Sampled, Series
from core.telemetry.smoothing import memory, smoothed
from core.telemetry.table import Floats, Indices, Table

PLAIN = names_at("network")
"""Quantities of the whole network."""
OF_WEIGHTS = names_at("weight")
"""Quantities of a step with a weight."""
OF_OUTPUTS = (*names_at("output"), *names_at("sequence"))
"""Quantities of a step's output, those that recurrent layers alone have behind the others."""

ALL = "*"
"""Stands for all paths; no path is called that."""


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
        self._generation = series.generation

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
        x, low, high, width = [], [], [], 1
        for begin, stop, width in self._parts(first, last, 2 * pixels, log):
            bins = self._pyramid.bins(begin // width, -(-stop // width), width)
            x.append(self._centres(begin, min(-(-stop // width) * width, len(self)), width))
            low.append(bins.low)
            high.append(bins.high)
        return Envelope(np.concatenate(x), np.concatenate(low), np.concatenate(high), width)

    def smooth(
        self, first: float, last: float, pixels: int, factor: float, log: bool = False
    ) -> tuple[Doubles, Doubles]:
        """Steps and their moving average with `factor`, in at most `pixels` + 2 points.

        Where a point stands for several rows their mean counts as that many equal rows.
        """
        self._follow()
        parts = [self._averages(*part, factor) for part in self._parts(first, last, pixels, log)]
        steps, average = zip(*parts, strict=True)
        return np.concatenate(steps), np.concatenate(average)

    def _averages(self, begin: int, stop: int, width: int, factor: float) -> tuple[Doubles, Doubles]:
        """The steps and averages of the bins of these rows; what was before them is looked back at."""
        low, high = max(begin - memory(factor), 0) // width, -(-stop // width)
        total, count = self._pyramid.sums(low, high, width)
        shown = begin // width * width
        average = smoothed(total, count, factor**width)[(shown - low * width) // width :]
        return self._centres(shown, min(high * width, len(self)), width), average

    def _parts(self, first: float, last: float, bins: int, log: bool) -> list[tuple[int, int, int]]:
        """The rows at these steps in stretches of bins of one width: where each begins, ends, and that width."""
        begin, end = self._rows_between(first, last)
        if log and end > begin:
            return octaves(begin, end, max(bins // 2, 1))
        width = _width(end - begin, bins)
        return [(begin // width * width, end, width)]

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


class RunRecord:
    """Everything a run has told, from its `Started` on."""

    def __init__(
        self,
        started: Started,
        steps: Table | None = None,
        samples: Table | None = None,
        sample_steps: Indices | None = None,
    ) -> None:
        """Begin with the rows of a run that is known, if there are any."""
        self.started = started
        self.steps = EveryStep(tuple(started.step_columns), started.first_step, steps)
        self.samples = Sampled(tuple(started.sample_columns), started.first_step, samples, sample_steps)
        self.loss_paths = tuple(name.removeprefix("loss:") for name in self.steps.names if name.startswith("loss:"))
        """The steps of a run's losses, where it has several."""
        self.validations: list[Validated] = []
        self.happenings: list[Happening] = []
        """What happened beside the numbers, in its order."""
        self.distributions = Distributions()
        """How the numbers of layers were spread."""
        self.told = 0
        """How many events have said something that is drawn, speeds aside."""
        self.rate_changes: list[RateChanged] = []
        """The learning rates that were set by hand."""
        self.speeds: list[tuple[int, float]] = []
        """Steps, and how many samples passed a second then."""
        self._columns: dict[tuple[str, str], Column] = {}
        self._places: dict[str, Indices] = {}
        self._rows: dict[str, list[RowInfo]] = {}
        self._every = {name.partition(":")[0] for name in started.step_columns}

    @property
    def last_step(self) -> int:
        """The newest step there is a row of."""
        return self.steps.first_step + len(self.steps)

    @property
    def first_step(self) -> int:
        """The steps that were done before the first row."""
        return self.steps.first_step

    def add_steps(self, rows: StepRows) -> None:
        """Append every-step rows; raises EngineError where they do not have the run's columns."""
        self.steps.append(rows.first, _unpacked(rows.data, rows.count, len(self.steps.names)))

    def add_samples(self, rows: SampleRows) -> None:
        """Append scheduled rows; raises EngineError where they do not have the run's columns."""
        steps = np.frombuffer(rows.steps, "<i8").astype(np.int64)
        self.samples.append(steps, _unpacked(rows.data, len(steps), len(self.samples.names)))

    def add_validation(self, validated: Validated) -> None:
        """Append a validation; one at the same or a later step (of a run since resumed) gives way."""
        while self.validations and self.validations[-1].step >= validated.step:
            self.validations.pop()
        self.validations.append(validated)
        self.told += 1

    def add_event(self, event: AnyEvent) -> bool:
        """Take note of what an event says beside numbers; whether it says anything."""
        if isinstance(event, Counted):
            self.distributions.add(event)
            return True
        if isinstance(event, Progress) and event.state == "training" and event.samples_per_second > 0:
            self.speeds.append((event.step, event.samples_per_second))
            return True
        if isinstance(event, RateChanged):
            self._take_back_rate(event)
            self.rate_changes.append(event)
        told = happening(event)
        if told is not None:
            self.happenings.append(told)
            self.told += 1
        return told is not None

    def _take_back_rate(self, event: RateChanged) -> None:
        """Of several rates set for one step, as by a spin box, only the last is one that was trained with."""
        before = self.rate_changes[-1] if self.rate_changes else None
        if before is not None and (before.step, before.phase) == (event.step, event.phase):
            self.rate_changes.pop()
            self.happenings = [one for one in self.happenings if one != happening(before)]

    def continues(self, started: Started) -> bool:
        """Whether `started` goes on where this record stands: the same run and columns, from a step that is known."""
        same = started.step_columns == list(self.steps.names) and started.sample_columns == list(self.samples.names)
        same = same and started.run == self.started.run
        return same and self.first_step < started.first_step <= self.last_step

    def resume(self, started: Started) -> None:
        """Go on under `started`: the rows after its first step are trained once more, and come again."""
        self.started = started
        self.happenings = [one for one in self.happenings if one.step <= started.first_step]
        self.rate_changes = [one for one in self.rate_changes if one.step <= started.first_step]
        self.speeds = [one for one in self.speeds if one[0] <= started.first_step]
        self.add_event(started)
        self.distributions.truncate(started.first_step)
        self.steps.truncate(started.first_step)
        self.samples.truncate(started.first_step)
        self.validations = [point for point in self.validations if point.step <= started.first_step]

    def measures(self, quantity: str) -> bool:
        """Whether this run has the quantity: one of an earlier version, or without recurrent layers, may not."""
        return bool(self.rows(quantity)) or quantity in self.series(quantity).places

    def rows(self, quantity: str) -> list[RowInfo]:
        """The steps of the plan that a quantity is measured at, in network order."""
        if quantity not in self._rows:
            self._rows[quantity] = self._measured_at(quantity)
        return self._rows[quantity]

    def series(self, quantity: str) -> Series:
        """The rows that hold a quantity."""
        known = QUANTITIES.get(quantity)
        is_sampled = known is not None and known.schedule != "every step" and quantity not in self._every
        return self.samples if is_sampled else self.steps

    def column(self, quantity: str, path: str = "") -> Column:
        """The column of a quantity of the whole network, or of the step at `path`; raises EngineError."""
        key = (quantity, path)
        if key not in self._columns:
            bins = self._bins(quantity, [path], single=True)
            self._columns[key] = Column(self.series(quantity), self._reader(quantity, path), bins)
        return self._columns[key]

    def losses(self, paths: Sequence[str]) -> Mapping[str, Column]:
        """By path the column of each of these losses that was measured; a single one's is that of the network."""
        own = {path: self.column("loss", path) for path in paths if f"loss:{path}" in self.steps.places}
        return own or {path: self.column("loss") for path in paths[:1] if len(paths) == 1}

    def columns(self, quantity: str) -> Column:
        """The columns of a quantity at all its steps of the plan, in the order of `rows`."""
        if (quantity, ALL) not in self._columns:
            bins = self._bins(quantity, [row.path for row in self.rows(quantity)], single=False)
            self._columns[quantity, ALL] = Column(
                self.series(quantity), lambda first, last: self.block(quantity, first, last).T, bins
            )
        return self._columns[quantity, ALL]

    def block(self, quantity: str, first: int, last: int) -> Floats:
        """Rows `first` to `last` of a quantity at all its steps of the plan, (paths, rows)."""
        paths = [row.path for row in self.rows(quantity)]
        if quantity == "gradient_rms":
            return self._take("gradient", paths, first, last) / _root_sizes(self.rows(quantity))[:, None]
        if quantity == "update_ratio":
            return _ratio(self._take("update", paths, first, last), self._take("weight", paths, first, last))
        return self._take(quantity, paths, first, last)

    def profile(self, quantity: str, path: str, first: int, last: int) -> Floats:
        """Rows `first` to `last` of a quantity that has several columns at a step of the plan, (columns, rows)."""
        table = self.series(quantity)
        names = (f"{quantity}[{place}]:{path}" for place in range(len(table.places)))
        found = [table.places[name] for name in takewhile(table.places.__contains__, names)]
        return table.table.take(np.array(found, np.int64), first, last)

    def places_of(self, quantity: str, paths: list[str]) -> Indices:
        """Where the columns of a quantity that is no quotient stand in its table."""
        return np.array([self._index(quantity, path) for path in paths], np.int64)

    def _bins(self, quantity: str, paths: list[str], single: bool) -> TableBins | None:
        """The table's own bins of these columns; None for a quotient of two, which has none."""
        if quantity == "update_ratio":
            return None
        plain = "gradient" if quantity == "gradient_rms" else quantity
        places = self.places_of(plain, paths)
        if plain == quantity:
            return TableBins(self.series(quantity).table, places, single)
        share = np.float32(1) / _root_sizes([row for row in self.rows(quantity) if row.path in paths])
        return TableBins(self.series(plain).table, places, single, share)

    def _measured_at(self, quantity: str) -> list[RowInfo]:
        """The rows whose columns are all there."""
        known = QUANTITIES.get(quantity)
        if known is None or known.where == "network":
            return []
        rows = self.started.weights if known.where == "weight" else self.started.outputs
        own = f"{quantity}[0]" if known.where == "profile" else quantity
        names, places = known.of or (own,), self.series(quantity).places
        return [row for row in rows if all(f"{name}:{row.path}" in places for name in names)]

    def _reader(self, quantity: str, path: str) -> Callable[[int, int], Floats]:
        if quantity == "gradient_rms":
            norm = self._reader("gradient", path)
            root = _root_sizes([row for row in self.started.weights if row.path == path])[0]
            return lambda first, last: norm(first, last) / root
        if quantity == "update_ratio":
            update, weight = self._reader("update", path), self._reader("weight", path)
            return lambda first, last: _ratio(update(first, last), weight(first, last))
        table, index = self.series(quantity).table, self._index(quantity, path)
        return lambda first, last: table.read(index, first, last)

    def _take(self, quantity: str, paths: list[str], first: int, last: int) -> Floats:
        if quantity not in self._places:
            self._places[quantity] = np.array([self._index(quantity, path) for path in paths], np.int64)
        return self.series(quantity).table.take(self._places[quantity], first, last)

    def _index(self, quantity: str, path: str) -> int:
        name = f"{quantity}:{path}" if path else quantity
        place = self.series(quantity).places.get(name)
        if place is None:
            raise EngineError("a column that the run measures was wanted", f'"{name}" came', "Record of the run")
        return place


def _unpacked(data: bytes, rows: int, columns: int) -> Floats:
    if len(data) != 4 * rows * columns:
        raise EngineError(
            f"{rows} rows of {columns} float32 numbers were wanted", f"{len(data)} bytes came", "Record of the run"
        )
    return np.frombuffer(data, "<f4").reshape(rows, columns)


def _root_sizes(rows: list[RowInfo]) -> Floats:
    return np.sqrt(np.array([max(row.numel, 1) for row in rows], np.float32))


def _ratio(update: Floats, weight: Floats) -> Floats:
    """‖ΔW‖ / ‖W‖; 0 / 0 is NaN and a weight that is zero gives infinity, as arithmetic has it."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return update / weight


def _width(rows: int, bins: int) -> int:
    """The smallest power of two of rows a bin so that at most `bins` cover `rows`."""
    return 1 << max(0, (-(-rows // max(bins, 1)) - 1).bit_length())
