from __future__ import annotations

from itertools import combinations

import pytest

from core.graph import Edge, Graph, Node
from core.layout import CARD, COLUMN_GAP, ROW_PITCH, arrange, arrange_to_fit
from tests.core.networks import lenet


def test_a_chain_wraps_into_rows_of_five() -> None:
    places = arrange(lenet().graph)
    assert places["data"] == (0, 0)
    assert places["conv2"] == (4 * (CARD[0] + COLUMN_GAP), 0)
    assert places["tanh2"] == (0, ROW_PITCH)
    assert places["loss"] == (3 * (CARD[0] + COLUMN_GAP), 2 * ROW_PITCH)


def test_the_same_graph_always_gives_the_same_places() -> None:
    assert arrange(lenet().graph) == arrange(lenet().graph)


def residual(blocks: int) -> Graph:
    nodes, edges, tip = [Node("x", "Noise", "x")], [], "x"
    for index in range(blocks):
        a, b, add = f"a{index}", f"b{index}", f"add{index}"
        nodes += [Node(a, "Linear", a), Node(b, "ReLU", b), Node(add, "Add", add)]
        edges += [Edge(tip, "output", a, "input"), Edge(a, "output", b, "input")]
        edges += [Edge(b, "output", add, "inputs", 0), Edge(tip, "output", add, "inputs", 1)]
        tip = add
    return Graph.of(nodes, edges)


@pytest.mark.parametrize("graph", [lenet().graph, residual(1), residual(7)])
def test_no_two_cards_overlap(graph: Graph) -> None:
    places = arrange(graph)
    assert places.keys() == graph.nodes.keys()
    for (ax, ay), (bx, by) in combinations(places.values(), 2):
        assert abs(ax - bx) >= CARD[0] or abs(ay - by) >= CARD[1]


def test_branches_stand_above_each_other_and_wires_lead_right() -> None:
    graph = Graph.of(
        [Node(name, "Linear", name) for name in "abcd"],
        [Edge("a", "output", "b", "input"), Edge("a", "output", "c", "input"), Edge("b", "output", "d", "input")],
    )
    places = arrange(graph)
    assert places["b"][0] == places["c"][0]
    assert places["b"][1] != places["c"][1]
    assert places["a"][0] < places["b"][0] < places["d"][0]


def test_tall_cards_push_the_next_row_down() -> None:
    tall = arrange(lenet().graph, {"data": (146.0, 300.0)})
    assert tall["tanh2"][1] > 300


def test_a_cycle_is_laid_out_too() -> None:
    graph = Graph.of(
        [Node("a", "ReLU", "a"), Node("b", "ReLU", "b")],
        [Edge("a", "output", "b", "input"), Edge("b", "output", "a", "input")],
    )
    assert arrange(graph).keys() == {"a", "b"}


def test_an_empty_graph_has_no_places() -> None:
    assert arrange(Graph()) == {}


def shown(places: dict[str, tuple[float, float]], aspect: float) -> float:
    wide = max(x for x, _y in places.values()) + CARD[0]
    tall = max(y for _x, y in places.values()) + CARD[1]
    return min(aspect / wide, 1 / tall)


@pytest.mark.parametrize("aspect", [0.7, 1.6, 3.0])
def test_the_layout_for_a_window_shows_the_cards_about_as_large_as_any_wrapping_does(aspect: float) -> None:
    graph = residual(12)
    best = max(shown(arrange(graph, width=n * 216.0 - 70), aspect) for n in range(5, 25))
    assert shown(arrange_to_fit(graph, aspect=aspect), aspect) > 0.9 * best


def test_nothing_is_arranged_for_an_empty_graph() -> None:
    assert arrange_to_fit(Graph()) == {}
