"""Histograms of a run that are kept with it: counted between two steps, on a schedule, and whenever somebody looks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from time import perf_counter

from core.engine.histograms import Distributed
from core.engine.messages import Counted, Said
from core.training.histograms import Histograms
from core.training.measuring.schedule import SELDOM
from core.training.run import Run


class Counting:
    """Counts all layers of one run; it trains the same either way."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._histograms = Histograms(run)
        self._next = 1 if run.job.watch else 0
        self._spent = 0.0
        self._last = -1
        self._waiting: list[Counted] = []
        self.is_over = False
        """Whether nobody takes what is counted any more."""

    def due(self, step: int) -> bool:
        """Whether the layers are to be counted after this step, which has just been made."""
        return 0 < self._next <= step

    def count(self) -> Iterator[Said]:
        """Count, unless this step was counted; decides when that is done next. Says where it cannot be done."""
        run, began = self._run, perf_counter()
        schedule = run.samples.schedule
        if not self._next or not run.step_number or self._last == run.step_number:
            return
        try:
            self.look(())
        except Exception as error:  # what a layer raises in evaluation mode ends the counting, never the run
            self._next = 0
            yield Said(level="warning", text=f"Histograms are no longer kept: {error}")
            return
        seconds = perf_counter() - began
        self._spent += seconds
        schedule.also(seconds)
        self._next = run.step_number + schedule.counted(seconds, self._spent, least=SELDOM)

    def look(self, paths: Sequence[str]) -> Distributed:
        """How these layers stand, or all where none are named; that is kept too, unless it is of a past step."""
        found = self._histograms.look(paths)
        is_new = found.step > self._last and not (paths or self._run.is_past or self.is_over)
        if is_new and found.layers:
            self._last = found.step
            self._waiting.append(Counted(step=found.step, layers=found.layers))
        return found

    def taken(self) -> list[Counted]:
        """What was counted since the last time."""
        found, self._waiting = self._waiting, []
        return found
