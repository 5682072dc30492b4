"""Whether answers are right: sample by sample what is said, how surely, and how far it is from what is right."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.prediction.meanings import Form

Numbers = NDArray[Any]
NONE = -1
"""In place of a class, where there is none."""


class Verdicts(NamedTuple):
    """A number for each sample (N,)."""

    said: NDArray[np.int32]
    right: NDArray[np.int32]
    sure: NDArray[np.float32]
    lead: NDArray[np.float32]
    apart: NDArray[np.float32]
    wrong: NDArray[np.bool_]


def verdicts(form: Form, shown: Numbers, truth: Numbers | None, ignored: int | None = None) -> Verdicts:
    """What is to be said of answers (N, ...) as they are shown, against what is right, in the form of the target.

    Labels that are `ignored` count nowhere. Raises ValueError where answers and what is right do not fit together.
    """
    if form in ("classes", "yes or no", "sign"):
        return _of_classes(form, shown, truth)
    if form in ("mask", "tokens"):
        return _of_places(said_places(shown), right_places(shown, truth), _sure(shown), ignored)
    if form == "labels":
        return _of_places(_rows(shown) > 0.5, _rows(truth) > 0.5 if truth is not None else None, _rows(shown), None)
    return _of_values(shown, truth)


def said_places(shown: Numbers) -> NDArray[np.int64]:
    """The class of each place (N, ...), of shares (N, C, ...) or of one share (N, 1, ...)."""
    found: NDArray[np.int64] = (shown[:, 0] > 0.5).astype(np.int64) if shown.shape[1] == 1 else shown.argmax(1)
    return found


def right_places(shown: Numbers, truth: Numbers | None) -> NDArray[np.int64] | None:
    """What is right for each place (N, ...): of class numbers, of shares (N, C, ...), or of one share (N, 1, ...)."""
    if truth is None:
        return None
    if truth.shape == shown.shape and shown.shape[1] > 1:
        shares: NDArray[np.int64] = truth.argmax(1)
        return shares
    flat = truth.reshape(len(shown), *shown.shape[2:])
    found: NDArray[np.int64] = flat.astype(np.int64) if flat.dtype.kind in "iu" else (flat > 0.5).astype(np.int64)
    return found


def decided(form: Form, shown: Numbers) -> NDArray[np.int64]:
    """The class that is said of each sample (N,), where the form has one."""
    flat = _rows(shown)
    if form == "classes":
        best: NDArray[np.int64] = flat.argmax(1)
        return best
    found: NDArray[np.int64] = (flat[:, 0] > (0.0 if form == "sign" else 0.5)).astype(np.int64)
    return found


def _of_classes(form: Form, shown: Numbers, truth: Numbers | None) -> Verdicts:
    flat, said = _rows(shown).astype(np.float64), decided(form, shown)
    if form == "classes":
        ranked = np.sort(flat, axis=1)
        sure, lead = ranked[:, -1], ranked[:, -1] - ranked[:, -2] if flat.shape[1] > 1 else ranked[:, -1]
    elif form == "sign":
        sure = lead = np.abs(flat[:, 0])
    else:
        sure, lead = np.maximum(flat[:, 0], 1 - flat[:, 0]), np.abs(2 * flat[:, 0] - 1)
    right = np.full(len(flat), NONE) if truth is None else _right_classes(form, flat, truth)
    wrong = (right != NONE) & (right != said)
    return _told(said, right, sure, lead, np.full(len(flat), np.nan), wrong)


def _right_classes(form: Form, flat: NDArray[np.float64], truth: Numbers) -> NDArray[np.int64]:
    rows = _rows(truth)
    if form == "classes" and rows.shape == flat.shape and flat.shape[1] > 1:
        best: NDArray[np.int64] = rows.argmax(1)  # of shares of all classes
        return best
    if form == "classes":
        return rows[:, 0].astype(np.int64)
    found: NDArray[np.int64] = (rows[:, 0] > (0.0 if form == "sign" else 0.5)).astype(np.int64)
    return found


def _of_places(
    said: Numbers,
    right: Numbers | None,
    shares: Numbers,
    ignored: int | None,
) -> Verdicts:
    """Of many places a sample: how many of them are wrong, and how sure of them the network is on the mean."""
    count = len(said)
    none = np.full(count, NONE)
    two = np.maximum(shares, 1 - shares) if said.dtype == np.bool_ else shares
    sure = _rows(two).mean(1)
    if right is None:
        return _told(none, none, sure, sure, np.full(count, np.nan), np.zeros(count, bool))
    if right.shape != said.shape:
        raise ValueError(f"answers {list(said.shape)} do not fit {list(right.shape)}")
    counted = _rows(right) != ignored if ignored is not None else np.ones_like(_rows(said), bool)
    missed: Numbers = np.logical_and(np.not_equal(_rows(said), _rows(right)), counted)
    apart = missed.sum(1) / np.maximum(counted.sum(1), 1)
    return _told(none, none, sure, sure, apart, np.asarray(missed.any(1)))


def _of_values(shown: Numbers, truth: Numbers | None) -> Verdicts:
    count = len(shown)
    none, nothing = np.full(count, NONE), np.full(count, np.nan)
    if truth is None or truth.size != shown.size:
        return _told(none, none, nothing, nothing, nothing, np.zeros(count, bool))
    errors = _rows(shown).astype(np.float64) - _rows(truth)
    apart = errors[:, 0] if errors.shape[1] == 1 else np.sqrt(np.square(errors).mean(1))
    return _told(none, none, nothing, nothing, apart, np.zeros(count, bool))


def ranked(
    order: str,
    losses: NDArray[np.float32],
    found: Verdicts,
    only_wrong: bool = False,
    of_class: int = NONE,
    as_class: int = NONE,
) -> NDArray[np.int64]:
    """The wanted samples in an order: the dearest first, the least sure first, class by class, or as they are.

    What costs or leads by no number comes last; samples that are alike stay as they are.
    """
    cost = np.where(np.isnan(losses), -np.inf, losses)
    lead = np.where(np.isnan(found.lead), np.inf, found.lead)
    keys = {
        "wrong": (-cost,),
        "unsure": (-cost, lead) if np.isnan(found.lead).all() else (lead,),
        "class": (-cost, found.right),
        "number": (np.zeros(len(cost)),),
    }
    places = np.lexsort(keys[order])
    wanted = np.ones(len(cost), bool)
    if only_wrong:
        wanted &= found.wrong
    if of_class != NONE:
        wanted &= found.right == of_class
    if as_class != NONE:
        wanted &= found.said == as_class
    return places[wanted[places]]


def _sure(shown: Numbers) -> Numbers:
    """How likely what is said of each place is held to be."""
    if shown.shape[1] == 1:
        either: Numbers = np.maximum(shown[:, 0], 1 - shown[:, 0])
        return either
    best: Numbers = shown.max(1)
    return best


def _rows(numbers: Numbers) -> Numbers:
    flat: Numbers = numbers.reshape(len(numbers), -1)
    return flat


def _told(said: Numbers, right: Numbers, sure: Numbers, lead: Numbers, apart: Numbers, wrong: Numbers) -> Verdicts:
    whole, real = np.int32, np.float32
    columns = (said.astype(whole), right.astype(whole), sure.astype(real), lead.astype(real), apart.astype(real))
    return Verdicts(*columns, wrong.astype(bool))
