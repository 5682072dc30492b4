"""What stands behind a loss, as far as autograd has noted it: which it is, what it was given, what chance costs."""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np
from torch import Tensor

LOSSES: Mapping[str, str] = MappingProxyType(
    {
        "NllLoss": "CrossEntropy",
        "NllLoss2D": "CrossEntropy",
        "CrossEntropyLoss": "CrossEntropy",
        "BinaryCrossEntropyWithLogits": "BCEWithLogits",
        "BinaryCrossEntropy": "BCE",
        "MseLoss": "MSE",
        "L1Loss": "L1",
        "SmoothL1Loss": "SmoothL1",
        "HuberLoss": "Huber",
        "KlDiv": "KLDiv",
    }
)
"""What the app calls the losses of these backward functions."""
WRITTEN_OUT: Mapping[tuple[str, str], str] = MappingProxyType({("Abs", "Sub"): "L1", ("Pow", "Sub"): "MSE"})
"""The same of two functions, the later one first, that a loss is written out in."""
PASSING = frozenset(
    {"ToCopy", "View", "UnsafeView", "ReshapeAlias", "Clone", "Squeeze", "Unsqueeze", "Transpose", "Permute", "Alias"}
)
"""Functions that hand numbers on as they are."""
NEAR = 4
"""How many functions may stand between a loss and the number that a script calls so: scaling, a mean."""
MANY = 2000
"""Functions of one pass that are looked at."""
DEEP = 4
"""How many functions behind a loss are told."""
MEAN = 1
"""What torch calls the mean over samples, of the ways to make one number of a loss."""


def loss_name(loss: Tensor) -> str:
    """What the app calls the loss that this number was made by; empty where that cannot be seen."""
    names = [_name(function) for function in _behind(loss.grad_fn, NEAR)]
    known = (LOSSES[name] for name in names if name in LOSSES)
    written = (WRITTEN_OUT[pair] for pair in pairwise(names) if pair in WRITTEN_OUT)
    return next(known, None) or next(written, "")


def losses_in(loss: Tensor) -> list[list[str]]:
    """Of every loss of torch that this number was made of, its name and those of the functions behind it."""
    return [[_name(one), *_given(one)] for one in _losses(loss.grad_fn, NEAR)]


def functions_in(loss: Tensor) -> set[str]:
    """The names of the functions that this number was made by, as far as the first MANY of them go."""
    waiting: deque[Any] = deque([loss.grad_fn])
    known, names = {id(loss.grad_fn)}, set()
    kept: list[Any] = []  # torch makes their objects anew where nobody keeps them
    while waiting and len(kept) < MANY:
        function = waiting.popleft()
        kept.append(function)
        names.add(_name(function))
        for before, _index in function.next_functions:
            if before is not None and id(before) not in known:
                known.add(id(before))
                waiting.append(before)
    return names


class Chance:
    """What losses would be, on average, if all their answers were the same and the best ones.

    It is the entropy of their labels, or the variance of their targets, of losses that are plain means over samples.
    """

    def __init__(self) -> None:
        self._kinds: set[str] = set()
        self._counts: Counter[float] = Counter()
        self._sums = np.zeros(3)
        """How many numbers there were, their sum, and that of their squares."""

    def add(self, loss: Tensor) -> None:
        """Take in a loss before its backward pass, until which torch keeps what it was held against."""
        target = _target(loss.grad_fn)
        kind = LOSSES.get(_name(loss.grad_fn), "") if target is not None else ""
        self._kinds.add(kind)
        if target is None:
            return
        values = target.flatten().double().numpy()
        if kind == "CrossEntropy":
            self._counts.update(values.tolist())
        self._sums += len(values), values.sum(), np.square(values).sum()

    def value(self) -> float:
        """The loss of all that was taken in; NaN where it is not known."""
        count, total, squares = self._sums.tolist()
        if len(self._kinds) != 1 or not count:
            return math.nan
        match next(iter(self._kinds)):
            case "CrossEntropy":
                return _entropy([each / count for each in self._counts.values()])
            case "BCEWithLogits" | "BCE":
                return _entropy([total / count, 1 - total / count])
            case "MSE":
                return squares / count - (total / count) ** 2
            case _:
                return math.nan


def _entropy(shares: list[float]) -> float:
    return -sum(share * math.log(share) for share in shares if share > 0)


def _target(function: Any) -> Tensor | None:
    """What a loss was held against, where it is the plain mean of a loss of torch and nothing leads back from there."""
    if getattr(function, "_saved_reduction", None) != MEAN or getattr(function, "_saved_weight", None) is not None:
        return None
    target = function._saved_target
    if not isinstance(target, Tensor) or target.requires_grad:
        return None
    target = target.detach().cpu()
    ignored = getattr(function, "_saved_ignore_index", None)
    return target if ignored is None else target[target != _signed(ignored)]


def _signed(number: int) -> int:
    """The number as one with a sign, which autograd gives without."""
    return number - 2**64 if number >= 2**63 else number


def _name(function: Any) -> str:
    return str(function.name()).rpartition("::")[2].partition("Backward")[0] if function is not None else ""


def _behind(function: Any, most: int) -> Iterator[Any]:
    """The function and those behind it, each the first before the last one."""
    for _ in range(most):
        if function is None:
            return
        yield function
        function = next((before for before, _index in function.next_functions if before is not None), None)


def _losses(function: Any, near: int) -> Iterator[Any]:
    """The losses of torch among the functions that are this near."""
    if function is None or not near:
        return
    if _name(function) in LOSSES:
        yield function
        return
    for before, _index in function.next_functions:
        yield from _losses(before, near - 1)


def _given(loss: Any) -> list[str]:
    """The names of the functions behind the first argument of a loss, without those that only hand on."""
    first = loss.next_functions[0][0] if loss.next_functions else None
    return [name for name in map(_name, _behind(first, 2 * DEEP)) if name not in PASSING][:DEEP]
