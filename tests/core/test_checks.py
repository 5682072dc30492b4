"""Problems: each names its node, and its fix is an edit that mends it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.checks import check, errors
from core.graph import Edge, Graph, Node, Value
from core.lowering import lower
from core.problems import Problem, SetParam
from core.project import Project
from core.shapes import analyse
from tests.core.networks import LENET, chain, lenet


def problems(project: Project) -> tuple[Problem, ...]:
    plan = lower(project)
    return check(project, plan, analyse(plan))


def with_params(project: Project, node: str, **params: Value) -> Project:
    return replace(project, graph=project.graph.replace_node(project.graph.nodes[node].with_params(**params)))


def codes(project: Project) -> list[str]:
    return [problem.code for problem in problems(project)]


def test_a_good_network_has_none() -> None:
    assert problems(lenet()) == ()


def test_a_size_set_by_hand_that_the_wire_contradicts_offers_both_ways_out() -> None:
    (problem,) = problems(with_params(lenet(), "fc1", in_features=256))
    assert (problem.code, problem.node, problem.param) == ("E103", "fc1", "in_features")
    assert "256" in str(problem.error)
    assert "400" in str(problem.error)
    assert problem.fixes == (
        SetParam("Set in_features to 400", "fc1", "in_features", 400),
        SetParam("Always infer in_features", "fc1", "in_features", None),
    )


def test_analysis_goes_on_past_an_error_and_what_lies_behind_is_unknown() -> None:
    project = with_params(lenet(), "conv2", kernel_size=15)
    plan = lower(project)
    analysis = analyse(plan)
    assert [problem.node for problem in check(project, plan, analysis)] == ["conv2"]
    assert str(analysis.types[("pool1", "output")]) == "6×14×14"
    assert ("fc1", "output") not in analysis.types


def test_a_loose_input_is_named() -> None:
    project = lenet()
    loose = replace(project, graph=project.graph.remove_nodes(["tanh1"]))
    assert [(p.code, p.node, p.port) for p in errors(problems(loose))] == [("E102", "pool1", "input")]


def test_a_circle_is_named_but_not_what_lies_behind_it() -> None:
    graph = Graph.of(
        [Node(key, "Add", key) for key in "abc"],
        [
            Edge("a", "output", "b", "inputs"),
            Edge("b", "output", "a", "inputs"),
            Edge("b", "output", "c", "inputs"),
        ],
    )
    found = [p.node for p in problems(Project(graph=graph)) if p.code == "E101"]
    assert found == ["a", "b"]


def test_no_loss_is_an_error() -> None:
    project = lenet()
    assert "E108" in codes(replace(project, graph=project.graph.remove_nodes(["loss"])))


@pytest.mark.parametrize(("scores", "code"), [(4, "E109"), (12, "W302")])
def test_scores_that_are_not_one_per_class_are_told_with_their_fix(scores: int, code: str) -> None:
    (problem,) = problems(with_params(lenet(), "fc3", out_features=scores))
    assert problem.code == code
    assert problem.fixes == (SetParam("Set out_features to 10", "fc3", "out_features", 10),)


def test_layers_with_nothing_bent_between_them_are_told() -> None:
    layers = [layer for layer in LENET if layer[1] not in {"tanh1", "tanh3"}]
    found = [(p.code, p.node) for p in problems(chain(layers))]
    assert found == [("W301", "conv1"), ("W301", "fc1")]


def test_a_softmax_before_cross_entropy_is_told() -> None:
    assert codes(chain([*LENET, ("Softmax", "softmax", {"dim": 1})])) == ["W303"]


def test_a_bad_parameter_is_told_at_its_field() -> None:
    (problem,) = problems(with_params(lenet(), "conv1", stride=0))
    assert (problem.code, problem.param) == ("E104", "stride")
    assert problem.fixes == (SetParam("Set stride to 1", "conv1", "stride", 1),)


def test_a_wrong_loss_for_the_target_is_told() -> None:
    (problem,) = problems(chain(LENET, loss=("MSE", "prediction", "target")))
    assert problem.code == "E103"
    assert "CrossEntropy" in problem.error.fix
