import math

import numpy as np
import pytest

from core.telemetry.pyramid import of_values
from core.telemetry.smoothing import memory, smoothed
from tests.core.telemetry.runs import random_rows


def sums(values):
    bins = of_values(values)
    return bins.total, bins.count


def by_hand(values, factor):
    total = weight = 0.0
    averages = []
    for value in values:
        finite = math.isfinite(value)
        total = factor * total + (value if finite else 0.0)
        weight = factor * weight + finite
        averages.append(total / weight if finite else math.nan)
    return averages


@pytest.mark.parametrize("factor", [0.0, 1e-7, 1e-4, 2e-4, 0.5, 0.92, 0.999])
def test_the_average_is_that_of_a_loop(factor):
    values = random_rows(5000, 1)[:, 0]
    values[[3, 700]] = np.nan, np.inf
    np.testing.assert_allclose(smoothed(*sums(values), factor), by_hand(values.tolist(), factor), rtol=1e-9)


def test_the_first_average_is_the_first_value():
    assert smoothed(*sums(np.array([2.5], np.float32)), 0.99)[0] == 2.5


@pytest.mark.parametrize("factor", [0.5, 0.92, 0.999])
def test_what_lies_further_back_than_the_memory_weighs_nothing(factor):
    assert factor ** memory(factor) <= 1e-9 < factor ** (memory(factor) - 1)
