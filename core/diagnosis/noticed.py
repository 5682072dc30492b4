"""Rules on what a watch has noticed of a script: whose parameters are trained, how gradients and modes are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import numpy as np

from core.diagnosis.finding import Evidence, Finding, Severity
from core.diagnosis.saying import bars, finding, listed
from core.diagnosis.seen import Seen
from core.diagnosis.thresholds import limit

_HAS_INSIDE: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("NllLoss", "LogSoftmax"): "Cross-entropy",
        ("NllLoss2D", "LogSoftmax"): "Cross-entropy",
        ("BinaryCrossEntropyWithLogits", ""): "Binary cross-entropy with logits",
    }
)
"""By how a loss begins that makes probabilities of scores itself, what it is called."""
USUAL = 10
"""By how much of its median a number may be larger that has not grown."""
_SQUASHED = frozenset({"Softmax", "Sigmoid"})
_SCORES = frozenset({"Addmm", "Mm", "Bmm", "Convolution", "Relu"})
"""Functions that give scores, no probabilities."""
_WANTS: Mapping[str, tuple[str, frozenset[str]]] = MappingProxyType(
    {
        "NllLoss": ("log_softmax", _SCORES | _SQUASHED),
        "NllLoss2D": ("log_softmax", _SCORES | _SQUASHED),
        "BinaryCrossEntropy": ("sigmoid", _SCORES),
    }
)
"""By loss what is to stand right before it, and what is then certainly missing it."""


def strange_parameters(seen: Seen) -> Iterator[Finding]:
    """An optimizer whose parameters are not those of the model."""
    told = seen.record.noticed.get("strangers")
    if told is None:
        return
    strange, ours = int(told.numbers["strange"]), int(told.numbers["ours"])
    left = seen.record.noticed.get("left_out")
    if ours and left is None:
        return  # it trains something besides, as a loss with weights
    text = f"{strange} of the tensors that the optimizer has belong to no layer of the model"
    text += "." if ours else ", and it has no other."
    where = left.paths if left is not None else []
    cause = "It was made of the parameters of another model, or before a layer of this one was replaced."
    severity: Severity = "critical" if not ours else "hint" if seen.is_mastered else "warning"
    yield finding(
        seen.network, "STRANGE_PARAMETERS", severity, Evidence(text, float(strange), 0.0), cause, where, step=1
    )


def kept_gradients(seen: Seen) -> Iterator[Finding]:
    """Gradients that are never cleared, so that every step goes by the sum of all before."""
    told = seen.record.noticed.get("kept_gradients")
    if told is None:
        return
    steps = int(told.numbers["steps"])
    text = f"In none of the first {steps} steps was the gradient of the step before cleared."
    cause = "optimizer.zero_grad() is not called in the loop."
    evidence = Evidence(text, float(steps), 0.0, "gradient_norm")
    yield finding(seen.network, "KEPT_GRADIENTS", seen.severity(), evidence, cause, step=1)


def trained_in_use(seen: Seen) -> Iterator[Finding]:
    """A model that trains in the mode in which it is used: without dropout, and with kept means in its norms."""
    told = seen.record.noticed.get("in_use")
    if told is None:
        return
    text = f"The model was called with training off in the steps up to {told.step}; {listed(told.paths)} heed that."
    cause = "model.eval() was called, as for a validation, and model.train() not after it."
    evidence = Evidence(text, float(told.step), 0.0)
    yield finding(seen.network, "TRAINED_IN_USE", "warning", evidence, cause, told.paths, step=max(told.step, 1))


def doubled(seen: Seen) -> Iterator[Finding]:
    """A softmax or sigmoid before a loss that has one inside, be it a layer or a function."""
    for name, inside, given in _losses(seen):
        known = _HAS_INSIDE.get((name, inside)) or _HAS_INSIDE.get((name, ""))
        answer = given if (name, inside) in _HAS_INSIDE else inside
        if known is None or answer not in _SQUASHED:
            continue
        text = f"{known} is given what {answer} makes, and has the like inside."
        cause = "The network makes probabilities of the scores that its loss wants raw."
        yield finding(seen.network, "DOUBLE_SOFTMAX", "warning", Evidence(text, 1.0, 0.0, "loss"), cause)


def unbent(seen: Seen) -> Iterator[Finding]:
    """Raw scores before a loss of probabilities or of their logarithms."""
    for name, given, _behind in _losses(seen):
        wants, without = _WANTS.get(name, ("", frozenset()))
        if given not in without:
            continue
        text = f"{name} is given what {given} makes; it wants that behind {wants}."
        cause = f"{wants} is missing between the network and its loss."
        yield finding(seen.network, "MISSING_SOFTMAX", "critical", Evidence(text, 1.0, 0.0, "loss"), cause)


def unscaled_inputs(seen: Seen) -> Iterator[Finding]:
    """Inputs far larger or smaller than 1, or of unlike scales, that no normalization meets first."""
    told = seen.record.noticed.get("inputs")
    first = next((row for row in seen.rows("output")), None)
    if told is None or (first is not None and first.category in ("Normalization", "Embedding")):
        return
    numbers = told.numbers
    names = ("mean", "std", "low", "high")
    plot = bars(("mean", "deviation", "low", "high"), [numbers[name] for name in names], "the first batch")
    evidence = []
    rms, spread = numbers["rms"], numbers.get("spread", 1.0)
    if rms > limit("input_rms") or 0 < rms < limit("input_faint"):
        text = f"A typical number of the first batch is {rms:.3g}, and not about 1."
        edge = limit("input_rms") if rms > 1 else limit("input_faint")
        evidence.append(Evidence(text, rms, edge, plot=plot))
    if spread > limit("input_spread"):
        text = f"The feature that varies most varies {spread:.3g} times as much as most do."
        evidence.append(Evidence(text, spread, limit("input_spread"), plot=plot))
    if evidence:
        cause = "Inputs come in as they stand in the data."
        where = [first.path] if first is not None else []
        yield finding(seen.network, "INPUT_NOT_NORMALIZED", "warning", tuple(evidence), cause, where)


def undefined_loss(seen: Seen) -> Iterator[Finding]:
    """A loss that is no number any more though nothing grew before: it is not defined for what it was given."""
    losses, norms = seen.losses, seen.plain("gradient_norm")
    bad = np.flatnonzero(~np.isfinite(losses))
    if not len(bad) or not bad[0] or not np.isfinite(seen.table("weight", slice(bad[0], bad[0] + 1))).any():
        return
    before = [each[: bad[0]] for each in (losses, norms)]
    if any(not np.isfinite(each[-1]) or abs(each[-1]) > USUAL * np.median(np.abs(each)) for each in before):
        return
    step = seen.record.first_step + int(bad[0]) + 1
    norm = norms[bad[0] - 1]
    text = f"At step {step} the loss is {losses[bad[0]]:g}; the step before had a gradient of norm {norm:.3g}."
    cause = (
        "The loss is not defined for what it was given, as a logarithm or a quotient is not at 0: nothing grew before."
    )
    evidence = Evidence(text, float(losses[bad[0]]), 0.0, "loss")
    yield finding(seen.network, "NONFINITE", "critical", evidence, cause, step=step, family="loss")


def _losses(seen: Seen) -> Iterator[tuple[str, str, str]]:
    """Of every loss its function and the two behind it, the nearest first."""
    told = seen.record.noticed.get("loss")
    for words in told.words if told is not None else ():
        name, inside, given = (*words.split(), "", "")[:3]
        yield name, inside, given
