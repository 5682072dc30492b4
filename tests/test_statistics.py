"""The formulas of what is measured of activations and weights, against torch in float64."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from chainrule.statistics import (
    NoiseScale,
    active_units,
    alikeness,
    alpha,
    by_unit,
    cosine,
    effective_rank,
    moments,
    outside_share,
    product,
    step_sizes,
    unit_deviation,
    zero_share,
)

SHAPES = {
    "units last": ((32, 7, 12), -1),
    "channels": ((16, 6, 9, 5), 1),
    "flat": ((64, 20), -1),
    "large": ((30, 9, 50, 40), 1),
}


def values(shape: tuple[int, ...], mean: float = 0.0, scale: float = 1.0) -> torch.Tensor:
    made = torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(len(shape)))
    return (made * scale + mean).float()


@pytest.mark.parametrize("mean", [0.0, 1.0, -300.0, 1e6])
@pytest.mark.parametrize("scale", [1e-25, 1e-3, 1.0, 1e22])
def test_mean_and_deviation_are_those_of_float64_however_far_from_zero(mean, scale):
    tensor = values((100, 300), mean * scale, scale)
    shown = moments(tensor.numpy())
    wanted = tensor.double()
    assert shown[0] == pytest.approx(float(wanted.mean()), rel=1e-5, abs=1e-6 * scale)
    assert shown[1] == pytest.approx(float(wanted.std(correction=0)), rel=1e-5)


def test_numbers_that_are_all_one_have_no_deviation_and_no_numbers_have_nothing():
    assert moments(np.full(1000, 0.1, np.float32)) == (pytest.approx(0.1), 0.0)
    assert moments(np.zeros(10, np.float32)) == (0.0, 0.0)
    assert all(math.isnan(value) for value in moments(np.zeros(0, np.float32)))
    assert all(math.isnan(value) for value in moments(np.array([1, np.nan], np.float32)))


def test_shares_of_zeros_and_of_what_lies_outside():
    tensor = values((40, 50)).relu()
    assert zero_share(tensor.numpy()) == pytest.approx(float((tensor == 0).double().mean()))
    bent = values((40, 50), scale=3.0).tanh()
    assert outside_share(bent.numpy(), -0.97, 0.97) == float((bent.abs() > 0.97).double().mean())
    bent = values((40, 50), scale=3.0).sigmoid()
    outside = (bent < 0.03) | (bent > 0.97)
    assert outside_share(bent.numpy(), 0.03, 0.97) == float(outside.double().mean()) > 0


@pytest.mark.parametrize("name", SHAPES)
def test_units_have_a_deviation_of_their_own_and_are_active_or_not(name):
    shape, axis = SHAPES[name]
    tensor = values(shape, mean=40.0)
    units = tensor.movedim(axis, 0).flatten(1)
    units[2] = 0.0
    units[3, 1:] = 0.0
    seen = by_unit(units.unflatten(1, tensor.movedim(axis, 0).shape[1:]).movedim(0, axis).contiguous().numpy(), axis)
    wanted = units.double().std(1, correction=0).mean()
    assert unit_deviation(seen) == pytest.approx(float(wanted), rel=1e-6)
    assert active_units(seen).tolist() == [index != 2 for index in range(shape[axis])]


@pytest.mark.parametrize("scale", [1e-30, 1e-12, 1.0, 1e22])
def test_a_deviation_of_units_is_right_though_squares_leave_the_range_of_float32(scale):
    tensor = values((40, 30, 6)) * scale
    seen = by_unit(tensor.numpy(), 1)
    wanted = tensor.double().movedim(1, 0).flatten(1).std(1, correction=0).mean()
    assert unit_deviation(seen) == pytest.approx(float(wanted), rel=1e-5)
    assert unit_deviation(np.zeros((3, 4, 5), np.float32)) == 0.0
    assert math.isnan(unit_deviation(np.full((3, 4, 5), np.nan, np.float32)))


@pytest.mark.parametrize("shape", [(200, 30), (20, 300), (50, 1)])
def test_the_effective_rank_is_the_entropy_of_the_singular_values(shape):
    made = values(shape).double() @ torch.diag(torch.logspace(0, -4, shape[1], dtype=torch.float64)) + 7
    sizes = torch.linalg.svdvals(made - made.mean(0))
    shares = sizes / sizes.sum()
    wanted = float(torch.exp(-torch.special.xlogy(shares, shares).sum()))
    assert effective_rank(made.numpy()) == pytest.approx(wanted, rel=1e-4)
    assert effective_rank(made.float().numpy()) == pytest.approx(wanted, rel=1e-2)


def test_an_effective_rank_is_how_many_equal_directions_there_are():
    corners = np.concatenate([np.eye(5), -np.eye(5)]).astype(np.float32)
    assert effective_rank(corners) == pytest.approx(5.0)
    assert effective_rank(np.ones((8, 3), np.float32)) == 0.0
    assert math.isnan(effective_rank(np.full((8, 3), np.nan, np.float32)))


def test_alikeness_is_the_mean_cosine_of_pairs():
    weights = values((9, 6))
    cosines = torch.nn.functional.cosine_similarity(weights.double()[:, None], weights.double()[None], dim=-1)
    wanted = cosines.abs()[~torch.eye(9, dtype=torch.bool)].mean()
    assert alikeness(weights.numpy()) == pytest.approx(float(wanted), rel=1e-9)


def test_units_that_begin_equal_are_alike_though_they_be_zero():
    assert alikeness(np.full((5, 4), 0.05, np.float32)) == pytest.approx(1.0)
    assert alikeness(np.zeros((5, 4), np.float32)) == 1.0
    assert alikeness(np.eye(4, dtype=np.float32)) == pytest.approx(0.0)
    assert alikeness(np.array([[0, 0], [0, 0], [1, 0]], np.float32)) == pytest.approx(1 / 3)
    assert math.isnan(alikeness(np.ones((1, 5), np.float32)))
    assert math.isnan(alikeness(np.ones((5, 1), np.float32)))


def test_every_step_of_a_sequence_has_its_rms_though_squares_underflow():
    gradient = values((4, 6, 3)) * torch.logspace(-30, 0, 6)[:, None]
    wanted = gradient.double().square().mean((0, 2)).sqrt()
    assert step_sizes(gradient.numpy()) == pytest.approx(wanted.numpy(), rel=1e-6, abs=0)


def test_products_and_cosines_neither_underflow_nor_overflow():
    one, other = values((200_000,)), values((200_000,)) * 0.3 + values((400, 500)).flatten()
    wanted = float(torch.cosine_similarity(one.double(), other.double(), 0))
    for scale in (1.0, 1e-30, 1e30):
        assert cosine(
            [(one * scale).numpy()[:9], (one * scale).numpy()[9:]], [other.numpy()[:9], other.numpy()[9:]]
        ) == pytest.approx(wanted, rel=1e-6)
    assert product([one.numpy()], [other.numpy()]) == pytest.approx(float(one.double() @ other.double()), rel=1e-12)
    assert math.isnan(cosine([np.zeros(3, np.float32)], [np.ones(3, np.float32)]))


@pytest.mark.parametrize("rate", [0.02, 0.25, 0.5, 0.7])
def test_alpha_is_where_a_step_ends_in_a_parabola(rate):
    start, sharpness = np.array([3.0, -2.0]), 4.0
    end = start - rate * sharpness * start
    slopes = [float(sharpness * point @ (end - start)) for point in (start, end)]
    assert alpha(*slopes) == pytest.approx(rate * sharpness - 1)


def halves(signal: np.ndarray, deviations: np.ndarray, samples: int, generator: np.random.Generator) -> np.ndarray:
    """The gradients of two halves of a batch, whose samples' lie about a signal as a Gaussian does."""
    return signal + deviations / math.sqrt(samples / 2) * generator.normal(size=(2, len(signal)))


def told(scale: NoiseScale, one: np.ndarray, other: np.ndarray, sizes: tuple[int, int]) -> float:
    return scale.note(float(one @ one), float(other @ other), float(one @ other), sizes)


@pytest.mark.parametrize("sizes", [(16, 16), (8, 24), (5, 27)])
def test_the_noise_scale_is_that_of_gradients_of_which_signal_and_noise_are_known(sizes):
    generator, noise, scale = np.random.default_rng(0), 3.0, NoiseScale()
    signal = generator.normal(size=400) * 0.2
    found = []
    for _ in range(400):
        parts = [signal + noise * generator.normal(size=(size, 400)).mean(0) for size in sizes]
        found.append(told(scale, *parts, sizes))
    wanted = noise**2 * 400 / float(signal @ signal)
    assert np.median(np.nan_to_num(found[100:], nan=math.inf)) == pytest.approx(wanted, rel=0.1)


FALLING = {"noise stays": (0.9, 1.0, 10.0), "noise falls slower": (0.7, 0.75, 5.0), "both fall": (0.7, 0.7, 60.0)}
"""What is left of the squares of signal and noise from one measurement to the next, and the first noise scale."""


@pytest.mark.parametrize("name", FALLING)
def test_the_noise_scale_is_that_of_the_moment_though_gradients_shrink_by_orders_of_magnitude(name):
    (signal, noise, first), generator, errors = FALLING[name], np.random.default_rng(0), []
    deviations = np.sqrt(np.arange(1, 301.0) ** -1 / (np.arange(1, 301.0) ** -1).sum())
    for _run in range(40):
        scale, ahead = NoiseScale(), generator.normal(size=300)
        ahead /= np.linalg.norm(ahead)
        for step in range(35):
            spread = deviations * math.sqrt(first * noise**step)
            found = told(scale, *halves(ahead * signal ** (step / 2), spread, 64, generator), (32, 32))
            if step > 10:
                errors.append(math.log2(found * (signal / noise) ** step / first) if found > 0 else math.inf)
    assert abs(np.median(errors)) < 0.25, "within a fifth; a mean of both over the past is off by two to sixteen times"
    assert np.quantile(np.abs(errors), 0.75) < 1.2


def test_there_is_no_noise_scale_where_noise_hides_the_gradient_or_there_is_none():
    assert math.isnan(NoiseScale().note(1.0, 1.0, -0.1, (4, 4)))
    assert math.isnan(NoiseScale().note(0.0, 0.0, 0.0, (4, 4)))
    assert math.isnan(NoiseScale().note(math.nan, 1.0, 1.0, (4, 4)))
    scale = NoiseScale()
    assert math.isnan(scale.note(math.inf, 1.0, 1.0, (4, 4)))
    assert scale.note(1.0, 1.0, 1.0, (4, 4)) == 0.0, "what was not finite is forgotten"
