"""Plain mistakes around losses that look at more than shapes: what a loss takes, and what its target says."""

from __future__ import annotations

from itertools import pairwise

import pytest

from core import planning
from core.checks import check
from core.data.settings import DatasetSettings
from core.graph import InputKey
from core.lowering import lower
from core.problems import ChangeKind, InsertOn, Problem, RemoveNode, Rewire, SetParam
from core.project import Project
from core.shapes import analyse
from core.training.settings import Phase
from tests.core.training.projects import SPIRAL, node, project, wire


def problems(made: Project) -> list[Problem]:
    plan = lower(made)
    return list(check(made, plan, analyse(plan)))


def binary(loss: str, prediction: str, *between: str) -> Project:
    """A point, one score, layers between, and a loss of 0 or 1."""
    nodes = [node("data", "Dataset", dataset="data"), node("fc", "Linear", out_features=1), node("loss", loss)]
    nodes += [node(kind.lower(), kind) for kind in between]
    names = ["fc", *(kind.lower() for kind in between)]
    edges = [wire("data.point", "fc"), *map(wire, names, names[1:])]
    edges += [wire(names[-1], f"loss.{prediction}"), wire("data.target", "loss.target")]
    return project(nodes, edges, SPIRAL, (Phase(),))


def classes(loss: str, prediction: str, *between: str, **params: object) -> Project:
    """A point, two scores, layers between, and a loss of two classes."""
    nodes = [
        node("data", "Dataset", dataset="data"),
        node("fc", "Linear", out_features=2),
        node("loss", loss, **params),
    ]
    nodes += [node(kind.lower(), kind) for kind in between]
    names = ["fc", *(kind.lower() for kind in between)]
    edges = [wire("data.point", "fc"), *map(wire, names, names[1:])]
    edges += [wire(names[-1], f"loss.{prediction}"), wire("data.label", "loss.label")]
    return project(nodes, edges, SPIRAL, (Phase(),))


@pytest.mark.parametrize(
    "made",
    [
        binary("BCE", "probabilities", "Sigmoid"),
        binary("BCEWithLogits", "logits"),
        classes("NLL", "log_probabilities", "LogSoftmax"),
        classes("Focal", "logits"),
        classes("MultiClassHinge", "scores"),
    ],
    ids=lambda made: made.graph.nodes["loss"].kind,
)
def test_a_loss_that_gets_what_it_takes_is_no_problem(made: Project) -> None:
    assert problems(made) == []


def test_raw_scores_before_a_loss_of_probabilities_are_told_with_what_is_missing() -> None:
    (problem,) = problems(binary("BCE", "probabilities"))
    assert (problem.code, problem.path, problem.port) == ("W306", "loss", "probabilities")
    assert problem.error.came == "fc gives raw scores"
    assert problem.fixes == (InsertOn("Insert Sigmoid after fc", InputKey("loss", "probabilities"), "Sigmoid"),)


def test_raw_scores_before_nll_are_told_with_a_log_softmax_over_the_classes() -> None:
    (problem,) = problems(classes("NLL", "log_probabilities"))
    (fix,) = problem.fixes
    assert isinstance(fix, InsertOn)
    assert (fix.kind, fix.params) == ("LogSoftmax", (("dim", 1),))


def test_a_softmax_before_nll_becomes_a_log_softmax() -> None:
    (problem,) = problems(classes("NLL", "log_probabilities", "Softmax"))
    assert problem.error.came == "softmax gives probabilities"
    assert problem.fixes == (ChangeKind("Use LogSoftmax instead", "softmax", "LogSoftmax"),)


@pytest.mark.parametrize(("loss", "bend"), [("Focal", "Softmax"), ("Focal", "LogSoftmax")])
def test_a_loss_of_raw_scores_wants_no_softmax_before_it(loss: str, bend: str) -> None:
    (problem,) = problems(classes(loss, "logits", bend))
    assert problem.code == "W303"
    assert problem.fixes == (RemoveNode(f"Remove {bend.lower()}", bend.lower()),)


@pytest.mark.parametrize("loss", ["Hinge", "SoftMargin", "SoftPerceptron"])
def test_zeros_and_ones_before_a_loss_of_signs_are_told(loss: str) -> None:
    (problem,) = problems(binary(loss, "scores"))
    assert (problem.code, problem.port) == ("W305", "target")
    assert problem.error.wanted == f"targets of −1 and 1 were wanted by {loss}"
    assert problem.fixes == (Rewire("Wire sign of data", "data", "sign", InputKey("loss", "target")),)
    mended = planning.apply_fix(binary(loss, "scores"), problem.fixes[0])
    assert problems(mended) == []


def test_signs_before_a_loss_of_zeros_and_ones_are_told() -> None:
    signed = planning.apply_fix(
        binary("BCEWithLogits", "logits"), Rewire("", "data", "sign", InputKey("loss", "target"))
    )
    (problem,) = problems(signed)
    assert (problem.code, problem.error.came) == ("W305", "sign holds −1 and 1")
    assert problems(planning.apply_fix(signed, problem.fixes[0])) == []


def test_a_loss_with_weights_is_told_how_many_classes_there_are() -> None:
    (problem,) = problems(classes("LinearCrossEntropy", "input", num_classes=5))
    assert problem.code == "W302"
    assert problem.fixes == (SetParam("Set num_classes to 2", "loss", "num_classes", 2),)


@pytest.mark.parametrize("between", [(), ("Flatten",)])
@pytest.mark.parametrize(("kind", "name"), [("Embedding", "num_embeddings"), ("OneHot", "num_classes")])
def test_what_knows_fewer_tokens_than_the_data_has_is_told_and_mended(
    kind: str, name: str, between: tuple[str, ...]
) -> None:
    text = DatasetSettings("recall", (("symbols", 3),))
    nodes = [node("data", "Dataset", dataset="data"), node("table", kind, **{name: 12})]
    nodes += [node(one.lower(), one) for one in between]
    path = ["data.sequence", *(one.lower() for one in between), "table"]
    made = project(nodes, [wire(one, other) for one, other in pairwise(path)], text, ())
    (problem,) = [item for item in problems(made) if item.code == "E116"]
    assert (problem.node, problem.param, problem.port) == ("table", name, "input")
    assert problem.message == "13 tokens were wanted, as many as sequence has, but 12 are known."
    mended = planning.apply_fix(made, problem.fixes[0])
    assert not [item for item in problems(mended) if item.code == "E116"]
