"""Graphs: names that can stand in code, and edits that refuse what contradicts itself."""

from __future__ import annotations

import pytest
from torch import nn

from core.catalog import KINDS
from core.errors import GraphError
from core.graph import RESERVED, Edge, Graph, InputKey, Node, free_name, is_valid_name


def test_no_name_can_hide_what_torch_needs() -> None:
    public = {name for name in {*dir(nn.Module), *vars(nn.Module())} if not name.startswith("_")}
    assert public <= RESERVED
    assert not any(is_valid_name(name) for name in public | {"class", "1st", "a b", "_x", "self", "naïve", ""})
    assert is_valid_name("conv1")


def test_every_kind_gives_names_that_are_valid_and_new() -> None:
    for kind in KINDS.values():
        first = free_name(kind.stem, ())
        second = free_name(kind.stem, [first])
        assert is_valid_name(first)
        assert is_valid_name(second)
        assert first != second


def test_an_input_holds_one_wire_and_a_variadic_one_a_wire_per_order() -> None:
    graph = Graph.of([Node(key, "Add", key) for key in "abc"], [Edge("a", "output", "c", "inputs")])
    replaced = graph.connect(Edge("b", "output", "c", "inputs"))
    assert list(replaced.edges.values()) == [Edge("b", "output", "c", "inputs")]
    both = graph.connect(Edge("b", "output", "c", "inputs", 1))
    assert list(both.edges) == [InputKey("c", "inputs", 0), InputKey("c", "inputs", 1)]


def test_what_contradicts_itself_is_refused() -> None:
    graph = Graph.of([Node("a", "ReLU", "relu")])
    with pytest.raises(GraphError, match="taken"):
        graph.add_nodes([Node("b", "ReLU", "relu")])
    with pytest.raises(GraphError, match="taken"):
        graph.add_nodes([Node("a", "ReLU", "other")])
    with pytest.raises(GraphError, match="no node"):
        graph.connect(Edge("a", "output", "z", "input"))
    with pytest.raises(GraphError, match="torch needs"):
        graph.replace_node(Node("a", "ReLU", "forward"))


def test_removing_a_node_removes_its_wires() -> None:
    graph = Graph.of(
        [Node(key, "ReLU", key) for key in "abc"],
        [Edge("a", "output", "b", "input"), Edge("b", "output", "c", "input")],
    )
    assert graph.remove_nodes(["b"]).edges == {}
    assert graph.remove_nodes([]) is graph
