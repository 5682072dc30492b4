"""Rules on the flow of gradients from the loss back to the first layer, and back through time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.diagnosis.chain import trunk
from core.diagnosis.finding import Curve, Evidence, Finding, Plot
from core.diagnosis.saying import finding, profile
from core.diagnosis.seen import Floats, Seen, median
from core.diagnosis.thresholds import limit

WINDOW = 5
"""Sampled steps in each of the two windows that have to agree."""
HALF_WAY = 0.5
"""The share of a run at chance from which on a sequence is judged as a stack of layers is."""


def vanishing(seen: Seen) -> Iterator[Finding]:
    """The gradient of layers' outputs shrinks from layer to layer towards the input, and the run learns little."""
    if not seen.warm or seen.is_mastered:
        return
    paths, windows = _windows(seen)
    edge = limit("vanishing_learned" if seen.learns else "vanishing_flat" if seen.is_flat else "vanishing")
    if windows and windows[-1][0] == 0:  # units that died since let nothing through: how it was before tells more
        windows, edge = _early_windows(seen), min(edge, limit("vanishing"))
    if windows and all(0 < window[0] < edge for window in windows):
        yield _vanishing(seen, paths, windows[-1])
    elif (early := _for_long(seen)) is not None:
        yield _vanishing(seen, paths, early)


def _for_long(seen: Seen) -> Floats | None:
    """The gradients over the last's in the first part of the run, where they stood below what a run can learn with.

    None where they did not: a run that has come out of it since has lost that part of its steps.
    """
    _paths, ours = _of_trunk(seen)
    steps = seen.steps("output")[-len(ours) :] if len(ours) else np.zeros(0)
    part = ours[
        (steps >= limit("warm_up_steps")) & (steps <= limit("vanished_share") * seen.record.started.total_steps)
    ]
    if len(part) < WINDOW or seen.share < limit("vanished_share"):
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = part[:, 0] / part[:, -1]
    return _relative(part) if bool(((ratios > 0) & (ratios < limit("vanishing_learned"))).all()) else None


def arrives(seen: Seen) -> bool:
    """Whether the first layer's output gets a fair part of the gradient, as far as that was measured."""
    _paths, windows = _windows(seen)
    return not windows or float(windows[-1][0]) >= limit("vanishing_flat")


def first_over_last(seen: Seen) -> float:
    """The late gradient of the first layer's output over the last's; NaN where that is not known yet."""
    _paths, windows = _windows(seen)
    return float(windows[-1][0]) if windows else float("nan")


def _windows(seen: Seen) -> tuple[list[str], list[Floats]]:
    """The layers of the trunk, and in two windows the gradients of their outputs over that of the last."""
    paths, ours = _of_trunk(seen)
    return paths, [_relative(ours[-2 * WINDOW : -WINDOW]), _relative(ours[-WINDOW:])] if len(ours) else []


def _early_windows(seen: Seen) -> list[Floats]:
    """The same of the first samples of a run."""
    _paths, ours = _of_trunk(seen)
    return [_relative(ours[:WINDOW]), _relative(ours[WINDOW : 2 * WINDOW])] if len(ours) else []


def _of_trunk(seen: Seen) -> tuple[list[str], Floats]:
    """The layers of the trunk and the gradients of their outputs; no rows where there are too few to judge."""
    measured = {row.path: place for place, row in enumerate(seen.rows("output"))}
    paths = [step.path for step in trunk(seen.network) if step.path in measured]
    table = seen.table("output")
    if len(paths) < limit("vanishing_layers") or len(table) < 2 * WINDOW:
        return paths, np.zeros((0, len(paths)))
    return paths, table[:, [measured[path] for path in paths]]


def _relative(window: Floats) -> Floats:
    """The gradients of the outputs of all layers over that of the last."""
    middle = median(window)
    found: Floats = middle / max(float(middle[-1]), 1e-300)
    return found


def _vanishing(seen: Seen, paths: list[str], relative: Floats) -> Finding:
    ratio = float(relative[0])
    factors = relative[:-1] / np.maximum(relative[1:], 1e-300)
    guilty = [path for path, factor in zip(paths, factors, strict=False) if factor < limit("vanishing_factor")]
    per_layer = ratio ** (1 / (len(paths) - 1))
    plot = profile(paths, relative, limit("vanishing"), True, "gradient of the output, over the last layer's")
    text = f"The gradient at {paths[0]} is {ratio:.1g} of that at {paths[-1]}: {per_layer:.2g} a layer."
    cause = f"Each layer passes on only {per_layer:.2g} of the gradient that reaches it."
    evidence = Evidence(text, ratio, limit("vanishing"), "output", plot)
    faint = [path for path, share in zip(paths, relative, strict=False) if share < limit("vanishing")]
    where = tuple(faint or guilty) or (paths[0],)
    return finding(seen.network, "VANISHING_GRADIENT", seen.severity(), evidence, cause, where, step=seen.step)


def forgetting(seen: Seen) -> Iterator[Finding]:
    """The gradient of a recurrent layer shrinks along the sequence, at the start and still, and nothing is learned."""
    table = seen.table("through_time")
    early = seen.step < limit("forgetting_steps") or seen.share < limit("warm_up")
    skill = min(seen.mastery, seen.held_mastery)
    if early or len(table) < 2 * WINDOW or skill >= limit("forgetting_skill"):
        return
    stands = skill < limit("flat") and seen.is_flat and seen.share >= HALF_WAY
    first, middle = median(table[:WINDOW]), median(table)
    for place, row in enumerate(seen.rows("through_time")):
        ratio, began = float(middle[place]), float(first[place])
        edge = limit("forgotten") if skill < limit("flat") else limit("forgetting")
        start = limit("vanishing" if stands else "forgetting")
        if not (began < start and ratio < edge):
            continue
        steps = seen.steps("through_time")
        curve = Curve(row.path, tuple(map(float, np.maximum(table[:, place], 1e-38))), tuple(map(float, steps)))
        plot = Plot("line", (curve,), (), start, True, "step", "first step of the sequence over the last")
        less = min(began, ratio)
        text = f"The gradient at the first step of a sequence was {less:.1g} of that at the last, in {row.path}."
        cause = f"Each step of {row.path} passes on a fraction of the gradient, so that what came early is forgotten."
        evidence = Evidence(text, less, start, "through_time", plot)
        yield finding(seen.network, "VANISHING_GRADIENT", seen.severity(), evidence, cause, [row.path], step=seen.step)
