"""The measuring: flat parameters stay what they were, and norms are those of float64, however small."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
import torch
from torch import nn

from chainrule.measuring import CHUNK, FlatParameters, Meter, rms, sum_of_squares
from chainrule.meters import NearMeter


@pytest.fixture(params=["compiled", "numpy"])
def measuring(request: pytest.FixtureRequest) -> Callable[[FlatParameters], Meter]:
    """What measures flat parameters, with a compiler and without."""
    return Meter if request.param == "numpy" else partial(NearMeter, request.getfixturevalue("library"))


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(30, 20), nn.Tanh(), nn.Linear(20, 7), nn.Tanh(), nn.Linear(7, 3))


def flat(model: nn.Sequential) -> FlatParameters:
    weights = [[parameter] for parameter in model.parameters() if parameter.dim() > 1]
    return FlatParameters(weights, [parameter for parameter in model.parameters() if parameter.dim() == 1])


def exact_norm(values: np.ndarray) -> float:
    return float(np.sqrt((values.astype(np.float64) ** 2).sum()))


def test_parameters_keep_their_values_and_become_views():
    model, plain = network(), network()
    laid = flat(model)
    for mine, other in zip(model.parameters(), plain.parameters(), strict=True):
        assert torch.equal(mine, other)
    laid.weights.data.fill_(0.5)
    assert all(bool((parameter == 0.5).all()) for parameter in model.parameters())


def test_backward_fills_the_flat_gradient():
    model, plain = network(), network()
    laid = flat(model)
    for one in (model, plain):
        one(torch.ones(4, 30)).square().sum().backward()
    assert all(
        torch.equal(mine.grad, other.grad) for mine, other in zip(model.parameters(), plain.parameters(), strict=True)
    )
    assert laid.gradient.square().sum() == pytest.approx(sum(p.grad.square().sum() for p in plain.parameters()))


@pytest.mark.parametrize(
    "spoil", [nn.Module.zero_grad, lambda model: model.to(torch.float64), lambda model: model.half()]
)
def test_what_ends_the_aliasing_is_noticed(spoil):
    model = network()
    laid = flat(model)
    assert laid.intact()
    spoil(model)
    assert not laid.intact()


def test_every_row_begins_at_a_whole_chunk_and_padding_stays_zero():
    model = network()
    laid = flat(model)
    optimizer = torch.optim.AdamW([laid.weights], lr=0.1, weight_decay=0.1)
    for _ in range(3):
        laid.gradient.zero_()
        model(torch.ones(4, 30)).square().sum().backward()
        optimizer.step()
    assert all(start % CHUNK == 0 for start, _stop in laid.bounds)
    used = sum(float(parameter.detach().double().square().sum()) for parameter in model.parameters())
    assert float(laid.weights.detach().double().square().sum()) == pytest.approx(used, rel=1e-12)


@pytest.mark.parametrize("power", [-44, -38, -30, -22.7, -20, -13, -6, 0, 6, 15, 18, 25, 37])
@pytest.mark.parametrize("count", [1, 17, CHUNK, 4096, 100_003])
def test_norms_are_those_of_float64_from_the_smallest_float32_to_the_largest(power, count):
    generator = np.random.default_rng(int(power * 10 + count) % 2**32)
    values = (generator.uniform(0.5, 1.0, count) * 10.0**power).astype(np.float32)
    assert np.sqrt(sum_of_squares(values)) == pytest.approx(exact_norm(values), rel=1e-6)
    assert rms(values) == pytest.approx(exact_norm(values) / np.sqrt(count), rel=1e-6)


def test_a_meter_reads_gradient_weight_and_true_update_of_every_row_whatever_their_size(measuring):
    torch.manual_seed(1)
    powers = (-22.7, -40.0, 0.0, 19.5, -9.0)
    rows = [torch.randn(40, 30) for _ in powers]
    laid = FlatParameters([[row] for row in rows], [torch.randn(11)])
    meter = measuring(laid)
    for row, power in zip(rows, powers, strict=True):
        row.grad.copy_(torch.randn(40, 30).double() * 10.0**power)
    rows[1].zero_()
    old = [row.numpy().copy() for row in rows]
    before = meter.before()
    for row in rows:
        row.sub_(row.grad, alpha=1e-3)
    after = meter.after()
    norms = meter.norms()
    for index, row in enumerate(rows):
        wanted = (row.grad.numpy(), old[index], row.numpy() - old[index])
        assert norms[index] == pytest.approx([exact_norm(values) for values in wanted], rel=1e-6, abs=0)
    total = float(laid.gradient.double().square().sum())
    assert before == pytest.approx(total, rel=1e-6)
    assert after == pytest.approx(total, rel=1e-6)


def test_a_row_of_several_tensors_has_their_joint_norm(measuring):
    parts = [torch.randn(5, 4), torch.randn(9, 9)]
    laid = FlatParameters([parts, [torch.randn(3, 3)]])
    meter = measuring(laid)
    meter.before()
    meter.after()
    assert meter.norms()[0, 1] == pytest.approx(
        exact_norm(np.concatenate([part.numpy().ravel() for part in parts])), rel=1e-6
    )


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_is_said_so(bad, measuring):
    laid = FlatParameters([[torch.ones(3, 3)], [torch.ones(2, 2)]])
    laid.gradient[1] = bad
    meter = measuring(laid)
    assert not np.isfinite(meter.before())
    meter.after()
    assert not np.isfinite(meter.norms()[0, 0])
    assert meter.norms()[1, 0] == 0
