"""Rules on what is right: scales of targets, rare classes, one class alone, and the order of the samples."""

from __future__ import annotations

from collections.abc import Iterator

from core.diagnosis.facts import FieldFacts
from core.diagnosis.finding import Evidence, Finding, Severity
from core.diagnosis.network import Network
from core.diagnosis.objective import DISTANCES, Objective
from core.diagnosis.saying import bars, finding
from core.diagnosis.thresholds import limit


def unscaled_targets(network: Network) -> Iterator[Finding]:
    """Numbers to be predicted that are far from 0, or vary by far more or less than 1."""
    for objective in network.objectives:
        field = objective.field
        if field is None or field.names or objective.loss.kind.name not in DISTANCES or not field.std > 0:
            continue
        evidence = tuple(_unscaled(field))
        if evidence:
            cause = f"{field.dataset}.{field.field} is compared as it stands in the data."
            yield finding(network, "TARGET_NOT_NORMALIZED", "warning", evidence, cause, [objective.loss.path])


def _unscaled(field: FieldFacts) -> Iterator[Evidence]:
    plot = bars(("mean", "deviation"), (field.mean, field.std), field.field)
    if not limit("target_narrow") <= field.std <= limit("target_wide"):
        at = limit("target_wide") if field.std > 1 else limit("target_narrow")
        yield Evidence(f"{field.field} has the deviation {field.std:.3g}.", field.std, at, plot=plot)
    if abs(field.mean) > limit("target_offset") * max(field.std, limit("target_narrow")) and abs(field.mean) > 1:
        away = abs(field.mean) / field.std
        text = f"The mean of {field.field} is {field.mean:.3g}: {away:.3g} of its deviations away from 0."
        yield Evidence(text, away, limit("target_offset"), plot=plot)


def rare_classes(network: Network) -> Iterator[Finding]:
    """A class that is much rarer in training than another, while all samples count alike."""
    for objective in network.objectives:
        field = objective.field
        present = [count for count in field.classes if count] if field is not None else []
        if field is None or len(present) < 2 or not _is_classified(objective) or _is_weighted(network, objective):
            continue
        ratio = max(present) / min(present)
        if ratio > limit("imbalance_hint"):
            plot = bars(field.names, field.classes, "samples")
            rare = field.names[field.classes.index(min(present))]
            text = f"There are {ratio:.3g} samples of the commonest class for each of “{rare}”."
            cause = f"Of {sum(present)} samples only {min(present)} are of the class “{rare}”."
            severity: Severity = "warning" if ratio > limit("imbalance") else "hint"
            evidence = Evidence(text, ratio, limit("imbalance"), plot=plot)
            yield finding(network, "CLASS_IMBALANCE", severity, evidence, cause, [objective.loss.path])


def _is_classified(objective: Objective) -> bool:
    """Whether a class is called."""
    return objective.loss.kind.target in ("classes", "probabilities", "shares")


def _is_weighted(network: Network, objective: Objective) -> bool:
    arguments = network.analysis.arguments.get(objective.loss.path, {})
    return any(arguments.get(name) for name in ("class_weights", "pos_weight", "alpha", "gamma"))


def constant_targets(network: Network) -> Iterator[Finding]:
    """Targets that are the same for every sample."""
    for objective in network.objectives:
        field = objective.field
        if field is None or not field.samples:
            continue
        alone = [count for count in field.classes if count]
        if (field.classes and len(alone) == 1 and len(field.classes) > 1) or field.std == 0:
            text = f"Each of {field.samples} samples has the same {field.field}."
            cause = f"{field.dataset}.{field.field} holds one value only."
            yield finding(
                network, "CONSTANT_TARGET", "critical", Evidence(text, 1.0, 2.0), cause, [objective.loss.path]
            )


def unmixed_batches(network: Network) -> Iterator[Finding]:
    """Batches whose targets are less mixed than those of batches that are drawn at random."""
    for objective in network.objectives:
        field = objective.field
        if field is None or not field.random_entropy > limit("entropy_floor") or network.is_in_time(field):
            continue
        share = field.batch_entropy / field.random_entropy
        if share < limit("mixed"):
            text = (
                f"The targets of a batch have an entropy of {field.batch_entropy:.2g}, and {field.random_entropy:.2g} "
                "in batches that are drawn at random."
            )
            plot = bars(("as they come", "at random"), (field.batch_entropy, field.random_entropy), "entropy, nats")
            cause = "Samples are taken as they stand in the data, where alike ones stand together."
            severity: Severity = "warning" if share < limit("mixed_badly") else "hint"
            evidence = Evidence(text, share, limit("mixed_badly"), plot=plot)
            yield finding(network, "DATA_NOT_SHUFFLED", severity, evidence, cause)
