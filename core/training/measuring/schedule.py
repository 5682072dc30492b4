"""When to measure what is not measured at every step, so that it costs no more than its share of the time."""

from __future__ import annotations

import math
from collections import deque
from statistics import median

ALWAYS = 20
"""The first steps, all of which are sampled."""
LONGEST = 4096
"""Sampled steps are never further apart."""
SELDOM = 10
"""What is measured seldom waits at least so many steps."""
LEAST = 1 / 3
"""The part of the budget that is left to samples, whatever the norms of every step cost."""
OF_SAMPLES, OF_SELDOM, OF_COPIES, OF_COUNTS = 0.52, 0.1, 0.09, 0.09
"""The parts of what norms leave for samples, for each of the three kinds of measurements that are seldom, for copies of
steps to look back at, and for histograms."""
WANTED = 100
"""Samples that a run is to have, however short, as long as they take no more than ALLOWANCE together."""
WANTED_SELDOM = 20
"""The same of what is measured seldom."""
ALLOWANCE = 0.25
"""Seconds that samples may take beyond the budget in the whole run, and each kind that is seldom: nobody notices."""
KEPT = 64
"""Steps whose times are remembered, of either kind."""
FADING = 512
"""Steps after which what watching has cost counts half."""


class Schedule:
    """When to sample: the first ALWAYS steps, then so rarely that watching costs at most a share of the time.

    A short run has WANTED samples even so, while these cost less than anybody notices.

    It looks at clocks and so differs from run to run; what is trained does not, for a sampled step trains the same.
    """

    def __init__(self, budget: float, total: int = 0) -> None:
        self.budget = budget
        """The share of the time of training that watching may add, norms included."""
        self.total = total
        """The steps of the whole run, 0 where they are not known."""
        self._spent = 0.0
        self._next = 1
        self._plain: deque[float] = deque(maxlen=KEPT)
        self._sampled: deque[float] = deque(maxlen=KEPT)
        self._norms: deque[float] = deque(maxlen=KEPT)
        self._noted = 0
        self._watched = self._trained = 0.0
        self.seconds = 0.0
        """What watching has added to the time of training from the first step on."""

    def due(self, step: int) -> bool:
        """Whether this step, counted from 1, is sampled."""
        return step <= ALWAYS or step >= self._next

    def note(self, step: int, seconds: float, norms: float, sampled: bool) -> None:
        """How long a step took, and its norms in it; decides after a sampled one when the next is."""
        self._count(seconds, norms, sampled)
        (self._sampled if sampled else self._plain).append(seconds)
        self._norms.append(norms)
        if sampled:
            share = self.left * OF_SAMPLES
            every = interval(self.plain, median(self._sampled), share) if self._plain else SELDOM
            self._next = step + self.sooner(every, WANTED, self._spent)

    def sooner(self, every: int, wanted: int, spent: float) -> int:
        """The interval, or a shorter one by which a run has so many samples, while they have not cost much by now."""
        return min(every, max(self.total // wanted, 1)) if self.total and spent < ALLOWANCE else every

    @property
    def plain(self) -> float:
        """The seconds of a step at which nothing is sampled, 0 where there was none yet."""
        return median(self._plain) if self._plain else 0.0

    @property
    def left(self) -> float:
        """The share of the time that is left for what is not measured at every step."""
        norms = median(self._norms) if self._norms else 0.0
        bare = self.plain - norms
        return max(self.budget - norms / bare, self.budget * LEAST) if bare > 0 else self.budget

    @property
    def cost(self) -> float:
        """What watching has lately added to the time of training, as a share of it."""
        return self._watched / self._trained if self._trained > 0 else 0.0

    def also(self, seconds: float) -> None:
        """Count what watching took between two steps."""
        self._watched += seconds
        self.seconds += seconds

    def apart(self, seconds: float, spent: float) -> int:
        """Every how many steps something may be done between two that takes so long, and has cost so much by now."""
        every = interval(self.plain, self.plain + seconds, self.left * OF_COPIES)
        return self.sooner(every, self.total, spent)

    def counted(self, seconds: float, spent: float, least: int) -> int:
        """The same for histograms, of which a short run has as many as samples, and of every `least` steps one."""
        every = interval(self.plain, self.plain + seconds, self.left * OF_COUNTS)
        return max(self.sooner(every, WANTED, spent), least)

    def _count(self, seconds: float, norms: float, sampled: bool) -> None:
        extra = max(seconds - self.plain, 0.0) if sampled and self._plain else 0.0
        if sampled and not self._plain:
            return  # nothing to compare it with yet
        self._spent += extra
        self._watched += norms + extra
        self.seconds += norms + extra
        self._trained += seconds - norms - extra
        self._noted += 1
        if self._noted % FADING == 0:
            self._watched, self._trained = self._watched / 2, self._trained / 2


class Seldom:
    """When to measure what costs much more than a sample: at the first step, then as its own cost allows.

    It is asked at sampled steps only.
    """

    def __init__(self) -> None:
        self._next = 1
        self._spent = 0.0

    def due(self, step: int) -> bool:
        """Whether it is measured at this step."""
        return step >= self._next

    def note(self, step: int, seconds: float, schedule: Schedule, least: int = SELDOM) -> None:
        """How long it took; decides when it is next, not sooner than after `least` steps."""
        self._spent += seconds
        every = interval(schedule.plain, schedule.plain + seconds, schedule.left * OF_SELDOM)
        self._next = step + max(schedule.sooner(every, WANTED_SELDOM, self._spent), least)


def interval(plain: float, sampled: float, share: float) -> int:
    """Every how many steps one may be sampled, from the seconds of a plain and of a sampled step."""
    extra = max(sampled - plain, 0.0)
    return min(max(math.ceil(extra / (share * plain)), 1), LONGEST) if plain > 0 else 1
