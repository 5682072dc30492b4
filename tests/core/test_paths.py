from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.graph import Edge, Graph, InputKey, Node
from core.paths import path_of_node, path_of_wire
from core.planning import leads_to
from tests.core.networks import lenet

LINKS = st.lists(st.tuples(st.integers(0, 6), st.integers(1, 7)), max_size=12)


@given(LINKS, st.integers(0, 7))
def test_a_path_holds_what_leads_to_the_node_and_what_it_leads_to(links: list[tuple[int, int]], at: int) -> None:
    nodes = [Node(str(place), "Concat", f"c{place}") for place in range(8)]
    ways = sorted({(a, b) for a, b in links if a < b})
    edges = [Edge(str(a), "output", str(b), "inputs", order) for order, (a, b) in enumerate(ways)]
    graph, here = Graph.of(nodes, edges), str(at)
    path = path_of_node(graph, here)
    assert path.nodes == {key for key in graph.nodes if leads_to(graph, key, here) or leads_to(graph, here, key)}
    assert path.wires == {
        edge.key for edge in edges if leads_to(graph, edge.target, here) or leads_to(graph, here, edge.source)
    }


def test_the_path_of_a_wire_leaves_its_siblings() -> None:
    graph = lenet().graph.connect(Edge("tanh3", "output", "fc3", "input"))
    path = path_of_wire(graph, InputKey("fc3", "input"))
    assert InputKey("fc3", "input") in path.wires
    assert InputKey("fc2", "input") not in path.wires
    assert {"data", "tanh3", "fc3", "loss"} <= path.nodes
    assert "fc2" not in path.nodes
