"""The inputs and targets of every recipe, as (samples, ...) and (samples,), before anything is done to them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray
from sklearn import datasets

Array = NDArray[Any]
Pair = tuple[Array, Array]
Config = Mapping[str, Any]


def spirals(config: Config, random: RandomState, _seed: int) -> Pair:
    """Arms that wind about the origin, one a class."""
    count, noise, turns = config.get("k", 3), config.get("noise", 0.1), config.get("turns", 1.25)
    each = config.get("n", 600) // count
    points, labels = [], []
    for arm in range(count):
        radius = np.linspace(0.08, 1.0, each)
        angle = np.linspace(0, turns * 2 * np.pi, each) + arm * 2 * np.pi / count + random.normal(0, noise, each)
        points.append(np.c_[radius * np.sin(angle), radius * np.cos(angle)] * 2.0)
        labels += [arm] * each
    return np.concatenate(points), np.array(labels)


def xor(config: Config, random: RandomState, _seed: int) -> Pair:
    """Two classes in opposite quarters of a square."""
    points = random.uniform(-2, 2, (config.get("n", 600), 2))
    labels = ((points[:, 0] > 0) ^ (points[:, 1] > 0)).astype(int)
    return points + random.normal(0, config.get("noise", 0.1), points.shape), labels


def rings(config: Config, random: RandomState, _seed: int) -> Pair:
    """A disc and the ring about it."""
    count = config.get("n", 600)
    radius = np.where(np.arange(count) % 2 == 0, random.uniform(0, 0.9, count), random.uniform(1.3, 2.0, count))
    angle = random.uniform(0, 2 * np.pi, count)
    labels = (np.arange(count) % 2).astype(int)
    points = np.c_[radius * np.sin(angle), radius * np.cos(angle)]
    return points + random.normal(0, config.get("noise", 0.1), (count, 2)), labels


def blobs(config: Config, _random: RandomState, seed: int) -> Pair:
    """Clouds about centres."""
    centers = np.array(config["centers"], float) if "centers" in config else config.get("k", 4)
    found = datasets.make_blobs(
        config.get("n", 600), centers=centers, cluster_std=config.get("std", 1.0), random_state=seed + 3
    )
    return found[0], found[1]


def digits(shape: tuple[int, ...]) -> Callable[[Config, RandomState, int], Pair]:
    """Small handwritten digits, each as this shape, 0 to 1."""

    def read(_config: Config, _random: RandomState, _seed: int) -> Pair:
        found = datasets.load_digits()
        return found.data.astype(np.float64).reshape(-1, *shape) / 16.0, found.target.astype(int)

    return read


def sine(config: Config, random: RandomState, _seed: int) -> Pair:
    """A wave over one number."""
    count = config.get("n", 600)
    x = random.uniform(-3, 3, (count, 1))
    return x, np.sin(2 * x[:, 0]) + random.normal(0, config.get("noise", 0.1), count)


def linear(config: Config, _random: RandomState, seed: int) -> Pair:
    """A weighted sum of features, its deviation 1."""
    x, y = datasets.make_regression(
        config.get("n", 600),
        n_features=config.get("f", 10),
        n_informative=6,
        noise=config.get("noise", 0.1),
        random_state=seed + 5,
    )
    return x, y / y.std()


def bowl(config: Config, random: RandomState, _seed: int) -> Pair:
    """Hills and hollows over a plane, from -1 to 1."""
    count = config.get("n", 600)
    x = random.uniform(-1.5, 1.5, (count, 2))
    return x, np.sin(2 * x[:, 0]) * np.cos(2 * x[:, 1]) + random.normal(0, config.get("noise", 0.1), count)


def recall(config: Config, random: RandomState, _seed: int) -> Pair:
    """Sequences of noise whose class stands in the first step."""
    count, length, classes = config.get("n", 600), config.get("T", 40), config.get("k", 3)
    labels = random.randint(0, classes, count)
    x = random.normal(0, config.get("distract", 0.3), (count, length, classes + 1))
    x[:, 0, :] = 0
    x[np.arange(count), 0, labels] = 1.0
    return x, labels


def running_sum(config: Config, random: RandomState, _seed: int) -> Pair:
    """Sequences of noise and their sum."""
    count, length = config.get("n", 600), config.get("T", 20)
    x = random.normal(0, 1, (count, length, 1))
    return x, x[:, :, 0].sum(1) / math.sqrt(length) + random.normal(0, config.get("noise", 0.1), count)


def tokens(config: Config, random: RandomState, _seed: int) -> Pair:
    """Rows of tokens among which three tell the class."""
    count, words, length = config.get("n", 600), config.get("V", 400), config.get("T", 12)
    classes = config.get("k", 4)
    labels = random.randint(0, classes, count)
    x = random.randint(4 * classes, words, (count, length))
    for place in range(count):
        x[place, random.choice(length, 3, replace=False)] = labels[place] * 4 + random.randint(0, 4, 3)
    return x, labels


def _moons(config: Config, _random: RandomState, seed: int) -> Pair:
    found = datasets.make_moons(config.get("n", 600), noise=config.get("noise", 0.1), random_state=seed + 7)
    return found[0], found[1]


def _circles(config: Config, _random: RandomState, seed: int) -> Pair:
    found = datasets.make_circles(
        config.get("n", 600), noise=config.get("noise", 0.1), factor=0.45, random_state=seed + 7
    )
    return found[0], found[1]


def _friedman(config: Config, _random: RandomState, seed: int) -> Pair:
    found = datasets.make_friedman1(
        config.get("n", 600), n_features=8, noise=config.get("noise", 0.1), random_state=seed + 5
    )
    return found[0], found[1]


RECIPES: Mapping[str, Callable[[Config, RandomState, int], Pair]] = MappingProxyType(
    {
        "moons": _moons,
        "circles": _circles,
        "rings": rings,
        "xor": xor,
        "blobs": blobs,
        "spirals": spirals,
        "digits": digits((64,)),
        "digits_img": digits((1, 8, 8)),
        "digits_rows": digits((8, 8)),
        "sine": sine,
        "friedman": _friedman,
        "linear": linear,
        "bowl": bowl,
        "recall": recall,
        "runsum": running_sum,
        "tokens": tokens,
    }
)
REGRESSIONS = frozenset({"sine", "friedman", "linear", "bowl", "runsum"})
"""Recipes whose target is a number."""
