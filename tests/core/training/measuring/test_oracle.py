"""Every quantity of five architectures, step for step, against plain torch in float64."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

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
LOOSE = ("through_time", "rank", "output", "noise_scale", "alpha")
"""What is small beside numbers of which it is the difference."""


def last_row(run: Run) -> dict[str, float]:
    """What the run measured at its last step."""
    rows, sampled = run.table.packed(), run.samples.packed()
    steps = np.frombuffer(rows.data, np.float32).reshape(rows.count, -1)[-1]
    found = dict(zip(run.table.columns, steps.tolist(), strict=True))
    for row in np.frombuffer(sampled.data, np.float32).reshape(-1, len(run.samples.columns)):
        found |= dict(zip(run.samples.columns, row.tolist(), strict=True))
    return found


def is_compared(name: str) -> bool:
    return not name.startswith(("forward:", "backward:", "metric", "learning_rate", "seconds", "memory"))


def assert_near(
    shown: dict[str, float], wanted: dict[str, float], step: int, accumulated: bool = False, always: bool = False
) -> None:
    for name in filter(is_compared, shown):
        told_again = always or (name == "noise_scale" and accumulated)
        seldom = name.startswith(("rank:", "alike:", "alpha", "noise_scale")) and step > 1 and not told_again
        value = math.nan if seldom else wanted[name]
        rel = 1e-3 if name.startswith(LOOSE) else 1e-4
        near = 1e-6 if name.startswith(("mean:", "zero:")) else 0
        if name.startswith("update:"):  # the weights are rounded to float32 after the step
            near = 6e-8 * wanted[name.replace("update", "weight")]
        assert shown[name] == pytest.approx(value, rel=rel, abs=near, nan_ok=True), (step, name)


@pytest.mark.parametrize("make", PAIRS, ids=lambda make: make.__name__)
def test_every_quantity_is_what_plain_torch_has_in_float64(make: Callable[[], Pair]):
    pair = make()
    run = start(job(pair.project))
    assert [row.path for row in run.samples.rows] == list(pair.axes)
    oracle = Oracle(pair, run)
    run.batches.begin_epoch()
    for step in range(1, STEPS + 1):
        wanted, shown = oracle.step(), last_row(run)
        assert set(filter(is_compared, shown)) == set(wanted)
        assert_near(shown, wanted, step, accumulated=pair.project.training.accumulate > 1)


@pytest.mark.parametrize("make", PAIRS, ids=lambda make: make.__name__)
def test_what_is_measured_seldom_is_as_true_at_any_step(make: Callable[[], Pair]):
    pair = make()
    run = start(job(pair.project))
    for seldom in (run.directions._seldom, run.samples._seldom_outputs, run.samples._seldom_weights):
        seldom.due = lambda _step: True
    oracle = Oracle(pair, run)
    run.batches.begin_epoch()
    for step in range(1, STEPS + 1):
        wanted, shown = oracle.step(), last_row(run)
        assert_near(shown, wanted, step, always=True)


@pytest.mark.parametrize("make", PAIRS, ids=lambda make: make.__name__)
def test_what_is_watched_at_every_step_is_as_true_whether_the_step_is_sampled_or_not(make: Callable[[], Pair]):
    pair = with_settings(make(), watch_all=True)
    run = start(job(pair.project))
    run.samples.schedule.due = lambda step: step % 2 == 1
    oracle = Oracle(pair, run)
    run.batches.begin_epoch()
    for step in range(1, STEPS + 1):
        wanted, shown = oracle.step(), last_row(run)
        assert {f"{name}:{path}" for name in ("mean", "std", "zero") for path in pair.axes} <= shown.keys()
        assert (f"dead:{next(iter(pair.axes))}" in shown) == (step % 2 == 1)
        partly = ("dead:", "noise_scale")  # they remember the sampled steps alone
        shown = {name: value for name, value in shown.items() if not name.startswith(partly)}
        assert_near(shown, wanted, step)


@pytest.mark.parametrize("accumulate", [1, 2])
@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_in_half_precision_gradients_are_told_unscaled(precision: str, accumulate: int):
    pair = architectures.encoder(precision=precision, accumulate=accumulate, clip_norm=0.5)
    run = start(job(pair.project))
    oracle = Oracle(pair, run)
    run.batches.begin_epoch()
    assert run.scaling.scale(0) == (2.0**16 if precision == "float16" else 1.0)
    for _ in range(3):
        wanted, shown = oracle.step(), last_row(run)
        plain = ("gradient", "clip", "update", "output", "std", "unit_std", "cosine")
        names = [name for name in shown if name.startswith((*plain, "noise_scale") if accumulate > 1 else plain)]
        assert len(names) > 30
        for name in names:
            assert shown[name] == pytest.approx(wanted[name], rel=0.04, nan_ok=name == "cosine"), name


@pytest.mark.parametrize("make", PAIRS, ids=lambda make: make.__name__)
def test_watching_changes_no_bit_of_the_weights(make: Callable[[], Pair]):
    ends = []
    for watch, everything in ((True, False), (True, True), (False, False)):
        run = start(job(with_settings(make(), watch_all=everything).project, watch=watch))
        run.samples.schedule.due = lambda step: step % 2 == 1
        run.batches.begin_epoch()
        for _ in range(STEPS):
            run.step()
        ends.append(run.weights())
    assert_same(ends[0], ends[2])
    assert_same(ends[1], ends[2])


def with_settings(pair: Pair, **settings: object) -> Pair:
    changed = replace(pair.project.training, **settings)
    return pair._replace(project=replace(pair.project, training=changed))
