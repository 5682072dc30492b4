"""Rules on how the loss comes down: it swings, it is cut off while it falls, or its gradient drowns in noise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from core.diagnosis.finding import Evidence, Finding, Severity
from core.diagnosis.saying import finding, line
from core.diagnosis.seen import Floats, Seen
from core.diagnosis.thresholds import limit

BLOCKS = 8
"""Stretches of the later half of a run that are held against one another."""
MEASURED = 5
"""Late measurements of the noise, or of the turn from step to step, that tell enough."""


class _Swing(NamedTuple):
    """How the means of stretches of a run differ."""

    level: float
    width: float
    """From the lowest but a tenth to the highest but a tenth."""
    error: float
    """Of such a mean, as far as it is chance which samples came to it."""
    turns: float
    """How often it turns back from one stretch to the next: 0 never, 1 each time."""
    is_wide: bool
    """Whether they lie far apart, by more than chance."""


def oscillates(seen: Seen) -> Iterator[Finding]:
    """A loss whose mean over whole epochs goes up and down by much of itself and no lower, and that learns little."""
    late = seen.losses[len(seen.losses) // 2 :]
    if not _is_judged(seen) or len(late) < limit("swing_steps") or not late.min() > 0:
        return
    swing, back = _swing(late, seen.record.started.steps_per_epoch), _turned_back(seen)
    turns = swing.turns >= limit("swing_turns") or back >= limit("turned_back")
    if not (swing.is_wide and turns) or _falls(late) or _rate_rises(seen):
        return
    share = swing.width / swing.level
    text = f"In the later half the loss goes up and down by {share:.0%} of its {swing.level:.3g}, and no lower."
    evidence = [Evidence(text, share, limit("swing"), "loss", line(seen, "loss", swing.level))]
    if back >= limit("turned_back"):
        text = f"At {back:.0%} of the steps looked at the gradient leads back against the one before."
        evidence.append(Evidence(text, back, limit("turned_back"), "cosine"))
    cause = "Steps are too long for the place where the weights are, or batches too unlike."
    yield finding(seen.network, "UNSTABLE_LOSS", _cost(seen, "half_learned"), tuple(evidence), cause, step=seen.step)


def _is_judged(seen: Seen) -> bool:
    """Whether all phases make the same loss smaller, and much of it is left."""
    return (
        not seen.network.is_contest
        and seen.warm
        and bool(np.isfinite(seen.losses).all())
        and seen.mastery < limit("learned")
    )


def _cost(seen: Seen, below: str) -> Severity:
    """A warning where the run has learned less than this, else a hint."""
    return "warning" if seen.mastery < limit(below) else "hint"


def _rate_rises(seen: Seen) -> bool:
    """Whether a schedule lets the rate rise again in the later half, which makes a loss swing as it is meant to."""
    rates = seen.plain("learning_rate")
    rates = rates[len(rates) // 2 :]
    return len(rates) > 1 and bool((np.diff(rates) > 0.01 * rates.max()).any())


def _turned_back(seen: Seen) -> float:
    """The share of late steps looked at whose gradient leads back against the one before; 0 where few were."""
    turn = seen.plain("cosine")
    turn = turn[len(turn) // 2 :]
    turn = turn[np.isfinite(turn)]
    return float((turn < 0).mean()) if len(turn) >= MEASURED else 0.0


def _swing(losses: Floats, per_epoch: int) -> _Swing:
    """Of whole epochs, in which each sample comes once, where there are enough; else of as many stretches."""
    known = per_epoch > 0 and len(losses) // per_epoch >= BLOCKS
    size = per_epoch if known else len(losses) // BLOCKS
    count = len(losses) // size
    blocks = losses[-count * size :].reshape(count, size)
    means = blocks.mean(1)
    low, high = np.quantile(means, (0.1, 0.9))
    ways = np.sign(np.diff(means))
    level, width = float(np.median(means)), float(high - low)
    error = float(blocks.var(1, ddof=1).mean() / size) ** 0.5 if size > 1 else 0.0
    is_wide = width > limit("swing") * level and width > limit("swing_errors") * error
    return _Swing(level, width, error, float((ways[1:] != ways[:-1]).mean()), is_wide)


def _falls(losses: Floats) -> bool:
    """Whether it comes down: later stretches are lower far more often than not (Mann-Kendall), and by enough."""
    means = np.array([part.mean() for part in np.array_split(losses, BLOCKS)])
    earlier, later = np.triu_indices(BLOCKS, 1)
    often = float(np.sign(means[later] - means[earlier]).mean()) <= -limit("trend")
    first, last = means[: BLOCKS // 2].mean(), means[BLOCKS // 2 :].mean()
    return often and bool(first - last > limit("resting") * abs(first))


def ends_early(seen: Seen) -> Iterator[Finding]:
    """A run that ends while its loss still falls as fast as before, with much of it left."""
    if not _is_judged(seen) or seen.share < limit("ended") or len(seen.losses) < 2 * limit("warm_up_steps"):
        return
    if not seen.still_falls or seen.last_fall < limit("resting") or not _gains(seen.held_losses):
        return
    if not _falls(seen.losses[len(seen.losses) // 2 :]) or _turned_back(seen) >= limit("turned_back"):
        return
    text = f"In the last quarter of the run the loss has fallen by {seen.last_fall:.0%} of itself, to {seen.level:.3g}."
    evidence = Evidence(text, seen.last_fall, limit("resting"), "loss", line(seen, "loss"))
    cause = f"{seen.step:,} steps are too few for this network and rate."
    yield finding(seen.network, "SLOW_CONVERGENCE", _cost(seen, "learning"), evidence, cause, step=seen.step)


def _gains(held: Floats) -> bool:
    """Whether held-out samples still get better, as far as they were judged: else more steps are learned by heart."""
    if len(held) < BLOCKS:
        return True
    parts = [float(np.median(part)) for part in np.array_split(held, 4)]
    return parts[3] < parts[2]


def drowned(seen: Seen) -> Iterator[Finding]:
    """Gradients whose measured noise is many times themselves at this batch size, in a run that learns little."""
    training = seen.network.project.training
    size = training.batch_size * training.accumulate
    if not _is_judged(seen) or seen.learns:
        return
    late = _noise(seen)
    if len(late) < MEASURED or float(np.median(late)) < limit("noise") * size:
        return
    scale = float(np.quantile(late, 0.5, method="lower"))
    known = f"batches of {scale:.3g} samples" if np.isfinite(scale) else "far larger batches than can be told"
    text = f"The gradient's noise is as large as it itself in {known}; these have {size}."
    evidence = Evidence(text, scale / size, limit("noise"), "noise_scale", line(seen, "loss"))
    cause = f"Of a step with {size} sample{'s' if size > 1 else ''} next to all is noise."
    severity: Severity = "warning" if seen.is_flat else "hint"
    yield finding(seen.network, "BATCH_TOO_SMALL", severity, evidence, cause, step=seen.step, family="progress")


def _noise(seen: Seen) -> Floats:
    """The late measurements of the noise scale; infinite where the noise hid the gradient."""
    noise, alpha = seen.plain("noise_scale"), seen.plain("alpha")
    if not np.isfinite(noise).any():  # as of a loss that is a sum: nothing was measured
        return np.zeros(0)
    looked = np.isfinite(noise) | np.isfinite(alpha)  # both are measured at the same steps
    looked[: len(looked) // 2] = False
    return np.where(np.isfinite(noise), noise, np.inf)[looked]
