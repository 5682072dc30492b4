"""How the learning rate goes over a run: a factor of the set rate for every step, known before the run begins.

The formulas are those of torch.optim.lr_scheduler. The one that waits for a plateau depends on the run itself: it has
no curve, see Plateau.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import NamedTuple

from core.training.fields import Field, checked


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule and its settings; each schedule reads some of them, see KINDS."""

    name: str = "Constant"
    warmup: float = 0.0
    """Epochs."""
    every: float = 5.0
    """Epochs."""
    factor: float = 0.5
    lowest: float = 0.0
    """The factor at the end."""
    rise: float = 0.3
    start: float = 0.04
    patience: int = 5
    """Epochs."""
    threshold: float = 1e-4


class Kind(NamedTuple):
    """What a schedule does, and the fields it reads."""

    help: str
    reads: tuple[str, ...]


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "Constant": Kind("The same rate all the time.", ("warmup",)),
        "Step": Kind("Multiplied by a factor every so many epochs.", ("warmup", "every", "factor")),
        "Exponential": Kind("As Step, but a little at every step.", ("warmup", "every", "factor")),
        "Linear": Kind("Down to the lowest along a straight line.", ("warmup", "lowest")),
        "Cosine": Kind("Down to the lowest along half a cosine (Loshchilov 2017).", ("warmup", "lowest")),
        "One cycle": Kind("Up and down again along cosines (Smith 2018).", ("rise", "start", "lowest")),
        "Plateau": Kind(
            "Multiplied by a factor when the validation loss has not fallen for so many epochs.",
            ("warmup", "factor", "patience", "threshold", "lowest"),
        ),
    }
)
SCHEDULE_FIELDS = (
    Field("name", str, "Schedule", "How the learning rate goes over the run.", choices=tuple(KINDS)),
    Field("warmup", float, "Warm-up", "Epochs in which the rate rises from near zero.", 0.0, 1e6),
    Field("every", float, "Every", "Epochs from one factor to the next.", 1e-3, 1e6),
    Field("factor", float, "Factor", "What the rate is multiplied by.", 1e-6, 1.0),
    Field("rise", float, "Rise", "The share of the run in which the rate rises.", 0.0, 1.0),
    Field("start", float, "Start", "The share of the rate with which it begins.", 0.0, 1.0),
    Field("lowest", float, "Lowest", "The share of the rate below which it does not fall.", 0.0, 1.0),
    Field("patience", int, "Patience", "Epochs without a better validation loss before the rate falls.", 0, 1_000_000),
    Field("threshold", float, "Threshold", "By which share a loss must be lower to be better.", 0.0, 1.0),
)


def schedule_fields(name: str) -> tuple[Field, ...]:
    """The fields that this schedule reads."""
    return tuple(field for field in SCHEDULE_FIELDS if field.name in ("name", *KINDS[name].reads))


def validated_schedule(schedule: Schedule) -> Schedule:
    """The same schedule, every field checked; raises ParameterError."""
    values = {field.name: checked(field, getattr(schedule, field.name), "Schedule") for field in SCHEDULE_FIELDS}
    return replace(schedule, **values)  # type: ignore[arg-type]  # names come from SCHEDULE_FIELDS


def is_flat(schedule: Schedule) -> bool:
    """Whether the rate is the set one at every step."""
    return schedule.name == "Constant" and schedule.warmup == 0


def rate_factor(schedule: Schedule, step: int, per_epoch: int, total: int) -> float:
    """The factor of the set rate at a step, counted from 0; an epoch has `per_epoch` steps and the run `total`."""
    if schedule.name == "One cycle":
        return _one_cycle(schedule, step, total)
    warm = round(schedule.warmup * per_epoch)
    if step < warm:
        return (step + 1) / (warm + 1)
    return _after(schedule, step - warm, per_epoch, max(total - warm, 1))


def _after(schedule: Schedule, step: int, per_epoch: int, total: int) -> float:
    """What follows on the warm-up."""
    if schedule.name == "Step":
        return float(schedule.factor ** (step // max(round(schedule.every * per_epoch), 1)))
    if schedule.name == "Exponential":
        return float(schedule.factor ** (step / (schedule.every * per_epoch)))
    if schedule.name == "Linear":
        return 1 + (schedule.lowest - 1) * min(step / total, 1.0)
    if schedule.name == "Cosine":
        return cosine(1.0, schedule.lowest, min(step / total, 1.0))
    return 1.0


def _one_cycle(schedule: Schedule, step: int, total: int) -> float:
    peak = schedule.rise * total - 1
    if step <= peak:
        return cosine(schedule.start, 1.0, step / peak if peak > 0 else 1.0)
    return cosine(1.0, schedule.start * schedule.lowest, min((step - peak) / max(total - 1 - peak, 1e-12), 1.0))


def cosine(begin: float, end: float, share: float) -> float:
    """From one to the other along half a cosine."""
    return end + (begin - end) * (1 + math.cos(math.pi * share)) / 2


@dataclass(slots=True)
class Plateau:
    """Watches the validation loss and lowers the rate when it stands still, as ReduceLROnPlateau does."""

    schedule: Schedule
    factor: float = 1.0
    best: float = math.inf
    waited: int = 0

    def note(self, loss: float) -> bool:
        """Take note of an epoch's validation loss; whether the rate falls."""
        if loss < self.best * (1 - self.schedule.threshold):
            self.best, self.waited = loss, 0
            return False
        self.waited += 1
        if self.waited <= self.schedule.patience:
            return False
        before = self.factor
        self.factor = max(self.factor * self.schedule.factor, self.schedule.lowest)
        self.waited = 0
        return self.factor < before
