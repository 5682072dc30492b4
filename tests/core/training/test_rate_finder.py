"""The range test against a plain loop of torch and a problem whose largest rate is known; it touches nothing."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from torch.nn import functional

from core.data.settings import DatasetSettings
from core.engine.answers import answer
from core.engine.means import Means
from core.errors import EngineError, ParameterError
from core.files import to_text
from core.training.optimizers import Optimizer
from core.training.rate_finder import SETTLING, find_rate, noise, smoothed, suggestion
from core.training.schedules import Schedule
from tests.core.training.projects import batches, loaded, node, project, sigmoid_mlp, small_convnet, wire
from tests.core.training.running import assert_same, finished, job, weights


def silent(_text: str, _share: float) -> None:
    """Tell nobody."""


def regression():
    """A linear layer on the diabetes table, by gradient descent on all of it at once: a quadratic problem."""
    nodes = [node("data", "Dataset", dataset="data"), node("fc", "Linear", out_features=1), node("loss", "MSE")]
    edges = [wire("data.features", "fc"), wire("fc", "loss.prediction"), wire("data.target", "loss.target")]
    return project(nodes, edges, DatasetSettings("diabetes"), batch_size=10_000)


def test_the_losses_are_those_of_a_plain_loop_with_a_rising_rate():
    made = sigmoid_mlp(2, optimizer=Optimizer("Momentum", 0.5), schedule=Schedule("Cosine"))
    found = find_rate(job(made), None, silent, steps=60, lowest=1e-4, highest=1.0)
    torch.manual_seed(made.training.seed)
    model = torch.nn.Sequential(
        torch.nn.Flatten(), torch.nn.Linear(64, 16), torch.nn.Sigmoid(), torch.nn.Linear(16, 10)
    )
    optimizer = torch.optim.SGD(model.parameters(), 1.0, momentum=0.9)
    data, losses = loaded(made)["data"], []
    for numbers, rate in zip(batches(made, 2), np.geomspace(1e-4, 1.0, 60), strict=False):
        optimizer.param_groups[0]["lr"] = rate
        optimizer.zero_grad()
        loss = functional.cross_entropy(model(data.fields["image"][numbers]), data.fields["label"][numbers])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert found.rates == pytest.approx(np.geomspace(1e-4, 1.0, 60))
    assert found.losses == pytest.approx(losses[: len(found.losses)], rel=1e-5)
    assert len(found.losses) > 45  # it goes on in a second epoch


def test_on_a_quadratic_problem_it_diverges_beyond_the_largest_stable_rate_and_suggests_one_below():
    made = regression()
    data = loaded(made)["data"]
    inputs = torch.cat([data.fields["features"][data.train], torch.ones(len(data.train), 1)], 1).double()
    curvature = 2 * inputs.T @ inputs / len(inputs)
    largest = 2 / float(torch.linalg.eigvalsh(curvature)[-1])
    found = find_rate(job(made), None, silent, lowest=1e-5, highest=100.0)
    assert found.diverged
    assert largest < found.rates[-1] < 100
    assert found.suggested is not None
    assert largest / 100 < found.suggested < largest


def test_it_begins_with_the_weights_it_is_given():
    made = small_convnet()
    _events, control = finished(made)
    trained, fresh = (find_rate(job(made), given, silent, steps=20) for given in (weights(control), None))
    assert trained.losses[0] < 1.0 < fresh.losses[0]


def test_neither_the_weights_nor_torchs_generator_are_touched():
    made = small_convnet()
    _events, control = finished(made)
    before, state = weights(control), torch.get_rng_state()
    find_rate(job(made), before, silent, steps=20)
    assert torch.equal(torch.get_rng_state(), state)
    assert_same(weights(control), before)


def test_it_can_be_cancelled_between_two_steps():
    shares = []

    def cancelled(_text: str, share: float) -> None:
        shares.append(share)
        if len(shares) == 5:
            raise EngineError("an answer was wanted", "it was cancelled", "Engine")

    with pytest.raises(EngineError):
        find_rate(job(small_convnet()), None, cancelled)
    assert shares == [0, 0.01, 0.02, 0.03, 0.04]


def test_a_range_that_is_none_is_refused():
    with pytest.raises(ParameterError):
        find_rate(job(small_convnet()), None, silent, lowest=1.0, highest=0.1)


def test_smoothing_lags_behind_neither_way():
    line = np.linspace(3, 1, 50)
    assert smoothed(line)[12:38] == pytest.approx(line[12:38])
    assert smoothed(np.full(30, 2.0)) == pytest.approx(np.full(30, 2.0))


def test_what_chance_gives_is_known_by_trying_it():
    draw = np.random.default_rng(0)
    losses = draw.normal(2.0, 0.1, 20_000)
    curve = smoothed(losses)
    assert noise(losses, curve) == pytest.approx(np.std(np.gradient(curve)), rel=0.1)


def test_the_suggestion_is_where_a_curve_falls_fastest():
    rates = np.geomspace(1e-6, 1, 100)
    curve = -np.tanh((np.arange(100) - 60) / 8)
    curve[80:] += np.linspace(0, 9, 20)
    assert suggestion(rates, curve) == rates[60]
    assert suggestion(rates, np.linspace(1, 2, 100)) is None
    assert suggestion(rates, curve, chance=0.2) is None
    hump = np.concatenate([np.full(40, 1.0), np.linspace(1, 5, 30), np.linspace(5, 0, 30)])
    assert suggestion(rates, hump) is None  # a fall from what diverged before
    assert suggestion(rates[:SETTLING], curve[:SETTLING]) is None


def test_the_engine_answers_with_the_whole_test():
    made = small_convnet()
    _events, control = finished(made)
    means = Means(loaded, lambda _within: weights(control), lambda _wanted: None, lambda _trained: None, silent)
    fresh, last = (
        json.loads(answer("rates", json.dumps({"project": to_text(made), "last": given, "steps": 15}), means))
        for given in (False, True)
    )
    assert fresh.keys() == {"rates", "losses", "smooth", "suggested", "diverged"}
    assert len(fresh["rates"]) == len(fresh["losses"]) == len(fresh["smooth"]) == 15
    assert last["losses"][0] < fresh["losses"][0]
