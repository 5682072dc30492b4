"""Scheduled measurements of a run: what its outputs are and have come back to them, how long they take, and more."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from time import perf_counter

import numpy as np
from torch import Tensor

from chainrule.many import NAMES as EVERY
from chainrule.measuring import rms
from chainrule.outputs import NAMES, Floats, OutputMeter, numbers
from chainrule.sequences import STRETCHES, through_time
from core.build import Network
from core.engine.messages import SampleRows
from core.training.measuring.directions import NAMES as DIRECTIONS
from core.training.measuring.rows import row_of
from core.training.measuring.schedule import Schedule, Seldom
from core.training.measuring.units import limits, unit_axis
from core.training.measuring.weights import alike
from core.training.passing import Passed
from core.training.phases import LivePhase, by_path, output_rows, row_weights, weighted_modules
from core.training.settings import TrainingSettings
from core.training.stopwatch import Stopwatch, forward

OF_OUTPUTS = ("output", "forward", "backward", *NAMES, "rank")
"""What every output row has a column of, in this order."""


OF_RUN = (*DIRECTIONS, "seconds", "memory")
"""What a sample tells of the whole run."""


class Samples:
    """One float32 row a sampled step, gathered until it is sent.

    Columns are `NAME:PATH` for every name of OF_OUTPUTS (those left out that are measured at every step) and every
    output row, then `alike:PATH` of every weight row, then `through_time:PATH` and `time[K]:PATH` of every recurrent
    step, then OF_RUN. NaN stands where nothing was measured.
    """

    def __init__(self, network: Network, phases: Sequence[LivePhase], watch: bool, settings: TrainingSettings) -> None:
        steps = by_path(network, output_rows(phases)) if watch else []
        weighted = weighted_modules(network) if watch else {}
        walked = [step.path for step in steps if any(step.path in phase.walked for phase in phases)]
        self.rows = [row_of(network, step.path, step) for step in steps]
        names = [name for name in OF_OUTPUTS if not (settings.watch_all and name in EVERY)]
        self.columns = [f"{name}:{row.path}" for name in names for row in self.rows]
        self._grid = (len(names), len(self.rows))
        self._elsewhere = len(OF_OUTPUTS) - len(names)
        self._weights_at = len(self.columns)
        self.columns += [f"alike:{path}" for path in weighted]
        self._walked = {path: len(self.columns) + (1 + STRETCHES) * index for index, path in enumerate(walked)}
        for path in walked:
            self.columns += [f"through_time:{path}", *(f"time[{place}]:{path}" for place in range(STRETCHES))]
        self._plain = {name: len(self.columns) + index for index, name in enumerate(OF_RUN if watch else ())}
        self.columns += self._plain
        self.schedule = Schedule(settings.watch_cost / 100)
        self._seldom_outputs, self._seldom_weights = Seldom(), Seldom()
        self._ranked = False
        self._places = {step.path: index for index, step in enumerate(steps)}
        self._modules = {step.path: step.module for step in steps}
        self._meters = {
            step.path: OutputMeter(unit_axis(network.plan, step), limits(step, network.arguments[step.path]))
            for step in steps
        }
        self._matrices = [(network.modules[path], row_weights(network.modules[path])) for path in weighted]
        self._steps: list[int] = []
        self._table: list[Floats] = []

    def begun(self, step: int) -> Floats:
        """A row with what is measured before the step is made: how alike units are."""
        row = np.full(len(self.columns), np.nan, np.float32)
        self._ranked = self._seldom_outputs.due(step)
        if self._seldom_weights.due(step):
            began = perf_counter()
            for index, (module, weights) in enumerate(self._matrices):
                row[self._weights_at + index] = alike(module, weights)
            self._seldom_weights.note(step, perf_counter() - began, self.schedule)
        return row

    def keep(self, step: int, row: Floats, told: Mapping[str, float]) -> None:
        """Add the row of this step, with what is told of the whole run."""
        for name, value in told.items():
            row[self._plain[name]] = value
        self._steps.append(step)
        self._table.append(row)

    def measure(self, row: Floats, step: int, phase: LivePhase, passed: Passed) -> None:
        """Write what the phase's outputs have; of several phases the one that trains a layer has the last word."""
        found: dict[str, list[Tensor]] = {}
        for value, tensor in zip(phase.outputs, passed.kept, strict=False):  # what is walked along stands behind
            if tensor.grad is not None:
                found.setdefault(value.path, []).append(tensor)
        grid = self._of_outputs(row)
        mine = {path: tensors for path, tensors in found.items() if self._is_written_by(phase, path, grid)}
        for path, tensors in mine.items():
            column = grid[:, self._places[path]]
            column[0] = _joint_rms(tensors) * passed.counted
            column[3:-1] = list(self._meters[path].measured(tensors[0], passed.size))[self._elsewhere :]
        if self._ranked:
            self._measure_ranks(grid, step, mine)
        for path, tensor in zip(phase.walked, passed.kept[len(phase.outputs) :], strict=True):
            if path in mine and tensor.grad is not None:
                place = self._walked[path]
                row[place], profile = through_time(tensor.grad)
                row[place + 1 : place + 1 + STRETCHES] = profile * passed.counted

    def measure_times(self, row: Floats, phase: LivePhase, times: Sequence[float], watch: Stopwatch) -> None:
        """Write how long each step took, all phases together; asked right after the way back."""
        grid, places = self._of_outputs(row), self._places
        for place, seconds in watch.backward():
            _add(grid[2], places[phase.outputs[place].path], seconds)
        for path, seconds in zip(phase.observed.timed, forward(times), strict=True):
            if path in places:
                _add(grid[1], places[path], seconds)

    def packed(self) -> SampleRows:
        """The rows gathered; begins anew."""
        steps, data = np.array(self._steps, np.int64).tobytes(), b"".join(row.tobytes() for row in self._table)
        self._steps, self._table = [], []
        return SampleRows(steps=steps, data=data)

    @property
    def waiting(self) -> bool:
        """Whether there are rows to send."""
        return bool(self._steps)

    def _of_outputs(self, row: Floats) -> Floats:
        """The part of a row that is of outputs, (OF_OUTPUTS, output rows)."""
        return row[: self._weights_at].reshape(self._grid)

    def _is_written_by(self, phase: LivePhase, path: str, grid: Floats) -> bool:
        return math.isnan(grid[0, self._places[path]]) or self._modules[path] in phase.part.trained

    def _measure_ranks(self, grid: Floats, step: int, outputs: Mapping[str, Sequence[Tensor]]) -> None:
        began = perf_counter()
        for path, tensors in outputs.items():
            grid[-1, self._places[path]] = self._meters[path].rank(tensors[0])
        self._seldom_outputs.note(step, perf_counter() - began, self.schedule)


def _add(line: Floats, place: int, seconds: float) -> None:
    line[place] = seconds if math.isnan(line[place]) else line[place] + seconds


def _joint_rms(outputs: Sequence[Tensor]) -> float:
    arrays = [numbers(output.grad) for output in outputs if output.grad is not None]
    if len(arrays) == 1:
        return rms(arrays[0])
    return math.sqrt(sum(rms(array) ** 2 * array.size for array in arrays) / sum(array.size for array in arrays))
