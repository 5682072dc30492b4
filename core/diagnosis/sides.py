"""Networks that lie side by side in one project, each with a loss of its own: each is judged by that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from core.diagnosis.finding import Finding
from core.diagnosis.network import Network
from core.diagnosis.seen import EVERY, Floats, Seen
from core.engine.messages import RowInfo
from core.plan import Plan
from core.training.reach import losses_of


@dataclass(frozen=True, eq=False)
class Side(Seen):
    """One of several networks, and what of the run is about it; held-out samples are judged for all at once alone."""

    def plain(self, quantity: str) -> Floats:
        """A quantity at every step; the loss is that of this network."""
        if quantity != "loss":
            return super().plain(quantity)
        (loss,) = self.network.plan.losses
        return self.record.column("loss", loss.path).values().astype(np.float64)

    @cached_property
    def held_losses(self) -> Floats:
        """None: the loss of a validation is the sum of all."""
        return np.zeros(0)

    def rows(self, quantity: str) -> list[RowInfo]:
        """The steps of this network that a quantity is measured at."""
        return [row for row in self.record.rows(quantity) if row.path in self.network.plan.by_path]

    def table(self, quantity: str, rows: slice = EVERY) -> Floats:
        """A quantity of this network's layers, (rows, paths)."""
        return super().table(quantity, rows)[:, self._ours(quantity)]

    def ends(self, quantity: str) -> tuple[Floats, Floats]:
        """The smallest and the largest value of this network's layers."""
        low, high = super().ends(quantity)
        ours = self._ours(quantity) if len(low) else []
        return low[ours], high[ours]

    def _ours(self, quantity: str) -> list[int]:
        rows = self.record.rows(quantity)
        return [place for place, row in enumerate(rows) if row.path in self.network.plan.by_path]


def sides(seen: Seen) -> tuple[Seen, ...]:
    """Each of the networks that lie side by side; the whole where it is one, or their losses were not measured."""
    network = seen.network
    measured = seen.record.steps.places
    if len(network.apart) < 2 or any(f"loss:{plan.losses[0].path}" not in measured for plan in network.apart):
        return (seen,)
    return tuple(Side(alone_in(network, plan), seen.record, seen.failed) for plan in network.apart)


def of_side(rule: Callable[[Seen], Iterator[Finding]], side: Side) -> Iterator[Finding]:
    """What a rule finds, with the loss of the network that it is about."""
    loss = side.network.plan.losses[0]
    for found in rule(side):
        where = found.where or (loss.path,)
        yield replace(found, side=loss.path, where=where, nodes=found.nodes or side.network.shown(where))


def alone_in(network: Network, plan: Plan) -> Network:
    """One of the networks of a project, with the phases that train it."""
    training = network.project.training
    phases = tuple(phase for phase in training.phases if losses_of(plan, phase))
    project = replace(network.project, training=replace(training, phases=phases or training.phases))
    return Network(project, plan, network.analysis, network.facts)
