"""Rules on what the network is given: missing numbers, scales, and held-out samples of another kind."""

from __future__ import annotations

from collections.abc import Iterator

from core.diagnosis.facts import FieldFacts
from core.diagnosis.finding import Evidence, Finding
from core.diagnosis.network import Network
from core.diagnosis.saying import bars, finding
from core.diagnosis.thresholds import limit

_EVENS = frozenset({"Normalization"})
"""Categories that bring inputs to one scale by themselves."""


def missing_numbers(network: Network) -> Iterator[Finding]:
    """NaN or infinite numbers in the data that the network reads."""
    for field in network.fields_read:
        if not field.nonfinite:
            continue
        text = f"{field.nonfinite} of {field.samples + field.held} samples of {field.field} hold NaN or infinity."
        first = f"The first of them is sample {field.first_nonfinite}." if field.first_nonfinite >= 0 else ""
        evidence = Evidence(" ".join((text, first)).strip(), float(field.nonfinite), 0.0)
        cause = f"Numbers of {field.dataset}.{field.field} are missing."
        yield finding(network, "NAN_INPUT", "critical", evidence, cause, network.readers_of(field))


def unscaled_inputs(network: Network) -> Iterator[Finding]:
    """Inputs far larger or smaller than 1, far from 0, or of unlike scales, that no normalization meets first."""
    for field in network.fields_read:
        readers = [network.plan.by_path[path] for path in network.readers_of(field)]
        if not network.is_input(field) or not readers or all(step.kind.category in _EVENS for step in readers):
            continue
        evidence = tuple(_unscaled(field))
        if evidence:
            cause = f"{field.dataset}.{field.field} comes in as it stands in the data."
            yield finding(network, "INPUT_NOT_NORMALIZED", "warning", evidence, cause, [step.path for step in readers])


def _unscaled(field: FieldFacts) -> Iterator[Evidence]:
    plot = bars(
        ("mean", "deviation", "low", "high"),
        (field.mean, field.std, field.low, field.high),
        f"{field.field} in training",
    )
    if field.rms > limit("input_rms"):
        text = f"A typical number of {field.field} is {field.rms:.3g}, and not about 1."
        yield Evidence(text, field.rms, limit("input_rms"), plot=plot)
    if 0 < field.rms < limit("input_faint"):
        text = f"A typical number of {field.field} is {field.rms:.3g}, and not about 1: weights hardly feel it."
        yield Evidence(text, field.rms, limit("input_faint"), plot=plot)
    if field.spread > limit("input_spread"):
        text = f"The feature of {field.field} that varies most varies {field.spread:.3g} times as much as most do."
        yield Evidence(text, field.spread, limit("input_spread"), plot=plot)
    if field.offset > limit("input_offset"):
        text = f"A feature of {field.field} lies {field.offset:.3g} of its deviations away from 0."
        yield Evidence(text, field.offset, limit("input_offset"), plot=plot)


def other_validation(network: Network) -> Iterator[Finding]:
    """Held-out inputs that are shifted or scaled against those of training, class by class too."""
    for field in network.fields_read:
        if not network.is_input(field) or network.is_in_time(field):
            continue
        evidence = []
        if field.shift > limit("validation_shift"):
            text = (
                f"A typical feature of {field.field} is shifted by {field.shift:.2g} deviations in the held-out part."
            )
            evidence.append(Evidence(text, field.shift, limit("validation_shift")))
        low, high = limit("validation_narrow"), 1 / limit("validation_narrow")
        if not low <= field.scale <= high and field.scale == field.scale:
            text = f"A typical feature of {field.field} varies {field.scale:.2g} times as much in the held-out part."
            evidence.append(Evidence(text, field.scale, low if field.scale < low else high))
        if evidence:
            cause = "The held-out part was scaled in another way than that for training, or not at all."
            where = network.readers_of(field)
            yield finding(network, "TRAIN_VAL_MISMATCH", "warning", tuple(evidence), cause, where)


def leaks(network: Network) -> Iterator[Finding]:
    """Held-out samples that stand in training too, number for number."""
    for name, count in network.facts.leaks:
        held = max((field.held for field in network.facts.fields if field.dataset == name), default=0)
        if not held or count / held < limit("leak"):
            continue
        text = f"{count} of {held} held-out samples stand in training too, number for number."
        cause = "Samples were doubled before the data were split, or the parts overlap."
        evidence = Evidence(text, count / held, limit("leak"))
        yield finding(network, "DATA_LEAK", "warning", evidence, cause)
