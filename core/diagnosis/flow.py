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


def vanishing(seen: Seen) -> Iterator[Finding]:
    """The gradient of layers' outputs shrinks from layer to layer towards the input, and the run learns little."""
    if not seen.warm or seen.learns:
        return
    paths, windows = _windows(seen)
    edge = limit("vanishing_flat") if seen.is_flat else limit("vanishing")
    if windows and all(0 < window[0] < edge for window in windows):
        yield _vanishing(seen, paths, windows[-1])


def arrives(seen: Seen) -> bool:
    """Whether the first layer's output gets a fair part of the gradient, as far as that was measured."""
    _paths, windows = _windows(seen)
    return not windows or float(windows[-1][0]) >= limit("vanishing_flat")


def _windows(seen: Seen) -> tuple[list[str], list[Floats]]:
    """The layers of the trunk, and in two windows the gradients of their outputs over that of the last."""
    measured = {row.path: place for place, row in enumerate(seen.rows("output"))}
    paths = [step.path for step in trunk(seen.network) if step.path in measured]
    table = seen.table("output")
    if len(paths) < limit("vanishing_layers") or len(table) < 2 * WINDOW:
        return paths, []
    ours = table[:, [measured[path] for path in paths]]
    return paths, [_relative(ours[-2 * WINDOW : -WINDOW]), _relative(ours[-WINDOW:])]


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
    where = tuple(guilty) or (paths[0],)
    return finding(seen.network, "VANISHING_GRADIENT", seen.severity(), evidence, cause, where, step=seen.step)


def forgetting(seen: Seen) -> Iterator[Finding]:
    """The gradient of a recurrent layer shrinks along the sequence, at the start and still, and nothing is learned."""
    table = seen.table("through_time")
    early = seen.step < limit("forgetting_steps") or seen.share < limit("warm_up")
    if early or len(table) < 2 * WINDOW or seen.mastery >= limit("forgetting_skill"):
        return
    first, last = median(table[:WINDOW]), median(table[-WINDOW:])
    for place, row in enumerate(seen.rows("through_time")):
        ratio = float(last[place])
        if not max(ratio, float(first[place])) < limit("forgetting"):
            continue
        steps = seen.steps("through_time")
        curve = Curve(row.path, tuple(map(float, np.maximum(table[:, place], 1e-38))), tuple(map(float, steps)))
        plot = Plot("line", (curve,), (), limit("forgetting"), True, "step", "first step of the sequence over the last")
        text = f"The gradient at the first step of a sequence is {ratio:.1g} of that at the last, in {row.path}."
        cause = f"Each step of {row.path} passes on a fraction of the gradient, so that what came early is forgotten."
        evidence = Evidence(text, ratio, limit("forgetting"), "through_time", plot)
        yield finding(seen.network, "VANISHING_GRADIENT", seen.severity(), evidence, cause, [row.path], step=seen.step)
