"""The Doctor over a run of a script, of which the layers are known and not the network that they make."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from core.diagnosis import activations, flow, graphs, held_out, outcome, pace, rates, rows, starts
from core.diagnosis.doctor import NOTHING, Dynamic, Looking, Static, looking, network_of, whole
from core.diagnosis.finding import Finding
from core.diagnosis.seen import Seen
from core.engine.messages import Failed, Problem
from core.project import Project
from core.telemetry.record import RunRecord

STATIC: tuple[Static, ...] = (rates.long_memory, graphs.small_batches)
"""Those that look at what layers and optimizers were made with."""
RULES: tuple[Dynamic, ...] = (
    starts.explodes,
    starts.fades,
    rates.tight_clip,
    rates.strong_decay,
    rates.high_rate,
    rates.low_rate,
    rows.rate_gone,
    rows.left_alone,
    flow.vanishing,
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


@dataclass(frozen=True, eq=False)
class SeenAlone(Seen):
    """A run of whose loss nothing is known but its numbers: what the very first was stands for chance."""

    @cached_property
    def skill(self) -> float:
        """The share by which the loss has fallen, below 0 where it is higher than it began."""
        first = self.losses[0] if len(self.losses) else 0.0
        if not first > 0 or not np.isfinite(self.level):
            return float("-inf") if len(self.losses) and not np.isfinite(self.level) else self.progress
        return float(np.fmin(self.progress, 1 - self.level / first))


def diagnose_script(project: Project, record: RunRecord) -> tuple[Finding, ...]:
    """What is wrong with the run of a script; `project` is the drawing of its layers (`core.runs.scripts`)."""
    return whole(diagnosing_script(project, record)).findings


def diagnosing_script(project: Project, record: RunRecord) -> Looking:
    """The same, rule by rule."""
    seen = SeenAlone(network_of(_with_limit(project, record), NOTHING), record, _fallen(record))
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
