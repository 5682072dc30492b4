"""Points of wires: layout apart from meaning, in the file, and with their wires through every edit."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest

from core import planning, reroutes
from core.annotating import frame_around
from core.document import Document
from core.errors import FileError
from core.files import from_text, to_text
from core.graph import BLOCK_INPUT, Edge, InputKey
from core.grouping import group, part
from core.layout import arrange
from core.pasting import duplicate, extract, paste
from core.project import Position, Project
from core.reroutes import Point
from core.rewiring import Output, move_wires
from core.spacing import aside
from core.ungrouping import ungroup
from tests.core.networks import lenet

FC2, FC3 = Edge("tanh3", "output", "fc2", "input"), Edge("tanh4", "output", "fc3", "input")
POINTS = ((10.0, 20.0), (30.5, -40.0))


def led(*edges: Edge) -> Project:
    """LeNet in one row, with these wires led through two points."""
    project = lenet()
    return reroutes.led(
        planning.move(project, arrange(project.graph, width=9999)), dict.fromkeys(edges or (FC2,), POINTS)
    )


def moved(points: tuple[Position, ...], by: Position) -> tuple[Position, ...]:
    return tuple((x + by[0], y + by[1]) for x, y in points)


def way(project: Project, node: str, other: Project, copy: str) -> Position:
    start, end = project.positions[node], other.positions[copy]
    return end[0] - start[0], end[1] - start[1]


def test_they_are_layout_and_leave_the_graph_the_same_object() -> None:
    plain = lenet()
    project = reroutes.added(plain, FC2, (1.0, 2.0), 0)
    assert project.graph is plain.graph
    assert project.positions is plain.positions
    assert reroutes.added(project, FC2, (3.0, 4.0), 1).reroutes[FC2] == ((1.0, 2.0), (3.0, 4.0))
    assert reroutes.added(project, FC2, (3.0, 4.0), 0).reroutes[FC2] == ((3.0, 4.0), (1.0, 2.0))
    assert reroutes.removed(project, (Point(FC2, 0),)) == plain


def test_they_come_back_from_the_file_in_the_order_of_the_wires_and_old_files_have_none() -> None:
    project = led(FC3, FC2)
    text = to_text(project)
    assert from_text(text) == project
    lines = [line for line in text.splitlines() if '"wire"' in line]
    assert [line.split('"points"')[0] for line in lines] == [
        '  {"wire": ["tanh3", "output", "fc2", "input"], ',
        '  {"wire": ["tanh4", "output", "fc3", "input"], ',
    ]
    assert to_text(led(FC2, FC3)) == text
    plain = to_text(replace(project, reroutes=MappingProxyType({})))
    assert "reroutes" not in plain
    assert not from_text(plain).reroutes
    assert [line for line in text.splitlines() if line.rstrip(",") not in plain][:1] == [' "reroutes": [']


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"points": [[10, 20], [30.5, -40]]', '"points": [[10]]', "points"),
        ('{"wire": ["tanh3", "output", "fc2", "input"]', '{"wire": ["tanh3", "fc2"]', "a wire"),
        ('"points": [[10, 20]', '"points": [' + "[1, 2], " * 10_001 + "[1, 2]", "10,00"),
    ],
)
def test_wrong_ones_in_a_file_are_refused(old: str, new: str, told: str) -> None:
    text = to_text(led())
    assert old in text
    with pytest.raises(FileError, match=told):
        from_text(text.replace(old, new))


def test_points_of_a_wire_that_the_file_does_not_have_are_left_out_as_places_of_such_nodes_are() -> None:
    text = to_text(led()).replace('"wire": ["tanh3"', '"wire": ["tanh4"')
    assert not from_text(text).reroutes
    far = from_text(to_text(led()).replace("[[10, 20]", "[[1e300, 20]"))
    assert far.reroutes[FC2][0] == (1e6, 20.0)


def test_they_go_with_their_wire_in_one_step_and_come_back_with_it() -> None:
    start = led(FC2, FC3)
    document = Document(start)
    document.edit("cut", planning.disconnect(start, (FC2.key,)))
    assert set(document.project.reroutes) == {FC3}
    document.edit("delete", planning.delete(document.project, ("fc3",)))
    assert not document.project.reroutes
    document.undo()
    document.undo()
    assert document.project is start
    document.redo()
    assert set(document.project.reroutes) == {FC3}
    document.undo()
    document.edit("other source", planning.connect(start, FC2._replace(source="fc1")))
    assert set(document.project.reroutes) == {FC3}


def test_they_move_when_both_ends_move_by_the_same_way_and_only_then() -> None:
    project = led()
    ends = {key: moved((project.positions[key],), (7.0, 9.0))[0] for key in ("tanh3", "fc2")}
    assert planning.move(project, ends).reroutes[FC2] == moved(POINTS, (7.0, 9.0))
    assert planning.move(project, {"fc2": ends["fc2"]}).reroutes == project.reroutes
    assert planning.move(project, {**ends, "fc2": (0.0, 0.0)}).reroutes == project.reroutes


def test_copies_take_them_along_where_both_ends_go() -> None:
    project = led(FC2, FC3)
    clip = from_text(to_text(extract(project, ("tanh3", "fc2", "tanh4"))))
    assert set(clip.reroutes) == {FC2}
    pasted, nodes = paste(lenet(), clip, (500.0, 600.0))
    ids = dict(zip(clip.graph.nodes, nodes, strict=True))
    wire = Edge(ids["tanh3"], "output", ids["fc2"], "input")
    assert pasted.reroutes == {wire: moved(POINTS, way(project, "fc2", pasted, ids["fc2"]))}
    twice, _nodes = duplicate(project, ("tanh3", "fc2"))
    assert sorted(points for edge, points in twice.reroutes.items() if edge not in project.reroutes) == [
        moved(POINTS, (24.0, 24.0))
    ]


def test_they_go_into_a_block_and_out_of_it_again() -> None:
    project = led(FC2, FC3)
    folded, block = group(project, ("tanh3", "fc2"))
    folded = reroutes.pruned(folded)
    assert set(folded.reroutes) == {FC2, FC3}
    assert from_text(to_text(folded)) == folded
    unfolded, _nodes = ungroup(folded, (block,))
    assert unfolded.reroutes[FC2] == moved(POINTS, way(project, "fc2", unfolded, "fc2"))
    assert set(reroutes.pruned(unfolded).reroutes) == {FC2, FC3}


def test_repetitions_and_parted_blocks_have_points_of_their_own() -> None:
    project, block = group(led(), ("tanh3", "fc2"))
    graph = project.graph.replace_node(replace(project.graph.nodes[block], repeat=2))
    unfolded, nodes = ungroup(project.with_scope(graph), (block,))
    wires = [edge for edge in unfolded.reroutes if edge.source in nodes]
    assert len(wires) == 2
    first, second = (unfolded.reroutes[edge][0][0] - unfolded.positions[edge.target][0] for edge in wires)
    assert first == second
    twice, _copies = duplicate(project, (block,))
    apart = part(twice, block, "")
    inner = apart.blocks[apart.graph.nodes[block].block].graph
    assert [apart.reroutes[edge] for edge in inner.edges.values() if edge in apart.reroutes] == [POINTS]


def test_they_follow_the_new_name_of_a_port_and_the_wires_that_move_to_another_output() -> None:
    project, block = group(lenet(), ("tanh3", "fc2"))
    outside = next(edge for edge in project.graph.edges.values() if edge.target == block)
    project = reroutes.led(project, {outside: POINTS})
    inside = project.blocks[project.graph.nodes[block].block].graph
    port = next(node for node in inside.nodes.values() if node.kind == BLOCK_INPUT)
    renamed = planning.rename(project, port.id, "features")
    assert renamed.reroutes == {outside._replace(input="features"): POINTS}
    other = move_wires(led(), Output("tanh3", "output"), Output("fc1", "output"))
    assert other.reroutes == {FC2._replace(source="fc1"): POINTS}


def test_a_layer_in_the_wire_shares_them_out_and_dissolved_joins_them_again() -> None:
    project, node = planning.add(led(), "ReLU", (0.0, 0.0))
    places = {"tanh3": (0.0, 0.0), node: (400.0, 0.0), "fc2": (800.0, 0.0)}
    points = ((250.0, 60.0), (300.0, 90.0), (700.0, 60.0))
    project = reroutes.led(planning.move(project, places), {FC2: points})
    spliced = planning.splice(project, node, InputKey("fc2", "input"))
    first, last = Edge("tanh3", "output", node, "input"), Edge(node, "output", "fc2", "input")
    assert spliced.reroutes == {first: points[:2], last: points[2:]}
    assert reroutes.pruned(planning.dissolve(spliced, (node,))).reroutes == {FC2: points}


def test_a_layout_drops_those_of_wires_whose_ends_it_moves_apart() -> None:
    project = led(FC2, FC3)
    places = {key: moved((project.positions[key],), (0.0, 50.0))[0] for key in ("fc2", "tanh4", "fc3")}
    assert set(reroutes.straightened(project, places).reroutes) == {FC3}


def test_what_comes_to_stand_among_others_gets_room_and_nothing_moves_where_there_is_room() -> None:
    """Right neighbours move on as far as the gaps behind them do not take it up; other rows stay."""
    project = lenet()
    row = {"conv1": (0.0, 0.0), "tanh1": (170.0, 0.0), "pool1": (340.0, 10.0), "conv2": (900.0, 0.0)}
    project = planning.move(project, {**row, "fc1": (170.0, 300.0)})
    project, node = planning.add(project, "ReLU", (90.0, 20.0))
    made = aside(project, (node,), "")
    left = {key: made.positions[key][0] for key in (*row, node)}
    assert left["conv1"] == 0.0
    assert left[node] == 146 + 70
    assert left["tanh1"] == left[node] + 146 + 70
    assert left["pool1"] - left["tanh1"] == 170.0
    assert left["conv2"] == 900.0
    assert made.positions["fc1"] == (170.0, 300.0)
    assert aside(made, (node,), "") is made
    tight = planning.move(project, {"conv2": (560.0, 0.0)})
    assert aside(tight, (node,), "").positions["conv2"][0] > 560.0


def test_a_frame_grows_with_what_it_holds_when_a_layer_goes_into_a_wire_in_it() -> None:
    project = lenet()
    row = {"conv1": (0.0, 0.0), "tanh1": (216.0, 0.0), "pool1": (432.0, 0.0), "fc1": (0.0, 600.0)}
    project = planning.move(project, row)
    project, inner = frame_around(project, [(0, 0, 146, 92), (216, 0, 146, 92)])
    project, other = frame_around(project, [(0, 600, 146, 92)])
    project, node = planning.add(project, "ReLU", (110.0, 10.0))
    made = aside(planning.splice(project, node, InputKey("tanh1", "input")), (node,), "")
    frame = made.annotations[inner]
    for key in ("conv1", node, "tanh1"):
        assert frame.holds((*made.positions[key], 146, 92))
    assert not frame.holds((*made.positions["pool1"], 146, 92))
    assert made.annotations[other] == project.annotations[other]
    assert aside(made, (node,), "") is made
