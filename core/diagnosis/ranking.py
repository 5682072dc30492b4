"""Which findings are told, and in which order: causes first, with what follows from them folded in."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import get_args

from core.diagnosis.finding import Family, Finding
from core.diagnosis.losses import floor
from core.diagnosis.seen import Seen
from core.diagnosis.thresholds import limit

_ORDER = {family: place for place, family in enumerate(get_args(Family))}
_SEVERITY = {"critical": 0, "warning": 1, "hint": 2}
_SURE = frozenset({"NAN_INPUT", "CONSTANT_TARGET", "WRONG_LOSS", "LABEL_NOISE", "DATA_LEAK", "MISSING_SOFTMAX"})
"""What is told however well the run goes."""
_UNTIL = MappingProxyType(
    {
        "INPUT_NOT_NORMALIZED": "all_learned",
        "SCHEDULE_COLLAPSE": "all_learned",
        "DATA_NOT_SHUFFLED": "learned",
    }
)
"""By code the threshold of skill, where it is another than `nearly_all`."""
_HELD = frozenset({"DATA_NOT_SHUFFLED", "BN_SMALL_BATCH"})
"""What makes the loss of training say little of what was learned."""
_AT_REST = frozenset({"SCHEDULE_COLLAPSE"})
"""What brings a loss to rest wherever it is, so that neighbours do not tell how much of it is noise."""
_SYMPTOMS = frozenset(
    {
        *("EXPLODING_GRADIENT", "BAD_INIT_LARGE", "BAD_INIT_OUTPUT", "BAD_INIT_SMALL", "VANISHING_GRADIENT"),
        *("DEAD_RELU", "SATURATED_ACTIVATION", "RANK_COLLAPSE", "NONFINITE", "NOT_LEARNING", "UNSTABLE_LOSS"),
        *("LR_TOO_HIGH", "LR_TOO_LOW", "SLOW_CONVERGENCE", "OVERFITTING", "UNDERFITTING_CAPACITY", "BATCH_TOO_SMALL"),
        *("WEIGHT_DECAY_TOO_HIGH", "SYMMETRIC_INIT", "CLIP_TOO_TIGHT", "SCHEDULE_COLLAPSE"),
    }
)
"""What may follow from something that was found before it."""
_CONTRARY = frozenset({"LR_TOO_HIGH", "LR_TOO_LOW"})
"""Of these the first that is found is meant, and the other does not follow from it."""
_FADING = frozenset({"VANISHING_GRADIENT", "BAD_INIT_SMALL"})
"""What says that a signal or its gradient is lost on its way through the layers."""
_NOT_EXPLAINED: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "CLASS_IMBALANCE": frozenset({"OVERFITTING", "LR_TOO_HIGH", "VANISHING_GRADIENT", "NONFINITE"}),
        "DATA_LEAK": _SYMPTOMS,
        "MISSING_NONLINEARITY": _FADING,  # a bend lets no more of a signal or a gradient through
        "TRAIN_VAL_MISMATCH": _SYMPTOMS - {"OVERFITTING"},
    }
)
"""By code what does not follow from it."""


def spared(found: Iterable[Finding], seen: Seen) -> list[Finding]:
    """The findings; what was said before training, and has not hurt, is a hint."""
    told = [_spared(finding, seen) for finding in found]
    return [_as_hint(one) for one in told] if _is_stopped_by_fading(told, seen) else told


def _is_stopped_by_fading(told: Iterable[Finding], seen: Seen) -> bool:
    """Whether a network that bends stands at chance while its signal or gradient fades: more bends would not help."""
    fades = any(one.code in _FADING and one.shown for one in told)
    return fades and seen.is_flat and bool(seen.network.hidden_activations)


def _as_hint(finding: Finding) -> Finding:
    return replace(finding, severity="hint") if finding.code == "MISSING_NONLINEARITY" else finding


def _spared(finding: Finding, seen: Seen) -> Finding:
    if finding.step or finding.code in _SURE or not seen.warm:
        return finding
    if finding.code == "CLASS_IMBALANCE":
        return replace(finding, severity="hint") if _finds_all(seen) else finding
    if finding.code == "DOUBLE_SOFTMAX" and _rests_on_floor(seen):
        return finding
    if finding.code == "TRAIN_VAL_MISMATCH":
        return replace(finding, severity="hint") if _holds(seen) else finding
    if _mastery(seen, finding.code) >= limit(_UNTIL.get(finding.code, "nearly_all")):
        return replace(finding, severity="hint")
    return replace(finding, severity="critical") if finding.shown and not seen.learns else finding


def _mastery(seen: Seen, code: str) -> float:
    """How much was learned, of held-out samples too; where these got worse again, how much it was at best."""
    if code in _AT_REST:
        return min(seen.skill, seen.held_skill)
    if code in _HELD or not seen.held_rises:
        return min(seen.mastery, seen.held_mastery)
    return min(seen.mastery, seen.best_held_mastery)


def _rests_on_floor(seen: Seen) -> bool:
    """Whether the loss has gone most of the way from chance to the least that it can be with answers from 0 to 1."""
    lowest = floor(seen.network.objectives[0]) if len(seen.network.objectives) == 1 else float("nan")
    return seen.chance > lowest and seen.chance - seen.level >= limit("learned") * (seen.chance - lowest)


def _finds_all(seen: Seen) -> bool:
    """Whether the rarest class is found nearly as often as the others, as far as that was judged."""
    tables = [point.table for point in seen.record.validations if point.table]
    if not tables:
        return False
    recalls = [row[place] / max(sum(row), 1) for place, row in enumerate(tables[-1])]
    return min(recalls) >= limit("found") * sum(recalls) / len(recalls)


def _holds(seen: Seen) -> bool:
    """Whether held-out samples are judged nearly as good as those of training."""
    held = seen.held_losses[-3:]
    if not len(held) or not seen.level > 0:
        return False
    scale = seen.chance if seen.chance > 0 else float(abs(seen.losses[0]))
    return bool(held.mean() < seen.level + limit("gap") * scale)


def ranked(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Causes before what they cause, hints last; of one code the gravest, and symptoms folded into the first cause."""
    ordered = sorted(found, key=lambda one: (one.severity == "hint", _ORDER[one.family], _SEVERITY[one.severity]))
    return tuple(_of_a_kind(_folded(_of_a_kind(ordered, lambda one: (one.code, one.side))), lambda one: one.code))


def _of_a_kind(found: Iterable[Finding], kind: Callable[[Finding], Hashable]) -> list[Finding]:
    """The findings in their order, those of one kind as one."""
    told: list[Finding] = []
    for finding in found:
        same = next((place for place, one in enumerate(told) if kind(one) == kind(finding)), None)
        if same is not None:
            told[same] = _joined(told[same], finding)
        else:
            told.append(finding)
    return told


def _joined(first: Finding, other: Finding) -> Finding:
    """Two findings of one code as one."""
    where = tuple(dict.fromkeys((*first.where, *other.where)))
    nodes = tuple(dict.fromkeys((*first.nodes, *other.nodes)))
    explains = tuple(dict.fromkeys((*first.explains, *other.explains)))
    side = first.side if first.side == other.side else ""
    evidence = (*first.evidence, *other.evidence)
    return replace(first, where=where, nodes=nodes, evidence=evidence, explains=explains, side=side)


def _folded(told: Iterable[Finding]) -> list[Finding]:
    """The findings; what one that is shown explains is named in it, and left out."""
    kept: list[Finding] = []
    for finding in told:
        cause = next((place for place, one in enumerate(kept) if one.shown and _explains(one, finding)), None)
        if cause is None:
            kept.append(finding)
        elif {kept[cause].code, finding.code} != _CONTRARY:
            kept[cause] = replace(kept[cause], explains=(*kept[cause].explains, finding.code))
    return kept


def _explains(cause: Finding, symptom: Finding) -> bool:
    if cause.side and cause.side != symptom.side:
        return False
    if symptom.code not in _SYMPTOMS or symptom.code in _NOT_EXPLAINED.get(cause.code, ()):
        return False
    return _ORDER[cause.family] <= _ORDER[symptom.family]
