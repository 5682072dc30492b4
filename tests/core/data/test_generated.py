"""The two-dimensional sets against their geometry in closed form."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.builtin.listing import SOURCES
from core.data.generated import SHAPES, generate
from core.data.sequences import RULES
from core.data.settings import DatasetSettings


def points(source: str, seed: int = 0, **options: float) -> tuple[np.ndarray, np.ndarray]:
    return generate(DatasetSettings(source, tuple(options.items()), seed=seed, validation=0.5))


def test_every_generated_source_has_a_shape() -> None:
    assert {*SHAPES, *RULES} == {kind.name for kind in SOURCES.values() if kind.file is None}
    assert set(SHAPES) == {kind.name for kind in SOURCES.values() if kind.group == "2-D"}


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(SHAPES)), st.integers(10, 400), st.floats(0, 2), st.integers(0, 2**32 - 1))
def test_points_are_finite_balanced_and_the_same_for_the_same_seed(source, samples, noise, seed) -> None:
    place, label = points(source, seed, samples=samples, noise=noise)
    again, _ = points(source, seed, samples=samples, noise=noise)
    assert place.shape == (samples, 2)
    assert np.isfinite(place).all()
    assert np.array_equal(place, again)
    assert abs(np.count_nonzero(label == 0) - np.count_nonzero(label == 1)) <= 1


@pytest.mark.parametrize("source", SHAPES)
def test_another_seed_gives_other_points(source: str) -> None:
    assert not np.array_equal(points(source, 0)[0], points(source, 1)[0])


@pytest.mark.parametrize("source", SHAPES)
def test_generating_leaves_numpys_global_generator_alone(source: str) -> None:
    before = np.random.get_state()[1].copy()
    points(source)
    assert np.array_equal(before, np.random.get_state()[1])


@pytest.mark.parametrize("source", SHAPES)
def test_noise_moves_every_point_in_proportion_and_by_its_standard_deviation(source: str) -> None:
    still, _ = points(source, samples=20_000, noise=0.0)
    some, _ = points(source, samples=20_000, noise=0.1)
    twice, _ = points(source, samples=20_000, noise=0.2)
    assert twice - still == pytest.approx(2 * (some - still), abs=1e-12)
    # The standard error of a standard deviation of 40,000 draws is 0.35 %.
    assert (some - still).std() == pytest.approx(0.1, rel=0.02)
    assert (some - still).mean() == pytest.approx(0.0, abs=0.003)


def test_circles_lie_on_their_radii_evenly_divided() -> None:
    place, label = points("circles", samples=100, noise=0.0, factor=0.3)
    assert np.hypot(*place.T) == pytest.approx(np.where(label == 0, 1.0, 0.3))
    for ring in (place[label == 0], place[label == 1]):
        # Neighbours on a circle divided in 50 are 2 r sin(pi / 50) apart, the last and the first as well.
        apart = np.hypot(*(ring - np.roll(ring, 1, axis=0)).T)
        assert apart == pytest.approx(2 * np.hypot(*ring[0]) * np.sin(np.pi / 50))


def test_moons_are_half_circles_that_reach_into_each_other() -> None:
    place, label = points("moons", samples=101, noise=0.0)
    upper, lower = place[label == 0], place[label == 1]
    assert np.hypot(*upper.T) == pytest.approx(1.0)
    assert (upper[:, 1] >= 0).all()
    assert np.hypot(*(lower - (1.0, 0.5)).T) == pytest.approx(1.0)
    assert (lower[:, 1] <= 0.5).all()
    # The ends, in the order in which scikit-learn's make_moons documents them.
    assert upper[[0, -1]] == pytest.approx(np.array([[1.0, 0.0], [-1.0, 0.0]]))
    assert lower[[0, -1]] == pytest.approx(np.array([[0.0, 0.5], [2.0, 0.5]]))


def test_spiral_arms_are_half_a_turn_apart_and_grow_with_their_angle() -> None:
    place, label = points("spiral", samples=200, noise=0.0, turns=2.0)
    first, second = place[label == 0], place[label == 1]
    assert second == pytest.approx(-first)
    assert np.hypot(*first.T) == pytest.approx(np.arange(1, 101) / 100)
    turned = np.unwrap(np.arctan2(first[:, 1], first[:, 0]))
    assert turned[-1] - turned[0] == pytest.approx(2 * np.pi * 2.0 * 0.99)
    assert np.hypot(*place.T).min() > 0


def test_xor_is_told_by_the_signs_and_fills_the_square() -> None:
    place, label = points("xor", samples=8000, noise=0.0)
    assert np.array_equal(place[:, 0] * place[:, 1] < 0, label == 1)
    assert (np.abs(place) <= 1.0).all()
    # An even square from -1 to 1 has mean 0 and variance 1/3; the standard error of the mean is 0.0065.
    assert place.mean(axis=0) == pytest.approx([0.0, 0.0], abs=0.026)
    assert place.var(axis=0) == pytest.approx([1 / 3, 1 / 3], rel=0.04)


def test_gaussian_clouds_have_their_centres_and_their_spread() -> None:
    place, label = points("gaussians", samples=20_000, noise=0.5, distance=3.0)
    centres = [place[label == 0].mean(axis=0), place[label == 1].mean(axis=0)]
    assert np.hypot(*(centres[1] - centres[0])) == pytest.approx(3.0, abs=0.03)
    assert centres[0] == pytest.approx([-3 / np.sqrt(8)] * 2, abs=0.02)
    assert np.cov(place[label == 1].T) == pytest.approx(np.diag([0.25, 0.25]), abs=0.015)
