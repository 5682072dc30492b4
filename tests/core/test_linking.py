"""Joining nodes as they stand: the order of reading, free inputs, what follows of sizes, and inside a block."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest

from core.errors import GraphError, ShapeError
from core.graph import BLOCK, BLOCK_INPUT, BLOCK_OUTPUT, Block, Edge, Graph, Node
from core.linking import in_reading_order, linked_up
from core.lowering import lower
from core.planning import move
from core.project import Project
from core.shapes import Analysis, analyse
from core.trail import Entered
from tests.core.networks import chain, lenet


def known(project: Project) -> Analysis:
    return analyse(lower(project))


def test_nodes_are_read_row_after_row_whatever_order_they_are_given_in() -> None:
    places = {"a": (400.0, 20.0), "b": (0.0, 0.0), "c": (10.0, 168.0), "d": (-50.0, 180.0)}
    project = move(Project(graph=Graph.of([Node(key, "ReLU", key) for key in "abcd"])), places)
    assert in_reading_order(project, "cabd") == ("b", "a", "d", "c")


def test_every_wire_is_to_a_free_input_that_takes_it_and_the_last_layer_gets_its_size() -> None:
    whole = chain([("Flatten", "f", {}), ("Linear", "a", {"out_features": 32}), ("Linear", "b", {})])
    row = {key: (200.0 * place, 0.0) for place, key in enumerate(("data", "f", "a", "b", "loss"))}
    label = next(edge for edge in whole.graph.edges.values() if edge.input == "label")
    project = move(replace(whole, graph=Graph(whole.graph.nodes).connect(label)), row)
    project, count = linked_up(project, row, known(project))
    assert count == 4
    assert dict(project.graph.edges) == dict(whole.graph.edges)
    assert project.graph.nodes["b"].param("out_features") == 10


def test_layers_inside_a_block_are_joined_by_the_shapes_that_come_in_there() -> None:
    inside = Graph.of(
        [
            Node("i", BLOCK_INPUT, "x"),
            Node("c", "Conv2d", "conv"),
            Node("n", "BatchNorm2d", "norm"),
            Node("o", BLOCK_OUTPUT, "y"),
        ]
    )
    project = Project(
        graph=Graph.of(
            [Node("z", "Noise", "noise", (("size", 8),)), Node("b", BLOCK, "block", block="k")],
            [Edge("z", "output", "b", "x")],
        ),
        blocks=MappingProxyType({"k": Block("k", "Block", inside)}),
    )
    project = move(project, {key: (200.0 * place, 0.0) for place, key in enumerate("icno")})
    with pytest.raises(ShapeError):
        linked_up(project, "ic", known(project), (Entered("b"),))
    joined, count = linked_up(project, "cno", known(project), (Entered("b"),))
    assert count == 2
    assert {(edge.source, edge.target) for edge in joined.blocks["k"].graph.edges.values()} == {("c", "n"), ("n", "o")}


@pytest.mark.parametrize(("chosen", "word"), [(("fc1",), "two layers"), (("fc1", "tanh3"), "not wired")])
def test_where_no_wire_is_to_be_drawn_it_says_why(chosen: tuple[str, ...], word: str) -> None:
    project = move(lenet(), {"fc1": (0.0, 0.0), "tanh3": (200.0, 0.0)})
    with pytest.raises(GraphError, match=word):
        linked_up(project, chosen, known(project))


def test_a_circle_is_refused() -> None:
    nodes = [Node("a", "ReLU", "a"), Node("b", "Add", "b")]
    project = Project(graph=Graph.of(nodes, [Edge("a", "output", "b", "inputs")]))
    project = move(project, {"a": (200.0, 0.0), "b": (0.0, 0.0)})
    with pytest.raises(GraphError, match="circle"):
        linked_up(project, "ab", known(project))
