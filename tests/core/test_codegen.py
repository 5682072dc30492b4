"""The source pane's code: it runs, needs only torch, and no project can put code of its own into it."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from core.codegen import class_name, source
from core.files import load
from core.graph import Edge, Graph, Node
from core.lowering import lower
from core.project import Project
from core.shapes import analyse
from tests.core.networks import LENET, chain, lenet
from tests.core.test_plan import block_project

TEMPLATES = sorted((Path(__file__).parents[2] / "resources" / "templates").glob("*.chain"))


def code_of(project: Project) -> str:
    plan = lower(project)
    return source(project, plan, analyse(plan))


def network_of(project: Project) -> nn.Module:
    space: dict[str, type[nn.Module]] = {}
    exec(code_of(project), space)
    return space[class_name(project)]()


@pytest.mark.parametrize("path", TEMPLATES, ids=[path.stem for path in TEMPLATES])
def test_the_code_of_every_template_has_the_parameters_that_are_shown(path: Path) -> None:
    project = load(path)
    total = analyse(lower(project)).total_parameters
    assert sum(item.numel() for item in network_of(project).parameters()) == total


def test_the_code_of_a_classic_is_what_one_would_write() -> None:
    torch.manual_seed(0)
    ours = network_of(lenet())
    torch.manual_seed(0)
    theirs = nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10),
    )  # fmt: skip
    images = torch.randn(3, 1, 28, 28)
    assert torch.equal(ours(images), theirs(images))


def test_modules_with_several_outputs_are_unpacked() -> None:
    layers = [
        ("Reshape", "rows", {"shape": (28, 28)}),
        ("LSTM", "lstm", {"hidden_size": 12}),
        ("Select", "last", {"dim": 1, "index": -1}),
        ("Linear", "fc", {"out_features": 10}),
    ]
    project = chain(layers)
    assert "x, _ = self.lstm(" in code_of(project)
    assert network_of(project)(torch.randn(2, 1, 28, 28)).shape == (2, 10)


def test_functions_that_act_in_training_alone_ask_the_network() -> None:
    network = network_of(chain([("FunctionalDropout", "drop", {"p": 0.9})]))
    images = torch.randn(2, 1, 28, 28)
    assert not torch.equal(network(images), network(images))
    assert torch.equal(network.eval()(images), network(images))


def test_blocks_run_too() -> None:
    network = network_of(block_project())
    assert network(5).shape == (5, 8)
    shared = network_of(block_project(1, "shared"))
    assert len(list(shared.parameters())) == 2


def test_the_loss_is_a_function_of_prediction_and_target() -> None:
    space: dict[str, object] = {}
    exec(code_of(lenet()), space)
    logits, label = torch.randn(4, 10), torch.tensor([1, 2, 3, 4])
    assert torch.equal(space["loss"](logits, label), nn.functional.cross_entropy(logits, label))  # type: ignore[operator]


def test_a_project_puts_no_code_of_its_own_into_the_text() -> None:
    evil = '"""\nimport os\nos.abort()\n"""\\'
    project = chain([*LENET[:6], ("Reshape", "reshape", {"shape": "1); import os; os.abort(); (1"}), *LENET[7:]])
    project = replace(project, name=f"x:\n {evil}", description=evil)
    tree = ast.parse(code_of(project))
    assert {type(item).__name__ for item in tree.body} == {"Import", "ImportFrom", "ClassDef"}
    assert [name.name for item in tree.body if isinstance(item, ast.Import) for name in item.names] == ["torch"]
    assert not any(isinstance(item, ast.Name) and item.id == "os" for item in ast.walk(tree))


def test_what_is_not_known_yet_is_left_out_and_said() -> None:
    project = lenet()
    broken = replace(project, graph=project.graph.remove_nodes(["tanh1"]))
    text = code_of(broken)
    ast.parse(text)
    assert "left out" in text


def test_an_empty_canvas_is_a_class_too() -> None:
    ast.parse(code_of(Project()))
    ast.parse(
        code_of(
            Project(
                graph=Graph.of([Node("a", "Add", "a"), Node("b", "ReLU", "b")], [Edge("a", "output", "b", "input")])
            )
        )
    )
