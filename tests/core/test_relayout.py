"""Layouts that keep what stands: on every template, for a layer put into each wire and for each one taken out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path

import pytest

from core import planning
from core.errors import ChainruleError
from core.files import load
from core.graph import Edge, Graph, Node
from core.layout import CARD, COLUMN_GAP, arrange, arrange_to_fit
from core.project import Position, Project
from core.relayout import arrange_again, arrange_part
from tests.core.networks import lenet


def wired(path: Path) -> tuple[object, ...]:
    """What a layout is made of."""
    return tuple(sorted(load(path).graph.edges))


TEMPLATES = sorted((Path(__file__).parents[2] / "resources" / "templates").glob("*.chain"))
BRANCHED = ("alexnet", "dropout", "lasso-path", "learning-rate", "ridge-path")
"""Several rows side by side, which move together."""
CROSSING = ("lasso-path", "ridge-path")
"""A layer between the data and one of their losses lies below all rows: two losses change places for its wire."""
ROWS = list({wired(path): path for path in TEMPLATES if path.stem not in BRANCHED}.values())
"""One of each drawing: what the layers are does not matter to where they stand."""
PITCH = CARD[0] + COLUMN_GAP
PLACES: tuple[Position | None, ...] = (None, (3000.0, -500.0), (-900.0, 900.0))
"""Where the new card was dropped: in its wire, or far off."""

Places = Mapping[str, Position]


def grown(project: Project) -> Iterator[tuple[Project, str]]:
    """The project with a layer put into each of its wires that takes one, at each of the places."""
    for key in project.graph.edges:
        try:
            made, node = planning.insert(project, "ReLU", key)
        except ChainruleError:
            continue
        for place in PLACES:
            yield (planning.move(project.with_scope(made.graph), {node: place}) if place else made), node


def laid(path: Path) -> Project:
    project = load(path)
    return planning.move(project, arrange_to_fit(project.graph))


def shown(project: Project) -> dict[str, Position]:
    """The places of the main graph's cards; those within blocks have their own."""
    return {key: project.positions[key] for key in project.graph.nodes}


def rows(places: Places) -> dict[str, int]:
    """The row of each card: a row begins where the first card of the next stands further left and lower."""
    heads = sorted(y for x, y in places.values() if x == min(x for x, _y in places.values()))
    firsts = [y for y, last in zip(heads, [float("-inf"), *heads], strict=False) if y - last > 130]
    return {key: max(sum(y >= first for first in firsts) - 1, 0) for key, (_x, y) in places.items()}


def columns(places: Places) -> dict[tuple[int, float], list[str]]:
    """The cards of each column of each row, from top to bottom."""
    row, found = rows(places), defaultdict(list)
    for key in sorted(places, key=lambda key: places[key][1]):
        found[row[key], places[key][0]].append(key)
    return found


def assert_same_order(before: Places, after: Places) -> None:
    """Cards that shared a column and share one still stand in the order in which they stood."""
    height = {key: y for key, (_x, y) in before.items()}
    was = {frozenset(pair) for column in columns(before).values() for pair in combinations(column, 2)}
    for column in columns(after).values():
        known = [key for key in column if key in before]
        assert all(height[a] < height[b] for a, b in combinations(known, 2) if frozenset((a, b)) in was)


@pytest.mark.parametrize("path", ROWS, ids=lambda path: path.stem)
def test_a_layer_put_into_any_wire_moves_what_follows_it_in_its_row_by_one_column_and_nothing_else(path: Path) -> None:
    """One card may wrap with the column that it shares with the new layer; lower rows may give way downwards."""
    project = laid(path)
    before, tried = shown(project), 0
    row = rows(before)
    for made, _node in grown(project):
        after, tried = arrange_again(made.graph, made.positions), tried + 1
        assert after.keys() == made.graph.nodes.keys()
        across = {key: after[key][0] - before[key][0] for key in before}
        wrapped = [key for key, by in across.items() if by not in (0.0, PITCH)]
        assert len(wrapped) <= 1
        pushed = {row[key] for key, by in across.items() if by == PITCH}
        assert len(pushed) <= 1
        down = {key: after[key][1] - before[key][1] for key in before if key not in wrapped}
        assert all(by == 0 for key, by in down.items() if pushed and row[key] < min(pushed))
        assert_same_order(before, after)
        assert arrange_again(made.graph, after) == after
    assert tried


@pytest.mark.parametrize("path", [path for path in TEMPLATES if path.stem in BRANCHED], ids=lambda path: path.stem)
def test_a_layer_put_into_a_branch_moves_cards_by_whole_columns_and_covers_none(path: Path) -> None:
    project = laid(path)
    before = shown(project)
    for made, _node in grown(project):
        after = arrange_again(made.graph, made.positions)
        assert all((after[key][0] - before[key][0]) % PITCH == 0 for key in before)
        assert no_two_cover(after)
        assert arrange_again(made.graph, after) == after
        if path.stem not in CROSSING:
            assert_same_order(before, after)


def no_two_cover(places: Places) -> bool:
    """Whether no card lies on another; a card is as high as the lowest there is."""
    return all(abs(a[0] - b[0]) >= CARD[0] or abs(a[1] - b[1]) >= CARD[1] for a, b in combinations(places.values(), 2))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_a_layer_taken_out_leaves_the_other_rows_and_every_order_as_they_are(path: Path) -> None:
    project = laid(path)
    before, row = shown(project), rows(shown(project))
    for node in project.graph.nodes:
        made = planning.dissolve(project, (node,))
        after = arrange_again(made.graph, made.positions)
        assert_same_order(before, after)
        moved = [key for key in after if key in before and after[key][0] != before[key][0]]
        assert len({row[key] for key in moved}) <= 2 or len(before) < 12


def test_a_layout_that_stands_stays_and_one_that_fits_no_more_is_broken_anew() -> None:
    graph = lenet().graph
    fresh = arrange_to_fit(graph)
    assert arrange_again(graph, fresh) == fresh
    assert arrange_again(graph, {}) == fresh
    column = {key: (0.0, 200.0 * place) for place, key in enumerate(graph.nodes)}
    assert arrange_again(graph, column) == fresh
    assert arrange_again(graph, fresh, aspect=0.3) == arrange_to_fit(graph, aspect=0.3)
    assert arrange_again(Graph(), {}) == {}


def test_branches_keep_the_order_of_the_hand_unless_wires_would_cross() -> None:
    nodes = [Node(name, "Linear", name) for name in "abcdef"]
    fan = [Edge("a", "output", name, "input") for name in "bc"]
    free = Graph.of(nodes[:3], fan)
    places = arrange(free)
    swapped = {"a": places["a"], "b": places["c"], "c": places["b"]}
    assert arrange_again(free, swapped) == swapped
    tied = Graph.of(nodes, [*fan, Edge("b", "output", "d", "input"), Edge("c", "output", "e", "input")])
    places = arrange(tied)
    crossed = {**places, "d": places["e"], "e": places["d"]}
    assert arrange_again(tied, crossed)["d"][1] < arrange_again(tied, crossed)["e"][1]


def test_a_part_is_laid_out_in_its_corner_or_around_the_card_that_is_held() -> None:
    graph = lenet().graph
    before = {key: (37.0 * place, 900.0 - 50.0 * place) for place, key in enumerate(graph.nodes)}
    part = ("conv1", "tanh1", "pool1")
    made = arrange_part(graph, part, before, {})
    assert made.keys() == set(part)
    left, top = min(before[key][0] for key in part), min(before[key][1] for key in part)
    assert made == {"conv1": (left, top), "tanh1": (left + PITCH, top), "pool1": (left + 2 * PITCH, top)}
    held = arrange_part(graph, part, before, {}, "tanh1")
    assert held["tanh1"] == before["tanh1"]
    assert held["pool1"][0] - held["tanh1"][0] == PITCH
    assert arrange_part(graph, (), before, {}) == {}
