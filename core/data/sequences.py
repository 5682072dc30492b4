"""Sequences made by rule from a seed: strings to remember, sums to work out, waves to continue.

Each is one function of numpy alone, so that it can stand in a script as it is. RandomState is used because its numbers
are promised never to change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]


def recall(samples: int, length: int, symbols: int, random: np.random.RandomState) -> Arrays:
    """Strings of a letter and `length` digits, as numbers: letters come first; the label is the letter."""
    label = np.arange(samples, dtype=np.int64) % symbols
    digits = symbols + random.randint(0, 10, (samples, length), dtype=np.int64)
    return {"sequence": np.concatenate((label[:, np.newaxis], digits), axis=1), "label": label}


def arithmetic(samples: int, digits: int, operation: str, random: np.random.RandomState) -> Arrays:
    """Sums of two numbers, drawn without repetition, as numbers of characters; 0 pads, 1 starts and 2 ends."""
    number = {sign: place + 3 for place, sign in enumerate("0123456789+-=")}
    most = pow(10, digits)
    drawn = random.permutation(most * most)[:samples]
    minus = random.randint(0, 2, len(drawn), dtype=np.int64) == 1
    if operation != "both":
        minus[:] = operation == "-"
    source = np.zeros((len(drawn), 2 * digits + 2), dtype=np.int64)
    target_in = np.zeros((len(drawn), digits + 2), dtype=np.int64)
    target_out = np.zeros((len(drawn), digits + 2), dtype=np.int64)
    target_in[:, 0] = 1
    for row in range(len(drawn)):
        first, second = divmod(int(drawn[row]), most)
        sign, result = ("-", first - second) if minus[row] else ("+", first + second)
        question = [number[letter] for letter in f"{first}{sign}{second}="]
        answer = [number[letter] for letter in str(result)]
        size, end = len(question), len(answer) + 1
        source[row, :size] = question
        target_in[row, 1:end] = answer
        target_out[row, :end] = [*answer, 2]
    return {"source": source, "target_in": target_in, "target_out": target_out}


def waves(samples: int, window: int, horizon: int, noise: float, random: np.random.RandomState) -> Arrays:
    """Sine, square, sawtooth and triangle in turn, of any period from 8 to 40: noisy past, exact next, the shape."""
    label = np.arange(samples, dtype=np.int64) % 4
    period = random.uniform(8, 40, (samples, 1))
    phase = random.uniform(0, 1, (samples, 1))
    turn = (np.arange(window + horizon) / period + phase) % 1.0
    shapes = (np.sin(2 * np.pi * turn), np.where(turn < 0.5, 1.0, -1.0), 2 * turn - 1, 4 * np.abs(turn - 0.5) - 1)
    values = np.stack(shapes)[label, np.arange(samples)]
    past = values[:, :window] + noise * random.standard_normal((samples, window))
    following = values[:, window:].astype(np.float32)
    return {"past": past.astype(np.float32)[:, :, np.newaxis], "next": following, "label": label}


RULES: Mapping[str, Callable[..., Arrays]] = MappingProxyType(
    {"recall": recall, "arithmetic": arithmetic, "waves": waves}
)
