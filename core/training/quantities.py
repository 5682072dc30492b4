"""What a run measures at every step: loss, learning rate, and the norms of gradients, weights and updates."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from chainrule.measuring import rms
from core.build import Network
from core.engine.messages import StepRows
from core.training.measuring.every_step import EveryStep
from core.training.measuring.rows import row_of
from core.training.phases import Group, LivePhase, row_weights, weighted_modules

Floats = NDArray[np.float32]
SCALARS = ("loss", "metric", "learning_rate", "gradient_norm", "clip")
CAPACITY = 4096
"""Rows that are kept before they must be sent."""


class StepTable:
    """Every-step measurements, one float32 row a step, gathered until they are sent.

    Columns are SCALARS, then `gradient:PATH`, `weight:PATH` and `update:PATH` of every weight row, then `loss:PATH` of
    every loss where there are several, then those of outputs. NaN stands where nothing is measured: a frozen weight
    has no gradient.
    """

    def __init__(
        self, network: Network, phases: Sequence[LivePhase], watch: bool, every: EveryStep | None = None
    ) -> None:
        weighted = weighted_modules(network) if watch else {}
        losses = list(dict.fromkeys(step.path for phase in phases for step in phase.part.losses))
        self.rows = [row_of(network, path, step) for path, step in weighted.items()]
        triples = [f"{name}:{path}" for path in weighted for name in ("gradient", "weight", "update")]
        self.losses = losses if len(losses) > 1 else []
        self.columns = [
            *SCALARS,
            *triples,
            *(f"loss:{path}" for path in self.losses),
            *(every.columns if every else ()),
        ]
        self._every = every
        self._table = np.zeros((CAPACITY, len(self.columns)), np.float32)
        self._blank = np.full(len(self.columns), np.nan, np.float32)
        self._unread = [row_weights(network.modules[path]) for path in weighted]
        """The weights of every row, until their norms are known, which stay where they are not trained."""
        self._places = {path: index for index, path in enumerate(weighted)}
        self._end = len(SCALARS) + len(triples)
        self._outputs_at = len(self.columns) - (len(every.columns) if every else 0)
        self._last = 0
        self.count = 0

    def slices(self, group: Group) -> slice | list[int]:
        """Which weight rows a group writes."""
        places = [self._places[path] for path in group.rows if path in self._places]
        whole = places == list(range(len(self._places)))
        return slice(None) if whole else places

    def blank(self) -> Floats:
        """The next row, nothing measured in it yet; it counts once it is kept."""
        if self._unread:
            self._read_weights()
        row: Floats = self._table[self.count]
        row[:] = self._blank
        return row

    def _read_weights(self) -> None:
        """Measure all weights as they are before the first step: a file of weights has been loaded by then."""
        for index, weights in enumerate(self._unread):
            squares = sum(rms(weight.detach().cpu().numpy()) ** 2 * weight.numel() for weight in weights)
            self._blank[len(SCALARS) + 3 * index + 1] = math.sqrt(squares)
        self._unread = []

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

    def outputs(self, row: Floats) -> Floats:
        """The part of a row that is of outputs."""
        return row[self._outputs_at :]

    @property
    def full(self) -> bool:
        """Whether the rows must be sent before the next step."""
        return self.count >= CAPACITY

    def packed(self) -> StepRows:
        """The rows gathered; begins anew."""
        if self._every is not None:
            self._every.flush()
        count, self.count = self.count, 0
        return StepRows(first=self._last - count + 1, count=count, data=self._table[:count].tobytes())
