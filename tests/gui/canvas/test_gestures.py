from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt

from core import planning
from core.graph import InputKey
from gui.canvas.canvas import Canvas
from tests.gui.canvas.hands import Hands, assert_mirror

CTRL = Qt.KeyboardModifier.ControlModifier
MIDDLE = Qt.MouseButton.MiddleButton


def test_a_dragged_card_moves_in_one_edit_and_comes_back(hands: Hands) -> None:
    canvas = hands.canvas
    before = canvas.document.project
    hands.drag(hands.card("fc1"), hands.card("fc1") + QPoint(30, 40))
    x, y = before.positions["fc1"]
    assert canvas.document.project.positions["fc1"] == (x + 30, y + 40)
    assert canvas.document.project.graph is before.graph
    assert canvas.document.past == ("Move fc1",)
    assert_mirror(canvas)
    canvas.document.undo()
    assert canvas.document.project is before
    assert_mirror(canvas)


def test_wires_follow_the_card_while_it_moves(hands: Hands) -> None:
    hands.hold(hands.card("fc1"), hands.card("fc1") + QPoint(30, 40))
    path = hands.canvas.scene.edges[InputKey("fc1", "input")].route.path
    end = hands.canvas.scene.nodes["fc1"].port_at("input", "input")
    assert (path.pointAtPercent(1) - end).manhattanLength() < 0.01
    assert hands.canvas.document.past == ()
    hands.release(hands.card("fc1"))


def test_all_selected_cards_move_together(hands: Hands) -> None:
    canvas = hands.canvas
    hands.click(hands.card("fc1"))
    hands.click(hands.card("fc2"), CTRL)
    assert canvas.selection() == ("fc1", "fc2")
    before = canvas.document.project.positions
    hands.drag(hands.card("fc1"), hands.card("fc1") + QPoint(-20, 0))
    after = canvas.document.project.positions
    assert {key for key in before if before[key] != after[key]} == {"fc1", "fc2"}
    assert canvas.document.past == ("Move 2 layers",)
    assert canvas.selection() == ("fc1", "fc2")


def test_a_click_on_one_of_several_selected_cards_selects_it_alone(hands: Hands) -> None:
    hands.click(hands.card("fc1"))
    hands.click(hands.card("fc2"), CTRL)
    hands.click(hands.card("fc1"))
    assert hands.canvas.selection() == ("fc1",)
    assert hands.canvas.document.past == ()
    hands.click(hands.card("fc2"), CTRL)
    hands.click(hands.card("fc1"), CTRL)
    assert hands.canvas.selection() == ("fc2",)
    assert_mirror(hands.canvas)


def test_escape_puts_a_dragged_card_back(hands: Hands) -> None:
    hands.hold(hands.card("fc1"), hands.card("fc1") + QPoint(60, 60))
    hands.key(Qt.Key.Key_Escape)
    hands.release(hands.card("fc1") + QPoint(60, 60))
    assert hands.canvas.document.past == ()
    assert_mirror(hands.canvas)


def test_a_click_that_hardly_moves_is_no_edit(hands: Hands) -> None:
    hands.drag(hands.card("fc1"), hands.card("fc1") + QPoint(1, 1))
    assert hands.canvas.document.past == ()
    assert hands.canvas.selection() == ("fc1",)


def test_a_box_selects_what_it_touches(hands: Hands) -> None:
    canvas = hands.canvas
    start = hands.spot(canvas.scene.nodes["conv1"].pos() + QPointF(-30, -10))
    end = hands.spot(canvas.scene.nodes["tanh1"].pos() + QPointF(20, 20))
    hands.drag(start, end)
    assert set(canvas.selection()) == {"conv1", "tanh1"}
    hands.click(hands.spot(canvas.scene.nodes["fc3"].pos() + QPointF(-35, 100)))
    assert canvas.selection() == ()


def test_a_wire_dragged_from_port_to_port_is_one_edit(hands: Hands) -> None:
    canvas = hands.canvas
    canvas.document.edit("cut", canvas.document.project.with_scope(hands.graph.disconnect([InputKey("fc2", "input")])))
    hands.drag(hands.port("tanh3", "output", "output"), hands.port("fc2", "input", "input"))
    assert hands.graph.edges[InputKey("fc2", "input")].source == "tanh3"
    assert canvas.document.past[-1] == "Wire tanh3 to fc2"
    assert_mirror(canvas)


def test_a_wire_can_be_drawn_backwards_from_an_input(hands: Hands) -> None:
    canvas = hands.canvas
    canvas.document.edit("cut", canvas.document.project.with_scope(hands.graph.disconnect([InputKey("fc2", "input")])))
    hands.drag(hands.port("fc2", "input", "input"), hands.port("tanh3", "output", "output"))
    assert hands.graph.edges[InputKey("fc2", "input")].source == "tanh3"


def test_a_wire_dropped_on_a_card_takes_its_port(hands: Hands) -> None:
    hands.drag(hands.port("tanh3", "output", "output"), hands.card("fc3"))
    assert hands.graph.edges[InputKey("fc3", "input")].source == "tanh3"


def test_a_refused_wire_says_why_with_both_shapes_and_changes_nothing(hands: Hands) -> None:
    canvas = hands.canvas
    said: list[str] = []
    canvas.message.connect(said.append)
    before = canvas.document.project
    hands.hold(hands.port("fc1", "output", "output"), hands.port("conv2", "input", "input"))
    assert "conv2" in canvas.furniture.hint.text
    hands.release(hands.port("conv2", "input", "input"))
    assert said
    assert canvas.document.project is before
    hands.hold(hands.port("flatten", "output", "output"), hands.port("pool2", "input", "input"))
    assert "circle" in canvas.furniture.hint.text
    hands.release(hands.port("pool2", "input", "input"))
    assert canvas.document.project is before


def test_a_wire_with_a_wrong_shape_names_both(lenet_canvas: Canvas) -> None:
    hands = Hands(lenet_canvas)
    made = lenet_canvas.drop("BatchNorm2d", lenet_canvas.scene.nodes["fc3"].pos() + QPointF(100, 150))
    hands.hold(hands.port("fc2", "output", "output"), hands.port(made, "input", "input"))
    assert "B×84" in lenet_canvas.furniture.hint.text
    assert "image" in lenet_canvas.furniture.hint.text or "channels" in lenet_canvas.furniture.hint.text
    hands.release(hands.port(made, "input", "input"))
    assert InputKey(made, "input") not in hands.graph.edges
    assert lenet_canvas.furniture.hint.text
    hands.click(QPoint(500, 330))
    assert lenet_canvas.furniture.hint.text == ""


def test_ports_say_what_fits_while_a_wire_is_dragged(hands: Hands) -> None:
    scene = hands.canvas.scene
    hands.hold(hands.port("conv1", "output", "output"), hands.port("conv1", "output", "output") + QPoint(40, 60))
    assert scene.port_fits("fc1", "input", "input")
    assert scene.port_fits("loss", "input", "label") is False
    assert scene.port_fits("data", "output", "image") is False
    hands.key(Qt.Key.Key_Escape)
    assert scene.port_fits("fc1", "input", "input") is None
    assert hands.canvas.document.past == ()


def test_the_end_of_a_wire_moves_to_another_input(hands: Hands) -> None:
    hands.drag(hands.port("fc3", "input", "input"), hands.port("loss", "input", "logits"))
    assert hands.graph.edges[InputKey("loss", "logits")].source == "tanh4"
    assert InputKey("fc3", "input") not in hands.graph.edges
    assert len(hands.canvas.document.past) == 1
    assert_mirror(hands.canvas)


def test_the_end_of_a_wire_put_back_is_no_edit(hands: Hands) -> None:
    port = hands.port("fc3", "input", "input")
    hands.hold(port, port + QPoint(-30, 50))
    hands.move(port)
    hands.release(port)
    assert hands.canvas.document.past == ()
    assert hands.canvas.scene.edges[InputKey("fc3", "input")].isVisible()


def test_the_end_of_a_wire_dropped_on_nothing_removes_it(hands: Hands) -> None:
    canvas = hands.canvas
    hands.drag(hands.port("fc3", "input", "input"), hands.port("fc3", "input", "input") + QPoint(-20, 90))
    assert InputKey("fc3", "input") not in hands.graph.edges
    assert canvas.document.past == ("Unwire fc3",)
    assert_mirror(canvas)
    canvas.document.undo()
    assert_mirror(canvas)
    assert canvas.scene.edges[InputKey("fc3", "input")].isVisible()


def test_a_loose_card_dropped_on_a_wire_goes_into_it(hands: Hands) -> None:
    canvas = hands.canvas
    made = canvas.drop("ReLU", canvas.scene.nodes["fc3"].pos() + QPointF(250, 60))
    between = canvas.scene.edges[InputKey("fc2", "input")].route.path.pointAtPercent(0.4)
    here = canvas.scene.nodes[made].rect.center()
    hands.drag(hands.card(made), hands.card(made) + (hands.spot(between) - hands.spot(here)))
    assert hands.graph.edges[InputKey("fc2", "input")].source == made
    assert hands.graph.edges[InputKey(made, "input")].source == "tanh3"
    canvas.document.undo()
    assert InputKey(made, "input") not in hands.graph.edges
    assert_mirror(canvas)


def test_delete_removes_the_selected_card_and_undo_brings_its_wires_back(hands: Hands) -> None:
    canvas = hands.canvas
    before = canvas.document.project
    hands.click(hands.card("tanh1"))
    hands.key(Qt.Key.Key_Delete)
    assert "tanh1" not in hands.graph.nodes
    assert canvas.selection() == ()
    assert_mirror(canvas)
    canvas.document.undo()
    assert canvas.document.project is before
    assert_mirror(canvas)


def test_a_clicked_wire_is_selected_and_deleted(hands: Hands) -> None:
    path = hands.canvas.scene.edges[InputKey("fc2", "input")].route.path
    hands.click(hands.spot(path.pointAtPercent(0.5)) + QPoint(0, 4))
    assert hands.canvas.scene.selected_edges == (InputKey("fc2", "input"),)
    hands.key(Qt.Key.Key_Delete)
    assert InputKey("fc2", "input") not in hands.graph.edges
    assert_mirror(hands.canvas)


def test_middle_drag_and_space_drag_pan(hands: Hands) -> None:
    view = hands.view
    before = view.middle()
    hands.drag(QPoint(300, 330), QPoint(340, 300), button=MIDDLE)
    assert (view.middle() - (before + QPointF(-40, 30))).manhattanLength() <= 2
    from PySide6.QtTest import QTest

    QTest.keyPress(view, Qt.Key.Key_Space)
    hands.drag(QPoint(340, 300), QPoint(300, 330))
    QTest.keyRelease(view, Qt.Key.Key_Space)
    assert (view.middle() - before).manhattanLength() <= 2
    assert not hands.canvas.popup.isVisible()
    assert hands.canvas.document.past == ()


def test_a_wire_to_the_loss_makes_the_last_layer_as_wide_as_the_classes_in_one_edit(hands: Hands) -> None:
    canvas = hands.canvas
    said: list[str] = []
    canvas.message.connect(said.append)
    cut = canvas.document.project.with_scope(hands.graph.disconnect([InputKey("loss", "logits")]))
    canvas.document.edit("cut", planning.set_param(cut, "fc3", "out_features", None))
    before = canvas.document.project
    hands.drag(hands.port("fc3", "output", "output"), hands.port("loss", "input", "logits"))
    assert hands.graph.nodes["fc3"].param("out_features") == 10
    assert said == ["fc3 gives 10 now, as its target wants."]
    canvas.document.undo()
    assert canvas.document.project == before
