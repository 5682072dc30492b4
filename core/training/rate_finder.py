"""A learning-rate range test: a short run whose rate rises exponentially, and where its loss falls fastest.

Sources: Smith, Cyclical Learning Rates for Training Neural Networks (2017), for the test; fastai and Lightning, for
taking the rate at the steepest descent.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import ParameterError
from core.training.checkpoint import load_weights, read_weights
from core.training.devices import forked
from core.training.evaluate import Weights
from core.training.passing import NonFinite
from core.training.run import Job, Run
from core.training.schedules import Schedule

STEPS = 100
LOWEST, HIGHEST = 1e-7, 10.0
MEMORY = 0.9
"""How much of the moving average, by which a test is ended, the next step keeps."""
SPREAD = 4
"""Steps to either side that the smoothed curve takes in for the most part."""
CERTAIN = 3.0
"""How many times the steepest descent must exceed what chance gives."""
DIVERGED = 4.0
"""The test ends where the smoothed loss is so many times the lowest there was."""
SETTLING = 10
"""Steps at the beginning in which the average knows too little to be followed."""

Tell = Callable[[str, float], None]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RateTest:
    """The steps of a test: rates, losses, and these smoothed without delay."""

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    smooth: tuple[float, ...]
    suggested: float | None
    """The rate at the steepest descent; None where the loss did not fall."""
    diverged: bool
    """Whether the test ended early, as the loss rose beyond bounds or was no number any more."""


def find_rate(
    job: Job,
    weights: Weights | None,
    tell: Tell,
    steps: int = STEPS,
    lowest: float = LOWEST,
    highest: float = HIGHEST,
) -> RateTest:
    """The test of the first phase's rate, from these weights or those of the seed.

    It trains a network of its own and draws from a generator of its own, so that a run that stands still goes on as if
    nothing had been. Raises a ChainruleError where the project cannot be trained, and what `tell` raises.
    """
    if not 0 < lowest < highest or steps <= SETTLING:
        raise ParameterError(
            f"a rising rate and more than {SETTLING} steps were wanted", f"{lowest:g} to {highest:g} in {steps} came"
        )
    training = replace(job.project.training, schedule=Schedule())
    alone = replace(job, project=replace(job.project, training=training), folder=None, resume=None, watch=False)
    rates = lowest * (highest / lowest) ** (np.arange(steps) / (steps - 1))
    with forked():
        run = Run(alone)
        if weights is not None:
            tensors = read_weights(weights) if isinstance(weights, Path) else weights
            load_weights(run.network.root, tensors, str(weights) if isinstance(weights, Path) else "Weights", run.plan)
        try:
            losses, diverged = _climb(run, rates, tell)
        finally:
            run.batches.close()
    smooth = smoothed(np.array(losses, np.float64)) if losses else np.empty(0)
    found = suggestion(rates[: len(losses)], smooth, noise(np.array(losses, np.float64), smooth))
    return RateTest(tuple(rates[: len(losses)].tolist()), tuple(losses), tuple(smooth.tolist()), found, diverged)


def _climb(run: Run, rates: Floats, tell: Tell) -> tuple[list[float], bool]:
    """A step at each rate, the loss of each, and whether it had to end early."""
    losses: list[float] = []
    average, best = 0.0, np.inf
    for place, rate in enumerate(rates.tolist()):
        tell(f"Trying the rate {rate:.2g}", place / len(rates))
        if run.between_epochs or run.batches.ended:
            run.epoch += run.batches.ended
            run.batches.begin_epoch()
        run.set_learning_rate(0, rate)
        if run.table.full:
            run.table.packed()
        try:
            losses.append(run.step())
        except NonFinite:
            return losses, True
        average = MEMORY * average + (1 - MEMORY) * losses[-1]
        now = average / (1 - MEMORY ** (place + 1))
        best = min(best, now)
        if place >= SETTLING and now > DIVERGED * best + 1e-12:
            return losses, True
    return losses, False


def smoothed(losses: Floats) -> Floats:
    """Each loss as the mean of its neighbours on both sides, by a bell curve: no moving average's lag."""
    reach = np.arange(-3 * SPREAD, 3 * SPREAD + 1)
    bell = np.exp(-0.5 * (reach / SPREAD) ** 2)
    counts = np.convolve(np.ones(len(losses)), bell)[3 * SPREAD :][: len(losses)]
    found: Floats = np.convolve(losses, bell)[3 * SPREAD :][: len(losses)] / counts
    return found


def noise(losses: Floats, smooth: Floats) -> float:
    """By how much the slope of the smoothed curve differs from step to step by chance alone.

    The spread of single losses about the curve, in the first half, where the rate does little yet; a bell curve's slope
    has that divided by the root of 4 √π SPREAD³.
    """
    half = max(len(losses) // 2, 1)
    spread = float(np.std((losses - smooth)[:half])) if len(losses) else 0.0
    return spread / math.sqrt(4 * math.sqrt(math.pi) * SPREAD**3)


def suggestion(rates: Floats, smooth: Floats, chance: float = 0.0) -> float | None:
    """The rate at which the smoothed loss falls fastest before its lowest point, over the logarithm of the rate.

    None where it nowhere falls by more than `chance` would have it. What comes after the loss has risen above its
    beginning is left out, as a fall from there is none to look for; and so are the last steps, whose smoothed losses
    have no neighbours on one side.
    """
    if len(smooth) <= SETTLING:
        return None
    limit = float(smooth[:SETTLING].mean()) + CERTAIN * chance * SPREAD * math.sqrt(2)
    risen = np.flatnonzero(smooth[SETTLING:] > limit)
    known = smooth[: min(SETTLING + int(risen[0]) if len(risen) else len(smooth), len(smooth) - SPREAD)]
    end = int(np.argmin(known)) + 1 if len(known) else 0
    if end <= SETTLING + 1:
        return None
    slopes = np.gradient(smooth)[SETTLING:end]
    steepest = int(np.argmin(slopes))
    return float(rates[SETTLING + steepest]) if slopes[steepest] < -CERTAIN * chance else None
