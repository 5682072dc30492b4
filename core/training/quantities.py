"""What a run measures and when: every-step rows of norms, and scheduled rows of output gradients."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from chainrule.measuring import rms
from core.build import Network
from core.engine.messages import RowInfo, SampleRows, StepRows
from core.plan import Step
from core.training.phases import Group, LivePhase, by_path, output_rows, row_weights, weighted_modules
from core.training.stopwatch import Stopwatch, forward

Floats = NDArray[np.float32]
SCALARS = ("loss", "metric", "learning_rate", "gradient_norm")
CAPACITY = 4096
"""Rows that are kept before they must be sent."""
ALWAYS = 20
"""The first steps, all of which are sampled."""
SHARE = 0.01
"""The part of the training time that sampling may cost."""
LONGEST = 4096
"""Sampled steps are never further apart."""


class StepTable:
    """Every-step measurements, one float32 row a step, gathered until they are sent.

    Columns are SCALARS, then `gradient:PATH`, `weight:PATH` and `update:PATH` of every weight row, then `loss:PATH` of
    every loss where there are several. NaN stands where nothing is measured: a frozen weight has no gradient.
    """

    def __init__(self, network: Network, phases: Sequence[LivePhase], watch: bool) -> None:
        weighted = weighted_modules(network) if watch else {}
        losses = list(dict.fromkeys(step.path for phase in phases for step in phase.part.losses))
        self.rows = [_row(network, path, step) for path, step in weighted.items()]
        triples = [f"{name}:{path}" for path in weighted for name in ("gradient", "weight", "update")]
        self.losses = losses if len(losses) > 1 else []
        self.columns = [*SCALARS, *triples, *(f"loss:{path}" for path in self.losses)]
        self._table = np.zeros((CAPACITY, len(self.columns)), np.float32)
        self._blank = np.full(len(self.columns), np.nan, np.float32)
        for index, path in enumerate(weighted):
            weights = row_weights(network.modules[path])
            squares = sum(rms(weight.detach().cpu().numpy()) ** 2 * weight.numel() for weight in weights)
            self._blank[len(SCALARS) + 3 * index + 1] = math.sqrt(squares)
        self._places = {path: index for index, path in enumerate(weighted)}
        self._end = len(SCALARS) + len(triples)
        self._last = 0
        self.count = 0

    def slices(self, group: Group) -> slice | list[int]:
        """Which weight rows a group writes."""
        places = [self._places[path] for path in group.rows if path in self._places]
        whole = places == list(range(len(self._places)))
        return slice(None) if whole else places

    def blank(self) -> Floats:
        """The next row, nothing measured in it yet; it counts once it is kept."""
        row: Floats = self._table[self.count]
        row[:] = self._blank
        return row

    def keep(self, step: int) -> None:
        """Count the row as that of this step, the one after the last."""
        self.count += 1
        self._last = step

    def norms(self, row: Floats) -> Floats:
        """The part of a row that holds norms, as (weight rows, 3)."""
        return row[len(SCALARS) : self._end].reshape(-1, 3)

    def write_losses(self, row: Floats, values: dict[str, float]) -> None:
        """Write each of several losses."""
        for index, path in enumerate(self.losses):
            row[self._end + index] = values.get(path, math.nan)

    @property
    def full(self) -> bool:
        """Whether the rows must be sent before the next step."""
        return self.count >= CAPACITY

    def packed(self) -> StepRows:
        """The rows gathered; begins anew."""
        count, self.count = self.count, 0
        return StepRows(first=self._last - count + 1, count=count, data=self._table[:count].tobytes())


class Samples:
    """Scheduled measurements: per output row the rms of the output's gradient times the batch size, and two times.

    Columns are `output:PATH` of every output row, then `forward:PATH` and then `backward:PATH`, in seconds.
    """

    def __init__(self, network: Network, phases: Sequence[LivePhase], watch: bool) -> None:
        steps = by_path(network, output_rows(phases)) if watch else []
        self.rows = [_row(network, step.path, step) for step in steps]
        self.columns = [f"{name}:{row.path}" for name in ("output", "forward", "backward") for row in self.rows]
        self.schedule = Schedule()
        self._places = {step.path: index for index, step in enumerate(steps)}
        self._modules = {step.path: step.module for step in steps}
        self._steps: list[int] = []
        self._table: list[Floats] = []

    def blank(self) -> Floats:
        """A row, nothing measured in it yet."""
        return np.full(len(self.columns), np.nan, np.float32)

    def keep(self, step: int, row: Floats) -> None:
        """Add the row of this step."""
        self._steps.append(step)
        self._table.append(row)

    def measure(self, row: Floats, phase: LivePhase, kept: Sequence[Tensor], batch: float) -> None:
        """Write what the phase's outputs have; of several phases the one that trains a layer has the last word."""
        found: dict[str, list[Tensor]] = {}
        for value, tensor in zip(phase.outputs, kept, strict=True):
            if tensor.grad is not None:
                found.setdefault(value.path, []).append(tensor.grad)
        for path, gradients in found.items():
            place = self._places[path]
            if math.isnan(row[place]) or self._modules[path] in phase.part.trained:
                row[place] = _joint_rms(gradients) * batch

    def measure_times(self, row: Floats, phase: LivePhase, times: Sequence[float], watch: Stopwatch) -> None:
        """Write how long each step took, all phases together; asked right after the way back."""
        count, places = len(self._places), self._places
        for place, seconds in watch.backward():
            _add(row, 2 * count + places[phase.outputs[place].path], seconds)
        for path, seconds in zip(phase.observed.timed, forward(times), strict=True):
            if path in places:
                _add(row, count + places[path], seconds)

    def packed(self) -> SampleRows:
        """The rows gathered; begins anew."""
        steps, data = np.array(self._steps, np.int64).tobytes(), b"".join(row.tobytes() for row in self._table)
        self._steps, self._table = [], []
        return SampleRows(steps=steps, data=data)

    @property
    def waiting(self) -> bool:
        """Whether there are rows to send."""
        return bool(self._steps)


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
            self._next = step + (interval(min(self._plain), min(self._sampled)) if self._plain else 10)


def interval(plain: float, sampled: float) -> int:
    """Every how many steps one may be sampled, from the seconds of a plain and of a sampled step."""
    extra = max(sampled - plain, 0.0)
    return min(max(math.ceil(extra / (SHARE * plain)), 1), LONGEST) if plain > 0 else 1


def _add(row: Floats, place: int, seconds: float) -> None:
    row[place] = seconds if math.isnan(row[place]) else row[place] + seconds


def _joint_rms(gradients: Sequence[Tensor]) -> float:
    arrays = [gradient.float().cpu().numpy() for gradient in gradients]
    if len(arrays) == 1:
        return rms(arrays[0])
    return math.sqrt(sum(rms(array) ** 2 * array.size for array in arrays) / sum(array.size for array in arrays))


def _row(network: Network, path: str, step: Step) -> RowInfo:
    module = network.modules.get(step.module) if step.kind.weighted else None
    numel = sum(weight.numel() for weight in row_weights(module)) if module is not None else 0
    return RowInfo(path=path, node=step.shown, kind=step.kind.name, category=step.kind.category, numel=numel)
