import numpy as np
import pytest

from gui.monitors.weave import woven
from tests.gui.monitors.conftest import pixels

WIDTH, HEIGHT = 90, 60


def by_hand(x, y):
    """The rows of pixels that a line fills in each column."""
    found = [set() for _ in range(WIDTH)]
    inside = [place for place in range(WIDTH) if x[0] <= place <= x[-1]]
    at = {place: float(np.interp(place, x, y)) for place in inside}
    for place in inside:
        ends = [at[place]] + [(at[place] + at[near]) / 2 for near in (place - 1, place + 1) if near in at]
        ends = [end for end in ends if np.isfinite(end)]
        if np.isfinite(at[place]):
            found[place] = set(range(round(min(ends)), round(max(ends)) + 1)) & set(range(HEIGHT))
    return found


@pytest.mark.parametrize("points", [2, 31, 200])
def test_a_line_fills_each_column_from_half_way_to_half_way(points):
    x = np.linspace(-3, 93, points)
    y = np.random.default_rng(points).uniform(-10, HEIGHT + 10, (points, 1)).astype(np.float32)
    image = pixels(woven(x, y, np.array([0xFFFFFFFF], np.uint32), WIDTH, HEIGHT))[:, :, 0] > 0
    expected = by_hand(x, y[:, 0].astype(np.float64))
    different = [
        place for place in range(WIDTH) if set(np.flatnonzero(image[:, place])) ^ expected[place]
    ]  # a half may be rounded to either side
    assert len(different) <= 2
    assert image.any(axis=0).mean() > 0.8


def test_every_line_has_its_colour_and_a_gap_where_it_has_no_value():
    x = np.arange(0.0, 90.0, 3.0)
    y = np.full((30, 3), [10.0, 30.0, 50.0], np.float32)
    y[10:20, 1] = np.nan
    image = pixels(woven(x, y, np.array([0xFFFF0000, 0xFF00FF00, 0xFF0000FF], np.uint32), WIDTH, HEIGHT))
    assert image[10, :87].tolist() == [[255, 0, 0]] * 87
    assert image[50, :87].tolist() == [[0, 0, 255]] * 87
    green = image[30, :, 1] > 0
    assert green[:27].all()
    assert not green[27:60].any()
    assert green[60:88].all()
    assert not image[[9, 11, 29, 31, 49, 51]].any()


def test_where_there_are_no_columns_nothing_is_drawn():
    y = np.full((2, 1), 5.0, np.float32)
    assert not pixels(woven(np.array([200.0, 300.0]), y, np.array([0xFFFFFFFF], np.uint32), WIDTH, HEIGHT)).any()


def test_tall_lines_fill_what_they_would_one_by_one_each_pixel_in_the_colour_of_a_line_that_is_there():
    x = np.linspace(-3, 93, 60)
    y = np.random.default_rng(1).uniform(-20, HEIGHT + 20, (60, 12)).astype(np.float32)
    y[20:25, 3] = np.nan
    colors = np.arange(1, 13, dtype=np.uint32) * 20 + np.uint32(0xFF000000)
    image = pixels(woven(x, y, colors, WIDTH, HEIGHT))[:, :, 2]
    one_by_one = np.stack(
        [pixels(woven(x, y[:, [line]], colors[[line]], WIDTH, HEIGHT))[:, :, 2] for line in range(12)]
    )
    np.testing.assert_array_equal(image > 0, (one_by_one > 0).any(axis=0))
    assert ((image == 0) | (image == one_by_one).any(axis=0)).all()
    assert len(np.unique(image)) == 13


def test_more_lines_than_a_byte_can_tell_apart_have_their_colours():
    x = np.array([0.0, 45.0, 89.0])
    y = np.linspace(0, HEIGHT - 1, 300)[None, :].repeat(3, axis=0).astype(np.float32)
    colors = np.arange(1, 301, dtype=np.uint32) * 700 + np.uint32(0xFF000000)
    found = pixels(woven(x, y, colors, WIDTH, HEIGHT)).astype(np.uint32)
    inks = found[:, 20, 0] << 16 | found[:, 20, 1] << 8 | found[:, 20, 2]
    for row in range(HEIGHT):
        assert inks[row] | 0xFF000000 in colors[np.abs(y[0] - row) <= 0.51]


@pytest.mark.parametrize("width", [WIDTH, WIDTH - 1])
def test_columns_of_two_pixels_have_what_columns_of_one_would_have_with_half_the_points(width):
    x = np.arange(0.0, 90.0, 4.0)
    y = np.random.default_rng(3).uniform(5, HEIGHT - 5, (len(x), 3)).astype(np.float32)
    y[8:10, 1] = np.nan
    colors = np.array([0xFFFF0000, 0xFF00FF00, 0xFF0000FF], np.uint32)
    found = pixels(woven(x, y, colors, width, HEIGHT, wide=2))
    np.testing.assert_array_equal(found[:, ::2], found[:, 1::2])
    expected = pixels(woven((x - 0.5) / 2, y, colors, -(-width // 2), HEIGHT))
    np.testing.assert_array_equal(found[:, ::2], expected)
    for line, one in enumerate(colors):
        alone = pixels(woven(x, y[:, [line]], np.array([one]), width, HEIGHT, wide=2)).max(axis=2) > 0
        for place in (10, 50, 70):
            rows = np.flatnonzero(alone[:, place])
            assert rows.min() - 2 <= np.interp(place + 0.5, x, y[:, line]) <= rows.max() + 2
