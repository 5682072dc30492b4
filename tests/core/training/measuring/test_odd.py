"""What a run measures where there is little or nothing to measure, and that it trains on all the same."""

from __future__ import annotations

import math

import pytest

from core.training.loop import start
from tests.core.training.measuring.test_oracle import last_row
from tests.core.training.projects import DIGITS, classifier, node
from tests.core.training.running import job


@pytest.mark.parametrize("batch", [2, 3, 4, 5])
def test_halves_of_a_batch_are_not_so_small_that_batch_norm_refuses_them(batch: int):
    layers = [
        node("flatten", "Flatten"),
        node("fc1", "Linear", out_features=6),
        node("bn", "BatchNorm1d"),
        node("fc2", "Linear", out_features=10),
    ]
    run = start(job(classifier(layers, DIGITS, batch_size=batch)))
    run.batches.begin_epoch()
    run.step()
    shown = last_row(run)
    assert math.isfinite(shown["alpha"])
    assert batch >= 4 or math.isnan(shown["noise_scale"])
