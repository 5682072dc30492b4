"""Rows of a run at known steps: every step, or the steps of a schedule."""

from __future__ import annotations

import numpy as np

from core.errors import EngineError
from core.telemetry.table import Floats, Indices, Table


class EveryStep:
    """A row a step, without a gap: the row of step s stands at index s - first_step - 1."""

    def __init__(self, names: tuple[str, ...], first_step: int, table: Table | None = None) -> None:
        """Begin with the rows of `table`, which goes on growing here."""
        self.names = names
        self.places = {name: place for place, name in enumerate(names)}
        self.first_step = first_step
        self.table = table if table is not None else Table(len(names))
        self.generation = 0
        """Grows when rows were taken back; whoever keeps something made from them begins anew."""

    def __len__(self) -> int:
        return len(self.table)

    def append(self, first: int, rows: Floats) -> None:
        """Add the rows of steps `first`, `first` + 1, ...

        Steps that are known already are replaced by the new rows and what followed is taken back (a run resumed from
        a checkpoint trains them once more); steps that never came are rows of NaN.
        """
        place = first - self.first_step - 1
        if place < 0:
            raise EngineError(
                f"rows from step {self.first_step + 1} on were wanted",
                f"rows from step {first} came",
                "Record of the run",
            )
        self._make_place(place)
        self.table.append(rows)

    def truncate(self, step: int) -> None:
        """Take back every row after `step`."""
        if step - self.first_step < len(self.table):
            self.table.truncate(max(step - self.first_step, 0))
            self.generation += 1

    def steps(self, first: int, last: int) -> Indices:
        """The step numbers of rows `first` to `last` (exclusive)."""
        return self.steps_of(np.arange(first, min(last, len(self)), dtype=np.int64))

    def steps_of(self, rows: Indices) -> Indices:
        """The step number of each of these rows."""
        return rows + (self.first_step + 1)

    def index(self, step: float) -> int:
        """The first row at or after `step`."""
        return min(max(int(np.ceil(step)) - self.first_step - 1, 0), len(self))

    def _make_place(self, place: int) -> None:
        self.truncate(self.first_step + place)
        missing = place - len(self.table)
        while missing > 0:
            part = min(missing, 4096)
            self.table.append(np.full((part, len(self.names)), np.nan, np.float32))
            missing -= part


class Sampled:
    """Rows at steps of their own, in rising order."""

    def __init__(
        self, names: tuple[str, ...], first_step: int, table: Table | None = None, steps: Indices | None = None
    ) -> None:
        """Begin with the rows of `table`, measured at `steps`."""
        self.names = names
        self.places = {name: place for place, name in enumerate(names)}
        self.first_step = first_step
        self.table = table if table is not None else Table(len(names))
        self.generation = 0
        self._steps: Indices = steps if steps is not None else np.empty(64, np.int64)

    def __len__(self) -> int:
        return len(self.table)

    def append(self, steps: Indices, rows: Floats) -> None:
        """Add rows, (N, columns), at `steps`, (N,); known steps from the first new one on are taken back."""
        if not len(steps):
            return
        if len(steps) != len(rows) or np.any(np.diff(steps) <= 0) or steps[0] <= self.first_step:
            raise EngineError(
                f"a row for each of the rising steps after {self.first_step} was wanted",
                f"{len(rows)} rows for {len(steps)} steps from {steps[0]} on came",
                "Record of the run",
            )
        self.truncate(int(steps[0]) - 1)
        begin, end = len(self), len(self) + len(steps)
        if end > len(self._steps):
            self._steps = np.concatenate([self._steps, np.empty(max(end, len(self._steps)), np.int64)])
        self._steps[begin:end] = steps
        self.table.append(rows)

    def truncate(self, step: int) -> None:
        """Take back every row after `step`."""
        place = self.index(step + 1)
        if place < len(self):
            self.table.truncate(place)
            self.generation += 1

    def steps(self, first: int, last: int) -> Indices:
        """The step numbers of rows `first` to `last` (exclusive)."""
        return self._steps[first : min(last, len(self))]

    def steps_of(self, rows: Indices) -> Indices:
        """The step number of each of these rows."""
        return self._steps[rows]

    def index(self, step: float) -> int:
        """The first row at or after `step`."""
        return int(np.searchsorted(self._steps[: len(self)], step, side="left"))


Series = EveryStep | Sampled
