"""What a rule that found nothing has seen: a number beside its limit, so that "passed" says how clearly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

import numpy as np

from core.diagnosis import flow, rates, starts
from core.diagnosis.network import Network
from core.diagnosis.seen import LAST_JUDGED, Floats, Seen, median
from core.diagnosis.thresholds import limit

LATE = 8
"""Sampled steps that tell of the run as it is."""


def measured(name: str, subject: object) -> str:
    """What the rule of this name has seen in a network or run; "" where it measures nothing, or could not yet."""
    if isinstance(subject, Seen) and name in OF_RUNS:
        return OF_RUNS[name](subject)
    return OF_NETWORKS[name](subject) if isinstance(subject, Network) and name in OF_NETWORKS else ""


def _held(what: str, value: float, name: str, below: bool = False) -> str:
    """A number and the limit above which, or below which, it would be told; "" where it passed for another reason."""
    if not np.isfinite(value) or (value < limit(name) if below else value > limit(name)):
        return ""
    return f"{what} {value:.3g}, told {'below' if below else 'above'} {limit(name):g}"


def _highest(values: Iterable[float]) -> float:
    known = [value for value in values if np.isfinite(value)]
    return max(known, default=float("nan"))


def _inputs(network: Network) -> str:
    fields = [field for field in network.fields_read if network.is_input(field)]
    return _held("typical size", _highest(field.rms for field in fields), "input_rms")


def _targets(network: Network) -> str:
    fields = [one.field for one in network.objectives if one.field is not None and not one.field.names]
    return _held("deviation", _highest(field.std for field in fields), "target_wide")


def _shifts(network: Network) -> str:
    return _held("shift in deviations", _highest(field.shift for field in network.fields_read), "validation_shift")


def _classes(network: Network) -> str:
    counts = [[n for n in one.field.classes if n] for one in network.objectives if one.field is not None]
    return _held("commonest over rarest", _highest(max(each) / min(each) for each in counts if each), "imbalance")


def _samples(network: Network) -> str:
    total = max((field.samples + field.held for field in network.fields_read), default=0)
    return f"all numbers of {total:,} samples are finite" if total else ""


def _batch(network: Network) -> str:
    return f"{network.project.training.batch_size} samples a batch"


def _late(seen: Seen, quantity: str) -> float:
    table = seen.table(quantity, slice(-LATE, None))
    hidden = {step.path for step in seen.network.hidden_activations}
    places = [place for place, row in enumerate(seen.rows(quantity)) if row.path in hidden]
    return _highest(median(table[:, places]).tolist()) if len(table) and places else float("nan")


def _vanishing(seen: Seen) -> str:
    ratio = flow.first_over_last(seen)
    return _held("first layer's gradient over the last's", ratio, "vanishing", below=True)


def _through_time(seen: Seen) -> str:
    table = seen.table("through_time")
    value = float(np.nanmin(median(table))) if table.size and np.isfinite(table).any() else float("nan")
    return _held("first step's gradient over the last's", value, "forgetting", below=True)


def _grown(forward: Floats) -> float:
    return float(forward[-1] / forward[0]) if forward.size > 1 and forward[0] > 0 else float("nan")


def _first_moves(seen: Seen) -> float:
    return rates.typical(rates.moves(seen, slice(0, rates.FIRST)))


def _moves(seen: Seen) -> float:
    return _highest(rates.moves(seen, slice(None)).tolist())


def _first_loss(seen: Seen) -> str:
    known = len(seen.losses) > 0 and seen.chance > 0
    return _held("first loss over chance", seen.first_loss / seen.chance if known else np.nan, "first_loss")


def _overfit(seen: Seen) -> str:
    now = float(np.median(seen.held_losses[-LAST_JUDGED:])) if len(seen.held_losses) else np.nan
    return _held("held-out loss over its best", now / seen.held_best, "overfitting")


def _clip(seen: Seen) -> str:
    factors = seen.plain("clip")
    factors = factors[np.isfinite(factors)]
    return _held("left by clipping", float(np.median(factors)) if len(factors) else np.nan, "clip", below=True)


OF_NETWORKS: Mapping[str, Callable[[Network], str]] = MappingProxyType(
    {
        "missing_numbers": _samples,
        "unscaled_inputs": _inputs,
        "unscaled_targets": _targets,
        "other_validation": _shifts,
        "rare_classes": _classes,
        "small_batches": _batch,
    }
)
"""By rule what it has seen of a network."""
OF_RUNS: Mapping[str, Callable[[Seen], str]] = MappingProxyType(
    {
        "explodes": lambda seen: _held("signal, last layer over first", _grown(starts.growth(seen)), "growth"),
        "fades": lambda seen: _held("signal, last layer over first", _grown(starts.growth(seen)), "fading", below=True),
        "sure_and_wrong": _first_loss,
        "vanishing": _vanishing,
        "forgetting": _through_time,
        "dead": lambda seen: _held("share of a layer", _late(seen, "dead"), "dead"),
        "saturated": lambda seen: _held("share of a layer", _late(seen, "saturated"), "saturated"),
        "high_rate": lambda seen: _held("first update over weight", _first_moves(seen), "large_step"),
        "low_rate": lambda seen: _held("update over weight", _moves(seen), "tiny_step", below=True),
        "tight_clip": _clip,
        "by_heart": _overfit,
        "stands": lambda seen: _held("way from chance to 0", seen.skill, "flat", below=True),
    }
)
"""By rule what it has seen of a run."""
