"""What can be told before training: each fault in a small network of its own, and the same network without it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from core.diagnosis.doctor import examine
from core.diagnosis.facts import Facts, FieldFacts
from core.project import Project
from core.training.optimizers import Optimizer
from core.training.schedules import Schedule
from tests.core.training.projects import DIGITS, SPIRAL, chain, classifier, gan, node, project, wire

IMAGE = FieldFacts("data", "image", 1440, 357, low=0.0, high=1.0, mean=0.3, std=0.4, rms=0.5, spread=2.0, offset=3.0)
LABEL = FieldFacts("data", "label", 1440, 357, classes=(144,) * 10, held_classes=(36,) * 10, names=tuple("0123456789"))


def facts(image: dict[str, Any] | None = None, label: dict[str, Any] | None = None) -> Facts:
    return Facts((replace(IMAGE, **(image or {})), replace(LABEL, **(label or {}))))


def network(*between: Any, **settings: Any) -> Project:
    """Two linear layers with a ReLU, and these nodes between the last and the loss."""
    layers = [
        node("flatten", "Flatten"),
        node("fc1", "Linear", out_features=32),
        node("relu", "ReLU"),
        node("fc2", "Linear", out_features=10),
        *between,
    ]
    return classifier(layers, DIGITS, **settings)


def codes(made: Project, known: Facts | None = None) -> list[str]:
    return [finding.code for finding in examine(made, known or facts()) if finding.shown]


@pytest.mark.parametrize(
    ("layer", "start", "is_told"),
    [("fc1", "zeros", True), ("fc1", "constant", True), ("fc1", "normal", False), ("fc2", "zeros", False)],
)
def test_hidden_units_that_are_to_begin_alike_are_told_before_they_do(layer: str, start: str, is_told: bool) -> None:
    made = network()
    node = made.graph.by_name(layer)
    assert node is not None
    made = made.with_scope(made.graph.replace_node(node.with_params(weight_init=start)), "")
    found = [one for one in examine(made, facts()) if one.code == "SYMMETRIC_INIT"]
    assert [one.where for one in found] == ([(layer,)] if is_told else [])
    frozen = made.with_scope(made.graph.replace_node(node.with_params(weight_init=start, frozen=True)), "")
    assert "SYMMETRIC_INIT" not in codes(frozen)


def test_a_sound_network_is_left_alone() -> None:
    assert codes(network()) == []


@pytest.mark.parametrize(
    ("image", "label", "code"),
    [
        ({"nonfinite": 2, "first_nonfinite": 5}, {}, "NAN_INPUT"),
        ({"rms": 120.0}, {}, "INPUT_NOT_NORMALIZED"),
        ({"spread": 300.0}, {}, "INPUT_NOT_NORMALIZED"),
        ({"offset": 40.0}, {}, "INPUT_NOT_NORMALIZED"),
        ({"shift": 0.6}, {}, "TRAIN_VAL_MISMATCH"),
        ({"scale": 0.3}, {}, "TRAIN_VAL_MISMATCH"),
        ({"scale": 2.5}, {}, "TRAIN_VAL_MISMATCH"),
        ({}, {"classes": (500, *(100,) * 8, 10)}, "CLASS_IMBALANCE"),
        ({}, {"classes": (1440, *(0,) * 9)}, "CONSTANT_TARGET"),
        ({}, {"batch_entropy": 0.4, "random_entropy": 2.1}, "DATA_NOT_SHUFFLED"),
    ],
)
def test_faults_of_data_are_told_before_training(image: dict[str, Any], label: dict[str, Any], code: str) -> None:
    assert codes(network(), facts(image, label)) == [code]


def test_a_normalization_that_comes_first_takes_any_scale() -> None:
    layers = [node("flatten", "Flatten"), node("bn", "BatchNorm1d"), node("fc", "Linear", out_features=10)]
    assert codes(classifier(layers, DIGITS), facts({"rms": 120.0, "spread": 300.0})) == []


def test_classes_that_are_weighted_may_be_rare() -> None:
    made = network()
    weighted = made.graph.replace_node(made.graph.node("loss").with_params(class_weights=(1.0,) * 10))
    assert codes(replace(made, graph=weighted), facts({}, {"classes": (500, *(100,) * 8, 10)})) == []


def test_leaks_are_told_by_their_share() -> None:
    known = facts()
    assert codes(network(), replace(known, leaks=(("data", 40),))) == ["DATA_LEAK"]
    assert codes(network(), replace(known, leaks=(("data", 4),))) == []


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (lambda: network(node("softmax", "Softmax")), "DOUBLE_SOFTMAX"),
        (lambda: network(node("sigmoid", "Sigmoid")), "DOUBLE_SOFTMAX"),
        (lambda: network(node("tanh", "Tanh")), "OUTPUT_ACTIVATION_MISMATCH"),
        (lambda: network(node("drop", "Dropout", p=0.5)), "DROPOUT_TOO_HIGH"),
        (lambda: network(schedule=Schedule("Step", every=0.5, factor=0.3), epochs=10), "SCHEDULE_COLLAPSE"),
        (lambda: network(optimizer=Optimizer("Momentum", 0.1, momentum=0.999)), "OPTIMIZER_CONFIG"),
        (lambda: network(optimizer=Optimizer("Adam", 1e-3, beta2=0.5)), "OPTIMIZER_CONFIG"),
        (lambda: network(optimizer=Optimizer("Adam", 1e-3, eps=0.1)), "OPTIMIZER_CONFIG"),
        (lambda: network(rates=(("fc1", 0.0),)), "UNTRAINED_LAYER"),
    ],
)
def test_faults_of_network_and_settings_are_told_before_training(made: Callable[[], Project], code: str) -> None:
    assert codes(made()) == [code]


@pytest.mark.parametrize(
    "settings",
    [
        {"schedule": Schedule("Cosine", warmup=1), "epochs": 10},
        {"schedule": Schedule("Step", every=4, factor=0.1), "epochs": 10},
        {"optimizer": Optimizer("Momentum", 0.1, momentum=0.95)},
        {"optimizer": Optimizer("Adam", 1e-3)},
        {"batch_size": 8},
    ],
)
def test_usual_settings_are_left_alone(settings: dict[str, Any]) -> None:
    assert codes(network(**settings)) == []


def plain(*layers: Any, **settings: Any) -> Project:
    return classifier(
        [node("flatten", "Flatten"), *layers, node("last", "Linear", out_features=10)], DIGITS, **settings
    )


def test_linear_layers_in_a_row_want_an_activation_unless_the_first_is_a_bottleneck() -> None:
    wide = node("fc", "Linear", out_features=64)
    assert codes(plain(wide)) == ["MISSING_NONLINEARITY"]
    assert codes(plain(wide, node("bn", "BatchNorm1d"), node("drop", "Dropout", p=0.1))) == ["MISSING_NONLINEARITY"]
    assert codes(plain(node("fc", "Linear", out_features=6))) == []
    assert codes(plain(wide, node("act", "GELU"))) == []


def test_a_layer_that_is_too_narrow_for_the_classes_is_named() -> None:
    found = examine(plain(node("fc", "Linear", out_features=2), node("act", "Tanh")), facts())
    assert [(finding.code, finding.where) for finding in found] == [("UNDERFITTING_CAPACITY", ("fc",))]
    assert codes(plain(node("fc", "Linear", out_features=8), node("act", "Tanh"))) == []


def test_dropout_is_judged_by_its_rate_and_the_width_before_it() -> None:
    def dropping(width: int, rate: float) -> list[str]:
        return codes(
            plain(node("fc", "Linear", out_features=width), node("act", "ReLU"), node("drop", "Dropout", p=rate))
        )

    assert dropping(256, 0.9) == dropping(32, 0.6) == dropping(64, 0.75) == ["DROPOUT_TOO_HIGH"]
    assert dropping(256, 0.5) == dropping(32, 0.3) == dropping(256, 0.75) == []


def test_a_batch_normalization_wants_samples_and_no_batch_of_one() -> None:
    layers = (node("fc", "Linear", out_features=32), node("bn", "BatchNorm1d"), node("act", "ReLU"))
    assert codes(plain(*layers, batch_size=2)) == ["BN_SMALL_BATCH"]
    assert codes(plain(*layers, batch_size=1439)) == ["BN_SMALL_BATCH"]  # the last batch holds one sample
    assert codes(plain(*layers, batch_size=1439, drop_last=True)) == []
    assert codes(plain(*layers, batch_size=32)) == []


def test_dropout_before_a_batch_normalization_is_a_hint() -> None:
    layers = (node("fc", "Linear", out_features=64), node("act", "ReLU"), node("drop", "Dropout", p=0.3))
    found = examine(
        plain(*layers, node("fc2", "Linear", out_features=64), node("bn", "BatchNorm1d"), node("act2", "ReLU"))
    )
    assert [(finding.code, finding.severity) for finding in found] == [("DROPOUT_BEFORE_NORM", "hint")]


def test_what_no_gradient_comes_to_is_named() -> None:
    layers = (node("fc", "Linear", out_features=32), node("act", "ReLU"), node("stop", "Detach"))
    found = examine(plain(*layers), facts())
    assert [(finding.code, finding.where) for finding in found] == [("UNTRAINED_LAYER", ("fc",))]


def test_a_layer_from_which_no_wire_leads_to_the_loss_is_named() -> None:
    made = network()
    graph = made.graph.add_nodes([node("aside", "Linear", out_features=4)]).connect_all([wire("relu", "aside")])
    (found,) = [one for one in examine(replace(made, graph=graph), facts()) if one.shown]
    assert (found.code, found.where) == ("UNTRAINED_LAYER", ("aside",))
    assert found.cause == "No wire leads from them to a loss."


@pytest.mark.parametrize(("std", "wanted"), [(0.0, ["CONSTANT_TARGET"]), (1.0, [])])
def test_a_number_that_is_the_same_for_all_is_told(std: float, wanted: list[str]) -> None:
    nodes = [node("data", "Dataset", dataset="data"), node("fc", "Linear", out_features=1), node("loss", "MSE")]
    edges = [wire("data.point", "fc"), wire("fc", "loss.prediction"), wire("data.target", "loss.target")]
    target = FieldFacts("data", "target", 80, 20, low=1.0, high=1.0, mean=1.0, std=std, rms=1.0)
    assert codes(project(nodes, edges, SPIRAL), Facts((target,))) == wanted


def test_class_numbers_compared_as_numbers_are_told_however_well_it_goes() -> None:
    nodes = [
        node("data", "Dataset", dataset="data"),
        node("flatten", "Flatten"),
        node("fc", "Linear", out_features=1),
        node("cast", "Cast", dtype="float32"),
        node("column", "Unsqueeze", dim=1),
        node("loss", "MSE"),
    ]
    edges = [
        wire("data.image", "flatten"),
        wire("flatten", "fc"),
        wire("fc", "loss.prediction"),
        wire("data.label", "cast"),
        *chain(["cast", "column"]),
        wire("column", "loss.target"),
    ]
    assert codes(project(nodes, edges, DIGITS)) == ["WRONG_LOSS"]


def test_two_phases_that_train_each_their_part_are_left_alone() -> None:
    assert [finding.code for finding in examine(gan()) if finding.shown] == []


def test_nothing_is_needed_to_be_known_of_data() -> None:
    layers = [node("fc", "Linear", out_features=16), node("act", "Tanh"), node("last", "Linear", out_features=2)]
    assert examine(classifier(layers, SPIRAL, "point")) == ()
