"""The gradient through time, for sequences longer and shorter than a profile has columns."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from chainrule.sequences import STRETCHES, through_time


@pytest.mark.parametrize("steps", [1, 5, STRETCHES, 40, 100])
def test_a_profile_has_the_rms_of_every_stretch(steps):
    gradient = torch.randn(6, steps, 3) * torch.logspace(-25, 0, steps)[:, None]
    ratio, profile = through_time(gradient)
    exact = gradient.double().square()
    assert ratio == pytest.approx(float((exact[:, 0].mean() / exact[:, -1].mean()).sqrt()), rel=1e-6, abs=0)
    count = min(STRETCHES, steps)
    wanted = [float(exact[:, part].mean().sqrt()) for part in np.array_split(np.arange(steps), count)]
    assert profile[:count] == pytest.approx(wanted, rel=1e-6, abs=0)
    assert np.isnan(profile[count:]).all()


def test_a_gradient_that_reaches_only_the_last_step_has_none_at_the_first():
    gradient = torch.zeros(2, 4, 3)
    assert np.isnan(through_time(gradient)[0])
    gradient[:, -1] = 1.0
    assert through_time(gradient)[0] == 0.0
