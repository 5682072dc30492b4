"""Figures of a field's samples: how large they are, and how those that are held out differ from those in training."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.diagnosis.facts import FieldFacts

Array = NDArray[Any]
GROUP = 8
"""The least samples of a class whose mean and deviation say something."""
NEARLY_CONSTANT = 0.1
"""A feature whose deviation is below this share of the median one says little of scales."""
NOISE = 0.6745
"""The median distance of a normal number from its mean, in deviations."""


CONTINUOUS = 23 * 0.693
"""The logarithm of how many numbers a float32 tells apart."""


class Both(Protocol):
    """Samples of training and held-out ones, each (samples, numbers)."""

    @property
    def train(self) -> Array:
        """Of training."""

    @property
    def held(self) -> Array:
        """Held out."""


def scales(facts: FieldFacts, values: Array) -> FieldFacts:
    """How large the numbers (samples, features) are; those that are not finite left out."""
    finite = values[np.isfinite(values).all(1)].astype(np.float64)
    if not finite.size:
        return facts
    deviations, means = finite.std(0), finite.mean(0)
    telling = _telling(deviations)
    spread = deviations.max() / np.median(deviations[deviations > 0]) if (deviations > 0).any() else float("nan")
    offset = np.abs(means[telling] / deviations[telling]).max() if telling.any() else float("nan")
    return replace(
        facts,
        low=float(finite.min()),
        high=float(finite.max()),
        mean=float(finite.mean()),
        std=float(finite.std()),
        rms=float(np.sqrt(np.square(finite).mean())),
        spread=float(spread),
        offset=float(offset),
    )


def _telling(deviations: Array) -> Array:
    """Which features are not nearly constant."""
    moving = deviations[deviations > 0]
    found: Array = deviations >= max(NEARLY_CONSTANT * float(np.median(moving)), 1e-12) if len(moving) else moving > 0
    return found if len(moving) else np.zeros(len(deviations), bool)


def compared(facts: FieldFacts, values: Both, labels: Both | None) -> FieldFacts:
    """How the held-out samples differ: the least of what all samples say, and those of each class by itself.

    A share of classes that is another is no other preprocessing, and differences that chance makes are taken away.
    """
    if len(values.held) < GROUP or len(values.train) < GROUP:
        return facts
    telling = _telling(values.train[np.isfinite(values.train).all(1)].astype(np.float64).std(0))
    if not telling.any():
        return facts
    whole = _difference(values.train[:, telling], values.held[:, telling])
    groups = [whole]
    if labels is not None:
        kinds, held_kinds = labels.train[:, 0], labels.held[:, 0]
        pairs = [(kinds == kind, held_kinds == kind) for kind in np.unique(held_kinds)]
        inner = [
            _difference(values.train[ours][:, telling], values.held[theirs][:, telling])
            for ours, theirs in pairs
            if ours.sum() >= GROUP and theirs.sum() >= GROUP
        ]
        if inner:
            groups.append(
                (float(np.median([shift for shift, _scale in inner])), float(np.median([s for _, s in inner])))
            )
    shift = min(shift for shift, _scale in groups)
    scale = min((scale for _shift, scale in groups), key=lambda scale: abs(np.log(max(scale, 1e-12))))
    return replace(facts, shift=shift, scale=scale)


def _difference(train: Array, held: Array) -> tuple[float, float]:
    """The median distance of the means in deviations, less what chance makes, and the median ratio of deviations."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        deviation = np.maximum(np.nanstd(train.astype(np.float64), axis=0), 1e-6)
        distance = np.abs(np.nanmean(train, axis=0) - np.nanmean(held, axis=0)) / deviation
        scale = float(np.nanmedian(np.nanstd(held.astype(np.float64), axis=0) / deviation))
        shift = float(np.nanmedian(distance))
    chance = 2 * NOISE * np.sqrt(1 / len(train) + 1 / len(held))
    return float(np.sqrt(max(shift**2 - chance**2, 0.0))), scale


def _choices(column: Array) -> float:
    """The logarithm of how many values a number may have: as good as any where hardly two are equal."""
    different = len(np.unique(column))
    return CONTINUOUS if different > 0.9 * len(column) else float(np.log(different))


def shared_rows(inputs: Sequence[Both]) -> int:
    """How many held-out samples stand in training too, number for number.

    None are counted where samples have so few numbers or values that equal ones are no wonder, nor where those of
    training repeat one another as often.
    """
    if not inputs or not all(len(one.held) and len(one.train) for one in inputs):
        return 0
    train, held = (
        np.concatenate(rows, axis=1) for rows in zip(*((one.train, one.held) for one in inputs), strict=True)
    )
    if sum(_choices(column) for column in train.T[:64]) < 2 * np.log(len(train) + len(held)) + np.log(1_000):
        return 0
    rows = [row.tobytes() for row in np.ascontiguousarray(train)]
    known = set(rows)
    shared = sum(row.tobytes() in known for row in np.ascontiguousarray(held.astype(train.dtype)))
    repeats = 1 - len(known) / len(rows)
    continuous = any(_choices(column) == CONTINUOUS for column in train.T[:64])
    return shared if continuous or shared / len(held) > 2 * repeats else 0
