"""What a run measured: every row as it came, and views of it that cost their pixels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import count, takewhile

import numpy as np
from msgspec.structs import replace

from core.engine.messages import (
    AnyEvent,
    Counted,
    Noticed,
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
from core.telemetry.column import Column
from core.telemetry.distributions import Distributions
from core.telemetry.happenings import Happening, happening
from core.telemetry.quantities import QUANTITIES, names_at
from core.telemetry.series import EveryStep, Sampled, Series
from core.telemetry.table import Floats, Indices, Table

PLAIN = names_at("network")
"""Quantities of the whole network."""
OF_WEIGHTS = names_at("weight")
"""Quantities of a step with a weight."""
OF_OUTPUTS = (*names_at("output"), *names_at("sequence"))
"""Quantities of a step's output, those that recurrent layers alone have behind the others."""

STRETCH = " · "
"""Between the path of a recurrent layer and the number of a stretch of its sequence, in the row of that stretch."""
ALL = "*"
"""Stands for all paths; no path is called that."""


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
        self.noticed: dict[str, Noticed] = {}
        """By its name what a watch has noticed of a script."""
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

    def validated(self, step: float | None) -> Validated | None:
        """The newest validation, or the newest up to a step; None where there is none."""
        known = self.validations if step is None else [one for one in self.validations if one.step <= step]
        return known[-1] if known else None

    def add_event(self, event: AnyEvent) -> bool:
        """Take note of what an event says beside numbers; whether it says anything."""
        if isinstance(event, Counted):
            self.distributions.add(event)
            return True
        if isinstance(event, Noticed):
            self.noticed[event.name] = event
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
        if known.where == "profile":
            return self._stretches(quantity)
        rows = self.started.weights if known.where == "weight" else self.started.outputs
        names, places = known.of or (quantity,), self.series(quantity).places
        return [row for row in rows if all(f"{name}:{row.path}" in places for name in names)]

    def _stretches(self, quantity: str) -> list[RowInfo]:
        """A row for every stretch of the sequence at each step of the plan, the first steps first."""
        places = self.series(quantity).places
        found = []
        for row in self.started.outputs:
            stretches = takewhile(places.__contains__, (f"{quantity}[{place}]:{row.path}" for place in count()))
            found += [replace(row, path=f"{row.path}{STRETCH}{number}") for number, _name in enumerate(stretches, 1)]
        return found

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
        whole, _, stretch = path.partition(STRETCH)
        name = f"{quantity}[{int(stretch) - 1}]:{whole}" if stretch else f"{quantity}:{path}" if path else quantity
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
