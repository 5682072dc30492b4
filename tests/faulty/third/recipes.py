"""Recipes of the third suite: petals, rotors, textures, phrases, series that hold on, terrain, pendulums."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.random import RandomState

from tests.faulty.recipes import Array, Config, Pair


def _count(config: Config) -> int:
    return int(config.get("n", 600))


def petals(config: Config, random: RandomState, _seed: int) -> Pair:
    """Points in and outside of a flower."""
    angle, away = random.uniform(0, 2 * np.pi, _count(config)), random.uniform(0.2, 2.0, _count(config))
    labels = (away < 1.1 + 0.5 * np.cos(config.get("k", 4) * angle)).astype(int)
    points = np.c_[away * np.cos(angle), away * np.sin(angle)]
    return points + random.normal(0, config.get("noise", 0.05), points.shape), labels


def rotors(config: Config, random: RandomState, _seed: int) -> Pair:
    """Two angles, each as cosine and sine; the class is by how much one is ahead of the other."""
    classes = config.get("k", 3)
    angles = random.uniform(0, 2 * np.pi, (_count(config), 2))
    ahead = (angles[:, 0] - angles[:, 1]) % (2 * np.pi)
    x = np.c_[np.cos(angles), np.sin(angles)]
    labels = np.minimum((ahead * classes / (2 * np.pi)).astype(int), classes - 1)
    return x + random.normal(0, config.get("noise", 0.05), x.shape), labels


def textures(config: Config, random: RandomState, _seed: int) -> Pair:
    """Pictures of noise that is smoothed along rows, along columns, along both, or not at all; deviation 1."""
    size, count = config.get("size", 10), _count(config)
    labels = random.randint(0, 4, count)
    x = random.normal(0, 1, (count, size + 2, size + 2))
    rows = (x[:, :, :-2] + x[:, :, 1:-1] + x[:, :, 2:])[:, 1:-1] / np.sqrt(3)
    columns = (x[:, :-2] + x[:, 1:-1] + x[:, 2:])[:, :, 1:-1] / np.sqrt(3)
    both = sum(x[:, a : a + size, b : b + size] for a in range(3) for b in range(3)) / 3
    pictures = np.stack([x[:, 1:-1, 1:-1], rows, columns, both])[labels, np.arange(count)]
    return (pictures + random.normal(0, config.get("noise", 0.2), pictures.shape))[:, None], labels


def phrases(config: Config, random: RandomState, _seed: int) -> Pair:
    """Rows of tokens with one of praise or blame, which another one, that is there or not, turns about."""
    count, length, size = _count(config), config.get("T", 10), config.get("V", 60)
    praise, turned = random.randint(0, 2, (2, count))
    x = random.randint(10, size, (count, length))
    for row, kind, turn in zip(x, praise, turned, strict=True):
        places = random.choice(length, 2, replace=False)
        row[places[0]] = 4 * kind + random.randint(0, 4)
        if turn:
            row[places[1]] = 8 + random.randint(0, 2)
    return x, praise ^ turned


def holding(config: Config, random: RandomState, _seed: int) -> Pair:
    """Series of deviation 1 whose class is how much a step holds on to the one before: turning, free or lasting."""
    count, length = _count(config), config.get("T", 20)
    labels = random.randint(0, 3, count)
    share = (labels - 1) * config.get("holds", 0.8)
    x = random.normal(0, 1, (count, length, 1))
    for step in range(1, length):
        x[:, step, 0] = share * x[:, step - 1, 0] + np.sqrt(1 - share**2) * x[:, step, 0]
    return x, labels


def terrain(config: Config, random: RandomState, _seed: int) -> Pair:
    """The height of a land with a hill, a ridge and a pit; deviation about 1, mean about 0."""
    x = random.uniform(-2, 2, (_count(config), 2))
    hill = 2.2 * np.exp(-2 * ((x[:, 0] - 1) ** 2 + (x[:, 1] - 0.5) ** 2))
    ridge = 1.6 * np.exp(-3 * (x[:, 0] + x[:, 1] + 1) ** 2)
    pit = 2.6 * np.exp(-1.5 * ((x[:, 0] - 0.3) ** 2 + (x[:, 1] + 1.2) ** 2))
    height: Array = (hill + ridge - pit - 0.2) / 0.8
    return x, height + random.normal(0, config.get("noise", 0.08), len(x))


def pendulum(config: Config, random: RandomState, _seed: int) -> Pair:
    """Where a damped pendulum is, of its first place and speed, the time and the damping; deviation about 1."""
    begin, speed = random.normal(0, 1, (2, _count(config)))
    time, damping = random.uniform(0, 3, _count(config)), random.uniform(0.05, 0.6, _count(config))
    place = np.exp(-damping * time) * (begin * np.cos(2 * time) + speed * np.sin(2 * time)) * 1.6
    return np.c_[begin, speed, time, damping], place + random.normal(0, config.get("noise", 0.05), len(place))


THIRD: Mapping[str, Callable[[Config, RandomState, int], Pair]] = MappingProxyType(
    {
        "petals": petals,
        "rotors": rotors,
        "textures": textures,
        "phrases": phrases,
        "holding": holding,
        "terrain": terrain,
        "pendulum": pendulum,
    }
)
THIRD_REGRESSIONS = frozenset({"terrain", "pendulum"})
"""Recipes whose target is a number."""
THIRD_TOKENS = frozenset({"phrases"})
"""Recipes whose inputs are tokens."""
