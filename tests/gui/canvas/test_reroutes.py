from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication

from core import reroutes
from core.graph import Edge, InputKey
from core.reroutes import Point
from gui.canvas.canvas import Canvas
from gui.canvas.rerouting import add_to
from gui.canvas.wire_styles import STYLES, Style
from tests.gui.canvas.hands import NONE, Hands, assert_mirror

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
RIGHT = Qt.MouseButton.RightButton
FC2 = Edge("tanh3", "output", "fc2", "input")
FC3 = Edge("tanh4", "output", "fc3", "input")


def middle(hands: Hands, edge: Edge) -> QPoint:
    return hands.spot(hands.canvas.scene.edges[edge.key].route.path.pointAtPercent(0.5))


def led(hands: Hands, *places: tuple[float, float], edge: Edge = FC2) -> tuple[Point, ...]:
    """Lead a wire through these places, measured from its output."""
    canvas = hands.canvas
    start = canvas.scene.wiring.ends(edge.key).start
    points = tuple((start.x() + x, start.y() + y) for x, y in places)
    canvas.document.edit("lead", reroutes.led(canvas.document.project, {edge: points}))
    return tuple(Point(edge, number) for number in range(len(places)))


def at(hands: Hands, point: Point) -> QPoint:
    return hands.spot(hands.canvas.scene.points.place_of(point))


def test_a_double_click_on_a_wire_puts_a_point_there_and_one_on_the_point_takes_it_out(hands: Hands) -> None:
    canvas = hands.canvas
    before = canvas.document.project
    place = middle(hands, FC2)
    hands.double_click(place)
    (point,) = canvas.scene.points.selection
    assert point.edge == FC2
    assert (at(hands, point) - place).manhattanLength() <= 2
    assert not canvas.popup.isVisible()
    assert canvas.document.past == ("Lead the wire from tanh3 to fc2 through a point",)
    assert canvas.document.project.graph is before.graph
    assert_mirror(canvas)
    hands.double_click(at(hands, point))
    assert canvas.document.project == before
    assert canvas.scene.points.selection == ()
    assert_mirror(canvas)


@pytest.mark.parametrize("style", STYLES)
def test_the_wire_runs_through_its_points_in_their_order_in_every_style(hands: Hands, style: Style) -> None:
    scene = hands.canvas.scene
    scene.set_wire_style(style)
    points = led(hands, (40, 120), (-60, 160), (20, -70))
    item = scene.edges[FC2.key]
    shares = []
    for point in points:
        place = scene.points.place_of(point)
        assert item.hit(place, 12.0 if style != "spline" else 1.0)  # right angles and lines turn round their corners
        near = [(item.route.path.pointAtPercent(share / 400) - place).manhattanLength() for share in range(401)]
        shares.append(near.index(min(near)))
    assert shares == sorted(shares)
    assert_mirror(hands.canvas)
    if style == "orthogonal":
        path = item.route.path
        parts = [(path.elementAt(i), path.elementAt(i + 1)) for i in range(path.elementCount() - 1)]
        lines = [(a, b) for a, b in parts if b.isLineTo()]
        assert all(abs(a.x - b.x) < 0.01 or abs(a.y - b.y) < 0.01 for a, b in lines)


def test_a_point_is_dragged_in_one_step_and_escape_puts_it_back(hands: Hands) -> None:
    canvas = hands.canvas
    (point,) = led(hands, (35, 110))
    home = at(hands, point)
    hands.hold(home, home + QPoint(20, 33))
    assert (at(hands, point) - home) == QPoint(20, 33)
    assert canvas.scene.edges[FC2.key].hit(canvas.scene.points.place_of(point), 1.0)
    hands.key(Qt.Key.Key_Escape)
    hands.release(home)
    assert at(hands, point) == home
    assert canvas.document.past == ("lead",)
    hands.drag(home, home + QPoint(20, 33))
    assert at(hands, point) == home + QPoint(20, 33)
    assert canvas.document.past[-1] == "Move a point of a wire"
    assert canvas.scene.points.selection == (point,)
    assert_mirror(canvas)
    canvas.document.undo()
    assert at(hands, point) == home
    assert_mirror(canvas)


def test_points_are_boxed_added_to_the_selection_and_deleted_while_the_wire_stays(hands: Hands) -> None:
    canvas = hands.canvas
    points = led(hands, (35, 110), (35, 150), (35, 190))
    first, second, third = (at(hands, point) for point in points)
    hands.drag(first + QPoint(-12, -12), second + QPoint(12, 12))
    assert canvas.scene.points.selection == points[:2]
    assert canvas.selection() == ()
    hands.click(third, CTRL)
    hands.click(first, SHIFT)
    assert set(canvas.scene.points.selection) == set(points[1:])
    assert canvas.scene.edges[FC2.key].marked == {1, 2}
    hands.key(Qt.Key.Key_Delete)
    assert len(canvas.document.project.reroutes[FC2]) == 1
    assert hands.graph.edges[FC2.key] == FC2
    assert canvas.document.past[-1] == "Delete 2 points of wires"
    assert_mirror(canvas)
    canvas.document.undo()
    assert len(canvas.document.project.reroutes[FC2]) == 3
    assert_mirror(canvas)
    hands.click(first)
    hands.key(Qt.Key.Key_Escape)
    assert canvas.scene.points.selection == ()


def test_alt_and_arrows_nudge_points(hands: Hands) -> None:
    (point,) = led(hands, (35, 110))
    home = hands.canvas.scene.points.place_of(point)
    hands.click(at(hands, point))
    hands.key(Qt.Key.Key_Right, ALT)
    hands.key(Qt.Key.Key_Down, ALT | SHIFT)
    assert hands.canvas.scene.points.place_of(point) == home + QPointF(4, 24)
    assert_mirror(hands.canvas)
    hands.canvas.document.undo()
    assert hands.canvas.scene.points.place_of(point) == home


def test_a_stroke_with_shift_and_the_right_button_puts_a_point_into_every_wire_it_crosses(hands: Hands) -> None:
    canvas = hands.canvas
    before = canvas.document.project
    places = [middle(hands, edge) for edge in (FC2, FC3)]
    hands.press(places[0] + QPoint(0, -14), SHIFT, RIGHT)
    for place in (places[0] + QPoint(0, 14), places[1] + QPoint(0, 14), places[1] + QPoint(0, -14)):
        hands.move(place)
    assert canvas.scene.edges[FC2.key].is_target
    assert canvas.document.project is before
    hands.release(places[1] + QPoint(0, -14), SHIFT, RIGHT)
    led_wires = canvas.document.project.reroutes
    assert {FC2, FC3} <= led_wires.keys()
    assert all(len(points) == 1 for points in led_wires.values())
    assert canvas.document.past == (f"Lead {len(led_wires)} wires through a point",)
    assert {point.edge for point in canvas.scene.points.selection} == set(led_wires)
    assert not any(item.is_target for item in canvas.scene.edges.values())
    assert canvas.document.project.graph is before.graph
    assert_mirror(canvas)
    canvas.document.undo()
    assert canvas.document.project == before
    hands.hold(places[0] + QPoint(0, -14), places[0] + QPoint(0, 14), SHIFT, RIGHT)
    hands.key(Qt.Key.Key_Escape)
    hands.release(places[0] + QPoint(0, 14), SHIFT, RIGHT)
    assert canvas.document.project == before
    assert not canvas.scene.edges[FC2.key].is_target


def test_a_stroke_with_ctrl_and_the_right_button_cuts(hands: Hands) -> None:
    place = middle(hands, FC2)
    hands.drag(place + QPoint(0, -14), place + QPoint(0, 14), CTRL, RIGHT)
    assert FC2.key not in hands.graph.edges
    assert hands.canvas.document.past[-1].startswith("Cut ")


def test_the_right_button_opens_a_menu_only_where_it_draws_no_stroke(hands: Hands) -> None:
    asked: list[QPoint] = []
    hands.view.menu_wanted.connect(lambda _at, place: asked.append(place))
    for held in (NONE, SHIFT, CTRL):
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(9, 9), QPoint(9, 9), held)
        QApplication.sendEvent(hands.view.viewport(), event)
    assert len(asked) == 1


def test_points_move_with_their_cards_when_both_ends_are_selected(hands: Hands) -> None:
    canvas = hands.canvas
    (point,) = led(hands, (35, 110))
    home = at(hands, point)
    hands.click(hands.card("tanh3"))
    hands.drag(hands.card("tanh3"), hands.card("tanh3") + QPoint(0, 20))
    assert at(hands, point) == home
    hands.click(hands.card("fc2"), SHIFT)
    hands.hold(hands.card("fc2"), hands.card("fc2") + QPoint(12, 24))
    assert at(hands, point) == home + QPoint(12, 24)
    hands.release(hands.card("fc2"))
    assert at(hands, point) == home + QPoint(12, 24)
    assert_mirror(canvas)


def test_a_wire_that_goes_takes_its_points_and_brings_them_back(hands: Hands) -> None:
    canvas = hands.canvas
    led(hands, (35, 110))
    hands.click(hands.spot(canvas.scene.edges[FC2.key].route.path.pointAtPercent(0.25)))
    assert canvas.scene.selected_edges == (FC2.key,)
    hands.key(Qt.Key.Key_Delete)
    assert not canvas.document.project.reroutes
    assert_mirror(canvas)
    canvas.document.undo()
    assert FC2 in canvas.document.project.reroutes
    assert_mirror(canvas)


def test_a_copy_has_points_of_its_own_and_a_layout_takes_out_those_of_what_it_moves(hands: Hands) -> None:
    canvas = hands.canvas
    led(hands, (35, 110))
    hands.drag(hands.card("tanh3"), hands.card("tanh3") + QPoint(0, 20))
    hands.click(hands.card("fc2"), SHIFT)
    canvas.duplicate()
    assert len(canvas.document.project.reroutes) == 2
    assert_mirror(canvas)
    canvas.auto_layout()
    assert list(canvas.document.project.reroutes) == [FC2]
    canvas.select(())
    canvas.auto_layout()
    assert not canvas.document.project.reroutes
    assert_mirror(canvas)
    canvas.document.undo()
    canvas.document.undo()
    assert len(canvas.document.project.reroutes) == 2
    assert_mirror(canvas)


def test_a_point_is_put_in_without_a_mouse(hands: Hands) -> None:
    canvas = hands.canvas
    canvas.select(("tanh3",))
    add_to(canvas.stage)
    assert [point.edge for point in canvas.scene.points.selection] == [FC2]
    hands.key(Qt.Key.Key_Up, ALT)
    assert_mirror(canvas)
    canvas.select(())
    said: list[str] = []
    canvas.message.connect(said.append)
    add_to(canvas.stage)
    assert said == ["A point goes into a wire. Select a wire, or a layer from which one leads."]


def test_a_led_wire_leads_past_no_card_by_itself_and_is_within_the_minimap(lenet_canvas: Canvas) -> None:
    hands = Hands(lenet_canvas)
    back = next(
        edge for edge in hands.graph.edges.values() if lenet_canvas.scene.edges[edge.key].route.path.elementCount() > 8
    )
    (point,) = led(hands, (50, -400), edge=back)
    place = lenet_canvas.scene.points.place_of(point)
    assert lenet_canvas.scene.edges[back.key].hit(place, 1.0)
    assert lenet_canvas.scene.standing().contains(place)
    assert lenet_canvas.scene.bounds().contains(place)
    assert InputKey(back.target, back.input) in lenet_canvas.scene.edges


def test_the_shape_is_written_beside_the_points(hands: Hands) -> None:
    for style in STYLES:
        hands.canvas.scene.set_wire_style(style)
        points = led(hands, (40, 120), (140, 120))
        places = [hands.canvas.scene.points.place_of(point) for point in points]
        pill = hands.canvas.scene.edges[FC2.key].route.pill
        assert all((pill - place).manhattanLength() > 30 for place in places)
        assert all(a != b for a, b in pairwise(places))


def test_from_far_away_points_are_neither_seen_nor_taken_hold_of(hands: Hands) -> None:
    canvas = hands.canvas
    (point,) = led(hands, (35, 110))
    place = canvas.scene.points.place_of(point)
    canvas.view.show_at(place, 0.3)
    hands.drag(at(hands, point), at(hands, point) + QPoint(8, 30))
    assert canvas.scene.points.selection == ()
    hands.drag(at(hands, point) + QPoint(-3, -3), at(hands, point) + QPoint(3, 3))
    assert canvas.scene.points.selection == ()
    assert canvas.scene.points.place_of(point) == place
    canvas.view.show_at(place, 1.0)
    hands.drag(at(hands, point), at(hands, point) + QPoint(8, 30))
    assert canvas.scene.points.selection == (point,)
