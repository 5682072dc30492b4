"""The two-dimensional sets: points and classes by formula, from a seed.

numpy's RandomState is used because its numbers are promised never to change between versions. The same draws are made
whatever the options are, so a moved noise slider moves the same points further along the same directions.
Every set takes the two classes in turn, so that any start of it is balanced.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from core.data.settings import DatasetSettings, option_values, sample_count

Points = NDArray[np.float64]
Labels = NDArray[np.int64]
Shape = Callable[[Labels, Mapping[str, float], np.random.RandomState], Points]


def generate(settings: DatasetSettings) -> tuple[Points, Labels]:
    """The points (N, 2) and classes (N,) of a two-dimensional set."""
    options = {name: float(value) for name, value in option_values(settings).items()}
    labels = np.arange(sample_count(settings), dtype=np.int64) % 2
    random = np.random.RandomState(settings.seed)
    exact = SHAPES[settings.source](labels, options, random)
    return exact + options["noise"] * random.standard_normal(exact.shape), labels


def spiral(labels: Labels, options: Mapping[str, float], random: np.random.RandomState) -> Points:
    """Two Archimedean arms r = t, half a turn apart; t goes evenly from 1/n to 1."""
    part = np.empty(len(labels))
    for label in (0, 1):
        count = np.count_nonzero(labels == label)
        part[labels == label] = np.arange(1, count + 1) / count
    return _polar(part, 2 * np.pi * options["turns"] * part + np.pi * labels)


def circles(labels: Labels, options: Mapping[str, float], random: np.random.RandomState) -> Points:
    """A circle of radius 1 and one of radius `factor`, each evenly divided."""
    angle = np.empty(len(labels))
    for label in (0, 1):
        count = np.count_nonzero(labels == label)
        angle[labels == label] = 2 * np.pi * np.arange(count) / count
    return _polar(np.where(labels == 0, 1.0, options["factor"]), angle)


def moons(labels: Labels, options: Mapping[str, float], random: np.random.RandomState) -> Points:
    """The upper half of the unit circle, and its lower half moved by (1, 0.5), each evenly divided."""
    points = np.empty((len(labels), 2))
    for label in (0, 1):
        angle = np.linspace(0.0, np.pi, np.count_nonzero(labels == label))
        upper = np.stack((np.cos(angle), np.sin(angle)), axis=1)
        points[labels == label] = upper if label == 0 else np.array([1.0, 0.5]) - upper
    return points


def xor(labels: Labels, options: Mapping[str, float], random: np.random.RandomState) -> Points:
    """Even points of the square from -1 to 1; the class is whether the signs of x and y differ."""
    size = 1.0 - random.random_sample((len(labels), 2))
    sign = np.where(random.random_sample(len(labels)) < 0.5, -1.0, 1.0)
    signs: Points = np.stack((sign, np.where(labels == 0, sign, -sign)), axis=1)
    return signs * size


def gaussians(labels: Labels, options: Mapping[str, float], random: np.random.RandomState) -> Points:
    """Two centres on the diagonal, `distance` apart; the noise makes the clouds."""
    along = np.where(labels == 0, -0.5, 0.5) * options["distance"] / np.sqrt(2.0)
    return np.stack((along, along), axis=1)


def _polar(radius: NDArray[np.float64], angle: NDArray[np.float64]) -> Points:
    return np.stack((radius * np.cos(angle), radius * np.sin(angle)), axis=1)


SHAPES: Mapping[str, Shape] = MappingProxyType(
    {"spiral": spiral, "circles": circles, "moons": moons, "xor": xor, "gaussians": gaussians}
)
