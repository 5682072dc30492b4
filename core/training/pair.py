"""Two short runs of two projects from one seed: what a remedy is tried by."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from time import perf_counter

from core.data.load import LoadedData
from core.diagnosis.trial import Branch, Point, Trial, compares, length, shared_metric, told
from core.project import Project
from core.training.determinism import deterministic
from core.training.devices import forked
from core.training.evaluate import Evaluator
from core.training.passing import NonFinite
from core.training.run import Job, Run

POINTS = 4
"""How often what is held out is judged in a run, its beginning aside."""
TELL_EVERY = 0.2
"""Seconds between two words on how far it is; what is not wanted any more ends then."""

Tell = Callable[[str, float], None]


def try_out(
    before: Project,
    after: Project,
    data: Callable[[Project], Mapping[str, LoadedData]],
    tell: Tell,
    steps: int = 0,
) -> Trial:
    """Both projects trained for so many steps, each as its own run would, from the seed of each.

    The generators of a run that stands still are left as they are, and nothing is written. Raises a ChainruleError
    where a project cannot be trained, and what `tell` raises.
    """
    progress = _Progress(tell)
    jobs = [Job(project, data(project), watch=False) for project in (before, after)]
    totals = [_total(job) for job in jobs]
    wanted = min(steps or length(totals[0]), *totals)
    first = _run(jobs[0], wanted, progress)
    progress.turn()
    other = _run(jobs[1], wanted, progress)
    one, two = (branch.points[-1].scores if branch.points else {} for branch in (first, other))
    return Trial(first, other, wanted, compares(before, after), shared_metric(before, after, one, two))


class _Progress:
    """Tells how far a pair of runs is, and how long the rest takes if it goes on so."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._began = perf_counter()
        self._told = -math.inf
        self._second = False

    def turn(self) -> None:
        """The first run is over."""
        self._second = True
        self._told = -math.inf

    def at(self, step: int, steps: int) -> None:
        """So many steps of this run are behind."""
        now = perf_counter()
        if now - self._told < TELL_EVERY:
            return
        self._told = now
        share = (step + steps * self._second) / (2 * steps)
        left = (now - self._began) / share * (1 - share) if share else 0.0
        self._tell(told(self._second, step + 1, steps, left), share)


def _total(job: Job) -> int:
    """The steps of the whole run."""
    with forked():
        run = Run(job)
        run.batches.close()
    return run.total_steps


def _run(job: Job, wanted: int, progress: _Progress) -> Branch:
    """The first steps of a run as `train` makes them, judged on held-out samples now and then."""
    with forked(), deterministic(job.project.training.deterministic):
        began = perf_counter()
        run = Run(job)
        judge = _judge(run)
        losses: list[float] = []
        points = [_judged(run, judge)] if judge.samples else []
        failed = 0
        try:
            for loss in _steps(run, judge, wanted):
                losses.append(loss)
                progress.at(len(losses), wanted)
                if judge.samples and len(losses) * POINTS // wanted > (len(losses) - 1) * POINTS // wanted:
                    points.append(_judged(run, judge))
        except NonFinite:
            failed = run.step_number
        finally:
            run.batches.close()
    return Branch(tuple(losses), tuple(points), failed, perf_counter() - began)


def _steps(run: Run, judge: Evaluator, wanted: int) -> Iterator[float]:
    """The loss of each step; raises NonFinite."""
    for _step in range(wanted):
        if run.between_epochs or run.batches.ended:
            if run.batches.ended and run.batches.permutations:
                run.epoch += 1
                _epoch_ended(run, judge)
            run.batches.begin_epoch()
        if run.table.full:
            run.table.packed()
        yield run.step()


def _epoch_ended(run: Run, judge: Evaluator) -> None:
    """Let a schedule that waits for the validation loss take note of it."""
    if run.settings.schedule.name == "Plateau" and judge.samples:
        with run.average.shown():
            run.plateau.note(judge.evaluate().loss)


def _judge(run: Run) -> Evaluator:
    losses = list(dict.fromkeys(step for phase in run.phases for step in phase.part.losses))
    size = run.settings.batch_size
    return Evaluator(run.network, run.analysis, run.job.data, losses, size, "validation")


def _judged(run: Run, judge: Evaluator) -> Point:
    with run.average.shown():
        found = judge.evaluate()
    return Point(run.step_number, found.loss if math.isfinite(found.loss) else None, dict(found.judged.values))
