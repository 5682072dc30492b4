"""Recipes of the second suite: curves in space, bits, stripes of light, delayed numbers, orders, arms, rolls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.random import RandomState
from sklearn import datasets

from tests.faulty.recipes import Array, Config, Pair


def _count(config: Config) -> int:
    return int(config.get("n", 600))


def helices(config: Config, random: RandomState, _seed: int) -> Pair:
    """Wires in space wound about each other, one a class."""
    count, classes = _count(config), config.get("k", 2)
    labels = random.randint(0, classes, count)
    turn = random.uniform(0, 2 * np.pi * config.get("turns", 1.0), count)
    angle = turn + labels * 2 * np.pi / classes
    points = np.c_[np.cos(angle), np.sin(angle), turn / np.pi - config.get("turns", 1.0)]
    return points + random.normal(0, config.get("noise", 0.1), points.shape), labels


def pinwheel(config: Config, random: RandomState, _seed: int) -> Pair:
    """Bent arms that leave the origin, one a class."""
    count, classes = _count(config), config.get("k", 5)
    labels = random.randint(0, classes, count)
    away = random.normal(0, 0.3, count) + 1.2
    aside = random.normal(0, config.get("noise", 0.08), count)
    angle = labels * 2 * np.pi / classes + config.get("bend", 0.9) * away
    return np.c_[away * np.cos(angle) - aside * np.sin(angle), away * np.sin(angle) + aside * np.cos(angle)], labels


def parity(config: Config, random: RandomState, _seed: int) -> Pair:
    """Bits of -1 and 1, and whether an odd number of the first few is 1."""
    x = random.randint(0, 2, (_count(config), config.get("f", 6)))
    return 2.0 * x - 1, x[:, : config.get("k", 3)].sum(1) % 2


def words(config: Config, random: RandomState, _seed: int) -> Pair:
    """Which of many words stand in a text: noughts and few ones; some words belong to a class."""
    count, size, classes = _count(config), config.get("f", 120), config.get("k", 4)
    labels = random.randint(0, classes, count)
    mine = np.arange(size)[None, :] % (3 * classes) == labels[:, None]
    return (random.uniform(size=(count, size)) < 0.03 + config.get("share", 0.22) * mine).astype(float), labels


def clouds(config: Config, random: RandomState, _seed: int) -> Pair:
    """Two round clouds so many deviations apart: nobody can do better than the normal distribution says."""
    count, size = _count(config), config.get("f", 5)
    labels = random.randint(0, 2, count)
    x = random.normal(0, 1, (count, size))
    x[:, :2] += (labels[:, None] - 0.5) * config.get("apart", 2.0) / np.sqrt(2)
    return x, labels


def gratings(config: Config, random: RandomState, _seed: int) -> Pair:
    """Pictures of slanted stripes with any phase, whose class is the slant."""
    count, size, classes = _count(config), config.get("size", 12), config.get("k", 4)
    labels = random.randint(0, classes, count)
    slant = (labels * np.pi / classes)[:, None, None] + random.normal(0, 0.08, (count, 1, 1))
    row, column = np.mgrid[:size, :size][:, None]
    speed, phase = random.uniform(0.9, 1.4, (count, 1, 1)), random.uniform(0, 2 * np.pi, (count, 1, 1))
    pictures = np.sin(speed * (np.cos(slant) * row + np.sin(slant) * column) + phase)
    return (pictures + random.normal(0, config.get("noise", 0.4), pictures.shape))[:, None], labels


def echo(config: Config, random: RandomState, _seed: int) -> Pair:
    """Sequences whose first number, which is marked, is asked for at the end."""
    count, length = _count(config), config.get("T", 30)
    x = np.zeros((count, length, 2))
    x[:, :, 0] = random.normal(0, config.get("distract", 0.3), (count, length))
    x[:, 0, 0] = random.uniform(-1.7, 1.7, count)
    x[:, 0, 1] = 1.0
    return x, x[:, 0, 0].copy()


def pulses(config: Config, random: RandomState, _seed: int) -> Pair:
    """Quiet sequences with some pulses; the class is how many, from one up."""
    count, length, classes = _count(config), config.get("T", 24), config.get("k", 4)
    labels = random.randint(0, classes, count)
    x = random.normal(0, config.get("noise", 0.15), (count, length, 1))
    for row, label in zip(x, labels, strict=True):
        row[random.choice(length, label + 1, replace=False), 0] += 1.0
    return x, labels


def order(config: Config, random: RandomState, _seed: int) -> Pair:
    """Rows of tokens among which 0 and 1 come once each; the class is which comes first."""
    count, length = _count(config), config.get("T", 12)
    labels = random.randint(0, 2, count)
    x = random.randint(2, config.get("V", 40), (count, length))
    for row, label in zip(x, labels, strict=True):
        first, second = np.sort(random.choice(length, 2, replace=False))
        row[first], row[second] = label, 1 - label
    return x, labels


def topics(config: Config, random: RandomState, _seed: int) -> Pair:
    """Rows of tokens, the rarer the higher, in which each class has words that it uses more."""
    count, size, classes = _count(config), config.get("V", 200), config.get("k", 5)
    labels = random.randint(0, classes, count)
    usual = 1 / (np.arange(size) + 5.0)
    liked = 1 + config.get("liked", 8.0) * (np.arange(size)[None, :] % classes == np.arange(classes)[:, None])
    rates = usual * liked / (usual * liked).sum(1, keepdims=True)
    x = np.stack([random.choice(size, config.get("T", 20), p=rates[label]) for label in labels])
    return x, labels


def arm(config: Config, random: RandomState, _seed: int) -> Pair:
    """How far the hand of an arm reaches, of two angles and two lengths; deviation about 1, mean 0."""
    x = np.c_[random.uniform(-np.pi, np.pi, (_count(config), 2)), random.uniform(0.5, 1.5, (_count(config), 2))]
    across = x[:, 2] * np.cos(x[:, 0]) + x[:, 3] * np.cos(x[:, 0] + x[:, 1])
    return x, across + random.normal(0, config.get("noise", 0.05), len(x))


def roll(config: Config, _random: RandomState, seed: int) -> Pair:
    """Points on a rolled-up sheet, and how far along it they lie; deviation about 1, mean 0."""
    x, along = datasets.make_swiss_roll(_count(config), noise=config.get("noise", 0.3), random_state=seed + 19)
    return x, (along - 9.4) / 2.7


def phase(config: Config, _random: RandomState, seed: int) -> Pair:
    """The phase of a circuit, of features whose scales are far apart; brought to deviation 1 and mean 0."""
    x, y = datasets.make_friedman3(_count(config), noise=config.get("noise", 0.05), random_state=seed + 23)
    return x, (y - 1.35) / 0.31


def chirp(config: Config, random: RandomState, _seed: int) -> Pair:
    """A wave over one number that swings the faster the farther out."""
    x = random.uniform(-1.8, 1.8, (_count(config), 1))
    return x, np.sin(2.2 * x[:, 0] * np.abs(x[:, 0]) + 1) + random.normal(0, config.get("noise", 0.1), len(x))


def sheet(config: Config, random: RandomState, _seed: int) -> Pair:
    """Many features that a few hidden numbers bend into being; they themselves are asked for."""
    count, size, rank = _count(config), config.get("f", 20), config.get("rank", 3)
    hidden, mixing = random.normal(0, 1, (count, rank)), random.normal(0, 1, (rank, size))
    flat = hidden @ mixing / np.sqrt(rank)
    bent = flat if config.get("flat") else np.sin(1.5 * flat) * 1.3
    x = bent + random.normal(0, config.get("noise", 0.1), (count, size))
    return x, x.copy()


def self_digits(_config: Config, _random: RandomState, _seed: int) -> Pair:
    """Small handwritten digits, 0 to 1, that are themselves asked for."""
    x = datasets.load_digits().data.astype(np.float64) / 16.0
    return x, x.copy()


def iris(_config: Config, _random: RandomState, _seed: int) -> Pair:
    """Flowers by four lengths."""
    x, y = datasets.load_iris(return_X_y=True)
    return np.asarray(x, np.float64), np.asarray(y)


def outlying(config: Config, random: RandomState, _seed: int) -> Pair:
    """A smooth number of four features, now and then far off; deviation about 1."""
    x = random.normal(0, 1, (_count(config), 4))
    y: Array = np.tanh(x[:, 0] + x[:, 1]) + 0.6 * np.cos(2 * x[:, 2])
    return x, y + config.get("noise", 0.1) * random.standard_t(config.get("tails", 2.5), len(x))


SECOND: Mapping[str, Callable[[Config, RandomState, int], Pair]] = MappingProxyType(
    {
        "helices": helices,
        "pinwheel": pinwheel,
        "parity": parity,
        "words": words,
        "clouds": clouds,
        "gratings": gratings,
        "echo": echo,
        "pulses": pulses,
        "order": order,
        "topics": topics,
        "arm": arm,
        "roll": roll,
        "phase": phase,
        "chirp": chirp,
        "sheet": sheet,
        "self_digits": self_digits,
        "iris": iris,
        "outlying": outlying,
    }
)
SECOND_REGRESSIONS = frozenset({"echo", "arm", "roll", "phase", "chirp", "sheet", "self_digits", "outlying"})
"""Recipes whose target is a number, or several."""
SECOND_TOKENS = frozenset({"order", "topics"})
"""Recipes whose inputs are tokens."""
