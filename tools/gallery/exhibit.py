"""What a template is in the gallery: its network, its lesson, and the figure that it has to reach."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from core.data.load import LoadedData
from core.engine.messages import Validated
from core.project import Project

Category = Literal["Start", "Vision", "Sequence", "Attention", "Lessons"]
CATEGORIES: tuple[Category, ...] = get_args(Category)


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """How a run ended: weights by their path, what was validated, and every step's row by its column."""

    project: Project
    data: Mapping[str, LoadedData]
    weights: Mapping[str, Tensor]
    validated: tuple[Validated, ...]
    columns: tuple[str, ...]
    rows: NDArray[np.float32]
    """(steps, columns)."""

    def column(self, name: str) -> NDArray[np.float64]:
        """One column over the steps: loss, gradient:PATH, loss:PATH of one of several losses."""
        return self.rows[:, self.columns.index(name)].astype(np.float64)


Measure = Callable[[Outcome], float]


@dataclass(frozen=True, slots=True)
class Figure:
    """What a template is judged by: a number that has to be at least (or at most) `wanted`.

    `reference` is what the same comes to by other means, said in `against`; the figure may lie `near` it, no further on
    the worse side. `form` is how the number is written.
    """

    title: str
    measure: Measure
    wanted: float
    lower: bool = False
    reference: Measure | None = None
    against: str = ""
    near: float = 0.0
    form: str = ".1%"

    def written(self, value: float) -> str:
        """The number as the gallery writes it."""
        return format(value, self.form)

    @property
    def goal(self) -> str:
        """What has to be reached, in words."""
        return f"{'at most' if self.lower else 'at least'} {self.written(self.wanted)}"

    def reached(self, value: float, reference: float | None) -> bool:
        """Whether the value is good enough, by itself and beside the reference."""
        worse = -1.0 if self.lower else 1.0
        alone = worse * (value - self.wanted) >= 0
        return alone and (reference is None or worse * (value - reference) >= -self.near)


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One template of the gallery."""

    name: str
    """Of its file, and on the command line."""
    make: Callable[[], Project]
    category: Category
    lesson: tuple[str, str, str]
    """Why it matters, in three sentences."""
    source: str
    """Where it comes from: authors, title, year."""
    figure: Figure


def accuracy(outcome: Outcome) -> float:
    """The share of the validation part that is right after the last epoch."""
    metric = outcome.validated[-1].metric
    assert metric is not None  # the loss has one
    return metric


def validation_loss(outcome: Outcome) -> float:
    """The loss on the validation part after the last epoch."""
    return outcome.validated[-1].loss


def perplexity(outcome: Outcome) -> float:
    """The exponential of the validation loss."""
    return float(np.exp(validation_loss(outcome)))
