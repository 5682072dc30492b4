"""Many outputs at once come to what each has by itself in float64."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
import torch
from torch import Tensor

from chainrule import many, moments
from chainrule.many import LARGE, Many
from chainrule.moments import Moments
from chainrule.statistics import BLOCK


@pytest.fixture(params=["compiled", "numpy"])
def made(request: pytest.FixtureRequest) -> Callable[[int], Many | Moments]:
    """What measures so many outputs, with a compiler and without."""
    if request.param == "numpy":
        return Many
    return partial(Moments, request.getfixturevalue("library"))


def outputs(batch: int) -> list[Tensor]:
    torch.manual_seed(batch)
    shapes = [(batch, 7), (batch, 3, 5, 5), (batch, 300), (batch, 40, 900), (batch,), (batch, 256)]
    made = [torch.randn(shape) for shape in shapes]
    made[1] = made[1].relu()
    made[2] = made[2] * 1e-3 + 100
    made[4] = made[4] * 1e-30
    made[5] = made[5].zero_()
    made.append((torch.randn(batch, 64) * 1e25).requires_grad_() * 1)
    made.append(torch.randn(batch, 12, 9).transpose(1, 2))
    made.append(torch.randn(batch, 31).bfloat16())
    made.append(torch.randn(1, 40).expand(batch, 40))
    return made


def wanted(tensor: Tensor) -> tuple[float, float, float]:
    exact = tensor.detach().double()
    return float(exact.mean()), float(exact.std(correction=0)), float((exact == 0).double().mean())


def test_every_output_has_its_own_mean_deviation_and_zeros_in_batches_of_any_size(made):
    many = made(11)
    out = np.empty((3, 11), np.float32)
    for batch in (16, 16, 5, 1, 16):
        seen = outputs(batch)
        for place, tensor in enumerate(seen):
            many.see(place, torch.ones(3))  # an earlier part of the same step
            many.see(place, tensor)
        many.write(out)
        many.flush()
        for place, tensor in enumerate(seen):
            mean, deviation, zero = wanted(tensor)
            assert out[1, place] == pytest.approx(deviation, rel=1e-5, abs=0), (batch, place)
            assert out[0, place] == pytest.approx(mean, rel=1e-5, abs=3e-7 * max(deviation, abs(mean)))
            assert out[2, place] == pytest.approx(zero, abs=1e-7)
        assert np.isnan(out[:, len(seen)]).all()
    assert any(tensor.numel() >= LARGE for tensor in outputs(16))


def test_what_was_not_seen_this_time_is_not_told_again(made):
    many, out = made(2), np.empty((3, 2), np.float32)
    many.see(0, torch.ones(4))
    many.see(1, torch.ones(LARGE))
    many.write(out)
    later = np.empty((3, 2), np.float32)
    many.write(later)
    many.flush()
    assert out[0].tolist() == [1.0, 1.0]
    assert np.isnan(later).all()


def test_small_outputs_of_several_steps_are_measured_together_and_none_is_lost(made):
    many, seen, outs = made(3), [], []
    for step in range(200):
        small = [torch.randn(7 + step % 2, 5), torch.randn(300)]
        large = torch.randn(LARGE + step)
        many.take([2, 0], small)
        many.see(1, large)
        outs.append(np.empty((3, 3), np.float32))
        many.write(outs[-1])
        seen.append([small[1], large, small[0]])
    many.flush()
    for out, tensors in zip(outs, seen, strict=True):
        for place, tensor in enumerate(tensors):
            assert out[:, place] == pytest.approx(wanted(tensor), rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_what_is_not_finite_is_said_so(bad, made):
    many, out = made(3), np.empty((3, 3), np.float32)
    small, large = torch.ones(4), torch.ones(LARGE)
    small[1] = large[1] = bad
    for place, tensor in enumerate((small, large, torch.ones(4))):
        many.see(place, tensor)
    many.write(out)
    many.flush()
    assert not np.isfinite(out[0, :2]).any()
    assert out[:, 2].tolist() == [1, 0, 0]


@pytest.mark.parametrize("count", [BLOCK, 3 * BLOCK + 17])
@pytest.mark.parametrize(("mean", "scale"), [(0.0, 1.0), (1e4, 1.0), (0.0, 1e-25), (0.0, 1e22)])
def test_large_ones_are_as_exact(count, mean, scale, made):
    values = (np.random.default_rng(0).normal(mean, 1.0, count) * scale).astype(np.float32)
    values[::5] *= mean != 0 or values[::5] > 0
    exact, shown = wanted(torch.from_numpy(values)), told(made(1), torch.from_numpy(values))
    assert shown[1:] == pytest.approx(exact[1:], rel=1e-5)
    assert shown[0] == pytest.approx(exact[0], rel=1e-5, abs=1e-6 * exact[1])


@pytest.mark.parametrize("module", [many, moments])
def test_large_ones_that_are_zero_throughout_are_told_by_one_look(module, made, monkeypatch):
    monkeypatch.setattr(module, "moments", None)  # a network whose units have died costs no more than another
    assert told(made(1), torch.zeros(BLOCK + 5)) == [0.0, 0.0, 1.0]


def test_an_output_without_numbers_has_no_mean(made):
    assert np.isnan(told(made(1), torch.zeros(0, 4))).all()


def told(by: Many | Moments, output: Tensor) -> list[float]:
    """What one output comes to."""
    out = np.empty((3, 1), np.float32)
    by.see(0, output)
    by.write(out)
    by.flush()
    return [float(one) for one in out[:, 0]]
