"""Many outputs at once come to what each has by itself in float64."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from chainrule import many
from chainrule.many import LARGE, Many, large_moments
from chainrule.statistics import BLOCK


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
    return made


def wanted(tensor: Tensor) -> tuple[float, float, float]:
    exact = tensor.detach().double()
    return float(exact.mean()), float(exact.std(correction=0)), float((exact == 0).double().mean())


def test_every_output_has_its_own_mean_deviation_and_zeros_in_batches_of_any_size():
    many = Many(10)
    out = np.empty((3, 10), np.float32)
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


def test_what_was_not_seen_this_time_is_not_told_again():
    many, out = Many(2), np.empty((3, 2), np.float32)
    many.see(0, torch.ones(4))
    many.see(1, torch.ones(LARGE))
    many.write(out)
    later = np.empty((3, 2), np.float32)
    many.write(later)
    many.flush()
    assert out[0].tolist() == [1.0, 1.0]
    assert np.isnan(later).all()


def test_small_outputs_of_several_steps_are_measured_together_and_none_is_lost():
    many, seen, outs = Many(3), [], []
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
def test_what_is_not_finite_is_said_so(bad):
    many, out = Many(3), np.empty((3, 3), np.float32)
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
@pytest.mark.parametrize("way", ["compiled", "by blocks"])
def test_large_ones_are_as_exact(count, mean, scale, way, request):
    values = (np.random.default_rng(0).normal(mean, 1.0, count) * scale).astype(np.float32)
    values[::5] *= mean != 0 or values[::5] > 0
    exact = wanted(torch.from_numpy(values))
    shown = large_moments(values, request.getfixturevalue("library") if way == "compiled" else None)
    assert shown[1:] == pytest.approx(exact[1:], rel=1e-5)
    assert shown[0] == pytest.approx(exact[0], rel=1e-5, abs=1e-6 * exact[1])


@pytest.mark.parametrize("way", ["compiled", "by blocks"])
def test_large_ones_that_are_zero_throughout_are_told_by_one_look(way, request, monkeypatch):
    monkeypatch.setattr(many, "moments", None)  # a network whose units have died costs no more than another
    library = request.getfixturevalue("library") if way == "compiled" else None
    assert large_moments(np.zeros(BLOCK + 5, np.float32), library) == (0.0, 0.0, 1.0)
