"""Rules on the loss and what comes into it: probabilities made twice or not at all, class numbers, ranges."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from core.diagnosis.facts import FieldFacts
from core.diagnosis.finding import Evidence, Finding, Severity
from core.diagnosis.network import Network
from core.diagnosis.objective import DISTANCES, Objective
from core.diagnosis.saying import bars, finding

_SQUASHED = frozenset({"Softmax", "LogSoftmax", "Sigmoid", "Softmax2d", "Softmin"})
"""What makes probabilities, or their logarithms, of scores."""
_TAKES_SCORES = frozenset({"CrossEntropy", "SoftCrossEntropy", "Focal", "BCEWithLogits", "BinaryFocal"})
_TAKES_SCORES |= {"MultiLabelSoftMargin"}
_WANTS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "NLL": frozenset({"LogSoftmax", "LogSigmoid", "Log"}),
        "BCE": frozenset({"Sigmoid", "Softmax", "Hardsigmoid", "Softmax2d", "Clamp"}),
    }
)
"""By loss what may stand right before it."""
_RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "ReLU": (0.0, math.inf),
        "ReLU6": (0.0, 6.0),
        "Sigmoid": (0.0, 1.0),
        "Hardsigmoid": (0.0, 1.0),
        "Softmax": (0.0, 1.0),
        "Tanh": (-1.0, 1.0),
        "Hardtanh": (-1.0, 1.0),
        "Softsign": (-1.0, 1.0),
        "Softplus": (0.0, math.inf),
        "LogSigmoid": (-math.inf, 0.0),
        "LogSoftmax": (-math.inf, 0.0),
        "ELU": (-1.0, math.inf),
        "SELU": (-1.7581, math.inf),
    }
)
"""By kind the range of what it gives."""
_CUT = frozenset({"ReLU", "ReLU6", "Tanh", "Hardtanh", "Softsign", "Softplus", "ELU", "SELU"})
"""What keeps raw scores in a range that they need not be in."""


def doubled(network: Network) -> Iterator[Finding]:
    """A softmax or sigmoid before a loss that has one inside."""
    for objective in network.objectives:
        answer, loss = objective.answer, objective.loss
        if answer is None or loss.kind.name not in _TAKES_SCORES or answer.kind.name not in _SQUASHED:
            continue
        lowest = floor(objective)
        text = f"{answer.kind.name} stands before {loss.kind.name}, which has the like inside"
        text += f": the loss cannot fall below {lowest:.2f}." if math.isfinite(lowest) else "."
        cause = f"{answer.path} makes probabilities of the scores that {loss.path} wants raw."
        evidence = Evidence(text, lowest if math.isfinite(lowest) else 1.0, 0.0, "loss")
        yield finding(network, "DOUBLE_SOFTMAX", "warning", evidence, cause, [answer.path, loss.path])


def floor(objective: Objective) -> float:
    """The least that the loss can be with answers from 0 to 1; NaN where that is not known."""
    if objective.loss.kind.name == "CrossEntropy" and objective.classes > 1:
        return math.log(objective.classes - 1 + math.e) - 1
    counts: tuple[int, ...] = objective.field.classes if objective.field is not None else ()
    if objective.loss.kind.name == "BCEWithLogits" and len(counts) == 2 and sum(counts) > 0:
        positive = counts[1] / sum(counts)
        return positive * math.log1p(math.exp(-1.0)) + (1 - positive) * math.log(2)
    return math.nan


def unbent(network: Network) -> Iterator[Finding]:
    """Raw scores before a loss of probabilities."""
    for objective in network.objectives:
        answer, loss = objective.answer, objective.loss
        wanted = _WANTS.get(loss.kind.name)
        if wanted is None or answer is None or not answer.kind.weighted or answer.kind.name in wanted:
            continue
        names = " or ".join(sorted(wanted)[:2])
        text = f"{answer.path} gives raw scores to {loss.kind.name}, which wants those behind {names}."
        cause = f"An activation between {answer.path} and {loss.path} is missing."
        evidence = Evidence(text, 1.0, 0.0)
        yield finding(network, "MISSING_SOFTMAX", "critical", evidence, cause, [answer.path, loss.path])


def unsuited(network: Network) -> Iterator[Finding]:
    """A distance between class numbers, or yes and no about more than two classes."""
    for objective in network.objectives:
        field, loss = objective.field, objective.loss
        if field is None or len(field.names) < 2 or "OneHot" in objective.altered:
            continue
        count, severity = len(field.names), "warning"
        if loss.kind.name in DISTANCES:
            text = f"{loss.kind.name} takes the {count} classes of {field.field} for numbers from 0 to {count - 1}."
            severity = "warning" if count > 2 else "hint"
        elif loss.kind.name in ("BCE", "BCEWithLogits", "BinaryFocal") and count > 2:
            text = f"{loss.kind.name} asks yes or no of {field.field}, which has {count} classes."
        else:
            continue
        cause = f"{loss.path} compares {field.field} as a number, though it names classes."
        told: Severity = "warning" if severity == "warning" else "hint"
        yield finding(network, "WRONG_LOSS", told, Evidence(text, float(count), 2.0), cause, [loss.path])


def out_of_range(network: Network) -> Iterator[Finding]:
    """A last activation whose range leaves out targets, or keeps raw scores from being sure."""
    for objective in network.objectives:
        answer, field, loss = objective.answer, objective.field, objective.loss
        if answer is None or answer.kind.name not in _RANGES:
            continue
        if loss.kind.name in _TAKES_SCORES and answer.kind.name in _CUT:
            low, high = _RANGES[answer.kind.name]
            text = f"{answer.kind.name} keeps the scores {_span(low, high)}."
            cause = f"{answer.path} stands between the last layer and {loss.path}, which takes any score."
            evidence = Evidence(text, low, 0.0)
            yield finding(network, "OUTPUT_ACTIVATION_MISMATCH", "warning", evidence, cause, [answer.path, loss.path])
        elif field is not None and not field.names and loss.kind.name in DISTANCES and field.std > 0:
            yield from _beyond(network, objective, field, _RANGES[answer.kind.name])


def _span(low: float, high: float) -> str:
    if math.isinf(high):
        return f"above {low:g}"
    return f"below {high:g}" if math.isinf(low) else f"between {low:g} and {high:g}"


def _beyond(network: Network, objective: Objective, field: FieldFacts, reach: tuple[float, float]) -> Iterator[Finding]:
    low, high = reach
    slack = 0.02 * field.std
    if field.low >= low - slack and field.high <= high + slack:
        return
    if field.mean - field.std >= low - slack and field.mean + field.std <= high + slack:
        return
    assert objective.answer is not None  # it has a range
    kind, path = objective.answer.kind.name, objective.answer.path
    text = (
        f"{kind} gives numbers {_span(low, high)}; {field.field} is {field.mean:.3g} ± {field.std:.3g}, "
        f"from {field.low:.3g} to {field.high:.3g}."
    )
    edge = high if field.mean + field.std > high else low
    plot = bars(("low", "mean", "high"), (field.low, field.mean, field.high), field.field, edge)
    cause = f"{path} keeps the output from where many targets are."
    evidence = Evidence(text, field.high if edge == high else field.low, edge, plot=plot)
    yield finding(network, "OUTPUT_ACTIVATION_MISMATCH", "warning", evidence, cause, [path])
