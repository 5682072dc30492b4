"""Every quantity of five architectures, step for step, against plain torch in float64."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from core.training.loop import start
from core.training.run import Run
from tests.core.training.measuring import architectures
from tests.core.training.measuring.architectures import Pair
from tests.core.training.measuring.oracle import Oracle
from tests.core.training.running import assert_same, job

PAIRS = (
    architectures.mlp,
    architectures.cnn,
    architectures.residual,
    architectures.encoder,
    architectures.recurrent,
)
STEPS = 6
LOOSE = ("through_time", "rank", "output")
"""What is small beside numbers of which it is the difference."""


def last_row(run: Run) -> dict[str, float]:
    """What the run measured at its last step."""
    rows, sampled = run.table.packed(), run.samples.packed()
    steps = np.frombuffer(rows.data, np.float32).reshape(rows.count, -1)[-1]
    samples = np.frombuffer(sampled.data, np.float32).reshape(-1, len(run.samples.columns))[-1]
    found = dict(zip(run.table.columns, steps.tolist(), strict=True))
    return found | dict(zip(run.samples.columns, samples.tolist(), strict=True))


@pytest.mark.parametrize("make", PAIRS, ids=lambda make: make.__name__)
def test_every_quantity_is_what_plain_torch_has_in_float64(make: Callable[[], Pair]):
    pair = make()
    run = start(job(pair.project))
    assert [row.path for row in run.samples.rows] == list(pair.axes)
    oracle = Oracle(pair, run)
    run.batches.begin_epoch()
    for step in range(1, STEPS + 1):
        wanted, shown = oracle.step(), last_row(run)
        names = {name for name in shown if not name.startswith(("forward:", "backward:", "metric", "learning_rate"))}
        assert names == set(wanted)
        for name in names:
            seldom = name.startswith(("rank:", "alike:")) and step > 1
            value = math.nan if seldom else wanted[name]
            rel = 1e-3 if name.startswith(LOOSE) else 1e-4
            near = 1e-6 if name.startswith(("mean:", "zero:")) else 0
            assert shown[name] == pytest.approx(value, rel=rel, abs=near, nan_ok=True), (step, name)


@pytest.mark.parametrize("make", PAIRS, ids=lambda make: make.__name__)
def test_watching_changes_no_bit_of_the_weights(make: Callable[[], Pair]):
    ends = []
    for watch in (True, False):
        run = start(job(make().project, watch=watch))
        run.batches.begin_epoch()
        for _ in range(STEPS):
            run.step()
        ends.append(run.weights())
    assert_same(*ends)
