"""Keys along the wires: select what leads here or follows, join what is selected."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.graph import Edge, Graph, Node
from core.layout import arrange
from core.planning import move
from core.project import Project
from core.reading import read
from gui.canvas.canvas import Canvas
from tests.core.networks import lenet
from tests.gui.canvas.hands import Hands, assert_mirror

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LEFT, RIGHT, J = Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_J


def loose(project: Project) -> Project:
    """The project without its wires, its cards as they stood."""
    placed = move(project, arrange(project.graph))
    return placed.with_scope(Graph(placed.graph.nodes))


def test_all_that_leads_to_the_selection_and_all_that_follows_is_added_by_keys(hands: Hands) -> None:
    canvas = hands.canvas
    canvas.select(("pool1",))
    hands.key(LEFT, CTRL | SHIFT)
    assert set(canvas.selection()) == {"data", "conv1", "tanh1", "pool1"}
    assert canvas.selection()[-1] == "pool1"
    canvas.select(("fc2",))
    hands.key(RIGHT, CTRL | SHIFT)
    assert set(canvas.selection()) == {"fc2", "tanh4", "fc3", "loss"}
    assert not canvas.document.past


def test_a_card_that_nothing_leads_to_selects_itself_alone(hands: Hands) -> None:
    hands.canvas.select(("data",))
    hands.key(LEFT, CTRL | SHIFT)
    assert hands.canvas.selection() == ("data",)


def test_j_wires_each_selected_card_to_the_next_as_they_stand_in_one_step(
    open_canvas: Callable[[Project], Canvas],
) -> None:
    whole = lenet()
    canvas = open_canvas(loose(whole))
    QTest.qWaitForWindowActive(canvas)
    hands = Hands(canvas)
    canvas.select(reversed(tuple(whole.graph.nodes)))
    hands.key(J)
    along = {edge for edge in whole.graph.edges.values() if edge.input != "label"}
    assert set(hands.graph.edges.values()) == along
    assert len(canvas.document.past) == 1
    assert_mirror(canvas)
    canvas.document.undo()
    assert not hands.graph.edges


def test_j_at_a_join_takes_the_next_free_input_and_leaves_what_is_wired(hands: Hands) -> None:
    canvas = hands.canvas
    project = canvas.document.project
    graph = project.graph.add_nodes([Node("add", "Add", "add")]).connect(Edge("fc2", "output", "add", "inputs"))
    x, y = project.positions["tanh4"]
    canvas.document.edit("Add", move(project.with_scope(graph), {"add": (x + 200, y)}))
    canvas.select(("tanh4", "add"))
    hands.key(J)
    assert [(edge.source, edge.order) for edge in hands.graph.into("add")] == [("fc2", 0), ("tanh4", 1)]
    hands.key(J)
    assert len(list(hands.graph.into("add"))) == 2


def test_j_says_why_where_no_wire_can_be_and_changes_nothing(hands: Hands, qtbot: QtBot) -> None:
    canvas = hands.canvas
    before = canvas.document.project
    for chosen, word in ((("fc1",), "two layers"), (("conv1", "tanh1"), "wired"), (("conv1", "pool1"), "free input")):
        canvas.select(chosen)
        with qtbot.waitSignal(canvas.message) as told:
            hands.key(J)
        assert word in told.args[0]
        assert canvas.document.project is before


def test_what_was_joined_is_whole_and_its_sizes_follow(open_canvas: Callable[[Project], Canvas]) -> None:
    canvas = open_canvas(loose(lenet()))
    QTest.qWaitForWindowActive(canvas)
    canvas.select(canvas.document.project.graph.nodes)
    Hands(canvas).key(J)
    reading = read(canvas.document.project)
    assert [(problem.code, problem.port) for problem in reading.errors] == [("E102", "label")]
    assert reading.analysis.total_parameters == read(lenet()).analysis.total_parameters
