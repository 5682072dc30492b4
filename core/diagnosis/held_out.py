"""Rules on samples that are not trained on: learning by heart, labels that are chance, and rare classes missed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.diagnosis import graphs
from core.diagnosis.facts import FieldFacts
from core.diagnosis.finding import Curve, Evidence, Finding, Plot
from core.diagnosis.network import Network
from core.diagnosis.saying import bars, finding, thin
from core.diagnosis.seen import LAST_JUDGED, Floats, Seen
from core.diagnosis.thresholds import limit

FEWEST = 5
"""Held-out samples of a class whose recall says something."""
FEWEST_STEPS = 10
"""Steps whose mean loss says something."""
EARLY = 0.2
"""The first part of a run, in which the loss of training is higher because it comes before that of a validation."""


def by_heart(seen: Seen) -> Iterator[Finding]:
    """A held-out loss that has risen from its best, while that of training is far below it."""
    judged = seen.held_losses
    if len(judged) < 2 * LAST_JUDGED or not seen.held_rises or not np.isfinite(seen.level):
        return
    best, now = seen.held_best, float(np.median(judged[-LAST_JUDGED:]))
    if not seen.level < limit("training_below") * best:
        return
    text = f"The held-out loss was {best:.3g} and is {now:.3g}, while that of training is {seen.level:.3g}."
    evidence = Evidence(text, now / best, limit("overfitting"), "loss", _both(seen))
    if _at_chance(seen):
        cause = "What was learned of the training labels says nothing of held-out samples."
        yield finding(seen.network, "LABEL_NOISE", "critical", evidence, cause, step=seen.step)
        return
    best_epoch = seen.record.validations[int(judged.argmin())].epoch
    cause = f"From epoch {best_epoch} on the network learns what is particular to its {_samples(seen)} samples."
    yield finding(seen.network, "OVERFITTING", "warning", evidence, cause, step=seen.step)


def _samples(seen: Seen) -> str:
    return f"{seen.record.started.train_samples:,}"


def _both(seen: Seen) -> Plot:
    held = [point for point in seen.record.validations if np.isfinite(point.loss)]
    curve = Curve("held out", tuple(point.loss for point in held), tuple(float(point.step) for point in held))
    return Plot("line", (thin("training", seen, seen.losses), curve), x_title="step", y_title="loss")


def _at_chance(seen: Seen) -> bool:
    """Whether classes of held-out samples are called no better than by chance, none of them being rare."""
    objective = seen.network.objectives[0] if len(seen.network.objectives) == 1 else None
    metric = seen.record.validations[-1].metric
    if objective is None or metric is None or objective.classes < 2 or seen.record.started.metric != "accuracy":
        return False
    if objective.field is None or _is_uneven(objective.field) or _is_told_by_neighbours(objective.field):
        return False
    counts = objective.field.held_classes
    chance = max(counts) / sum(counts) if sum(counts) else 1 / objective.classes
    return metric < chance + limit("above_chance") * (1 - chance)


def _is_told_by_neighbours(field: FieldFacts) -> bool:
    """Whether neighbours share a label far more often than by chance."""
    return field.neighbours_agree > field.agree_by_chance + limit("neighbours")


def labels_of_chance(seen: Seen) -> Iterator[Finding]:
    """Labels that neighbours do not share, while training learns them by heart and held-out samples stay at chance."""
    if not seen.warm or not seen.record.validations or not _at_chance(seen) or not seen.chance > 0:
        return
    (objective,) = seen.network.objectives
    held, field = float(np.median(seen.held_losses[-3:])), objective.field
    by_heart = seen.skill > limit("by_heart") and held > seen.level * (1 + limit("by_heart"))
    if field is None or not by_heart or not _is_chance(field):
        return
    yield _chance_labels(seen.network, field, seen.step)


def redrawn_labels(seen: Seen) -> Iterator[Finding]:
    """Training labels that neighbours share as if half were drawn anew, while held-out ones are met better."""
    if not seen.warm or not seen.chance > 0 or seen.held_skill < limit("flat") or _is_disturbed(seen.network):
        return
    field = seen.network.objectives[0].field
    if field is None or not field.names or _is_uneven(field) or field.samples < limit("neighbours_samples"):
        return
    way = (field.neighbours_agree - field.agree_by_chance) / max(1 - field.agree_by_chance, 1e-12)
    ours, held = _side_by_side(seen)
    if not 0 < way < limit("redrawn") or len(held) < LAST_JUDGED:
        return
    gap, edge = float(np.median(ours - held)), limit("cleaner") * seen.chance
    if not gap > max(edge, limit("cleaner_errors") * _held_error(seen, field)):
        return
    text = f"A sample's nearest neighbour has its label in {field.neighbours_agree:.0%} of cases, as where "
    text += f"{1 - way**0.5:.0%} of the labels are drawn anew; chance is {field.agree_by_chance:.0%}."
    near = field.agree_by_chance + limit("redrawn") * (1 - field.agree_by_chance)
    met = f"The held-out loss lies {gap:.2g} below that of training: what is learned fits held-out labels better."
    evidence = (Evidence(text, field.neighbours_agree, near), Evidence(met, gap, edge, "loss", _both(seen)))
    cause = "Many labels of the training part are wrong, far more than of the held-out part."
    yield finding(seen.network, "LABEL_NOISE", "warning", evidence, cause, step=seen.step)


def _is_disturbed(network: Network) -> bool:
    """Whether samples or units are altered at random in training alone, which makes its loss the higher one."""
    altered = any(settings.augmentation for settings in network.project.data.values())
    return altered or any(step.kind.name in graphs.DROPOUTS for step in network.trained)


def _side_by_side(seen: Seen) -> tuple[Floats, Floats]:
    """The loss of training in the epoch before each validation past the first part of a run, and that validation's."""
    first = max(EARLY * seen.step, seen.record.first_step)
    points = [point for point in seen.record.validations if point.step > first]
    span = max(seen.record.started.steps_per_epoch, FEWEST_STEPS)
    ends = [point.step - seen.record.first_step + 1 for point in points]
    ours = np.array([seen.losses[max(end - span, 0) : end].mean() for end in ends])
    return ours, np.array([point.loss for point in points])


def _held_error(seen: Seen, field: FieldFacts) -> float:
    """The standard error of a held-out loss, as far as losses of training batches tell how much a sample's differs."""
    late = seen.losses[len(seen.losses) // 2 :]
    return float(late.std() * np.sqrt(seen.network.project.training.batch_size / max(field.held, 1)))


def strange_labels(network: Network) -> Iterator[Finding]:
    """Labels that have nothing to do with inputs of so few numbers that neighbours would show it."""
    for objective in network.objectives:
        field = objective.field
        if (
            field is None
            or not field.names
            or not _is_chance(field)
            or field.samples < limit("neighbours_samples")
            or _is_uneven(field)
        ):
            continue
        numbers = [network.numbers(one) for one in network.fields_read if network.is_input(one)]
        if len(numbers) == 1 and 0 < numbers[0] <= limit("neighbours_numbers"):
            yield _chance_labels(network, field)


def _is_chance(field: FieldFacts) -> bool:
    """Whether neighbours share a label hardly more often than by chance; not where that was not worked out."""
    return field.neighbours_agree < field.agree_by_chance + limit("neighbours_near") * (1 - field.agree_by_chance)


def _is_uneven(field: FieldFacts) -> bool:
    """Whether a class is rare, so that labels agree by that alone."""
    return bool(field.classes) and max(field.classes) > limit("imbalance_hint") * max(min(field.classes), 1)


def _chance_labels(network: Network, field: FieldFacts, step: int = 0) -> Finding:
    text = f"A sample's nearest neighbour has its label in {field.neighbours_agree:.0%} of cases; chance is "
    text += f"{field.agree_by_chance:.0%}."
    cause = "Labels were put in another order than the inputs, or are made at random."
    near = field.agree_by_chance + limit("neighbours_near") * (1 - field.agree_by_chance)
    evidence = Evidence(text, field.neighbours_agree, near)
    return finding(network, "LABEL_NOISE", "critical", evidence, cause, step=step)


def missed_class(seen: Seen) -> Iterator[Finding]:
    """A rare class that is called far less often than the others where it is right."""
    table = np.array(seen.record.validations[-1].table, float) if seen.record.validations else np.zeros((0, 0))
    if not seen.warm or table.ndim != 2 or len(table) < 2 or len(seen.network.objectives) != 1:
        return
    field = seen.network.objectives[0].field
    if field is None or len(field.classes) != len(table) or not min(field.classes):
        return
    ratio = max(field.classes) / min(field.classes)
    recalls = np.diag(table) / np.maximum(table.sum(1), 1)
    rare = int(np.argmin(field.classes))
    if (
        ratio > limit("imbalance_hint")
        and recalls[rare] < limit("missed") * recalls.mean()
        and table[rare].sum() >= FEWEST
    ):
        text = f"Of the class “{field.names[rare]}” {recalls[rare]:.0%} are found, of all classes {recalls.mean():.0%}."
        cause = f"There are {ratio:.3g} samples of the commonest class for each of “{field.names[rare]}”."
        plot = bars(field.names, recalls, "found", limit("missed") * float(recalls.mean()))
        evidence = Evidence(text, float(recalls[rare] / max(recalls.mean(), 1e-12)), limit("missed"), plot=plot)
        yield finding(seen.network, "CLASS_IMBALANCE", "warning", evidence, cause, step=seen.step)
