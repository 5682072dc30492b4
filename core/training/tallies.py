"""What adds up over the batches of a validation, and the metrics that come from it; numpy alone."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Numbers = NDArray[np.float64]


class Table:
    """How often each class was called each: `counts` (classes, classes), truth by row and answer by column."""

    def __init__(self, classes: int, positive: bool = False) -> None:
        """With `positive`, of yes or no, the mean of classes is yes alone."""
        self.counts: Ints = np.zeros((classes, classes), np.int64)
        self._positive = positive

    def add(self, guesses: NDArray[np.integer], wanted: NDArray[np.integer]) -> None:
        """Count these answers, both (samples,) of class numbers."""
        classes = len(self.counts)
        places = wanted.astype(np.int64) * classes + guesses
        self.counts += np.bincount(places, minlength=classes * classes).reshape(classes, classes)

    def values(self) -> dict[str, float]:
        """Every metric that follows from the table."""
        counts = self.counts.astype(np.float64)
        total, right = counts.sum(), np.diagonal(counts)
        called, are = counts.sum(0), counts.sum(1)
        first = 1 if self._positive else 0
        means = by_class(right[first:], called[first:], are[first:])
        return {
            "accuracy": divided(right.sum(), total),
            **means,
            "kappa": _kappa(right.sum(), called, are, total),
            "mcc": _matthews(right.sum(), called, are, total),
        }


def by_class(right: Numbers, called: Numbers, are: Numbers) -> dict[str, float]:
    """Precision, recall, F1 and IoU, the mean of the classes that occur in truth or answers.

    A class that was never called has a precision of 0, one that never is a recall of 0.
    """
    occurs = called + are > 0
    right, called, are = right[occurs], called[occurs], are[occurs]
    if not len(right):
        return dict.fromkeys(("precision", "recall", "f1", "iou"), math.nan)
    return {
        "precision": float(np.mean(right / np.maximum(called, 1))),
        "recall": float(np.mean(right / np.maximum(are, 1))),
        "f1": float(np.mean(2 * right / (called + are))),
        "iou": float(np.mean(right / (called + are - right))),
    }


def _kappa(right: float, called: Numbers, are: Numbers, total: float) -> float:
    chance = divided(float(called @ are), total * total)
    return divided(divided(right, total) - chance, 1 - chance)


def _matthews(right: float, called: Numbers, are: Numbers, total: float) -> float:
    """For several classes (Gorodkin 2004)."""
    spread = (total**2 - float(called @ called)) * (total**2 - float(are @ are))
    return divided(right * total - float(called @ are), math.sqrt(max(spread, 0.0)))


class Columns:
    """Yes or no at each of several outputs of a sample."""

    def __init__(self, labels: int) -> None:
        self._right, self._called, self._are = (np.zeros(labels, np.int64) for _part in range(3))
        self._agreed = self._seen = 0

    def add(self, guesses: NDArray[np.bool_], wanted: NDArray[np.bool_]) -> None:
        """Count these answers, both (samples, labels)."""
        self._right += (guesses & wanted).sum(0)
        self._called += guesses.sum(0)
        self._are += wanted.sum(0)
        self._agreed += int((guesses == wanted).sum())
        self._seen += guesses.size

    def values(self) -> dict[str, float]:
        """Accuracy over all outputs, the others as the mean of the labels that occur."""
        means = by_class(*(part.astype(np.float64) for part in (self._right, self._called, self._are)))
        return {"accuracy": divided(self._agreed, self._seen), **means}


class Ranks:
    """How many classes were held likelier than the right one."""

    def __init__(self) -> None:
        self._found = {3: 0, 5: 0}
        self._seen = 0

    def add(self, scores: NDArray[np.floating], wanted: NDArray[np.integer]) -> None:
        """Count these scores (samples, classes); of equal scores the one that comes first is the likelier."""
        rows = np.arange(len(wanted))
        own = scores[rows, wanted][:, None]
        before = (scores > own).sum(1) + ((scores == own) & (np.arange(scores.shape[1]) < wanted[:, None])).sum(1)
        for most in self._found:
            self._found[most] += int((before < most).sum())
        self._seen += len(wanted)

    def values(self, classes: int) -> dict[str, float]:
        """By name the share of samples; nothing where there are not more classes than that."""
        return {f"top{most}": divided(found, self._seen) for most, found in self._found.items() if most < classes}


class Surprise:
    """How unlikely the right classes were held."""

    def __init__(self) -> None:
        self._sum, self._seen = 0.0, 0

    def add(self, logs: NDArray[np.floating], wanted: NDArray[np.integer]) -> None:
        """Count these logarithms of probabilities (samples, classes)."""
        self._sum -= float(logs[np.arange(len(wanted)), wanted].sum(dtype=np.float64))
        self._seen += len(wanted)

    def values(self) -> dict[str, float]:
        """The exponential of the mean surprise; infinite where a right class was held impossible."""
        mean = divided(self._sum, self._seen)
        return {"perplexity": math.exp(mean) if mean < 700 else math.inf if mean > 0 else math.nan}


class Errors:
    """How far numbers lie from their targets, and how far these lie from their mean."""

    def __init__(self) -> None:
        self._count = 0
        self._samples = 0
        self._squared = self._size = 0.0
        self._origin: Numbers = np.empty(0)
        """The first batch's means: sums of what lies near them lose no digits."""
        self._sum: Numbers = np.empty(0)
        self._squares = 0.0

    def add(self, prediction: NDArray[np.floating], target: NDArray[np.floating]) -> None:
        """Count these numbers, both (samples, ...)."""
        wanted = target.reshape(len(target), -1).astype(np.float64)
        error = prediction.reshape(len(target), -1) - wanted
        if not self._count:
            self._origin = wanted.mean(0)
            self._sum = np.zeros_like(self._origin)
        shifted = wanted - self._origin
        self._sum += shifted.sum(0)
        self._squares += float(np.square(shifted).sum())
        self._squared += float(np.square(error).sum())
        self._size += float(np.abs(error).sum())
        self._count += error.size
        self._samples += len(wanted)

    def values(self) -> dict[str, float]:
        """The root mean square, the mean size, and R² over all outputs (each counts by its variance)."""
        if not self._count:
            return {}
        spread = self._squares - float(self._sum @ self._sum) / self._samples
        explained = 1 - self._squared / spread if spread > 1e-12 * max(self._squares, 1e-300) else math.nan
        return {
            "rmse": math.sqrt(self._squared / self._count),
            "mae": self._size / self._count,
            "r2": explained,
        }


class Phrases:
    """Runs of 1 to 4 tokens that answers share with the truth: BLEU of the whole (Papineni 2002)."""

    def __init__(self) -> None:
        self._shared, self._said = [0] * 4, [0] * 4
        self._length = self._wanted = 0

    def add(self, answer: list[int], truth: list[int]) -> None:
        """Count one sentence and what it should have been."""
        self._length += len(answer)
        self._wanted += len(truth)
        for place in range(4):
            said, known = _runs(answer, place + 1), _runs(truth, place + 1)
            self._said[place] += sum(said.values())
            self._shared[place] += sum(min(count, known.get(run, 0)) for run, count in said.items())

    def values(self) -> dict[str, float]:
        """The geometric mean of the four shares, less where the answers are too short; 0 where one of them is."""
        if not self._length:
            return {}
        if not all(self._shared):
            return {"bleu": 0.0}
        logs = [math.log(shared / said) for shared, said in zip(self._shared, self._said, strict=True)]
        brevity = min(0.0, 1 - self._wanted / self._length)
        return {"bleu": math.exp(brevity + sum(logs) / 4)}


def _runs(tokens: list[int], length: int) -> Mapping[tuple[int, ...], int]:
    found: dict[tuple[int, ...], int] = {}
    for start in range(len(tokens) - length + 1):
        run = tuple(tokens[start : start + length])
        found[run] = found.get(run, 0) + 1
    return found


def divided(part: float, whole: float) -> float:
    """The quotient; NaN where there is nothing to divide by."""
    return float(part / whole) if whole else math.nan
