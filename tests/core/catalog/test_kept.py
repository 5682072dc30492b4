"""Tensors that the network keeps: they stretch over the batch, learn or stay, and stand in the code."""

from __future__ import annotations

from pathlib import Path

import torch

from core.build import build
from core.catalog import KINDS
from core.catalog.kind import TensorType
from core.codegen import class_name, source
from core.graph import Edge, Graph, Node
from core.lowering import lower
from core.parts.tensors import LearnableTensor
from core.plan import Value
from core.project import Project
from core.shapes import analyse, shapes_of
from core.training.forward import output_function


def positions() -> Project:
    """Features with a learned row added, times a constant."""
    nodes = [
        Node("x", "Input", "x", (("shape", (5,)),)),
        Node("row", "LearnableTensor", "row", (("shape", (1, 5)), ("std", 1.0))),
        Node("factor", "Constant", "factor", (("fill", 0.5), ("shape", (1,)))),
        Node("sum", "Add", "sum"),
        Node("scaled", "Multiply", "scaled"),
    ]
    edges = [
        Edge("x", "output", "sum", "inputs", 0),
        Edge("row", "output", "sum", "inputs", 1),
        Edge("sum", "output", "scaled", "a"),
        Edge("factor", "output", "scaled", "b"),
    ]
    return Project("positions", Graph.of(nodes, edges))


def test_a_learned_row_is_added_to_every_sample_and_gets_a_gradient() -> None:
    plan = lower(positions())
    analysis = analyse(plan)
    assert analysis.types[Value("scaled", "output")].full == "B×5"
    assert analysis.total_parameters == 5
    network = build(plan, analysis.arguments, 0)
    run = output_function(network, network.plan, network.plan.predictions())
    rows = torch.randn(3, 5)
    (made,) = run.call(3, rows)
    row = network.root.get_parameter("row.value")
    assert torch.equal(made, (rows + row) * 0.5)
    made.sum().backward()
    assert torch.equal(row.grad, torch.full((1, 5), 1.5))
    assert "factor.value" in network.root.state_dict()


def test_the_code_has_the_same_numbers_without_us(tmp_path: Path) -> None:
    project = positions()
    plan = lower(project)
    text = source(project, plan, analyse(plan))
    assert "import core" not in text
    space: dict[str, type[torch.nn.Module]] = {}
    exec(text, space)
    torch.manual_seed(0)
    module = space[class_name(project)]()
    network = build(plan, analyse(plan).arguments, 0)
    assert {key: value.tolist() for key, value in module.state_dict().items()} == {
        key: value.tolist() for key, value in network.root.state_dict().items()
    }


def test_a_single_number_can_learn() -> None:
    found = shapes_of(KINDS["LearnableTensor"], (("shape", ()),), {})
    assert found.shaped is not None
    assert found.shaped.parameters == 1
    assert LearnableTensor(()).value.shape == ()


def test_a_tensor_of_more_numbers_than_fit_is_refused() -> None:
    found = shapes_of(KINDS["Constant"], (("shape", (2**20, 2**20)),), {})
    assert found.error is not None
    assert "numbers" in found.error.wanted
    assert shapes_of(KINDS["Constant"], (("shape", ()),), {}).shaped.outputs["output"] == TensorType(())
