"""Side by side: two ways of doing one thing, in short blocks that take turns, so that a busy machine slows both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter, process_time

Block = Callable[[int], None]
"""Does so many steps."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """How long ours takes for what theirs takes 1: the median over pairs of blocks."""

    wall: float
    cpu: float
    """Of processor time: less disturbed by other programs."""
    ours: float
    """Seconds a step, the median."""
    theirs: float


def compare(ours: Block, theirs: Block, seconds: float = 0.15, pairs: int = 41) -> Ratio:
    """The ratio over pairs of blocks of about so many seconds each, their order alternating."""
    steps = _steps_in(theirs, seconds)
    ours(steps)
    times = [_pair(ours, theirs, steps, swapped=bool(index % 2)) for index in range(pairs)]
    return Ratio(
        median(mine[0] / other[0] for mine, other in times),
        median(mine[1] / other[1] for mine, other in times),
        median(mine[0] for mine, _other in times) / steps,
        median(other[0] for _mine, other in times) / steps,
    )


def _pair(ours: Block, theirs: Block, steps: int, swapped: bool) -> tuple[tuple[float, float], tuple[float, float]]:
    if swapped:
        other = _timed(theirs, steps)
        return _timed(ours, steps), other
    mine = _timed(ours, steps)
    return mine, _timed(theirs, steps)


def _timed(block: Block, steps: int) -> tuple[float, float]:
    wall, cpu = perf_counter(), process_time()
    block(steps)
    return perf_counter() - wall, process_time() - cpu


def _steps_in(block: Block, seconds: float) -> int:
    """How many steps fill the time, warmed up."""
    block(5)
    steps = 5
    while (took := _timed(block, steps)[0]) < seconds / 4:
        steps *= 2
    return max(round(steps * seconds / took), 1)
