"""What rules look at in a run: its rows, in the forms that they ask for."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.diagnosis.finding import Severity
from core.diagnosis.network import Network
from core.diagnosis.objective import attainable, chance
from core.diagnosis.thresholds import limit
from core.engine.messages import Failed, RowInfo
from core.errors import EngineError
from core.telemetry.column import Column
from core.telemetry.record import RunRecord

Floats = NDArray[np.float64]
EVERY = slice(None)
SPREAD, STRETCH = 8192, 128
"""Rows of which a median is taken in a long run, and how many of them lie together: it need not be read whole."""
FEW = 8
LAST_JUDGED = 5
"""Validations that tell of the run as it is."""


@dataclass(frozen=True, eq=False)
class Seen:
    """A network and what its run measured so far."""

    network: Network
    record: RunRecord
    failed: Failed | None = None
    """How the run ended, where it failed."""

    @property
    def step(self) -> int:
        """The last step that was measured."""
        return self.record.last_step

    @cached_property
    def share(self) -> float:
        """The part of the run that is done."""
        return self.step / self.total

    @cached_property
    def total(self) -> int:
        """How many steps the run has."""
        return max(self.record.started.total_steps, 1)

    @property
    def so_far(self) -> str:
        """How much of the run is done, in words."""
        return f"{self.share:.0%} of the run"

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

    @cached_property
    def chance(self) -> float:
        """What an answer that looks at no input would cost; NaN where that is not known, or losses are several."""
        if len(self.network.objectives) != 1:
            return float("nan")
        (objective,) = self.network.objectives
        arguments = self.network.analysis.arguments.get(objective.loss.path, {})
        if arguments.get("label_smoothing") or arguments.get("reduction") == "sum":
            return float("nan")
        return chance(objective, weighted=bool(arguments.get("class_weights")))

    @property
    def first_loss(self) -> float:
        """The loss before any step was made; of small batches no more than the median of enough samples."""
        if not len(self.losses):
            return float("nan")
        return min(float(self.losses[0]), float(np.median(self.losses[: self._each])))

    @property
    def _each(self) -> int:
        """Steps that hold enough samples for their mean loss to say something."""
        training = self.network.project.training
        return -(-int(limit("group")) // max(training.batch_size * training.accumulate, 1))

    @cached_property
    def grouped(self) -> Floats:
        """The loss, as the mean of so many steps that they hold enough samples: one sample's says next to nothing."""
        each = self._each
        count = len(self.losses) // each
        if count < 1 or each == 1:
            return self.losses
        found: Floats = self.losses[-count * each :].reshape(count, each).mean(1)
        return found

    @cached_property
    def level(self) -> float:
        """The loss of the last steps, the median of a twentieth of the run."""
        each = len(self.losses) // max(len(self.grouped), 1)
        losses = self.grouped[-max(9 if each == 1 else 3, self.total // (20 * max(each, 1))) :]
        return float(np.median(losses)) if len(losses) else float("nan")

    @cached_property
    def skill(self) -> float:
        """How much better than chance the loss is: 1 all the way to nothing, 0 no better, below 0 worse.

        Where chance is not known, the share by which the loss has fallen.
        """
        if not np.isfinite(self.level):
            return float("-inf") if len(self.losses) else float("nan")
        if not self.chance > 0:
            return self.progress
        return 1 - self.level / self.chance

    @cached_property
    def mastery(self) -> float:
        """The skill by what neighbours show to be attainable: noise in labels is no fault of the network."""
        fields = [objective.field for objective in self.network.objectives if objective.field is not None]
        if len(fields) != 1 or not self.chance > 0:
            return self.skill
        return self.skill / attainable(fields[0], self.chance)

    @cached_property
    def held_skill(self) -> float:
        """The skill of held-out samples, where there are any; else that of training."""
        if not len(self.held_losses) or not self.chance > 0:
            return self.skill
        held = float(np.median(self.held_losses[-3:]))
        return 1 - held / self.chance if np.isfinite(held) else float("-inf")

    @cached_property
    def held_mastery(self) -> float:
        """The same by what neighbours show to be attainable."""
        return self.mastery / self.skill * self.held_skill if self.skill > 0 else self.mastery

    @cached_property
    def best_held_mastery(self) -> float:
        """The same of held-out samples at their best, where that is known."""
        if not (self.skill > 0 and self.chance > 0 and self.held_best > 0):
            return self.mastery
        return self.mastery / self.skill * (1 - self.held_best / self.chance)

    @property
    def is_mastered(self) -> bool:
        """Whether little is left to learn, of held-out samples too."""
        return min(self.mastery, self.held_mastery) >= limit("learned")

    @cached_property
    def held_best(self) -> float:
        """The lowest held-out loss that lasted: of medians of as many validations as tell of the run as it is."""
        judged = self.held_losses
        if len(judged) < LAST_JUDGED:
            return float("nan")
        return float(np.median(np.lib.stride_tricks.sliding_window_view(judged, LAST_JUDGED), axis=1).min())

    @property
    def held_rises(self) -> bool:
        """Whether the held-out loss is far above its best."""
        judged = self.held_losses
        if len(judged) < LAST_JUDGED or not np.isfinite(judged).all():
            return False
        return float(np.median(judged[-LAST_JUDGED:])) > limit("overfitting") * self.held_best + 0.02

    @cached_property
    def is_flat(self) -> bool:
        """Whether the loss is where an answer without a look at the input would be, and has not fallen much."""
        return not self.network.is_contest and self.mastery < limit("flat") and not self.progress >= limit("learning")

    @cached_property
    def still_falls(self) -> bool:
        """Whether the loss falls in the last quarter of what was run nearly as it did in the one before."""
        parts = [float(np.median(part)) for part in np.array_split(self.losses, 4)]
        before, now = parts[1] - parts[2], parts[2] - parts[3]
        return before > 0 and now > limit("still") * before and now > limit("still_share") * abs(parts[2])

    @cached_property
    def last_fall(self) -> float:
        """The share of itself by which the loss has fallen in the last quarter of what was run."""
        parts = [float(np.median(part)) for part in np.array_split(self.losses, 4)]
        return (parts[2] - parts[3]) / max(abs(parts[2]), 1e-12)

    @cached_property
    def rate_share(self) -> float:
        """The learning rate of the middle of what was run over the highest."""
        rates = self.plain("learning_rate")
        return float(np.median(rates) / rates.max()) if len(rates) and rates.max() > 0 else 0.0

    @cached_property
    def held_losses(self) -> Floats:
        """The loss of every validation."""
        return np.array([point.loss for point in self.record.validations], np.float64)

    def severity(self) -> Severity:
        """Critical where the run is next to chance, and a warning where it has learned something."""
        return "warning" if self.learns else "critical"

    @property
    def learns(self) -> bool:
        """Whether the loss is as low as it is in a run that learns."""
        return self.mastery >= limit("learning")

    def plain(self, quantity: str) -> Floats:
        """A quantity of the whole network at every step; empty where it is not measured."""
        try:
            return self.record.column(quantity).values().astype(np.float64)
        except EngineError:
            return np.zeros(0)

    def rows(self, quantity: str) -> list[RowInfo]:
        """The steps of the plan that a quantity is measured at, in network order."""
        return self.record.rows(quantity)

    def table(self, quantity: str, rows: slice = EVERY) -> Floats:
        """A quantity of layers, (rows, paths); without rows where it is not measured. Of a long run ask for a part."""
        columns = self._columns(quantity)
        if columns is None:
            return np.zeros((0, len(self.rows(quantity))))
        first, last, _step = rows.indices(len(columns))
        return columns.values(first, max(first, last)).astype(np.float64)

    def spread(self, quantity: str, rows: slice = EVERY) -> Floats:
        """The same; of more than SPREAD rows as many of them, in stretches that lie evenly over all."""
        columns = self._columns(quantity)
        first, last, _step = rows.indices(len(columns) if columns is not None else 0)
        if columns is None or last - first <= SPREAD:
            return self.table(quantity, rows)
        starts = np.linspace(first, last - STRETCH, SPREAD // STRETCH).astype(np.int64).tolist()
        return np.concatenate([self.table(quantity, slice(start, start + STRETCH)) for start in starts])

    def ends(self, quantity: str) -> tuple[Floats, Floats]:
        """Of each layer the smallest and the largest finite value, NaN where there is none; empty without rows.

        Costs no more of a long run.
        """
        columns = self._columns(quantity)
        if columns is None or not len(columns):
            return np.zeros(0), np.zeros(0)
        record = self.record
        found = columns.envelope(record.first_step, record.last_step, FEW)
        return np.fmin.reduce(found.low, axis=0), np.fmax.reduce(found.high, axis=0)

    def count(self, quantity: str) -> int:
        """How many rows it has."""
        columns = self._columns(quantity)
        return len(columns) if columns is not None else 0

    def _columns(self, quantity: str) -> Column | None:
        """The columns of a quantity of layers; None where it is not measured."""
        try:
            return self.record.columns(quantity)
        except EngineError:
            return None

    def steps(self, quantity: str) -> NDArray[np.int64]:
        """The steps of the rows of `table`."""
        return self.record.columns(quantity).steps()


def median(values: Floats) -> Floats:
    """The median over rows of what is measured; NaN where nothing is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        found: Floats = np.nanmedian(values, axis=0)
    return found
