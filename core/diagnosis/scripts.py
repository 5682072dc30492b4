"""The Doctor over a run of a script, of which the layers are known and not the network that they make."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from core.diagnosis import activations, flow, graphs, held_out, noticed, outcome, pace, rates, rows, starts
from core.diagnosis.doctor import NOTHING, Dynamic, Looking, Static, looking, network_of, whole
from core.diagnosis.finding import Finding
from core.diagnosis.network import Network
from core.diagnosis.seen import Seen
from core.engine.messages import Failed, Problem
from core.project import Project
from core.telemetry.record import RunRecord

STATIC: tuple[Static, ...] = (rates.long_memory, graphs.small_batches)
"""Those that look at what layers and optimizers were made with."""
BOUNDED = frozenset({"Sigmoid", "Tanh", "Softsign", "Hardsigmoid", "Hardtanh"})
"""Functions that shrink a signal whatever the weights are."""


def fades(seen: Seen) -> Iterator[Finding]:
    """A signal that fades from layer to layer at the start, with nothing between them that is bounded."""
    told = seen.record.noticed.get("functions")
    if told is None or not BOUNDED & set(told.words):
        yield from starts.fades(seen)


NOTICED: tuple[Dynamic, ...] = (
    noticed.unscaled_inputs,
    noticed.doubled,
    noticed.unbent,
    noticed.strange_parameters,
    noticed.kept_gradients,
    noticed.trained_in_use,
    noticed.undefined_loss,
)
"""Those that look at what the watch has noticed of the script itself."""
RULES: tuple[Dynamic, ...] = (
    *NOTICED,
    starts.explodes,
    fades,
    rates.tight_clip,
    rates.strong_decay,
    rates.high_rate,
    rates.low_rate,
    rows.rate_gone,
    rows.left_alone,
    flow.vanishing,
    flow.forgetting,
    activations.dead,
    activations.saturated,
    activations.collapsed,
    outcome.nonfinite,
    outcome.swings,
    pace.oscillates,
    pace.drowned,
    outcome.stands,
    outcome.lonely_steps,
    held_out.by_heart,
)
"""Those that look at the rows of a run, and at the network for no more than the order of its layers."""


class Contested(Network):
    """The layers of several models that work against one another."""

    @cached_property
    def is_contest(self) -> bool:
        """That they do: each has an optimizer, and a backward pass of its own."""
        return True


@dataclass(frozen=True, eq=False)
class SeenAlone(Seen):
    """A run of whose loss little is known but its numbers: what the very first was stands for chance at the most."""

    @cached_property
    def total(self) -> int:
        """How many steps it has; those that were made where the script did not say."""
        return self.record.started.total_steps or max(self.step, 1)

    @property
    def so_far(self) -> str:
        """How much of it is done."""
        return super().so_far if self.record.started.total_steps else f"{self.step:,} steps"

    @cached_property
    def chance(self) -> float:
        """What an answer that looks at no input would cost, by the targets of the first steps; NaN where not known."""
        told = self.record.noticed.get("chance")
        return told.numbers["loss"] if told is not None else float("nan")

    @cached_property
    def skill(self) -> float:
        """The share by which the loss has fallen, below 0 where it is higher than it began."""
        first = self.losses[0] if len(self.losses) else 0.0
        if not first > 0 or not np.isfinite(self.level):
            return float("-inf") if len(self.losses) and not np.isfinite(self.level) else self.progress
        beside_chance = 1 - self.level / self.chance if self.chance > 0 else float("inf")
        return float(np.fmin(np.fmin(self.progress, 1 - self.level / first), beside_chance))


def diagnose_script(project: Project, record: RunRecord) -> tuple[Finding, ...]:
    """What is wrong with the run of a script; `project` is the drawing of its layers (`core.runs.scripts`)."""
    return whole(diagnosing_script(project, record)).findings


def diagnosing_script(project: Project, record: RunRecord) -> Looking:
    """The same, rule by rule."""
    network = network_of(_with_limit(project, record), NOTHING)
    if "contest" in record.noticed:
        network = Contested(network.project, network.plan, network.analysis, network.facts)
    seen = SeenAlone(network, record, _fallen(record))
    rules: list[tuple[Callable[[Any], Iterator[Finding]], object]] = [(rule, seen.network) for rule in STATIC]
    return looking([*rules, *((rule, seen) for rule in RULES)], seen)


def _fallen(record: RunRecord) -> Failed | None:
    """Where the loss left the numbers for good, of a script that went on all the same."""
    losses = record.column("loss").values()
    sound = np.flatnonzero(np.isfinite(losses))
    if not len(sound) or sound[-1] == len(losses) - 1:
        return None
    step = record.first_step + int(sound[-1]) + 2
    problem = Problem(wanted="a finite loss was wanted", came=f"the loss is {losses[sound[-1] + 1]:g} from here on")
    return Failed(problem=problem, step=step)


def _with_limit(project: Project, record: RunRecord) -> Project:
    """With the norm at which the script clips, worked out from what clipping has left of gradients."""
    left, norms = (record.column(name).values() for name in ("clip", "gradient_norm"))
    limits = (left * norms)[left < 1]
    if not len(limits):
        return project
    return replace(project, training=replace(project.training, clip_norm=float(np.median(limits))))
