"""Fresh cases: drawn, then held to what they claim by training with and without the fault."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from tests.faulty.case import HEALTHY, Case, Spec
from tests.faulty.data import make_data
from tests.faulty.fresh.drawn import Drawn, Family
from tests.faulty.fresh.faulty_data import DATA, both
from tests.faulty.fresh.faulty_model import MODEL
from tests.faulty.fresh.faulty_settings import SETTINGS
from tests.faulty.fresh.flow import FLOW, UNITS
from tests.faulty.fresh.luck import Luck
from tests.faulty.fresh.odd import ODD
from tests.faulty.fresh.sound_models import MODELS
from tests.faulty.fresh.sound_settings import SETTINGS as SOUND_SETTINGS
from tests.faulty.fresh.two_faults import NEAR
from tests.faulty.training import Course, course

FAULTY: tuple[Family, ...] = (*FLOW, *UNITS, *SETTINGS, *DATA, both, *MODEL, *NEAR)
SOUND: tuple[Family, ...] = (*ODD, *SOUND_SETTINGS, *MODELS)
HALVES = ("both", "faulty", "healthy")
"""Which cases are drawn: two faulty ones and a healthy one in turn, or of one half alone."""
SEEDS = (0, 1)
"""With each of which a fault has to show."""
TRIES = 10
"""Draws of a family until one holds what it claims."""
ENOUGH = 0.6
"""Of the way from chance to all right that a network without a fault comes."""
GAP, MILD_GAP = 0.12, 0.05
"""Of the same way, what a fault takes away at least."""
LOSS_GAP, MILD_LOSS_GAP = 1.4, 1.25
"""Where the loss is the score: how many times as large the fault makes it."""
CURED = 0.7
"""Of the way from the faulty score to that without the fault, what a cure brings back."""
RISE = 1.12
"""How far above its best a healthy run's held-out loss ends at most; more would be overfitting in truth."""


@dataclass(frozen=True)
class Wanted:
    """Which fresh case: its place among those of a seed."""

    seed: int
    place: int
    half: str = "both"

    @property
    def family(self) -> tuple[Family, bool]:
        """Two faulty ones, then a healthy one, or one of the half that is asked for; every third faulty one is mild."""
        turn, rest = divmod(self.place, 3)
        number = 2 * turn + rest if self.half == "both" else self.place
        if self.half == "healthy" or (self.half == "both" and rest == 2):
            turn = turn if self.half == "both" else self.place
            return SOUND[turn % len(SOUND)], turn % 2 == 1
        return FAULTY[number % len(FAULTY)], (number // len(FAULTY) + number) % 3 == 2

    def case(self) -> Case | None:
        """The case; None where no draw held what it claims."""
        family, hard = self.family
        for attempt in range(TRIES):
            drawn = family(Luck(self.seed, self.place, attempt), hard)
            found = _held(drawn, f"{self.place:03d}_{family.__name__}", hard or family is both or family in NEAR)
            if found is not None:
                return found
        return None


def fresh(count: int, seed: int, half: str = "both") -> Iterator[Case]:
    """So many cases of a seed, without those of which no draw held what it claims."""
    for place in range(count):
        case = Wanted(seed, place, half).case()
        if case is not None:
            yield case


def _held(drawn: Drawn, name: str, hard: bool) -> Case | None:
    """The case, if it is what it is said to be, whichever luck it trains with."""
    without = course(drawn.twin)
    if not _is_sound(drawn.twin, without):
        return None
    low = without.score
    if drawn.label == HEALTHY:
        return Case(f"{'S' if hard else 'Q'}{name}", HEALTHY, drawn.spec, drawn.note, good=low - 0.05)
    scores = []
    for seed in SEEDS:
        scores.append(course(drawn.spec, seed, looks=0).score)
        if not _shows(drawn.spec, scores[-1], low, hard):
            return None
    score = max(scores)
    floor = max(score, _chance(drawn.spec)) if math.isfinite(score) else low - 1.0
    good = floor + CURED * (low - floor)
    letter = "R" if hard else "P"
    return Case(f"{letter}{name}", drawn.label, drawn.spec, drawn.note, also=drawn.also, bad=score, good=good)


def _is_sound(spec: Spec, found: Course) -> bool:
    if not math.isfinite(found.score) or found.rise > RISE:
        return False
    if spec.get("metric") == "neg_val_loss":
        return True
    return _skill(spec, found.score) >= ENOUGH - 0.2 * _is_noisy(spec)


def _is_noisy(spec: Spec) -> bool:
    """Whether even the truth is far from all right."""
    data = spec["data"]
    return (
        data.get("label_noise", 0) > 0
        or data["name"] == "diabetes"
        or data.get("noise", 0) >= {"waves": 0.6, "friedman": 2, "linear": 50}.get(data["name"], math.inf)
    )


def _shows(spec: Spec, score: float, without: float, hard: bool) -> bool:
    if not math.isfinite(score):
        return True
    if spec.get("metric") == "neg_val_loss":
        return score < 0 and score <= without * (MILD_LOSS_GAP if hard else LOSS_GAP)
    return _skill(spec, without) - _skill(spec, score) >= (MILD_GAP if hard else GAP)


def _skill(spec: Spec, score: float) -> float:
    chance = _chance(spec)
    return (score - chance) / (1 - chance)


def _chance(spec: Spec) -> float:
    """What a guess reaches."""
    if spec.get("metric") == "neg_val_loss":
        return float("-inf")
    data = make_data(spec["data"])
    return 0.0 if data.task == "reg" else 1 / data.outputs
