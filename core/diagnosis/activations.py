"""Rules on what layers give: dead and saturated units, and outputs that hardly differ."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.diagnosis import starts
from core.diagnosis.finding import Evidence, Family, Finding
from core.diagnosis.saying import finding, listed, profile
from core.diagnosis.seen import Seen, median
from core.diagnosis.thresholds import limit

FIRST = 3
"""Sampled steps that tell of the start."""
LAST = 8
"""Sampled steps that tell of the run as it is."""


def dead(seen: Seen) -> Iterator[Finding]:
    """More than half of a hidden layer's units are 0 for every sample, in a run that learns little."""
    paths, shares, step = _reaching(seen, "dead", "half_learned")
    if not paths:
        return
    worst = int(np.nanargmax([shares[path] for path in paths]))
    text = f"{shares[paths[worst]]:.0%} of the units of {paths[worst]} give 0 for every sample."
    plot = profile(shares, shares.values(), limit("dead"), False, "dead units")
    when = "begin" if step <= FIRST else "have become"
    cause = f"Units of {listed(paths)} {when} 0 for all samples, and no gradient brings them back."
    evidence = Evidence(text, shares[paths[worst]], limit("dead"), "dead", plot)
    family: Family | None = "start" if step <= FIRST and not starts.has_faded(seen, paths[0]) else None
    yield finding(seen.network, "DEAD_RELU", seen.severity(), evidence, cause, paths, step=step, family=family)


def saturated(seen: Seen) -> Iterator[Finding]:
    """More than half of a hidden layer's numbers stand at the ends of its range, in a run that learns little."""
    paths, shares, step = _reaching(seen, "saturated", "learned")
    if step > FIRST:  # a few units that have to bend often become steep by learning, not by what comes in
        paths = [path for path in paths if _width(seen, path) > limit("small_width")]
    if not paths:
        return
    worst = int(np.nanargmax([shares[path] for path in paths]))
    text = f"{shares[paths[worst]]:.0%} of the numbers of {paths[worst]} stand at the ends of its range."
    plot = profile(shares, shares.values(), limit("saturated"), False, "saturated")
    cause = f"What comes into {listed(paths)} is so large that {'they are' if len(paths) > 1 else 'it is'} flat there."
    evidence = Evidence(text, shares[paths[worst]], limit("saturated"), "saturated", plot)
    family: Family | None = "start" if step <= FIRST else None
    yield finding(
        seen.network, "SATURATED_ACTIVATION", seen.severity(), evidence, cause, paths, step=step, family=family
    )


def _width(seen: Seen, path: str) -> int:
    return seen.network.width_before(seen.network.plan.by_path[path])


def _reaching(seen: Seen, quantity: str, spared: str) -> tuple[list[str], dict[str, float], int]:
    """The hidden activations at which a share is above its limit, all shares by path, and since when.

    None in a run with the mastery that the limit `spared` has.
    """
    count = seen.count(quantity)
    hidden = {step.path for step in seen.network.hidden_activations}
    if not count or min(seen.mastery, seen.held_mastery) >= limit(spared):
        return [], {}, 0
    late = seen.warm and count >= LAST and seen.mastery < limit("half_learned")
    places = {row.path: place for place, row in enumerate(seen.rows(quantity)) if row.path in hidden}
    for rows, step, may in (
        (slice(0, FIRST), 1, True),
        (slice(-LAST, None), seen.step, late),
    ):
        middle = median(seen.table(quantity, rows)) if may else np.zeros(0)
        shares = {path: float(middle[place]) for path, place in places.items()} if len(middle) else {}
        shares = {path: share for path, share in shares.items() if np.isfinite(share)}
        found = [path for path, share in shares.items() if share > limit(quantity)]
        if found:
            return found, shares, step
    return [], {}, 0


def collapsed(seen: Seen) -> Iterator[Finding]:
    """A hidden layer whose outputs fill one direction, in a run that learns little."""
    table = seen.table("rank")
    hidden = {step.path for step in seen.network.hidden_activations}
    if not seen.warm or not len(table) or seen.mastery >= limit("learned"):
        return
    rows = table[np.isfinite(table).any(1)]
    if len(rows) < 2:
        return
    ranks = {row.path: float(rank) for row, rank in zip(seen.rows("rank"), rows[-1], strict=True) if row.path in hidden}
    low = [path for path, rank in ranks.items() if rank < limit("rank")]
    if low:
        text = f"The outputs of {low[0]} fill {ranks[low[0]]:.2g} directions."
        cause = f"{listed(low)} give{'s' if len(low) == 1 else ''} nearly the same for all samples but for one number."
        plot = profile(ranks, ranks.values(), limit("rank"), True, "effective rank")
        evidence = Evidence(text, ranks[low[0]], limit("rank"), "rank", plot)
        yield finding(seen.network, "RANK_COLLAPSE", "hint", evidence, cause, low, step=seen.step)
