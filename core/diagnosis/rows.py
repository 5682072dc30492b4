"""Rules that look at the rows of a run alone, for runs of which settings and wires are not known."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from core.diagnosis.finding import Evidence, Finding, Severity
from core.diagnosis.saying import finding, line, listed
from core.diagnosis.seen import Seen
from core.diagnosis.thresholds import limit


def rate_gone(seen: Seen) -> Iterator[Finding]:
    """A learning rate that fell to next to nothing of its highest long ago, in a run that could learn more."""
    rates = seen.plain("learning_rate")
    rates = rates[np.isfinite(rates)]
    if not seen.warm or len(rates) < 2 * limit("warm_up_steps") or seen.mastery >= limit("learned"):
        return
    gone = rates < limit("rate_gone") * rates.max()
    gone[: int(rates.argmax())] = False
    share = float(gone.mean())
    if share < limit("rate_gone_share"):
        return
    text = f"The rate is below {limit('rate_gone'):.0%} of its highest for {share:.0%} of the steps so far."
    plot = line(seen, "learning_rate", float(limit("rate_gone") * rates.max()), logarithmic=True)
    evidence = Evidence(text, share, limit("rate_gone_share"), "learning_rate", plot)
    cause = f"A schedule brings the rate to {rates[-1]:.2g}: too fast for {seen.step:,} steps."
    yield finding(seen.network, "SCHEDULE_COLLAPSE", "warning", evidence, cause)


def left_alone(seen: Seen) -> Iterator[Finding]:
    """Layers with weights that no step changes, while others learn: wanted where they were trained before."""
    _least, moved = seen.ends("update")
    if not seen.warm or not len(moved) or seen.mastery >= limit("learned"):
        return
    still = np.asarray(~(moved > 0)) & ~_below_rounding(seen)
    if not still.any() or still.all():
        return
    paths = [row.path for row, is_so in zip(seen.rows("update"), still, strict=True) if is_so]
    evidence = Evidence(f"No step changes the weights of {listed(paths)}.", float(len(paths)), 0.0, "update")
    cause = _why_still(seen, paths)
    severity: Severity = "hint" if seen.learns else "warning"
    yield finding(seen.network, "UNTRAINED_LAYER", severity, evidence, cause, paths, step=seen.step)


def _why_still(seen: Seen, paths: list[str]) -> str:
    """Why no step changes these layers, where a watch has noticed it."""
    noticed = seen.record.noticed
    frozen, left = (set(noticed[name].paths) if name in noticed else set() for name in ("frozen", "left_out"))
    if set(paths) <= frozen:
        return "They are frozen: their weights want no gradient."
    if set(paths) <= left:
        return "No optimizer was given their weights."
    if "loss" in noticed and not set(paths) & (frozen | left):
        return "Nothing leads back to them from the loss: they are not called, or what they give is cut off."
    return "They are frozen, were not given to the optimizer, or nothing leads back to them from the loss."


def _below_rounding(seen: Seen) -> NDArray[np.bool_]:
    """The layers whose gradient comes, but is so small that a step of the rate is lost in float32: these do vanish."""
    rates = seen.plain("learning_rate")
    rate = float(np.nanmax(rates)) if np.isfinite(rates).any() else 1.0
    (_smallest, largest), (least, _most) = seen.ends("gradient"), seen.ends("weight")
    return np.asarray((largest > 0) & (largest * rate < limit("rounding") * least))
