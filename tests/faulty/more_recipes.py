"""Recipes that the written cases do not use: what drawn networks learn, beside those that they share."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.random import RandomState
from sklearn import datasets

from tests.faulty.recipes import Array, Config, Pair


def _count(config: Config) -> int:
    return int(config.get("n", 600))


def quantiles(config: Config, _random: RandomState, seed: int) -> Pair:
    """Shells of one cloud, one a class."""
    found = datasets.make_gaussian_quantiles(
        n_samples=_count(config), n_features=config.get("f", 4), n_classes=config.get("k", 3), random_state=seed + 11
    )
    return found[0], found[1]


def features(config: Config, _random: RandomState, seed: int) -> Pair:
    """Clouds at the corners of a cube, among features that tell nothing."""
    count, classes = config.get("f", 12), config.get("k", 3)
    found = datasets.make_classification(
        n_samples=_count(config),
        n_features=count,
        n_informative=max(count // 2, 4),
        n_redundant=count // 4,
        n_classes=classes,
        n_clusters_per_class=2,
        class_sep=config.get("apart", 1.5),
        flip_y=0.0,
        random_state=seed + 13,
    )
    return found[0], found[1]


def checker(config: Config, random: RandomState, _seed: int) -> Pair:
    """A board of squares in two colours."""
    points = random.uniform(0, config.get("squares", 3), (_count(config), 2))
    labels = (np.floor(points).sum(1) % 2).astype(int)
    return points + random.normal(0, config.get("noise", 0.05), points.shape), labels


def stripes(config: Config, random: RandomState, _seed: int) -> Pair:
    """Slanted stripes that wind through the classes."""
    points = random.uniform(-2, 2, (_count(config), 2))
    place = points[:, 0] + 0.7 * points[:, 1] + 0.3 * np.sin(3 * points[:, 1])
    labels = np.floor(place * config.get("dense", 0.9)).astype(int) % config.get("k", 3)
    return points + random.normal(0, config.get("noise", 0.03), points.shape), labels


def shapes(config: Config, random: RandomState, _seed: int) -> Pair:
    """Pictures of bars, crosses and frames somewhere in noise."""
    size, count = config.get("size", 10), _count(config)
    labels = random.randint(0, 4, count)
    pictures = random.normal(0, config.get("noise", 0.3), (count, 1, size, size))
    for picture, label in zip(pictures[:, 0], labels, strict=True):
        row, column = random.randint(0, size - 5, 2)
        patch = picture[row : row + 5, column : column + 5]
        if label == 0:
            patch[2, :] += 1
        elif label == 1:
            patch[:, 2] += 1
        elif label == 2:
            patch[2, :] += 1
            patch[:, 2] += 1
        else:
            patch[[0, -1], :] += 1
            patch[1:-1, [0, -1]] += 1
    return pictures, labels


def waves(config: Config, random: RandomState, _seed: int) -> Pair:
    """A sum of waves over several numbers."""
    count = config.get("f", 3)
    x = random.uniform(-2, 2, (_count(config), count))
    y = sum(np.sin((1 + 0.5 * place) * x[:, place]) for place in range(count)) / math.sqrt(count / 2)
    return x, y + random.normal(0, config.get("noise", 0.1), len(x))


def product(config: Config, random: RandomState, _seed: int) -> Pair:
    """Products and squares of features, some of which tell nothing; deviation about 1."""
    x = random.normal(0, 1, (_count(config), config.get("f", 6)))
    y = 0.7 * x[:, 0] * x[:, 1] + 0.5 * (x[:, 2] ** 2 - 1) + 0.5 * x[:, 3]
    return x, y + random.normal(0, config.get("noise", 0.1), len(x))


def circuit(config: Config, _random: RandomState, seed: int) -> Pair:
    """The impedance of a circuit, of features whose scales are far apart, and a target of some hundreds."""
    found = datasets.make_friedman2(_count(config), noise=config.get("noise", 20.0), random_state=seed + 17)
    return _even(found[0], config), found[1]


def _even(x: Array, config: Config) -> Array:
    """Features of one scale, but where they are asked for as they were measured."""
    return x if config.get("raw") else (x - x.mean(0)) / x.std(0)


def _bundled(read: Callable[..., tuple[Array, Array]]) -> Callable[[Config, RandomState, int], Pair]:
    def take(config: Config, _random: RandomState, _seed: int) -> Pair:
        x, y = read(return_X_y=True)
        return _even(x.astype(float), config), y

    return take


def pitch(config: Config, random: RandomState, _seed: int) -> Pair:
    """Waves with any phase, whose class is how fast they swing."""
    count, length, classes = _count(config), config.get("T", 24), config.get("k", 3)
    labels = random.randint(0, classes, count)
    time = np.arange(length)[None, :] / length * 2 * np.pi
    x = np.sin((1.5 + 1.5 * labels[:, None]) * time + random.uniform(0, 2 * np.pi, (count, 1)))
    return (x + random.normal(0, config.get("noise", 0.2), x.shape))[:, :, None], labels


def majority(config: Config, random: RandomState, _seed: int) -> Pair:
    """Whether more of a sequence lies above than below nought; close ones left out."""
    x = random.normal(0, 1, (4 * _count(config), config.get("T", 15), 1))
    total = np.sign(x[:, :, 0]).sum(1)
    clear = np.abs(total) >= 3
    return x[clear][: _count(config)], (total[clear][: _count(config)] > 0).astype(int)


def adding(config: Config, random: RandomState, _seed: int) -> Pair:
    """The sum of the two numbers of a sequence that are marked; deviation about 1."""
    count, length = _count(config), config.get("T", 10)
    x = np.zeros((count, length, 2))
    x[:, :, 0] = random.uniform(-1, 1, (count, length))
    for row in x:
        row[random.choice(length, 2, replace=False), 1] = 1.0
    y = (x[:, :, 0] * x[:, :, 1]).sum(1) / 0.8
    return x, y + random.normal(0, config.get("noise", 0.02), count)


def counts(config: Config, random: RandomState, _seed: int) -> Pair:
    """How often words come in a text of so many: whole numbers, most of them nought."""
    words, classes = config.get("f", 30), config.get("k", 4)
    labels = random.randint(0, classes, _count(config))
    rates = 0.25 + 1.2 * (np.arange(words)[None, :] % classes == labels[:, None])
    return random.poisson(rates).astype(float), labels


def bags(config: Config, random: RandomState, _seed: int) -> Pair:
    """Which of many words a text holds: noughts and ones, about one in twenty a one."""
    words, classes = config.get("f", 100), config.get("k", 4)
    labels = random.randint(0, classes, _count(config))
    shares = 0.02 + 0.2 * (np.arange(words)[None, :] % (2 * classes) == labels[:, None])
    return (random.rand(_count(config), words) < shares).astype(float), labels


def copies(config: Config, random: RandomState, _seed: int) -> Pair:
    """Bent mixtures of a few numbers, and the same again as targets; deviation about 1."""
    inner = random.normal(0, 1, (_count(config), config.get("inner", 3)))
    x = np.tanh(inner @ random.normal(0, 1, (inner.shape[1], config.get("f", 10))))
    x = (x - x.mean(0)) / x.std(0) + random.normal(0, config.get("noise", 0.05), x.shape)
    return x, x.copy()


MORE: Mapping[str, Callable[[Config, RandomState, int], Pair]] = MappingProxyType(
    {
        "quantiles": quantiles,
        "features": features,
        "checker": checker,
        "stripes": stripes,
        "shapes": shapes,
        "waves": waves,
        "product": product,
        "circuit": circuit,
        "wine": _bundled(datasets.load_wine),
        "cancer": _bundled(datasets.load_breast_cancer),
        "diabetes": _bundled(datasets.load_diabetes),
        "pitch": pitch,
        "majority": majority,
        "adding": adding,
        "counts": counts,
        "bags": bags,
        "copies": copies,
    }
)
MORE_REGRESSIONS = frozenset({"waves", "product", "circuit", "diabetes", "adding", "copies"})
"""Recipes whose target is a number, or several."""
