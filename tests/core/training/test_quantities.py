"""Metrics, the schedule of samples, and what a run says before it begins."""

from __future__ import annotations

import math

import pytest
import torch

from core.catalog import find
from core.engine.messages import Started
from core.training.metrics import loss_at_chance, metric_of
from core.training.quantities import ALWAYS, LONGEST, SHARE, Schedule, interval
from tests.core.training.projects import DIGITS, classifier, gan, node, sigmoid_mlp
from tests.core.training.running import columns, finished, only, samples


def measured(kind: str, prediction: torch.Tensor, target: torch.Tensor) -> float:
    metric = metric_of(find(kind))
    assert metric is not None
    return metric.value(*metric.measure(prediction, target))


def test_accuracy_of_classes_is_the_share_of_right_ones():
    scores, labels = torch.randn(50, 7), torch.randint(0, 7, (50,))
    assert measured("CrossEntropy", scores, labels) == (scores.argmax(1) == labels).double().mean()


def test_accuracy_of_yes_or_no_goes_by_the_sign():
    scores, targets = torch.randn(50, 1), torch.randint(0, 2, (50, 1)).float()
    assert measured("BCEWithLogits", scores, targets) == ((scores > 0) == (targets > 0.5)).double().mean()


@pytest.mark.parametrize("kind", ["MSE", "L1", "SmoothL1"])
def test_regressions_have_their_root_mean_square_error(kind):
    guess, target = torch.randn(50, 3, requires_grad=True), torch.randn(50, 3)
    wanted = (guess - target).double().square().mean().sqrt().item()
    assert measured(kind, guess, target) == pytest.approx(wanted, rel=1e-6)


def test_a_uniform_guess_costs_the_logarithm_of_the_choices():
    scores = torch.zeros(4, 7)
    wanted = torch.nn.functional.cross_entropy(scores, torch.tensor([0, 1, 2, 3])).item()
    assert loss_at_chance(find("CrossEntropy"), 7) == pytest.approx(wanted, rel=1e-6)
    assert loss_at_chance(find("BCEWithLogits"), 1) == pytest.approx(math.log(2))
    assert loss_at_chance(find("MSE"), 1) is None


@pytest.mark.parametrize(("plain", "sampled"), [(1e-4, 2.6e-4), (6e-3, 7e-3), (1e-3, 1e-1), (1e-3, 9e-4)])
def test_sampling_costs_no_more_than_its_share(plain, sampled):
    every = interval(plain, sampled)
    assert every == LONGEST or max(sampled - plain, 0) / every <= SHARE * plain
    assert every == 1 or max(sampled - plain, 0) / (every - 1) > SHARE * plain


def test_the_first_steps_are_sampled_all_and_later_ones_at_the_interval():
    schedule, due = Schedule(), []
    for step in range(1, 500):
        sampled = schedule.due(step)
        due += [step] if sampled else []
        schedule.note(step, 1.5e-3 if sampled else 1e-3, sampled)
    assert due[:ALWAYS] == list(range(1, ALWAYS + 1))
    assert {later - one for one, later in zip(due[ALWAYS + 1 :], due[ALWAYS + 2 :], strict=False)} == {50}


def test_what_a_run_is_said_to_be():
    events, _control = finished(sigmoid_mlp(3, batch_size=100, epochs=2))
    started = only(events, Started)[0]
    assert [row.path for row in started.weights] == ["fc1", "fc2", "fc3"]
    assert [row.numel for row in started.weights] == [64 * 16, 16 * 16, 16 * 10]
    assert [row.path for row in started.outputs] == ["fc1", "act1", "fc2", "act2", "fc3"]
    assert (started.steps_per_epoch, started.total_steps) == (15, 30)
    assert started.train_samples + started.validation_samples == 1797
    assert started.parameters == 64 * 16 + 16 + 16 * 16 + 16 + 16 * 10 + 10
    assert started.loss_at_chance == pytest.approx(math.log(10))
    assert started.metric == "accuracy"
    assert len(columns(events)["loss"]) == 30


def test_a_frozen_layer_has_a_weight_but_no_gradient():
    layers = [
        node("flatten", "Flatten"),
        node("fc1", "Linear", out_features=10, frozen=True),
        node("relu", "ReLU"),
        node("fc2", "Linear", out_features=10),
    ]
    events, _control = finished(classifier(layers, DIGITS))
    shown = columns(events)
    assert all(math.isnan(value) for name in ("gradient", "update") for value in shown[f"{name}:fc1"])
    assert len(set(shown["weight:fc1"].tolist())) == 1
    assert shown["weight:fc1"][0] > 0
    assert min(shown["gradient:fc2"]) > 0
    assert [row.path for row in only(events, Started)[0].outputs] == ["fc2"]


def test_every_instance_of_a_linked_block_has_its_row_and_the_shared_weight_has_one():
    events, _control = finished(gan(batch_size=10))
    started = only(events, Started)[0]
    assert [row.path for row in started.weights] == ["gen1", "gen2", "real.hidden", "real.score"]
    shown = samples(events)[1]
    for name in ("real", "fake", "fooled"):
        assert min(shown[f"output:{name}.hidden"]) > 0
    assert {row.node for row in started.outputs if row.path.startswith("fake.")} == {"fake"}


def test_several_updates_a_round_take_a_batch_each():
    made = gan(batch_size=10, steps=3)
    events, _control = finished(made)
    assert only(events, Started)[0].steps_per_epoch == math.ceil(8 / 3)
