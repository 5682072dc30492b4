"""Every fix that is offered mends what it is offered for, as one step that undo takes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import planning
from core.document import Document
from core.graph import Edge, Node
from core.problems import Fix, Problem
from core.project import Project
from core.reading import read
from tests.core.broken_graphs import project_of
from tests.core.networks import LENET, chain
from tests.core.training.projects import DIGITS, classifier, node, project, wire
from tests.core.training.projects import chain as wires

MLP = [("Flatten", "flatten", {}), ("Linear", "fc", {"out_features": 10})]


def on_spiral(loss: tuple[str, str, str], target: str, scores: int = 1) -> Project:
    return chain([("Linear", "fc", {"out_features": scores})], "spiral", "point", loss, target)


def sequence(*layers: Node) -> Project:
    """The rows of a digit, eight steps of eight numbers, halved to eight steps of four by the second layer."""
    return classifier([node("rows", "Reshape", shape=(8, 8)), *layers], DIGITS)


def skip(main: Node, *more: Node, past: str = "") -> Project:
    """An image beside what a convolution made of it, added."""
    nodes = [
        node("data", "Dataset", dataset="data"),
        main,
        *more,
        node("add", "Add"),
        node("flatten", "Flatten"),
        node("fc", "Linear", out_features=10),
        node("loss", "CrossEntropy"),
    ]
    chained = [main.name, *(item.name for item in more)]
    edges = [wire("data.image", main.name), *wires(chained), *wires(["add", "flatten", "fc"])]
    edges += [wire(chained[-1], "add.inputs"), Edge(past or "data", "output" if past else "image", "add", "inputs", 1)]
    edges += [wire("fc", "loss.logits"), wire("data.label", "loss.label")]
    return project(nodes, edges, DIGITS)


def through(kind: str, **params: object) -> Project:
    """The spiral's target, by a layer of this kind, as the label of a CrossEntropy."""
    made = on_spiral(("CrossEntropy", "logits", "label"), "label", 2)
    graph = made.graph.add_nodes([node("between", kind, **params)])
    wires = [Edge("data", "target", "between", "input"), Edge("between", "output", "loss", "label")]
    return replace(made, graph=graph.connect_all(wires))


def beside(made: Project, lost: Node, source: str) -> Project:
    """With a node that nothing reads."""
    return replace(made, graph=made.graph.add_nodes([lost]).connect(wire(source, lost.name)))


CASES: dict[str, tuple[Callable[[], Project], str, tuple[str, ...], tuple[str, ...]]] = {
    "too few scores": (
        lambda: chain([("Flatten", "flatten", {}), ("Linear", "fc", {"out_features": 4})]),
        "E109",
        ("Set out_features to 10",),
        ("10 scores", "4 came"),
    ),
    "too many scores, an activation behind": (
        lambda: chain([*MLP[:1], ("Linear", "fc", {"out_features": 64}), ("ReLU", "relu", {})]),
        "W302",
        ("Set out_features to 10",),
        ("10 scores", "64 came"),
    ),
    "yes or no asked of ten classes": (
        lambda: chain(MLP, loss=("BCEWithLogits", "logits", "target")),
        "E103",
        ("Use CrossEntropy",),
        ("float32", "int64"),
    ),
    "yes or no asked of class numbers, where the data have both": (
        lambda: on_spiral(("BCEWithLogits", "logits", "target"), "label"),
        "E103",
        ("Wire target of data instead",),
        ("float32", "int64"),
    ),
    "squared errors of class numbers": (
        lambda: chain(MLP, loss=("MSE", "prediction", "target")),
        "E103",
        ("Use CrossEntropy",),
        ("float32", "int64"),
    ),
    "squared errors of yes and no": (
        lambda: on_spiral(("MSE", "prediction", "target"), "target"),
        "W305",
        ("Use BCEWithLogits",),
        (),
    ),
    "softmax twice": (
        lambda: chain([*MLP, ("Softmax", "softmax", {})]),
        "W303",
        ("Remove softmax",),
        ("raw scores",),
    ),
    "sigmoid twice": (
        lambda: chain(
            [("Linear", "fc", {"out_features": 1}), ("Sigmoid", "sigmoid", {})],
            "spiral",
            "point",
            ("BCEWithLogits", "logits", "target"),
            "target",
        ),
        "W303",
        ("Remove sigmoid",),
        ("raw scores",),
    ),
    "softmax where logarithms are wanted": (
        lambda: chain([*MLP, ("Softmax", "softmax", {})], loss=("NLL", "log_probabilities", "label")),
        "W306",
        ("Use LogSoftmax instead",),
        ("logarithms of probabilities", "probabilities"),
    ),
    "raw scores where logarithms are wanted": (
        lambda: chain(MLP, loss=("NLL", "log_probabilities", "label")),
        "W306",
        ("Insert LogSoftmax after fc",),
        ("raw scores",),
    ),
    "a label of floating point": (
        lambda: through("Squeeze", dim=1),
        "E103",
        ("Insert a cast to int64 after between",),
        ("int64", "float32"),
    ),
    "no flatten": (
        lambda: chain([("Conv2d", "conv", {"out_channels": 4}), ("Linear", "fc", {"out_features": 10})]),
        "E103",
        (),
        ("B×", "came"),
    ),
    "a norm for images on features": (
        lambda: chain([*MLP, ("BatchNorm2d", "bn", {})]),
        "E103",
        ("Use BatchNorm1d",),
        ("image", "B×10"),
    ),
    "a skip past other channels": (
        lambda: skip(
            node("wide", "Conv2d", out_channels=2, kernel_size=1),
            node("conv", "Conv2d", out_channels=6, padding=1),
            past="wide",
        ),
        "E103",
        ("Insert a 1×1 convolution to 6 channels after wide",),
        ("B×6×8×8", "B×2×8×8"),
    ),
    "a skip past other channels and a stride": (
        lambda: skip(node("conv", "Conv2d", out_channels=6, padding=1, stride=2), node("relu", "ReLU")),
        "E103",
        ("Insert a 1×1 convolution to 6 channels after data",),
        ("B×6×4×4", "B×1×8×8"),
    ),
    "a sequence that lies across": (
        lambda: sequence(
            node("narrow", "Linear", out_features=4),
            node("lstm", "LSTM", hidden_size=6, input_size=8),
            node("last", "Select"),
            node("fc", "Linear", out_features=10),
        ),
        "E103",
        ("Set input_size to 4", "Insert a Transpose of 1 and 2 after narrow"),
        ("8", "4"),
    ),
    "heads that do not divide": (
        lambda: sequence(
            node("attn", "SelfAttention", num_heads=3),
            node("flatten", "Flatten"),
            node("fc", "Linear", out_features=10),
        ),
        "E103",
        ("Set num_heads to 4",),
        ("3 heads", "8 came"),
    ),
    "a kernel larger than its image": (
        lambda: chain([("Conv2d", "conv", {"kernel_size": 40}), *MLP]),
        "E103",
        (),
        ("28",),
    ),
    "a parameter out of range": (
        lambda: chain([("Conv2d", "conv1", {"stride": 0}), *LENET[1:]]),
        "E104",
        ("Set stride to 1",),
        ("0 came",),
    ),
    "layers with nothing bent between": (
        lambda: chain([*MLP[:1], ("Linear", "fc1", {}), *MLP[1:]]),
        "W301",
        ("Insert ReLU after fc1",),
        (),
    ),
    "a layer that nothing reads": (
        lambda: beside(chain(MLP), node("lost", "ReLU"), "fc"),
        "W304",
        ("Remove lost",),
        (),
    ),
}


def told(made: Project, code: str) -> Problem:
    found = [problem for problem in read(made).problems if problem.code == code]
    assert found, [problem.code for problem in read(made).problems]
    return found[0]


def same(problem: Problem, other: Problem) -> bool:
    return (problem.code, problem.node, problem.path, problem.param, problem.edge, problem.error.wanted) == (
        other.code,
        other.node,
        other.path,
        other.param,
        other.edge,
        other.error.wanted,
    )


def mends(made: Project, problem: Problem, fix: Fix) -> bool:
    """Whether the problem is gone after the fix, which one undo takes back."""
    document = Document(made)
    assert document.edit(fix.label, planning.apply_fix(made, fix)), fix
    after = document.project
    assert document.undo()
    assert document.project is made
    assert not document.past
    return not any(same(problem, other) for other in read(after).problems)


@pytest.mark.parametrize("name", CASES)
def test_a_plain_mistake_is_told_in_the_users_terms_with_fixes_that_mend_it(name: str) -> None:
    make, code, wanted, words = CASES[name]
    made = make()
    problem = told(made, code)
    labels = [fix.label for fix in problem.fixes]
    assert labels
    assert set(wanted) <= set(labels), labels
    for word in words:
        assert word in f"{problem.error.wanted} {problem.error.came}", problem.message
    assert [fix.label for fix in problem.fixes if not mends(made, problem, fix)] == []


@settings(max_examples=150, derandomize=True, deadline=None)
@given(st.randoms(use_true_random=True))
def test_every_fix_of_any_graph_mends(random: Random) -> None:
    made = project_of(random)
    for problem in read(made).problems:
        for fix in problem.fixes:
            assert mends(made, problem, fix), (str(problem.error), fix)
