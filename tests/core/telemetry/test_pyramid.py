import numpy as np
import pytest

from core.telemetry.pyramid import Pyramid
from tests.core.telemetry.runs import random_rows


def naive(values, first, last, width):
    parts = [values[start : start + width] for start in range(first * width, min(last * width, len(values)), width)]
    finite = [part[np.isfinite(part)] for part in parts]
    low = [part.min() if len(part) else np.nan for part in finite]
    high = [part.max() if len(part) else np.nan for part in finite]
    total = [part.astype(np.float64).sum() for part in finite]
    return low, high, total, [len(part) for part in finite]


@pytest.mark.parametrize("width", [1, 2, 8, 16, 32, 256, 2048, 4096, 65536])
def test_bins_are_those_of_numpy_whatever_way_the_rows_came(width):
    values = random_rows(70_001, 1)[:, 0]
    values[100:400] = np.nan
    values[5000] = np.inf
    pyramid = Pyramid(lambda first, last: values[first:last])
    for length in [1, 15, 16, 17, 300, 4096, 9999, 70_001]:
        pyramid.extend(length)
    last = -(-len(values) // width)
    bins = pyramid.bins(0, last, width)
    low, high, total, count = naive(values, 0, last, width)
    np.testing.assert_array_equal(bins.low, np.float32(low))
    np.testing.assert_array_equal(bins.high, np.float32(high))
    np.testing.assert_allclose(bins.total, total, rtol=1e-12)
    np.testing.assert_array_equal(bins.count, count)


def test_extending_reads_only_rows_that_no_bin_has_yet():
    values = random_rows(20_000, 1)[:, 0]
    asked = []

    def read(first, last):
        asked.append((first, last))
        return values[first:last]

    pyramid = Pyramid(read)
    pyramid.extend(10_000)
    asked.clear()
    pyramid.extend(10_050)
    assert asked == [(10_000, 10_048)]


def test_a_read_costs_the_bins_not_the_rows():
    values = random_rows(1 << 20, 1)[:, 0]
    pyramid = Pyramid(lambda first, last: values[first:last])
    pyramid.extend(len(values))
    asked = []
    pyramid._read = lambda first, last: asked.append((first, last)) or values[first:last]
    assert len(pyramid.bins(0, 512, 2048)) == 512
    assert asked == []
