"""What a loss compares: the network's answer and where it comes from, the field it is held against, and its chance."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from core.compared import prediction, target
from core.diagnosis.facts import Facts, FieldFacts
from core.plan import Plan, Step, Value

PASSING = frozenset(
    {
        *("Flatten", "Reshape", "Unflatten", "Squeeze", "Unsqueeze", "Permute", "Transpose", "Cast", "Select", "Slice"),
        *("Identity", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "Expand", "ExpandAs"),
    }
)
"""Kinds that hand on the numbers that come in, in another form or some of them."""
SCORED = frozenset({"CrossEntropy", "Focal", "SoftCrossEntropy", "NLL"})
"""Losses of one score a class."""
BINARY = frozenset({"BCEWithLogits", "BCE", "BinaryFocal"})
"""Losses of yes and no."""
SQUARED = frozenset({"MSE"})
LEAST_ATTAINABLE = 0.3
"""Neighbours of few samples, or of inputs with much that does not matter, tell too little to go below."""
DISTANCES = frozenset({"MSE", "L1", "SmoothL1", "Huber"})
"""Losses of how far one number is from another."""


@dataclass(frozen=True)
class Objective:
    """One loss of the network."""

    loss: Step
    answer: Step | None
    """The step that gives what is compared, forms that only pass it on left out."""
    ahead: tuple[Step, ...]
    """What passes the answer on to the loss, the last first."""
    field: FieldFacts | None
    """What is known of the field that is right; None where it is no field, or nothing is known."""
    altered: tuple[str, ...]
    """The kinds through which that field comes to the loss, as Cast and OneHot."""

    @property
    def classes(self) -> int:
        """How many classes the field has; 0 where it has none."""
        return len(self.field.names) if self.field is not None else 0


def objectives(plan: Plan, facts: Facts) -> Iterator[Objective]:
    """What each loss of the plan compares."""
    for loss in plan.losses:
        answer, ahead = _behind(plan, prediction(loss))
        right, altered = _field(plan, facts, target(loss))
        yield Objective(loss, answer, ahead, right, altered)


def _behind(plan: Plan, value: Value | None) -> tuple[Step | None, tuple[Step, ...]]:
    passed: list[Step] = []
    step = plan.by_path.get(value.path) if value is not None else None
    while step is not None and step.kind.name in PASSING:
        passed.append(step)
        before = next(step.values(), None)
        step = plan.by_path.get(before.path) if before is not None else None
    return step, tuple(passed)


def _field(plan: Plan, facts: Facts, value: Value | None) -> tuple[FieldFacts | None, tuple[str, ...]]:
    altered: list[str] = []
    while value is not None:
        step = plan.by_path[value.path]
        if step.dataset:
            return facts.of(step.dataset, value.port), tuple(altered)
        altered.append(step.kind.name)
        incoming = list(step.values())
        value = incoming[0] if len(incoming) == 1 else None
    return None, tuple(altered)


def chance(objective: Objective, weighted: bool = False) -> float:
    """What the best answer that looks at no input would cost; NaN where that is not known.

    `weighted` says that classes count so that all weigh alike.
    """
    field, kind = objective.field, objective.loss.kind.name
    if field is None:
        return math.nan
    if field.classes and sum(field.classes) and not objective.altered and kind in ("CrossEntropy", "NLL"):
        return math.log(len(field.classes)) if weighted else entropy(field.classes)
    if field.classes and kind in ("BCE", "BCEWithLogits") and len(field.classes) == 2:
        return entropy(field.classes)
    if kind in ("MSE", "SmoothL1", "Huber"):
        return _distance(field, kind, objective.altered)
    return math.nan


def attainable(field: FieldFacts, chance: float) -> float:
    """Which share of the way from chance to nothing a loss can go, as far as neighbours tell; 1 where they do not.

    A sample and its neighbour share a label when both are typical of their place, or wrong in the same way: with an
    error e in K classes in (1 - e)² + e² / (K - 1) of cases (Cover & Hart 1967).
    """
    classes, agree = len(field.names), min(field.neighbours_agree, 1.0)
    if not (classes > 1 and chance > 0 and agree > field.agree_by_chance):
        return 1.0
    scale = classes / (classes - 1)
    error = min((1 - math.sqrt(max(1 - scale * (1 - agree), 0.0))) / scale, 1 - 1 / classes)
    if error <= 0:
        return 1.0
    doubt = -error * math.log(error) - (1 - error) * math.log(1 - error) + error * math.log(max(classes - 1, 1))
    return min(max(1 - doubt / chance, LEAST_ATTAINABLE), 1.0)


def entropy(counts: tuple[int, ...]) -> float:
    """Of a class drawn as often as each is counted, in nats."""
    total = sum(counts)
    return -sum(count / total * math.log(count / total) for count in counts if count)


def _distance(field: FieldFacts, kind: str, altered: tuple[str, ...]) -> float:
    """What the mean would cost as an answer to each."""
    if "OneHot" in altered and field.classes:
        shares = [count / sum(field.classes) for count in field.classes]
        variance = sum(share * (1 - share) for share in shares) / len(shares)
    elif field.classes:
        total = sum(field.classes)
        mean = sum(place * count for place, count in enumerate(field.classes)) / total
        variance = sum((place - mean) ** 2 * count for place, count in enumerate(field.classes)) / total
    else:
        variance = field.std**2
    if kind == "MSE":
        return variance
    spread = math.sqrt(variance)
    return variance / 2 if spread < 1 else 0.8 * spread - 0.3  # of a normal target, within a tenth
