"""Rules on how weights begin, seen in the first steps: too large, too small, alike, or too sure at the output."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.diagnosis.chain import trunk, units
from core.diagnosis.finding import Evidence, Finding, Plot
from core.diagnosis.saying import finding as say
from core.diagnosis.saying import line, listed, profile
from core.diagnosis.seen import Floats, Seen, median
from core.diagnosis.thresholds import limit

FIRST = 1
"""Sampled steps that tell of the start: one step that is too long changes all the others."""
_BOUNDED = frozenset({"Sigmoid", "Hardsigmoid", "Softmax"})
"""Activations about whose middle value units stand, however small the weights are."""
_FEW_INPUTS = 3
"""Below so many inputs weights of random units are alike by chance."""


def explodes(seen: Seen) -> Iterator[Finding]:
    """Signals or gradients that grow from layer to layer, with a first loss or gradient far beyond all bounds."""
    if not len(seen.losses):
        return
    forward, backward = growth(seen), _backward(seen)
    norms = seen.plain("gradient_norm")
    norm = float(np.fmax.reduce(norms[:FIRST]))
    huge = norm > limit("gradient_norm") or (not np.isfinite(norm) and bool(np.isfinite(norms).any()))
    grows = forward.size > 1 and forward[-1] > limit("growth") * forward[0]
    tall = forward.size > 0 and forward[-1] > limit("tall") and seen.first_loss > limit("first_distance") * seen.chance
    through = _through_time(seen)
    loud = through > limit("steep_in_time") and seen.first_loss > limit("first_loss") * seen.chance
    steep = max(backward, through) > limit("steep") or loud
    if not (grows or steep or tall) or seen.is_mastered:
        return
    paths = _growing_paths(seen)
    if grows or tall:
        told = (
            f"The signal is {forward[-1] / max(forward[0], 1e-30):.3g} times as large in {paths[-1]} as in {paths[0]}"
        )
    else:
        place = "the first step of a sequence" if through > backward else "the first layer"
        told = f"The gradient at {place} is {max(backward, through):.3g} times that at the last"
    text = f"{told}, and the first gradient has the norm {norm:.2g}."
    evidence = Evidence(text, norm, limit("gradient_norm"), "std", _growing_shape(paths, forward))
    if huge or steep or tall:
        cause = "The weights begin so large that every layer makes the signal and its gradient larger."
        yield say(seen.network, "EXPLODING_GRADIENT", seen.severity(), evidence, cause, paths, step=1)
    else:
        cause = f"The weights of {listed(paths)} begin too large."
        yield say(seen.network, "BAD_INIT_LARGE", seen.severity(), evidence, cause, paths, step=1)


def _growing_shape(paths: list[str], forward: Floats) -> Plot | None:
    if not forward.size:
        return None
    shape = forward / max(forward[0], 1e-30)
    return profile(paths, shape, limit("growth"), True, "deviation, over the first layer's")


def growth(seen: Seen) -> Floats:
    """How much the trunk's outputs, the last one aside, differ from sample to sample at the start."""
    return _of_trunk(seen, "unit_std", slice(0, FIRST))[:-1]


def has_faded(seen: Seen, path: str) -> bool:
    """Whether next to nothing of the input comes to the step at this path at the start."""
    order = {step.path: place for place, step in enumerate(seen.network.trained)}
    before = [one for one in _growing_paths(seen) if order[one] < order.get(path, 0)]
    forward = growth(seen)[: len(before)]
    return forward.size > 1 and bool(forward[-1] < limit("fading") * forward[0])


def _growing_paths(seen: Seen) -> list[str]:
    known = {row.path for row in seen.rows("unit_std")}
    return [step.path for step in trunk(seen.network) if step.path in known][:-1]


def _of_trunk(seen: Seen, quantity: str, rows: slice) -> Floats:
    """The median over sampled rows of a quantity at the layers of the trunk."""
    places = {row.path: place for place, row in enumerate(seen.rows(quantity))}
    wanted = [places[step.path] for step in trunk(seen.network) if step.path in places]
    table = seen.table(quantity, rows)
    return median(table[:, wanted]) if len(table) and wanted else np.zeros(0)


def _backward(seen: Seen) -> float:
    """The gradient of the first layer's output over that of the last, at the start."""
    gradients = _of_trunk(seen, "output", slice(0, FIRST))
    return float(gradients[0] / gradients[-1]) if gradients.size > 1 and gradients[-1] > 0 else 0.0


def _through_time(seen: Seen) -> float:
    """The gradient of the first step of a sequence over that of the last, at the start; 0 without one."""
    table = seen.table("through_time", slice(0, FIRST))
    found = median(table) if len(table) else np.zeros(0)
    return float(np.nanmax(found)) if np.isfinite(found).any() else 0.0


def fades(seen: Seen) -> Iterator[Finding]:
    """A signal that fades from layer to layer at the start, in a run that learns little."""
    forward, paths = growth(seen), _growing_paths(seen)
    if forward.size < limit("vanishing_layers") or not seen.warm or seen.mastery >= limit("half_learned"):
        return
    if any(step.kind.name in _BOUNDED for step in seen.network.hidden_activations):
        return
    share = float(forward[-1] / forward[0]) if forward[0] > 0 else 1.0
    if not 0 < share < limit("fading" if seen.is_flat else "faded"):
        return
    shape = profile(paths, forward / forward[0], limit("fading"), True, "deviation, over the first layer's")
    per_layer = share ** (1 / (forward.size - 1))
    text = f"The signal in {paths[-1]} is {share:.2g} of that in {paths[0]}: {per_layer:.2g} a layer."
    cause = "The weights begin so small that every layer makes the signal smaller."
    evidence = Evidence(text, share, limit("fading"), "unit_std", shape)
    yield say(seen.network, "BAD_INIT_SMALL", seen.severity(), evidence, cause, paths[1:], step=1)


def alike(seen: Seen) -> Iterator[Finding]:
    """Units of a hidden layer that begin with the same weights, but for their sign."""
    table = seen.table("alike")
    if not len(table) or seen.mastery >= limit("all_learned"):
        return
    spared = seen.mastery >= limit("learned")
    first = dict(zip((row.path for row in seen.rows("alike")), table[0], strict=True))
    last = dict(zip(first, _last_known(table), strict=True))
    paths = [
        step.path
        for step in seen.network.trained
        if (last if spared else first).get(step.path, 0.0) > limit("alike") < first.get(step.path, 0.0)
        and units(seen.network, step, "in") >= _FEW_INPUTS
        and seen.network.is_hidden(step)
        and not seen.network.ends_branch(step)
    ]
    if not paths:
        return
    text = f"The units of {listed(paths)} have weights with a mean |cosine| of {first[paths[0]]:.3f}."
    cause = f"{listed(paths)} begin{'s' if len(paths) == 1 else ''} with one number in place of random ones."
    evidence = Evidence(text, float(first[paths[0]]), limit("alike"), "alike")
    yield say(seen.network, "SYMMETRIC_INIT", seen.severity(), evidence, cause, paths, step=1)


def _last_known(table: Floats) -> Floats:
    """The last row in which anything was measured."""
    known = np.isfinite(table).any(1)
    found: Floats = table[np.flatnonzero(known)[-1]] if known.any() else table[-1]
    return found


def sure_and_wrong(seen: Seen) -> Iterator[Finding]:
    """A first loss far above that of an answer without a look, while hidden layers are in order."""
    if not (len(seen.losses) and seen.chance > 0):
        return
    first = seen.first_loss
    is_loud = first > limit("loud_loss") * seen.chance
    reached = min(seen.skill, seen.held_skill) if is_loud else min(seen.mastery, seen.held_mastery)
    if reached >= limit("learned" if is_loud else "half_learned"):
        return
    classified = any(objective.field is not None and objective.field.names for objective in seen.network.objectives)
    most = limit("first_loss") if classified else limit("first_distance")
    if not first > most * seen.chance:
        return
    paths = [step.path for step in trunk(seen.network)[-1:]]
    text = f"The first loss is {first:.3g}; an answer without a look at the input has {seen.chance:.3g}."
    cause = f"{listed(paths)} begins too large."
    evidence = Evidence(text, first / seen.chance, most, "loss", line(seen, "loss", seen.chance, logarithmic=True))
    yield say(seen.network, "BAD_INIT_OUTPUT", seen.severity(), evidence, cause, paths, step=1)
