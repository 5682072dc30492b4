"""Rules on the flow of gradients from the loss back to the first layer."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.diagnosis.chain import trunk
from core.diagnosis.finding import Curve, Evidence, Finding, Plot
from core.diagnosis.seen import Floats, Seen, median
from core.diagnosis.thresholds import limit

WINDOW = 5
"""Sampled steps in each of the two windows that have to agree."""


def vanishing(seen: Seen) -> Iterator[Finding]:
    """The gradient of layers' outputs shrinks from layer to layer towards the input, and the run learns little."""
    layers = trunk(seen.network)
    measured = {row.path: place for place, row in enumerate(seen.rows("output"))}
    paths = [step.path for step in layers if step.path in measured]
    table = seen.table("output")
    if not seen.warm or len(paths) < limit("vanishing_layers") or len(table) < 2 * WINDOW:
        return
    ours = table[:, [measured[path] for path in paths]]
    windows = [_relative(ours[-2 * WINDOW : -WINDOW]), _relative(ours[-WINDOW:])]
    if not all(window[0] < limit("vanishing") for window in windows) or seen.learns:
        return
    yield _vanishing(seen, paths, windows[-1])


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
    profile = Plot(
        "profile",
        (Curve("gradient", tuple(float(value) for value in relative)),),
        tuple(paths),
        limit("vanishing"),
        logarithmic=True,
        y_title="gradient of the output, over the last layer's",
    )
    text = f"The gradient at {paths[0]} is {ratio:.1g} of that at {paths[-1]}: {per_layer:.2g} a layer."
    return Finding(
        code="VANISHING_GRADIENT",
        severity="critical",
        title="Gradients vanish",
        where=tuple(guilty) or (paths[0],),
        nodes=seen.network.shown(guilty or paths[:1]),
        evidence=(Evidence(text, ratio, limit("vanishing"), "output", profile),),
        cause=f"Each layer passes on only {per_layer:.2g} of the gradient that reaches it.",
        why=(
            "Backpropagation multiplies the gradient by every layer's derivative, and factors below one shrink it "
            "with depth. The first layers then get no signal of what to change and stay as they were drawn. It is "
            "harmless only where these layers need not learn. Activations that do not saturate, an initialisation "
            "that keeps the variance, normalization and residual wires keep the factor near one."
        ),
        source="Hochreiter 1991; Glorot & Bengio 2010",
        step=seen.step,
        family="flow",
    )
