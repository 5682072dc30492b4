from __future__ import annotations

import pytest

from core.errors import GraphError, ShapeError
from core.graph import Edge, Graph, InputKey, Node
from core.project import Project
from core.rewiring import Chain, Output, chain, lifted, move_wires, splice_chain
from tests.core.networks import lenet


def with_loose(*nodes: Node, edges: tuple[Edge, ...] = ()) -> Project:
    project = lenet()
    return project.with_scope(project.graph.add_nodes(nodes).connect_all(edges), "")


RELU, NORM = Node("r1", "ReLU", "r1"), Node("b1", "LayerNorm", "b1")
LINK = Edge("r1", "output", "b1", "input")


def test_moved_wires_keep_their_inputs_and_their_order() -> None:
    cat = Node("cat", "Concat", "cat")
    edges = (Edge("fc1", "output", "cat", "inputs", 0), Edge("tanh3", "output", "cat", "inputs", 1))
    project = with_loose(cat, edges=edges)
    moved = move_wires(project, Output("fc1", "output"), Output("flatten", "output")).graph
    assert moved.edges[InputKey("cat", "inputs", 0)].source == "flatten"
    assert moved.edges[InputKey("cat", "inputs", 1)].source == "tanh3"
    assert moved.edges[InputKey("tanh3", "input")].source == "flatten"
    assert moved.edges.keys() == project.graph.edges.keys()


def test_wires_are_not_moved_into_a_circle_or_to_another_dtype() -> None:
    project = lenet()
    with pytest.raises(GraphError, match="circle"):
        move_wires(project, Output("fc1", "output"), Output("fc3", "output"))
    with pytest.raises(ShapeError):
        move_wires(project, Output("fc1", "output"), Output("data", "label"))


def test_lifted_wires_leave_all_others() -> None:
    project = lenet()
    gone = project.graph.edges.keys() - lifted(project, Output("fc1", "output")).graph.edges.keys()
    assert gone == {InputKey("tanh3", "input")}


def test_a_chain_goes_into_a_wire() -> None:
    project = with_loose(RELU, NORM, edges=(LINK,))
    assert chain(project, ("r1", "b1")) == Chain("r1", "input", "b1", "output")
    spliced = splice_chain(project, ("r1", "b1"), InputKey("fc2", "input")).graph
    ways = {edge.target: edge.source for edge in spliced.edges.values()}
    assert (ways["fc2"], ways["b1"], ways["r1"]) == ("b1", "r1", "tanh3")


def test_what_is_no_chain_says_what_it_has() -> None:
    with pytest.raises(GraphError, match="2 free inputs and 2 loose ends"):
        splice_chain(with_loose(RELU, NORM), ("r1", "b1"), InputKey("fc2", "input"))
    constant = Node("noise", "Noise", "noise")
    with pytest.raises(GraphError, match="no free inputs and 1 loose end"):
        splice_chain(with_loose(constant), ("noise",), InputKey("fc2", "input"))
    with pytest.raises(GraphError, match="there is none"):
        splice_chain(with_loose(RELU), ("r1",), InputKey("r1", "input"))


def test_an_empty_graph_has_no_wires_to_lift() -> None:
    project = Project(graph=Graph.of([RELU], []))
    assert lifted(project, Output("r1", "output")).graph.edges == {}
