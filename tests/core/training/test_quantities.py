"""Metrics, and what a run says before it begins."""

from __future__ import annotations

import math

import msgspec
import pytest
import torch

from core.catalog import find
from core.engine.messages import Started
from core.graph import Value
from core.training.metrics import loss_at_chance, metric_of
from tests.core.catalog.loss_inputs import inputs_for
from tests.core.catalog.test_every_kind import concrete
from tests.core.catalog.test_losses import value_of
from tests.core.training.projects import DIGITS, classifier, gan, node, sigmoid_mlp
from tests.core.training.running import columns, finished, only, samples


def arguments(kind: str, **given: Value) -> dict[str, Value]:
    return {param.name: param.default for param in find(kind).params} | given


def measured(kind: str, prediction: torch.Tensor, target: torch.Tensor, **given: Value) -> float:
    metric = metric_of(find(kind), arguments(kind, **given))
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


def test_ignored_labels_are_neither_right_nor_wrong():
    scores, labels = torch.randn(50, 7), torch.randint(0, 7, (50,))
    kept = labels != 3
    wanted = (scores.argmax(1) == labels)[kept].double().mean()
    assert measured("CrossEntropy", scores, labels, ignore_index=3) == pytest.approx(float(wanted))
    assert math.isnan(measured("NLL", scores, torch.full((50,), -100)))


def test_what_is_measured_can_be_told_to_the_window():
    """NumPy's numbers are no JSON: one in a metric ended the engine after the first epoch of a translation."""
    scores, labels = torch.randn(50, 7), torch.randint(0, 7, (50,))
    told = (
        measured("CrossEntropy", scores, labels, ignore_index=3),
        measured("CrossEntropy", scores, labels),
        measured("MSE", scores, scores + 1),
        measured("BCEWithLogits", scores[:, :1], (scores[:, :1] > 0).float()),
    )
    assert msgspec.json.decode(msgspec.json.encode(told), type=tuple[float, ...]) == told


@pytest.mark.parametrize("kind", ["SoftMargin", "Hinge", "SoftPerceptron"])
def test_signs_are_right_on_the_right_side_of_zero(kind):
    scores, targets = torch.randn(50, 1), torch.randn(50, 1).sign()
    assert measured(kind, scores, targets) == (scores.sign() == targets).double().mean()


def test_probabilities_are_yes_from_one_half_on():
    shares, targets = torch.rand(50, 1), torch.randint(0, 2, (50, 1)).float()
    wanted = ((shares > 0.5) == (targets > 0.5)).double().mean()
    assert measured("BCE", shares, targets) == wanted
    assert measured("Dice", shares, targets, activation="none") == wanted


def test_shares_are_right_where_the_largest_is():
    scores, shares = torch.randn(50, 7), torch.randn(50, 7).softmax(1)
    wanted = (scores.argmax(1) == shares.argmax(1)).double().mean()
    assert measured("SoftCrossEntropy", scores, shares) == wanted
    assert measured("Dice", scores, shares, activation="softmax") == wanted


@pytest.mark.parametrize("kind", ["TripletMargin", "CTC", "Yolo", "KLToNormal", "KLDiv", "PoissonNLL"])
def test_losses_without_a_right_answer_have_no_metric(kind):
    assert metric_of(find(kind), arguments(kind)) is None


AT_CHANCE = {
    "CrossEntropy": {},
    "SoftCrossEntropy": {},
    "NLL": {},
    "Focal": {"gamma": 1.5},
    "MultiMargin": {"margin": 0.5, "p": 2},
    "MultiClassHinge": {"margin": 0.5, "squared": True},
    "BCEWithLogits": {},
    "BCE": {},
    "MultiLabelSoftMargin": {},
    "SoftMargin": {},
    "SoftPerceptron": {"beta": 2.0},
    "Hinge": {"margin": 2.0},
}


@pytest.mark.parametrize("kind", AT_CHANCE)
def test_a_guess_that_prefers_nothing_costs_what_is_said(kind):
    loss, given = find(kind), AT_CHANCE[kind]
    guess, target = inputs_for(loss, [concrete(item, 4) for item in loss.example], seed=0)
    even = {"NLL": -math.log(5), "BCE": 0.5}.get(kind, 0.0)
    wanted = value_of(loss, given, [torch.full_like(guess, even), target]).item()
    assert loss_at_chance(loss, arguments(kind, **given), 5) == pytest.approx(wanted, rel=1e-6)


def test_where_chance_depends_on_the_data_nothing_is_said():
    assert loss_at_chance(find("MSE"), arguments("MSE"), 1) is None
    assert loss_at_chance(find("BinaryFocal"), arguments("BinaryFocal"), 1) is None
    assert loss_at_chance(find("BCEWithLogits"), arguments("BCEWithLogits", pos_weight=(3.0,)), 1) is None
    assert loss_at_chance(find("CrossEntropy"), arguments("CrossEntropy", class_weights=(1.0, 2.0)), 2) is None


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
