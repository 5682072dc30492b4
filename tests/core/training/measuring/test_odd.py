"""What a run measures where there is little or nothing to measure, and that it trains on all the same."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from chainrule.outputs import OutputMeter
from core.training.checkpoint import save_weights
from core.training.loop import start
from core.training.measuring.weights import alike
from core.training.optimizers import Optimizer
from tests.core.training.measuring import architectures
from tests.core.training.measuring import odd_architectures as odd
from tests.core.training.measuring.architectures import Pair
from tests.core.training.measuring.oracle import Oracle
from tests.core.training.measuring.test_oracle import assert_near, last_row, with_settings
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


CASES: dict[str, Callable[[], Pair]] = {
    "one unit, no bias": odd.tiny,
    "batches of one": lambda: odd.tiny(batch_size=1),
    "one sample of a sequence": lambda: odd.stack(batch_size=1),
    "batches of two": lambda: odd.stack(batch_size=2),
    "channels behind": odd.turned,
    "a block three times": odd.stack,
    "both ways": odd.both_ways,
    "the last batch is shorter": lambda: with_settings(architectures.mlp(), batch_size=600),
    "the last batches are fewer": lambda: with_settings(architectures.cnn(), batch_size=250, accumulate=4),
    "the last batch is alone": lambda: with_settings(architectures.cnn(), batch_size=200, accumulate=7),
    "clipped by value": lambda: with_settings(architectures.mlp(), clip_value=1e-3),
    "clipped by value and by norm": lambda: with_settings(architectures.residual(), clip_value=0.02, clip_norm=0.05),
    "clipped never": lambda: with_settings(architectures.residual(), clip_value=9.0, clip_norm=90.0),
    "clipped after adding": lambda: with_settings(architectures.cnn(), clip_value=0.01),
}


@pytest.mark.parametrize("name", CASES)
def test_every_quantity_is_what_plain_torch_has(name: str):
    pair = CASES[name]()
    run = start(job(pair.project))
    assert [row.path for row in run.samples.rows] == list(pair.axes)
    oracle = Oracle(pair, run)
    run.batches.begin_epoch()
    for step in range(1, min(run.steps_per_epoch, 4) + 1):
        wanted, shown = oracle.step(), last_row(run)
        assert_near(shown, wanted, step, accumulated=pair.project.training.accumulate > 1)


@pytest.mark.parametrize(("shape", "axis"), [((64, 3, 16, 16), 1), ((64, 64, 3), -1), ((40, 3, 30), 1)])
def test_the_rows_of_an_effective_rank_come_from_all_places_of_a_map_or_a_sequence(shape: tuple[int, ...], axis: int):
    last = torch.zeros(shape).movedim(axis, -1)
    places = torch.zeros(len(last), last[0].numel() // 3, 3)
    places[:, 5::7] = torch.randn(places[:, 5::7].shape, generator=torch.Generator().manual_seed(0))
    rows = places.flatten(0, 1).double()
    sizes = torch.linalg.svdvals(rows - rows.mean(0))
    shares = sizes / sizes.sum()
    wanted = float(torch.exp(-(shares * shares.log()).sum()))
    assert OutputMeter(axis, None).rank(places.view(last.shape).movedim(-1, axis)) == pytest.approx(wanted, rel=0.1)


def test_a_frozen_layer_has_the_norm_of_the_weights_that_were_loaded(tmp_path: Path):
    layers = [
        node("flatten", "Flatten"),
        node("fc1", "Linear", out_features=6, frozen=True),
        node("fc2", "Linear", out_features=10),
    ]
    made = classifier(layers, DIGITS)
    weights = {name: 3 * tensor + 1 for name, tensor in start(job(made)).weights().items()}
    save_weights(weights, tmp_path / "weights.safetensors")
    run = start(job(made, weights=tmp_path / "weights.safetensors"))
    run.batches.begin_epoch()
    for _step in range(2):
        run.step()
        shown = last_row(run)
        assert shown["weight:fc1"] == pytest.approx(float(weights["fc1.weight"].double().norm()), rel=1e-6)
        assert math.isnan(shown["update:fc1"])


def test_the_slope_after_a_step_is_taken_with_the_units_that_dropped_out_before_it():
    layers = [
        node("flatten", "Flatten"),
        node("fc1", "Linear", out_features=30),
        node("drop", "Dropout", p=0.5),
        node("fc2", "Linear", out_features=10),
    ]
    run = start(job(classifier(layers, DIGITS, optimizer=Optimizer("SGD", 1e-4), batch_size=8)))
    run.directions._seldom.due = lambda _step: True
    run.batches.begin_epoch()
    for _step in range(5):
        run.step()
        assert last_row(run)["alpha"] == pytest.approx(-1.0, abs=0.02), "it has hardly moved"


def test_units_are_compared_where_there_are_units():
    words, wide = torch.nn.Embedding(9, 4), torch.nn.Linear(6, 1300)
    assert math.isnan(alike(words, [words.weight]))
    rows = wide.weight.detach().double()[::3]  # at most 512 are compared
    cosines = torch.nn.functional.cosine_similarity(rows[:, None], rows[None], dim=-1).abs()
    wanted = float(cosines.sum() - len(rows)) / (len(rows) * (len(rows) - 1))
    assert alike(wide, [wide.weight]) == pytest.approx(wanted, rel=1e-6)
