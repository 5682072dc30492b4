"""What goes wrong while training is told with its node, and nothing bad is applied."""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType

import pytest
import torch

from core.engine.messages import Event, Failed, Started, StepRows
from core.training.control import Control
from core.training.domains import DOMAINS, outside
from core.training.loop import start, train
from core.training.nonfinite import diagnose
from core.training.optimizers import Optimizer
from core.training.passing import NonFinite
from core.training.run import Job
from core.training.settings import Phase
from tests.core.training.projects import (
    DIGITS,
    SPIRAL,
    chain,
    classifier,
    gan,
    loaded,
    node,
    project,
    sigmoid_mlp,
    small_convnet,
    wire,
)
from tests.core.training.running import job, only


def failed(made, **fields: torch.Tensor) -> tuple[Failed, list[Event]]:
    """How a run ends, with these fields of its data replaced."""
    data = loaded(made)
    data["data"] = replace(data["data"], fields=MappingProxyType({**data["data"].fields, **fields}))
    events = list(train(Job(made, data), Control()))
    assert isinstance(events[-1], Failed)
    return events[-1], events


def regression(**options: object):
    nodes = [
        node("data", "Dataset", dataset="data"),
        node("fc1", "Linear", out_features=16),
        node("relu", "ReLU"),
        node("fc2", "Linear", out_features=1),
        node("loss", "MSE"),
    ]
    edges = [
        wire("data.point", "fc1"),
        *chain(["fc1", "relu", "fc2"]),
        wire("fc2", "loss.prediction"),
        wire("data.target", "loss.target"),
    ]
    return project(nodes, edges, SPIRAL, **options)


def test_a_rate_that_is_far_too_high_stops_at_the_step_that_went_bad_and_names_the_first_bad_node():
    made = regression(phases=(Phase(optimizer=Optimizer("SGD", 1e3)),), epochs=50)
    problem, events = failed(made)
    assert "finite" in problem.problem.wanted
    assert f"step {problem.step}" in problem.problem.came
    assert "learning rate (it is 1000)" in problem.problem.fix
    assert problem.problem.node in ("fc1", "relu", "fc2", "loss")
    assert problem.is_bad_step
    last = only(events, StepRows)[-1]
    assert last.first + last.count == problem.step


def test_a_bad_value_in_the_data_is_found_at_its_source():
    made = regression()
    point = loaded(made)["data"].fields["point"].clone()
    point[loaded(made)["data"].train[0]] = float("nan")
    problem, _events = failed(made, point=point)
    assert problem.problem.node == "data"
    assert "samples" in problem.problem.fix


def test_a_weight_gone_bad_names_its_layer_and_the_step_is_not_applied():
    run = start(job(small_convnet()))
    run.batches.begin_epoch()
    with torch.no_grad():
        run.network.modules["fc"].weight[0, 0] = float("inf")
    before = run.weights()["conv.weight"]
    with pytest.raises(NonFinite) as stopped:
        run.step()
    told = diagnose(run, stopped.value)
    assert told.node == "fc"
    assert "a weight at fc" in told.came
    assert "Linear had drop from 0 to " in told.came
    assert "its weight from " in told.came
    assert told.came.endswith(f"with 1 not finite, its bias {_ends(run.network.modules['fc'].bias)}")
    assert torch.equal(run.weights()["conv.weight"], before)
    assert run.table.count == 0


def test_a_function_that_has_no_answer_for_what_it_is_given_says_for_which_it_has():
    layers = [node("flatten", "Flatten"), node("fc", "Linear", out_features=10), node("log", "Log")]
    problem, _events = failed(classifier(layers, DIGITS))
    assert (problem.step, problem.problem.where) == (1, "log")
    assert "Log had fc from -" in problem.problem.came
    assert re.fullmatch(
        r"Log takes numbers above 0 only, and [\d,]+ of [\d,]+ were not: lead its input .*", problem.problem.fix
    )


@pytest.mark.parametrize("kind", list(DOMAINS))
def test_what_has_no_answer_is_where_torch_says_nan_or_infinity(kind):
    domain, numbers = DOMAINS[kind], torch.linspace(-3, 3, 25)
    ask = getattr(torch, {"Divide": "divide"}.get(kind, kind.lower()))
    given = (torch.ones(25), numbers) if kind == "Divide" else (numbers,)
    assert torch.equal(domain.lacks(numbers), ~torch.isfinite(ask(*given)))
    assert outside(kind, {domain.port: numbers}).startswith(f"{kind} takes numbers {domain.words} only")
    assert outside(kind, {domain.port: numbers[~domain.lacks(numbers)]}) == ""
    assert outside("Linear", {"input": numbers}) == ""


def _ends(tensor):
    return f"from {tensor.min():.3g} to {tensor.max():.3g}"


def test_a_gradient_that_is_not_finite_while_the_loss_is_stops_the_run_watched_or_not():
    layers = [node("flatten", "Flatten"), node("fc", "Linear", out_features=10), node("soft", "Softmax")]
    made = classifier(layers, DIGITS)
    for watch in (True, False):
        run = start(job(made, watch=watch))
        run.batches.begin_epoch()
        run.network.modules["fc"].weight.register_hook(lambda gradient: gradient * float("nan"))
        with pytest.raises(NonFinite) as stopped:
            run.step()
        assert stopped.value.loss > 0


@pytest.mark.parametrize("label", [10, -1])
def test_a_label_out_of_range_is_refused_before_the_first_step(label):
    made = small_convnet()
    labels = loaded(made)["data"].fields["label"].clone()
    labels[5] = label
    problem, events = failed(made, label=labels)
    assert problem.problem.kind == "DataError"
    assert "0 to 9" in problem.problem.wanted
    assert f"label {label}" in problem.problem.came
    assert only(events, Started) == []


def test_a_last_batch_of_one_sample_that_batch_norm_refuses_is_told_at_its_node():
    layers = [node("flatten", "Flatten"), node("bn", "BatchNorm1d"), node("fc", "Linear", out_features=10)]
    made = classifier(layers, DIGITS, batch_size=1437)  # 1438 training samples
    problem, _events = failed(made)
    assert problem.problem.node == "bn"
    assert "Drop last batch" in problem.problem.fix
    assert problem.problem.details
    assert isinstance(list(train(job(replace_training(made, drop_last=True)), Control()))[-1], Failed) is False


def replace_training(made, **settings: object):
    return replace(made, training=replace(made.training, **settings))


def test_a_phase_that_trains_nothing_is_refused():
    layers = [node("flatten", "Flatten"), node("fc", "Linear", out_features=10, frozen=True)]
    problem, _events = failed(classifier(layers, DIGITS))
    assert "not frozen" in problem.problem.came


def test_a_graph_with_errors_is_refused_with_its_first():
    layers = [node("conv", "Conv2d", kernel_size=50), node("fc", "Linear", out_features=10)]
    problem, _events = failed(classifier(layers, DIGITS))
    assert problem.problem.kind == "ShapeError"


def test_a_phase_of_losses_that_are_not_there_is_refused():
    made = gan()
    phases = (replace(made.training.phases[0], losses=("nothing",)), made.training.phases[1])
    problem, _events = failed(replace_training(made, phases=phases))
    assert problem.problem.kind == "TrainingError"


def test_no_whole_batch_is_refused():
    problem, _events = failed(sigmoid_mlp(2, batch_size=5000, drop_last=True))
    assert "5000" in problem.problem.wanted
