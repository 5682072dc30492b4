"""Mean average precision of boxes with classes: against the true boxes of every picture, as VOC and COCO have it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
COCO = tuple(round(0.5 + 0.05 * place, 2) for place in range(10))
"""The ten overlaps over which COCO's mean goes."""
Interpolation = Literal["area", "11 points", "101 points"]
"""The area under the staircase (VOC from 2010 on), or the mean at 11 (VOC 2007) or 101 (COCO) recalls."""


@dataclass(frozen=True, slots=True)
class Boxes:
    """The boxes of one picture: corners (count, 4) as left, top, right, bottom, classes (count,), scores (count,).

    True boxes have no scores.
    """

    corners: Floats
    classes: NDArray[np.int64]
    scores: Floats | None = None


def overlaps(some: Floats, others: Floats) -> Floats:
    """Intersection over union of every pair of boxes, (some, others)."""
    low = np.maximum(some[:, None, :2], others[None, :, :2])
    high = np.minimum(some[:, None, 2:], others[None, :, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=2)
    sizes = [np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) for boxes in (some, others)]
    union = sizes[0][:, None] + sizes[1][None, :] - shared
    found: Floats = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    return found


def mean_average_precision(
    found: Sequence[Boxes],
    true: Sequence[Boxes],
    thresholds: Sequence[float] = COCO,
    interpolation: Interpolation = "101 points",
) -> float:
    """The mean over classes that have a true box, and over the thresholds of overlap; NaN where there is none.

    `found` and `true` have an entry a picture, in the same order.
    """
    classes = sorted({int(name) for boxes in true for name in boxes.classes})
    precisions = [
        class_precision(found, true, name, threshold, interpolation) for name in classes for threshold in thresholds
    ]
    return float(np.mean(precisions)) if precisions else math.nan


def class_precision(
    found: Sequence[Boxes], true: Sequence[Boxes], name: int, threshold: float, interpolation: Interpolation
) -> float:
    """The average precision of one class at one overlap."""
    scores: list[float] = []
    hits: list[bool] = []
    wanted = 0
    for boxes, truth in zip(found, true, strict=True):
        own, real = boxes.classes == name, truth.corners[truth.classes == name]
        wanted += len(real)
        given = boxes.scores[own] if boxes.scores is not None else np.ones(int(own.sum()))
        order = np.argsort(-given, kind="stable")
        scores += given[order].tolist()
        hits += matched(boxes.corners[own][order], real, threshold)
    ranked = np.array(hits, np.bool_)[np.argsort(-np.array(scores), kind="stable")]
    return average_precision(ranked, wanted, interpolation)


def matched(boxes: Floats, real: Floats, threshold: float) -> list[bool]:
    """Which boxes, best score first, hit a true one that none before has: of those free, the one shared most."""
    shared, free = overlaps(boxes, real), np.ones(len(real), np.bool_)
    hits: list[bool] = []
    for row in shared:
        open_ = np.where(free, row, -1.0)
        best = int(np.argmax(open_)) if len(real) else -1
        hit = best >= 0 and bool(open_[best] >= threshold)
        hits.append(hit)
        if hit:
            free[best] = False
    return hits


def average_precision(hits: NDArray[np.bool_], wanted: int, interpolation: Interpolation) -> float:
    """Of answers in order of their score, whether each hits, and of how many that are to be found."""
    if not wanted:
        return math.nan
    right = np.cumsum(hits)
    recall, precision = right / wanted, right / np.arange(1, len(hits) + 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]  # at this recall or a higher one
    if interpolation == "area":
        return float(np.sum(np.diff(recall, prepend=0.0) * best))
    points = np.linspace(0, 1, 11 if interpolation == "11 points" else 101)
    places = np.searchsorted(recall, points, side="left")
    return float(np.append(best, 0.0)[np.minimum(places, len(best))].mean())
