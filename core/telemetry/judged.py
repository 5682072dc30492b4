"""The validations of a run by metric, as curves: what was gathered stays, and only what is new is taken in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from core.engine.messages import Validated
from core.training.metric_kinds import METRICS

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MetricCurve:
    """One metric over the steps, NaN where it had no value."""

    name: str
    steps: Doubles
    values: Doubles

    @property
    def newest(self) -> float:
        """The last value."""
        return self.value(None)

    def value(self, step: float | None) -> float:
        """The last value, or the last up to a step; NaN where there is none."""
        known = len(self.steps) if step is None else int(np.searchsorted(self.steps, step, side="right"))
        return float(self.values[known - 1]) if known else float("nan")

    @property
    def best(self) -> int | None:
        """The place of the best value; None where there is none."""
        known = METRICS.get(self.name)
        if known is None or not np.isfinite(self.values).any():
            return None
        return int(np.nanargmax(self.values) if known.rising else np.nanargmin(self.values))


@dataclass(slots=True)
class Judgements:
    """Follows the list of validations of a record, which grows, and is cut where a run is resumed."""

    _taken: list[Validated] = field(default_factory=list)
    _steps: list[int] = field(default_factory=list)
    _values: dict[str, list[float]] = field(default_factory=dict)

    def follow(self, validations: Sequence[Validated]) -> None:
        """Take in what is new."""
        known = len(self._taken)
        if known > len(validations) or (known and validations[known - 1] is not self._taken[-1]):
            self._taken, self._steps, self._values = [], [], {}
            known = 0
        for point in validations[known:]:
            self._taken.append(point)
            self._steps.append(point.step)
            for name in point.metrics:
                self._values.setdefault(name, [float("nan")] * (len(self._steps) - 1))
            for name, values in self._values.items():
                values.append(point.metrics.get(name, float("nan")))

    @property
    def task(self) -> str:
        """What the loss asks for, in the words of `metric_kinds.Task`; empty before the first validation."""
        return self._taken[-1].task if self._taken else ""

    @property
    def newest(self) -> Validated | None:
        """The last validation."""
        return self._taken[-1] if self._taken else None

    def at(self, step: float) -> Validated | None:
        """The newest validation up to this step; the first where there is none before."""
        if not self._taken:
            return None
        place = int(np.searchsorted(self._steps, step, side="right")) - 1
        return self._taken[max(place, 0)]

    def upto(self, step: float) -> Validated | None:
        """The newest validation up to this step; None where there is none."""
        found = self.at(step)
        return found if found is not None and found.step <= step else None

    def curves(self) -> Mapping[str, MetricCurve]:
        """Every metric by name, in the order of the table of metrics."""
        steps = np.array(self._steps, np.float64)
        ordered = [name for name in METRICS if name in self._values]
        return {name: MetricCurve(name, steps, np.array(self._values[name])) for name in ordered}
