"""The checkpoints of a run: the last, the best, and those that stay every so many epochs or steps."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from core.engine.messages import Event, Kept, Said
from core.errors import FileError
from core.runs.layout import BEST, kept
from core.training.checkpoint import CHECKPOINT, read_facts, save_checkpoint, save_kept
from core.training.evaluate import Evaluation
from core.training.metric_kinds import LOSS, METRICS
from core.training.run import Run

LAST = "last"


class Keeper:
    """Writes the checkpoints of one run into its folder; without one it does nothing.

    The best weights are copied when an epoch brings them and written with the next checkpoint: small networks have many
    epochs a second, and a disk that is waited for in each would train in their place.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._folder: Path | None = run.job.folder
        self._by = run.settings.best_by
        self._score: float | None = None
        self._best: dict[str, Tensor] = {}
        self._facts: Mapping[str, Any] = {}
        self._judged: Mapping[str, Any] = {}
        if self._folder is not None and run.job.resume is not None:
            self._recall(self._folder)

    def judged(self, found: Evaluation) -> Iterator[Event]:
        """Take note of an epoch's validation, and keep a copy of the weights if it is the best yet."""
        if self._folder is None:
            return
        self._judged = {LOSS: found.loss, **found.judged.values}
        score = self._judged.get(self._by)
        if score is None:
            if self._run.epoch == 1:
                text = f"{self._by} is not measured here, so the best checkpoint is the one of the lowest loss."
                yield Said(level="warning", text=text)
            self._by, score = LOSS, found.loss
        if not math.isnan(score) and (self._score is None or self._better(score, self._score)):
            self._score, self._best = score, self._run.weights()
            self._facts = {**self._stand(), "judged": self._judged, "by": self._by, "score": score}

    def step_ended(self) -> Iterator[Event]:
        """Keep a checkpoint of this step; the loop asks where so many are over."""
        yield from self._keep(f"step-{self._run.step_number}")

    def epoch_ended(self) -> Iterator[Event]:
        """Keep a checkpoint where so many epochs are over."""
        every, epoch = self._run.settings.keep_epochs, self._run.epoch
        if every and epoch % every == 0:
            yield from self._keep(f"epoch-{epoch}")

    def save(self) -> Iterator[Event]:
        """Write the best, where it is a new one, and the last."""
        if self._best and self._folder is not None:
            yield from self._write_best(self._best, self._folder)
            self._best = {}
        yield from self._keep(LAST)

    def _keep(self, name: str) -> Iterator[Event]:
        if self._folder is None:
            return
        path = self._folder / CHECKPOINT if name == LAST else kept(self._folder, name)
        try:
            save_checkpoint(self._run, path, self._judged)
        except FileError as error:
            yield Said(level="warning", text=str(error))
        else:
            yield Kept(name=name, path=str(path), step=self._run.step_number, epoch=self._run.epoch)

    def _write_best(self, weights: Mapping[str, Tensor], folder: Path) -> Iterator[Event]:
        path = kept(folder, BEST)
        try:
            save_kept(weights, path, self._facts)
        except FileError as error:
            yield Said(level="warning", text=str(error))
        else:
            yield Kept(name=BEST, path=str(path), step=self._facts["step"], epoch=self._facts["epoch"])

    def _better(self, score: float, than: float) -> bool:
        return score < than if self._by == LOSS else METRICS[self._by].better(score, than)

    def _stand(self) -> dict[str, int]:
        return {"step": self._run.step_number, "epoch": self._run.epoch}

    def _recall(self, folder: Path) -> None:
        """Go on from the best that was written before the run was interrupted."""
        path = kept(folder, BEST)
        facts = read_facts(path) if path.is_file() else {}
        if facts.get("by") == self._by and isinstance(facts.get("score"), int | float):
            self._score = float(facts["score"])
