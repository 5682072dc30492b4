from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from core.graph import Edge, InputKey
from gui.canvas.canvas import Canvas
from tests.gui.canvas.hands import Hands, assert_mirror

CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
FC1, FC2, FC3 = InputKey("fc1", "input"), InputKey("fc2", "input"), InputKey("fc3", "input")


def out(hands: Hands, node: str) -> QPoint:
    return hands.port(node, "output", "output")


def sources(hands: Hands) -> dict[InputKey, str]:
    return {key: edge.source for key, edge in hands.graph.edges.items()}


def fanned(canvas: Canvas) -> Hands:
    """tanh3 feeds fc2 and, beside it, fc3."""
    project = canvas.document.project
    canvas.document.edit("fan", project.with_scope(project.graph.connect(Edge("tanh3", "output", "fc3", "input"))))
    return Hands(canvas)


def test_ctrl_drag_moves_all_wires_of_an_output_to_another_in_one_step(lenet_canvas: Canvas) -> None:
    hands = fanned(lenet_canvas)
    before = lenet_canvas.document.project
    hands.drag(out(hands, "tanh3"), out(hands, "fc1"), CTRL)
    after = sources(hands)
    assert after[FC2] == after[FC3] == "fc1"
    assert lenet_canvas.document.past[-1] == "Move 2 wires from tanh3 to fc1"
    assert all(item.isVisible() for item in lenet_canvas.scene.edges.values())
    assert_mirror(lenet_canvas)
    lenet_canvas.document.undo()
    assert lenet_canvas.document.project == before
    assert_mirror(lenet_canvas)


def test_ctrl_drag_takes_the_output_of_the_card_it_ends_on(lenet_canvas: Canvas) -> None:
    hands = fanned(lenet_canvas)
    hands.drag(out(hands, "tanh3"), hands.card("fc1"), CTRL)
    assert sources(hands)[FC2] == "fc1"


def test_moved_wires_that_would_close_a_circle_are_refused_at_the_pointer(lenet_canvas: Canvas) -> None:
    hands = fanned(lenet_canvas)
    before = lenet_canvas.document.project
    hands.hold(out(hands, "tanh3"), out(hands, "fc3"), CTRL)
    assert not lenet_canvas.scene.edges[FC2].isVisible()
    assert "fc3" in lenet_canvas.furniture.hint.text
    assert lenet_canvas.scene.port_fits("fc3", "output", "output") is False
    assert lenet_canvas.scene.port_fits("fc1", "output", "output") is True
    assert lenet_canvas.scene.port_fits("fc1", "input", "input") is False
    hands.release(out(hands, "fc3"), CTRL)
    assert lenet_canvas.document.project is before
    assert lenet_canvas.scene.edges[FC2].isVisible()


def test_moved_wires_whose_shape_does_not_fit_say_both_shapes(lenet_canvas: Canvas) -> None:
    hands = fanned(lenet_canvas)
    hands.hold(out(hands, "conv1"), out(hands, "flatten"), CTRL)
    hands.release(out(hands, "flatten"), CTRL)
    assert sources(hands)[InputKey("tanh1", "input")] == "conv1"
    hands.hold(out(hands, "pool1"), hands.port("data", "output", "label"), CTRL)
    assert "conv2" in lenet_canvas.furniture.hint.text
    hands.key(Qt.Key.Key_Escape)
    assert all(item.isVisible() for item in lenet_canvas.scene.edges.values())
    assert lenet_canvas.scene.port_fits("fc1", "output", "output") is None
    assert lenet_canvas.document.past == ("fan",)


def test_all_wires_of_an_output_dropped_on_nothing_are_removed_and_come_back(lenet_canvas: Canvas) -> None:
    hands = fanned(lenet_canvas)
    hands.drag(out(hands, "tanh3"), out(hands, "tanh3") + QPoint(20, 150), CTRL)
    assert FC2 not in hands.graph.edges
    assert FC3 not in hands.graph.edges
    assert lenet_canvas.document.past[-1] == "Unwire 2 wires of tanh3"
    assert not lenet_canvas.popup.isVisible()
    assert_mirror(lenet_canvas)
    lenet_canvas.document.undo()
    assert_mirror(lenet_canvas)


def test_shift_keeps_wiring_from_the_same_output(hands: Hands) -> None:
    canvas = hands.canvas
    loose = hands.graph.disconnect([FC2, FC3, InputKey("loss", "logits")])
    canvas.document.edit("cut", canvas.document.project.with_scope(loose))
    hands.drag(out(hands, "tanh3"), hands.port("fc2", "input", "input"), SHIFT)
    assert sources(hands)[FC2] == "tanh3"
    assert hands.view.busy
    hands.move(hands.port("fc3", "input", "input"))
    hands.click(hands.port("fc3", "input", "input"), SHIFT)
    assert sources(hands)[FC3] == "tanh3"
    assert canvas.document.past[-2:] == ("Wire tanh3 to fc2", "Wire tanh3 to fc3")
    assert hands.view.busy
    hands.click(out(hands, "tanh3") + QPoint(10, 150))
    assert not hands.view.busy
    assert not canvas.popup.isVisible()
    assert canvas.scene.port_fits("fc3", "input", "input") is None
    assert_mirror(canvas)


def test_letting_go_of_shift_or_escape_ends_the_wiring(hands: Hands) -> None:
    port = hands.port("fc3", "input", "input")
    for key in (Qt.Key.Key_Shift, Qt.Key.Key_Escape):
        hands.drag(out(hands, "tanh3"), port, SHIFT)
        assert hands.view.busy
        QTest.keyClick(hands.view, key)
        assert not hands.view.busy
        hands.canvas.document.undo()


def test_a_stroke_cuts_every_wire_it_crosses_in_one_step(hands: Hands) -> None:
    canvas = hands.canvas
    before = canvas.document.project
    middle = {key: canvas.scene.edges[key].route.path.pointAtPercent(0.5) for key in (FC2, FC3)}
    above = hands.spot(middle[FC2] + QPointF(0, -14))
    hands.press(above, CTRL | ALT)
    for place in (middle[FC2] + QPointF(0, 14), middle[FC3] + QPointF(0, 14), middle[FC3] + QPointF(0, -14)):
        hands.move(hands.spot(place))
    assert canvas.scene.edges[FC2].is_cut
    assert canvas.scene.edges[FC3].is_cut
    assert canvas.document.project is before
    hands.release(hands.spot(middle[FC3] + QPointF(0, -14)))
    gone = before.graph.edges.keys() - hands.graph.edges.keys()
    assert {FC2, FC3} <= gone
    assert canvas.document.past == (f"Cut {len(gone)} wires",)
    assert_mirror(canvas)
    canvas.document.undo()
    assert canvas.document.project == before
    assert not any(item.is_cut for item in canvas.scene.edges.values())


def test_a_stroke_given_up_or_beside_the_wires_cuts_nothing(hands: Hands) -> None:
    middle = hands.canvas.scene.edges[FC2].route.path.pointAtPercent(0.5)
    hands.hold(hands.spot(middle + QPointF(0, -14)), hands.spot(middle + QPointF(0, 14)), CTRL | ALT)
    hands.key(Qt.Key.Key_Escape)
    hands.release(hands.spot(middle + QPointF(0, 14)))
    assert not hands.canvas.scene.edges[FC2].is_cut
    hands.drag(hands.spot(middle + QPointF(0, -14)), hands.spot(middle + QPointF(20, -18)), CTRL | ALT)
    assert hands.canvas.document.past == ()


def test_alt_keeps_a_loose_card_beside_the_wire(hands: Hands) -> None:
    canvas = hands.canvas
    made = canvas.drop("ReLU", canvas.scene.nodes["fc3"].pos() + QPointF(250, 60))
    between = canvas.scene.edges[FC2].route.path.pointAtPercent(0.4)
    way = hands.spot(between) - hands.spot(canvas.scene.nodes[made].rect.center())
    start = hands.card(made)
    hands.hold(start, start + way)
    assert canvas.scene.edges[FC2].is_target
    hands.release(start + way, ALT)
    assert sources(hands)[FC2] == "tanh3"
    assert canvas.document.past[-1].startswith("Move ")
    assert not canvas.scene.edges[FC2].is_target


def loose_chain(hands: Hands) -> tuple[str, str]:
    """Two layers wired to one another, beside all others, both selected."""
    canvas = hands.canvas
    corner = canvas.scene.nodes["fc3"].pos()
    first = canvas.drop("Linear", corner + QPointF(16, 200))
    last = canvas.drop("ReLU", corner + QPointF(216, 200))
    wire = Edge(first, "output", last, "input")
    canvas.document.edit("join", canvas.document.project.with_scope(hands.graph.connect(wire)))
    canvas.fit()
    canvas.select((first, last))
    return first, last


def over(hands: Hands, node: str, key: InputKey) -> QPoint:
    """Where the header of the card comes to be when its middle is on the wire."""
    scene = hands.canvas.scene
    way = scene.edges[key].route.path.pointAtPercent(0.5) - scene.nodes[node].rect.center()
    return hands.card(node) + (hands.spot(way) - hands.spot(QPointF(0, 0)))


def test_several_cards_that_form_a_chain_go_into_the_wire_they_are_let_go_on(hands: Hands) -> None:
    canvas = hands.canvas
    first, last = loose_chain(hands)
    before = canvas.document.project
    hands.hold(hands.card(first), over(hands, first, FC3))
    assert canvas.scene.edges[FC3].is_target
    assert not canvas.scene.edges[InputKey(last, "input")].is_target
    hands.release(over(hands, first, FC3))
    assert sources(hands)[FC3] == last
    assert sources(hands)[InputKey(first, "input")] == "tanh4"
    assert sources(hands)[InputKey(last, "input")] == first
    assert canvas.document.past[-1] == "Put 2 layers into a wire"
    assert not canvas.scene.edges[FC3].is_target
    assert_mirror(canvas)
    canvas.document.undo()
    assert canvas.document.project == before
    assert_mirror(canvas)


def test_alt_keeps_a_chain_beside_the_wire_and_what_is_no_chain_lights_none(hands: Hands) -> None:
    canvas = hands.canvas
    first, last = loose_chain(hands)
    hands.hold(hands.card(first), over(hands, first, FC3), ALT)
    hands.release(over(hands, first, FC3), ALT)
    assert sources(hands)[FC3] == "tanh4"
    canvas.document.undo()
    canvas.document.edit("part", canvas.document.project.with_scope(hands.graph.disconnect([InputKey(last, "input")])))
    canvas.select((first, last))
    hands.hold(hands.card(first), over(hands, first, FC3))
    assert not canvas.scene.edges[FC3].is_target
    hands.key(Qt.Key.Key_Escape)
    assert_mirror(canvas)


def test_cards_beside_a_wire_make_room_for_what_goes_into_it_in_the_same_step(hands: Hands) -> None:
    canvas = hands.canvas
    scene = canvas.scene
    made = canvas.drop("ReLU", scene.nodes["fc3"].pos() + QPointF(16, 200))
    places = {key: scene.nodes[key].pos() for key in scene.nodes}
    hands.drag(hands.card(made), over(hands, made, FC3))
    assert sources(hands)[FC3] == made
    row = [scene.nodes[key].rect for key in ("tanh4", made, "fc3", "loss")]
    assert all(right.left() - left.right() >= 24 for left, right in pairwise(row))
    moved = {key for key, place in places.items() if scene.nodes[key].pos() != place}
    assert moved == {made, "fc3", "loss"}
    assert_mirror(canvas)
    canvas.document.undo()
    assert all(scene.nodes[key].pos() == place for key, place in places.items())


def test_alt_keeps_a_layer_from_the_palette_beside_the_wire(hands: Hands) -> None:
    canvas = hands.canvas
    at = hands.spot(canvas.scene.edges[FC3].route.path.pointAtPercent(0.5))
    QTest.keyPress(hands.view, Qt.Key.Key_Alt, ALT)
    canvas.drag_over(at, "Linear")
    assert not canvas.scene.edges[FC3].is_target
    canvas.drop_at_view("Linear", at)
    QTest.keyRelease(hands.view, Qt.Key.Key_Alt)
    assert sources(hands)[FC3] == "tanh4"
    canvas.document.undo()
    canvas.drag_over(at, "Linear")
    assert canvas.scene.edges[FC3].is_target
    canvas.drop_at_view("Linear", at)
    assert sources(hands)[FC3] != "tanh4"


def test_the_lit_wire_is_seen_over_the_card_that_hides_it(hands: Hands) -> None:
    canvas, key = hands.canvas, InputKey("tanh3", "input")
    middle = canvas.scene.edges[key].route.path.pointAtPercent(0.5)
    made = canvas.drop("ReLU", canvas.scene.nodes["fc3"].pos() + QPointF(250, 60))
    way = hands.spot(middle) - hands.spot(canvas.scene.nodes[made].rect.center())
    place, accent = hands.view.mapTo(canvas, hands.spot(middle)), canvas.themes.current.color("accent")
    assert canvas.grab().toImage().pixelColor(place) != accent
    start = hands.card(made)
    hands.hold(start, start + way)
    assert canvas.scene.edges[key].is_target
    assert canvas.scene.nodes[made].rect.contains(middle)
    assert canvas.grab().toImage().pixelColor(place) == accent
    hands.key(Qt.Key.Key_Escape)
    hands.release(start + way)
    assert canvas.grab().toImage().pixelColor(place) != accent
