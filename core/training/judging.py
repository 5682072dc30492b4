"""The metrics of a validation: what the first loss compares, batch by batch, and what it comes to in the end."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.catalog.kind import Arguments, LayerKind
from core.training import library
from core.training.metric_kinds import METRICS, MetricKind, Task, chosen
from core.training.tallies import Columns, Errors, Phrases, Ranks, Surprise, Table

MOST_CLASSES = 100
"""With more, the table of right and said is not told: it would be larger than all else that is."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What the metrics came to; those that have no value are left out."""

    task: Task | None = None
    values: dict[str, float] = field(default_factory=dict)
    table: tuple[tuple[int, ...], ...] = ()
    """How often each class (row) was called each (column); empty where there is no such table, or a large one."""
    missing: tuple[str, ...] = ()
    """Metrics that were asked for and could not be measured for want of torchmetrics."""


class Judge:
    """Gathers batches of predictions and targets of one loss."""

    def __init__(self, kind: LayerKind, arguments: Arguments, names: str) -> None:
        """`names` are those of the setting: with commas between, empty for the usual ones."""
        self._kind, self._arguments, self._names = kind, arguments, names
        self._gatherer: _Classes | _Answers | _Values | None = None

    def add(self, prediction: Tensor, target: Tensor) -> None:
        """Take a batch in, as the loss compares it."""
        prediction, target = prediction.detach().cpu(), target.detach().cpu()
        if prediction.element_size() < 4:  # numpy knows no bfloat16
            prediction = prediction.float()
        if self._gatherer is None:
            self._gatherer = self._begin(prediction)
        self._gatherer.add(prediction, target)

    def judged(self) -> Judged:
        """What has come together."""
        found = self._gatherer
        if found is None:
            return Judged()
        wanted = [kind.name for kind in found.kinds]
        values = {name: value for name, value in found.values().items() if name in wanted and math.isfinite(value)}
        table = found.table.counts if found.table is not None else np.empty((0, 0), np.int64)
        told = tuple(map(tuple, table.tolist())) if len(table) <= MOST_CLASSES else ()
        missing = tuple(kind.name for kind in found.kinds if kind.library and not library.is_installed())
        return Judged(found.task, {name: values[name] for name in METRICS if name in values}, told, missing)

    def _begin(self, prediction: Tensor) -> _Classes | _Answers | _Values:
        task = task_of(self._kind, self._arguments, tuple(prediction.shape))
        kinds = chosen(self._names, task)
        if task == "values":
            return _Values(kinds)
        if task in ("classes", "tokens", "areas"):
            ignored = self._arguments.get("ignore_index")
            return _Classes(task, kinds, self._kind, ignored if isinstance(ignored, int) else None)
        even = self._kind.prediction == "probabilities" or self._arguments.get("activation") == "none"
        return _Answers(task, kinds, even)


def task_of(kind: LayerKind, arguments: Arguments, shape: tuple[int, ...]) -> Task:
    """What a loss of this kind asks of predictions of this shape, the batch included."""
    if kind.target == "values":
        return "values"
    rank = len(shape)
    if kind.target in ("classes", "shares") or arguments.get("activation") == "softmax":
        return "classes" if rank == 2 else "tokens" if rank == 3 else "areas"
    if math.prod(shape[1:]) == 1:
        return "yes or no"
    return "labels" if rank == 2 else "mask"


class _Values:
    """Numbers against numbers."""

    task: Task = "values"
    table: Table | None = None

    def __init__(self, kinds: tuple[MetricKind, ...]) -> None:
        self.kinds = kinds
        self._errors = Errors()

    def add(self, prediction: Tensor, target: Tensor) -> None:
        self._errors.add(prediction.numpy(), target.numpy())

    def values(self) -> dict[str, float]:
        return self._errors.values()


class _Classes:
    """Scores (N, C, ...) against class numbers (N, ...), or against shares (N, C, ...) whose largest counts."""

    def __init__(self, task: Task, kinds: tuple[MetricKind, ...], kind: LayerKind, ignored: int | None) -> None:
        self.task, self.kinds = task, kinds
        self.table: Table | None = None
        self._kind, self._ignored = kind, ignored
        names = {item.name for item in kinds}
        self._ranks = Ranks() if names & {"top3", "top5"} else None
        unsure = "perplexity" in names and kind.target == "classes" and kind.prediction != "scores"
        self._surprise = Surprise() if unsure else None
        self._phrases = Phrases() if "bleu" in names else None
        self._library: library.Library | None = None

    def add(self, scores: Tensor, target: Tensor) -> None:
        classes = scores.shape[1]
        wanted = target if target.dim() < scores.dim() else target.argmax(1)
        kept = wanted != self._ignored if self._ignored is not None else torch.ones_like(wanted, dtype=torch.bool)
        if self._phrases is not None:
            _add_sentences(self._phrases, scores.argmax(1), wanted, kept)
        rows, labels = scores.movedim(1, -1)[kept], wanted[kept]
        if self.table is None:
            self.table = Table(classes)
            self._library = _library(self.kinds, self.task, classes)
        numbers = labels.numpy()
        self.table.add(rows.numpy().argmax(1), numbers)
        if self._ranks is not None:
            self._ranks.add(rows.numpy(), numbers)
        if self._surprise is not None:
            self._surprise.add(torch.log_softmax(rows, 1).numpy(), numbers)
        if self._library is not None:
            self._library.add(rows if self._kind.prediction == "probabilities" else torch.softmax(rows, 1), labels)

    def values(self) -> dict[str, float]:
        assert self.table is not None  # there has been a batch
        found = self.table.values()
        found |= self._ranks.values(len(self.table.counts)) if self._ranks is not None else {}
        for part in (self._surprise, self._phrases, self._library):
            found |= part.values() if part is not None else {}
        return found


class _Answers:
    """Scores or probabilities of yes, each against a target."""

    def __init__(self, task: Task, kinds: tuple[MetricKind, ...], even: bool) -> None:
        self.task, self.kinds = task, kinds
        self.table = Table(2, positive=True) if task != "labels" else None
        self._columns: Columns | None = None
        self._even = even
        self._library: library.Library | None = None
        self._began = False

    def add(self, scores: Tensor, target: Tensor) -> None:
        labels = self.task == "labels"
        width = scores.shape[1] if labels else 1
        scores, wanted = (part.reshape(-1, width) if labels else part.reshape(-1) for part in (scores, target > 0.5))
        if not self._began:
            self._began = True
            self._columns = Columns(width) if labels else None
            self._library = _library(self.kinds, self.task, width)
        guesses: NDArray[np.bool_] = (scores > (0.5 if self._even else 0.0)).numpy()
        if self._columns is not None:
            self._columns.add(guesses, wanted.numpy())
        elif self.table is not None:
            self.table.add(guesses.astype(np.int64), wanted.numpy().astype(np.int64))
        if self._library is not None:
            self._library.add(scores if self._even else torch.sigmoid(scores), wanted.long())

    def values(self) -> dict[str, float]:
        counted = self._columns or self.table
        assert counted is not None  # there has been a batch
        return counted.values() | (self._library.values() if self._library is not None else {})


def _library(kinds: tuple[MetricKind, ...], task: Task, classes: int) -> library.Library | None:
    wanted = [kind for kind in kinds if kind.library]
    return library.Library(wanted, task, classes) if wanted and library.is_installed() else None


def _add_sentences(phrases: Phrases, guesses: Tensor, wanted: Tensor, kept: Tensor) -> None:
    for guess, truth, own in zip(guesses, wanted, kept, strict=True):
        phrases.add(guess[own].tolist(), truth[own].tolist())
