"""The canvas by keyboard alone: arrows along the wires, and W to wire, with real keys."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core import planning
from core.graph import InputKey
from core.layout import arrange
from core.project import Project
from gui.canvas.canvas import Canvas
from gui.canvas.key_wire import offered, starts
from gui.canvas.under import PortRef
from tests.gui.canvas.conftest import Open
from tests.gui.canvas.hands import Hands, assert_mirror

KEY = Qt.Key


def branches() -> tuple[Project, dict[str, str]]:
    """An input that three layers read one above the other, added up, with a loose card below; by name."""
    project, ids = Project(), {}
    for kind in ("Input", "Linear", "Linear", "Linear", "Add", "ReLU"):
        project, made = planning.add(project, kind, (0, 0))
        ids[project.graph.nodes[made].name] = made
    names = list(ids)
    source, one, two, three, added, loose = names
    for middle in (one, two, three):
        project = planning.connect(project, planning.Edge(ids[source], "output", ids[middle], "input"))
        project = planning.connect(project, planning.Edge(ids[middle], "output", ids[added], "inputs"))
    places = {source: (0, 200), one: (300, 0), two: (300, 200), three: (300, 400), added: (600, 200), loose: (310, 290)}
    return planning.move(project, {ids[name]: at for name, at in places.items()}), ids


def test_up_and_down_go_to_the_branch_beside_before_any_nearer_card(open_canvas: Open) -> None:
    project, ids = branches()
    canvas = open_canvas(project)
    hands = Hands(canvas)
    names = list(ids)
    canvas.select((ids[names[2]],))
    walk = (
        (KEY.Key_Down, 3),
        (KEY.Key_Up, 2),
        (KEY.Key_Up, 1),
        (KEY.Key_Right, 4),
        (KEY.Key_Left, 2),
        (KEY.Key_Left, 0),
    )
    for key, place in walk:
        hands.key(key)
        assert canvas.selection() == (ids[names[place]],), names[place]


def test_the_first_arrow_begins_at_the_first_card_and_the_ring_stands_there_until_the_mouse_is_pressed(
    hands: Hands,
) -> None:
    canvas = hands.canvas
    canvas.view.setFocus()
    assert canvas.view.ring.node == ""
    hands.key(KEY.Key_Right)
    assert canvas.selection() == (canvas.view.ring.node,) == (next(iter(canvas.scene.nodes)),)
    place = hands.spot(canvas.scene.nodes[canvas.view.ring.node].rect.topLeft())
    around = canvas.view.grab().toImage()
    hands.click(hands.card("conv1"))
    assert canvas.view.ring.node == ""
    canvas.select((next(iter(canvas.scene.nodes)),))
    plain = canvas.view.grab().toImage()
    differing = [
        (x, y)
        for x in range(max(place.x() - 12, 0), place.x() + 60)
        for y in range(place.y() - 9, place.y() - 4)
        if around.pixel(x, y) != plain.pixel(x, y)
    ]
    assert differing


def test_a_card_out_of_view_is_brought_in_when_the_arrows_lead_there(hands: Hands) -> None:
    canvas = hands.canvas
    canvas.select(("conv1",))
    canvas.view.show_at(canvas.scene.nodes["conv1"].rect.center(), 2.0)
    for _step in range(6):
        hands.key(KEY.Key_Right)
        assert canvas.view.visible().contains(canvas.scene.nodes[canvas.selection()[0]].rect)
    assert canvas.view.zoom == 2.0


def unwired(canvas: Canvas, node: str, port: str = "input") -> None:
    canvas.document.edit("Unwire", planning.disconnect(canvas.document.project, (InputKey(node, port),)))


def test_w_and_enter_wire_to_the_nearest_free_port_as_one_step(hands: Hands) -> None:
    canvas = hands.canvas
    unwired(canvas, "tanh1")
    before = canvas.document.project
    canvas.select(("conv1",))
    hands.key(KEY.Key_W)
    assert canvas.keys.bar.isVisible()
    assert canvas.keys.bar.words.text().startswith("conv1 output to tanh1 input, ")
    hands.key(KEY.Key_Return)
    assert hands.graph.edges[InputKey("tanh1", "input")].source == "conv1"
    assert canvas.selection() == ("tanh1",)
    assert canvas.keys.bar.isHidden()
    assert_mirror(canvas)
    canvas.document.undo()
    assert canvas.document.project == before


def test_the_arrows_and_tab_choose_among_ports_that_fit_only(hands: Hands) -> None:
    canvas = hands.canvas
    canvas.select(("conv1",))
    hands.key(KEY.Key_W)
    seen = set()
    for _step in range(40):
        hands.key(KEY.Key_Tab)
        seen.add(canvas.view.ring.node)
    canvas.view.cancel_gesture()
    assert "conv1" not in seen
    assert "data" not in seen
    for node in seen:
        drawn = planning.connect(canvas.document.project, planning.Edge("conv1", "output", node, "input"))
        assert drawn.graph.edges[InputKey(node, "input")].source == "conv1"
    hands.key(KEY.Key_W)
    start = canvas.view.ring.node
    hands.key(KEY.Key_Right)
    further = canvas.view.ring.node
    assert canvas.scene.nodes[further].x() > canvas.scene.nodes[start].x()
    hands.key(KEY.Key_Left)
    assert canvas.view.ring.node == start


def test_esc_leaves_the_wires_as_they_were_and_so_does_a_press_of_the_mouse(hands: Hands) -> None:
    canvas, before = hands.canvas, hands.canvas.document.project
    for give_up in (lambda: hands.key(KEY.Key_Escape), lambda: hands.click(hands.card("fc1"))):
        canvas.select(("conv1",))
        hands.key(KEY.Key_W)
        hands.key(KEY.Key_Right)
        give_up()
        assert not canvas.view.busy
        assert canvas.keys.bar.isHidden()
        assert canvas.document.project is before
        assert canvas.scene.fits is None


def test_w_again_begins_at_the_next_port_of_the_card(open_canvas: Open, qtbot: QtBot) -> None:
    project, source = planning.add(Project(), "Input", (0, 0))
    project, add = planning.add(project, "Subtract", (400, 0))
    canvas = open_canvas(planning.move(project, arrange(project.graph)))
    canvas.select((add,))
    hands = Hands(canvas)
    with qtbot.waitActive(canvas):
        canvas.activateWindow()
    canvas.view.setFocus()
    names = [port.name for port in starts(canvas.stage, add)]
    assert len(names) == 3
    hands.key(KEY.Key_W)
    assert "No free port fits" in canvas.keys.bar.words.text()
    hands.key(KEY.Key_W)
    hands.key(KEY.Key_Return)
    assert canvas.document.project.graph.edges[InputKey(add, names[1])].source == source


def test_an_edit_from_elsewhere_ends_the_wire_and_nothing_is_left_behind(hands: Hands) -> None:
    canvas = hands.canvas
    canvas.select(("conv1",))
    hands.key(KEY.Key_W)
    canvas.document.edit("Delete", planning.delete(canvas.document.project, ("tanh1",)))
    assert not canvas.view.busy
    assert canvas.keys.bar.isHidden()
    assert_mirror(canvas)


def test_a_port_that_already_holds_this_wire_is_not_offered(hands: Hands) -> None:
    stage = hands.canvas.stage
    hands.canvas.select(("conv1",))
    hands.key(KEY.Key_W)
    assert PortRef("tanh1", "input", "input") not in offered(stage, PortRef("conv1", "output", "output"))
    hands.canvas.view.cancel_gesture()
