"""What rules look at: the network, what is known of its data, and the rows of a run in the forms they ask for."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.diagnosis.facts import Facts
from core.diagnosis.thresholds import limit
from core.engine.messages import RowInfo
from core.errors import EngineError
from core.plan import Plan, Step
from core.project import Project
from core.shapes import Analysis
from core.telemetry.record import RunRecord

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Network:
    """A project with its plan, its shapes and what is known of its data."""

    project: Project
    plan: Plan
    analysis: Analysis
    facts: Facts

    def shown(self, paths: Iterable[str]) -> tuple[str, ...]:
        """The ids of the nodes of the main graph in which these steps lie, once each."""
        known = (self.plan.by_path.get(path) for path in paths)
        return tuple(dict.fromkeys(step.shown for step in known if step is not None))

    @cached_property
    def trained(self) -> tuple[Step, ...]:
        """The steps that the losses need, in running order."""
        return self.plan.for_training().steps


@dataclass(frozen=True, eq=False)
class Seen:
    """A network and what its run measured so far."""

    network: Network
    record: RunRecord

    @property
    def step(self) -> int:
        """The last step that was measured."""
        return self.record.last_step

    @cached_property
    def share(self) -> float:
        """The part of the run that is done."""
        return self.step / max(self.record.started.total_steps, 1)

    @cached_property
    def warm(self) -> bool:
        """Whether there are enough steps to judge what develops."""
        return self.step >= limit("warm_up_steps") and self.share >= limit("warm_up")

    @cached_property
    def losses(self) -> Floats:
        """The loss of every step."""
        return self.plain("loss")

    @cached_property
    def progress(self) -> float:
        """The share by which the loss has fallen: 1 all of it, 0 none; NaN where it cannot be told yet."""
        losses = self.losses
        if len(losses) < limit("warm_up_steps") or not np.isfinite(losses).all():
            return float("nan")
        first, last = losses[: max(3, len(losses) // 50)].mean(), losses[-max(5, len(losses) // 20) :].mean()
        return float((first - last) / max(abs(first), 1e-12))

    @property
    def learns(self) -> bool:
        """Whether the loss falls as it does in a run that learns."""
        return self.progress >= limit("learning")

    def plain(self, quantity: str) -> Floats:
        """A quantity of the whole network at every step; empty where it is not measured."""
        try:
            return self.record.column(quantity).values().astype(np.float64)
        except EngineError:
            return np.zeros(0)

    def rows(self, quantity: str) -> list[RowInfo]:
        """The steps of the plan that a quantity is measured at, in network order."""
        return self.record.rows(quantity)

    def table(self, quantity: str) -> Floats:
        """A quantity of layers, (rows, paths); without rows where it is not measured."""
        try:
            values = self.record.columns(quantity).values().astype(np.float64)
        except EngineError:
            return np.zeros((0, len(self.rows(quantity))))
        return values

    def steps(self, quantity: str) -> NDArray[np.int64]:
        """The steps of the rows of `table`."""
        return self.record.columns(quantity).steps()


def median(values: Floats) -> Floats:
    """The median over rows of what is measured; NaN where nothing is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        found: Floats = np.nanmedian(values, axis=0)
    return found
