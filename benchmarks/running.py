"""A run of the app as a block of steps: rows are packed, steps kept and layers counted as often as in the engine."""

from __future__ import annotations

from time import perf_counter

from benchmarks.timing import Block
from core.training.counting import Counting
from core.training.loop import SEND_EVERY, start
from core.training.recent import Recents
from core.training.run import Job


def steps_of(job: Job) -> Block:
    """The steps of a long run: a short one has samples for a quarter of a second besides, which are left out."""
    run = start(job)
    run.samples.schedule.total = 0
    recents = Recents(run, run.settings.look_back if job.watch else 0)
    counting = Counting(run)
    sent = perf_counter()

    def block(steps: int) -> None:
        nonlocal sent
        for _ in range(steps):
            if run.batches.ended or not run.batches.permutations:
                run.batches.begin_epoch()
            run.step()
            if recents.due(run.step_number):
                recents.keep()
            if counting.due(run.step_number):
                for _said in counting.count():
                    pass
                counting.taken()
            if run.table.full or perf_counter() - sent >= SEND_EVERY:
                run.table.packed()
                if run.samples.waiting:
                    run.samples.packed()
                sent = perf_counter()

    return block
