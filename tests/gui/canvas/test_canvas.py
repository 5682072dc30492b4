from __future__ import annotations

import itertools
import math
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from core import planning
from core.graph import InputKey
from gui.canvas.canvas import Canvas
from gui.canvas.health import Health, course, warmth
from gui.theme import NAMES
from tests.gui.canvas.hands import Hands, assert_mirror

CTRL, ALT, SHIFT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
)


def test_a_dropped_kind_stands_under_the_pointer_selected(empty: Canvas) -> None:
    told: list[tuple[str, ...]] = []
    empty.selection_changed.connect(told.append)
    made = empty.drop_at_view("Conv2d", QPoint(400, 300))
    at = empty.view.mapFromScene(empty.scene.nodes[made].pos())
    assert (at - QPoint(384, 288)).manhattanLength() <= 1
    assert told == [(made,)]
    assert empty.document.past == ("Add conv1",)
    assert_mirror(empty)
    empty.document.undo()
    assert_mirror(empty)


def test_dropping_six_layers_and_wiring_them_by_hand(empty: Canvas) -> None:
    kinds = ("data:mnist", "Conv2d", "ReLU", "Flatten", "Linear", "CrossEntropy")
    ids = [empty.drop_at_view(kind, QPoint(30 + 175 * index, 150)) for index, kind in enumerate(kinds)]
    hands = Hands(empty)
    for source, target in itertools.pairwise(ids):
        out = empty.scene.nodes[source].card.outputs[0].name
        entry = empty.scene.nodes[target].card.inputs[0].name
        hands.drag(hands.port(source, "output", out), hands.port(target, "input", entry))
    hands.drag(hands.port(ids[0], "output", "label"), hands.port(ids[-1], "input", "label"))
    assert len(hands.graph.edges) == 6
    assert len(empty.document.past) == 12
    assert_mirror(empty)


def test_an_unknown_kind_is_told_and_changes_nothing(empty: Canvas) -> None:
    said: list[str] = []
    empty.message.connect(said.append)
    assert empty.drop("Lienar", QPointF(0, 0)) == ""
    assert "Lienar" in said[0]
    assert not empty.scene.nodes


def test_a_kind_dropped_on_a_wire_goes_into_it_and_the_wire_is_lit_before(lenet_canvas: Canvas) -> None:
    item = lenet_canvas.scene.edges[InputKey("tanh4", "input")]
    at = lenet_canvas.view.mapFromScene(item.route.path.pointAtPercent(0.5))
    lenet_canvas.drag_over(at, "Linear")
    assert item.is_target
    lenet_canvas.drag_over(at, "CrossEntropy")
    assert not item.is_target
    made = lenet_canvas.drop_at_view("Linear", at)
    graph = lenet_canvas.document.project.graph
    assert graph.edges[InputKey("tanh4", "input")].source == made
    assert graph.edges[InputKey(made, "input")].source == "fc2"


def test_add_wired_puts_it_behind_the_selection(lenet_canvas: Canvas) -> None:
    lenet_canvas.select(("fc3",))
    made = lenet_canvas.add_wired("ReLU")
    graph = lenet_canvas.document.project.graph
    assert graph.edges[InputKey(made, "input")].source == "fc3"
    assert lenet_canvas.selection() == (made,)
    lenet_canvas.select(())
    loose = lenet_canvas.add_wired("ReLU")
    assert not list(lenet_canvas.document.project.graph.into(loose))


def test_a_wire_let_go_on_nothing_asks_and_wires_what_is_chosen(hands: Hands) -> None:
    canvas = hands.canvas
    start = hands.port("conv2", "output", "output")
    hands.drag(start, start + QPoint(10, 70))
    popup = canvas.popup
    assert popup.isVisible()
    assert all(offer.kind != "Conv1d" for offer in popup.rows.offers)
    assert popup.rows.offers[0].kind == "ReLU"
    assert popup.rows.offers[0].shape == "16×10×10"
    QTest.keyClicks(popup.field, "maxp")
    assert popup.rows.offers[0].kind == "MaxPool2d"
    hands.key(Qt.Key.Key_Return, on=popup.field)
    made = canvas.selection()[0]
    assert hands.graph.nodes[made].kind == "MaxPool2d"
    assert hands.graph.edges[InputKey(made, "input")].source == "conv2"
    assert len(canvas.document.past) == 1
    assert not popup.isVisible()
    assert_mirror(canvas)


@pytest.mark.parametrize("way", ["space", "tab", "double"])
def test_the_search_opens_at_the_pointer_and_escape_closes_it(empty: Canvas, way: str) -> None:
    hands = Hands(empty)
    if way == "double":
        QTest.mouseDClick(empty.view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    else:
        hands.key(Qt.Key.Key_Space if way == "space" else Qt.Key.Key_Tab)
    assert empty.popup.isVisible()
    hands.key(Qt.Key.Key_Escape, on=empty.popup.field)
    assert not empty.popup.isVisible()
    assert empty.document.past == ()


def test_the_search_finds_data_sets_and_adds_with_the_mouse_too(empty: Canvas) -> None:
    empty.quick_add()
    QTest.keyClicks(empty.popup.field, "mnist")
    rows = empty.popup.rows
    QTest.mouseClick(rows, Qt.MouseButton.LeftButton, pos=rows.row_rect(0).center())
    (node,) = empty.document.project.graph.nodes.values()
    assert node.kind == "Dataset"


def test_rename_in_place_by_key_and_a_bad_name_is_refused(hands: Hands) -> None:
    canvas, said = hands.canvas, []
    canvas.message.connect(said.append)
    hands.click(hands.card("fc1"))
    hands.key(Qt.Key.Key_F2)
    field = canvas.furniture.name_field
    assert field.isVisible()
    QTest.keyClicks(field, "hidden")
    hands.key(Qt.Key.Key_Return, on=field)
    assert hands.graph.nodes["fc1"].name == "hidden"
    assert canvas.scene.nodes["fc1"].card.name == "hidden"
    hands.key(Qt.Key.Key_F2)
    QTest.keyClicks(field, "fc2")
    hands.key(Qt.Key.Key_Return, on=field)
    assert hands.graph.nodes["fc1"].name == "hidden"
    assert said
    hands.key(Qt.Key.Key_F2)
    QTest.keyClicks(field, "other")
    hands.key(Qt.Key.Key_Escape, on=field)
    assert hands.graph.nodes["fc1"].name == "hidden"


def test_arrows_walk_along_the_wires_and_alt_nudges(hands: Hands) -> None:
    canvas = hands.canvas
    hands.click(hands.card("conv1"))
    for key, expected in ((Qt.Key.Key_Right, "tanh1"), (Qt.Key.Key_Right, "pool1"), (Qt.Key.Key_Left, "tanh1")):
        hands.key(key)
        assert canvas.selection() == (expected,)
    x, y = canvas.document.project.positions["tanh1"]
    hands.key(Qt.Key.Key_Down, ALT)
    hands.key(Qt.Key.Key_Right, ALT | SHIFT)
    assert canvas.document.project.positions["tanh1"] == (x + 24, y + 4)
    assert len(canvas.document.past) == 1


def test_copy_paste_duplicate_and_cut(lenet_canvas: Canvas) -> None:
    canvas = lenet_canvas
    canvas.select(("conv1", "tanh1"))
    canvas.copy()
    canvas.paste()
    assert len(canvas.selection()) == 2
    graph = canvas.document.project.graph
    a, b = canvas.selection()
    assert graph.edges[InputKey(b, "input")].source == a
    canvas.duplicate()
    assert len(canvas.document.project.graph.nodes) == 14 + 4
    canvas.cut()
    assert len(canvas.document.project.graph.nodes) == 14 + 2
    assert_mirror(canvas)
    QGuiApplication.clipboard().setText("no layers")
    said: list[str] = []
    canvas.message.connect(said.append)
    canvas.paste()
    assert "clipboard" in said[0]


def test_dissolve_heals_the_wire(hands: Hands) -> None:
    canvas = hands.canvas
    canvas.select(("tanh1", "pool1"))
    hands.key(Qt.Key.Key_Delete, Qt.KeyboardModifier.ControlModifier)
    assert hands.graph.edges[InputKey("conv2", "input")].source == "conv1"
    assert not {"tanh1", "pool1"} & hands.graph.nodes.keys()
    assert canvas.document.past == ("Dissolve 2 layers",)
    assert_mirror(canvas)
    canvas.document.undo()
    assert hands.graph.edges[InputKey("pool1", "input")].source == "tanh1"


def test_fit_shows_everything_and_zoom_to_shows_one(lenet_canvas: Canvas) -> None:
    canvas = lenet_canvas
    canvas.resize(700, 400)
    canvas.fit()
    assert canvas.view.visible().contains(canvas.scene.bounds())
    canvas.zoom_to(("fc3",))
    assert canvas.view.visible().contains(canvas.scene.nodes["fc3"].rect)
    assert canvas.view.zoom == pytest.approx(1.0)


def test_the_wheel_zooms_with_the_place_under_the_pointer_still(lenet_canvas: Canvas, qtbot: QtBot) -> None:
    from PySide6.QtCore import QPointF as Point
    from PySide6.QtGui import QWheelEvent

    view, at = lenet_canvas.view, QPoint(321, 123)
    before = view.mapToScene(at)
    event = QWheelEvent(
        Point(at),
        Point(view.viewport().mapToGlobal(at)),
        QPoint(),
        QPoint(0, -240),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QGuiApplication.sendEvent(view.viewport(), event)
    assert view.zoom == pytest.approx(1.0015**-240, rel=1e-6)
    assert (view.mapToScene(at) - before).manhattanLength() < 3


def test_what_is_shown_can_be_kept_and_shown_again(lenet_canvas: Canvas) -> None:
    canvas = lenet_canvas
    canvas.view.show_at(QPointF(300, 200), 0.8)
    canvas.set_mode("plain")
    canvas.set_minimap(True)
    state = canvas.view_state()
    canvas.fit()
    canvas.set_mode("gradients")
    canvas.set_minimap(False)
    canvas.restore_view_state(state)
    again = canvas.view_state()
    assert (again.zoom, again.mode, again.minimap) == (state.zoom, "plain", True)
    assert math.hypot(again.x - state.x, again.y - state.y) < 2


def test_auto_layout_is_one_edit(lenet_canvas: Canvas) -> None:
    canvas = lenet_canvas
    canvas.document.edit("mess", canvas.document.project.with_positions(dict.fromkeys(canvas.scene.nodes, (0.0, 0.0))))
    canvas.auto_layout()
    assert canvas.document.past == ("mess", "Auto layout")
    assert len(set(canvas.document.project.positions.values())) == len(canvas.scene.nodes)
    assert_mirror(canvas)


def test_gradients_colour_cards_and_wires_and_activations_follow_their_layer(lenet_canvas: Canvas) -> None:
    canvas, scene = lenet_canvas, lenet_canvas.scene
    canvas.set_health({"conv1": Health(1e-8), "fc3": Health(1e-2), "conv2": Health(1e-5)})
    assert scene.nodes["conv1"].warmth == 0
    assert scene.nodes["tanh1"].warmth == 0
    assert scene.nodes["conv2"].warmth == pytest.approx(0.5)
    assert scene.nodes["fc3"].warmth == 1
    assert scene.edges[InputKey("conv1", "input")].warmth == 0
    canvas.set_mode("plain")
    assert scene.nodes["conv1"].warmth == 1
    assert scene.edges[InputKey("conv1", "input")].warmth is None
    canvas.set_mode("gradients")
    assert scene.nodes["conv1"].warmth == 0
    canvas.clear_health()
    assert scene.nodes["conv1"].warmth == 1
    assert scene.nodes["conv1"].health is None


def test_measurements_are_drawn_at_most_four_times_a_second(lenet_canvas: Canvas, qtbot: QtBot) -> None:
    canvas, item = lenet_canvas, lenet_canvas.scene.nodes["fc1"]
    canvas.set_health({"fc1": Health(1.0)})
    canvas.set_health({"fc1": Health(2.0)})
    canvas.set_health({"fc1": Health(3.0)})
    assert item.health == Health(1.0)
    qtbot.waitUntil(lambda: item.health == Health(3.0), timeout=1000)


def test_the_chip_has_the_colour_of_the_scale(lenet_canvas: Canvas) -> None:
    canvas = lenet_canvas
    canvas.set_health({"fc1": Health(1e-3)})
    middle = canvas.scene.nodes["fc1"].pos() + QPointF(11 + 4.5, 26 + 42 + 12)
    at = canvas.view.mapFromScene(middle)
    assert canvas.grab().toImage().pixelColor(at) == canvas.themes.current.gradient(-3)
    canvas.set_health({"fc1": Health(None, nan=True)})
    canvas.readings.refresh()
    crossed, error = canvas.grab().toImage().pixelColor(at - QPoint(0, 3)), canvas.themes.current.color("error")
    assert abs(crossed.red() - error.red()) + abs(crossed.blue() - error.blue()) < 40


def test_warmth_and_course_follow_the_logarithm() -> None:
    assert [warmth(value) for value in (0, 1e-9, 1e-8, 1e-5, 1e-2, 1.0)] == pytest.approx([0, 0, 0, 0.5, 1, 1])
    assert course([1.0], 60, 14) == []
    points = course([1.0, math.nan, 1e-4], 60, 14)
    assert points == [(0.0, 0.0), (60.0, 14.0)]
    flat = course([1e-3, 1e-3], 60, 14)
    assert {y for _x, y in flat} == {7.0}


def test_a_preview_makes_the_data_card_taller_and_is_drawn(lenet_canvas: Canvas) -> None:
    canvas, item = lenet_canvas, lenet_canvas.scene.nodes["data"]
    before = item.rect.height()
    image = QImage(150, 60, QImage.Format.Format_RGB32)
    image.fill(QColor("#123456"))
    canvas.set_preview("data", image)
    assert item.rect.height() > before
    place = item.card.frame.preview
    assert place is not None
    at = canvas.view.mapFromScene(item.pos() + QPointF(place[0] + place[2] / 2, place[1] + place[3] / 2))
    assert canvas.grab().toImage().pixelColor(at) == QColor("#123456")
    assert_mirror(canvas)
    canvas.set_preview("data", None)
    assert item.rect.height() == before


def test_an_empty_graph_invites(empty: Canvas, qtbot: QtBot) -> None:
    assert empty.furniture.invitation.isVisible()
    with qtbot.waitSignal(empty.template_requested):
        empty.furniture.invitation.template_requested.emit()
    empty.drop("ReLU", QPointF(0, 0))
    assert not empty.furniture.invitation.isVisible()


def test_files_dropped_on_it_are_told(empty: Canvas) -> None:
    got: list[list[Path]] = []
    empty.files_dropped.connect(got.append)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/tmp/a.chain")])
    empty.dropEvent(
        QDropEvent(
            QPointF(10, 10),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )
    assert got == [[Path("/tmp/a.chain")]]


def test_ports_are_hit_within_twelve_pixels_at_every_zoom(lenet_canvas: Canvas) -> None:
    canvas = lenet_canvas
    port = canvas.scene.nodes["fc1"].port_at("output", "output")
    for zoom in (0.1, 0.5, 1.0, 3.0):
        canvas.view.show_at(port, zoom)
        reach = canvas.view._reach() * canvas.view.transform().m11()
        assert reach == pytest.approx(12)
        found = canvas.scene.port_near(port + QPointF(11 / zoom, 0), 12 / zoom)
        assert found is not None
        if zoom >= 0.5:
            assert found.node == "fc1"
        assert canvas.scene.port_near(port + QPointF(0, -13 / 3.0), 12 / 3.0) is None


def test_the_selected_nodes_error_is_told_with_its_fixes_under_the_card(lenet_canvas: Canvas) -> None:
    canvas, document = lenet_canvas, lenet_canvas.document
    document.edit("set", planning.set_param(document.project, "fc1", "in_features", 256))
    assert canvas.furniture.callout.problem is None
    canvas.select(("fc1",))
    callout = canvas.furniture.callout
    assert callout.problem is not None
    assert callout.problem.code == "E103"
    assert canvas.rect().contains(callout.geometry())
    button = callout.findChildren(QPushButton)[0]
    assert button.accessibleName() == button.text().strip() == "Set in_features to 400"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert document.project.graph.nodes["fc1"].param("in_features") == 400
    assert callout.problem is None
    assert document.past == ("set", "Set in_features to 400")


def test_the_callout_shows_how_the_shape_came_about_and_says_why(lenet_canvas: Canvas) -> None:
    canvas, document = lenet_canvas, lenet_canvas.document
    document.edit("set", planning.set_param(document.project, "fc1", "in_features", 256))
    canvas.select(("fc1",))
    callout = canvas.furniture.callout
    flat = next(iter(document.project.graph.into("fc1"))).source
    before = next(iter(document.project.graph.into(flat))).source
    names = [document.project.graph.nodes[node].name for node in (before, flat)]
    assert callout._chain.accessibleName() == f"{names[0]} 16×5×5, then {names[1]} 16·5·5 = 400, then fc1 256"
    why = next(button for button in callout.findChildren(QPushButton) if button.text() == "Why 400?")
    before_height = callout.height()
    QTest.mouseClick(why, Qt.MouseButton.LeftButton)
    assert callout._why.text() == (
        f"{names[0]} gives 16×5×5. {names[1]} gives 16·5·5 = 400. So in_features of fc1 has to be 400, not 256."
    )
    assert callout.height() > before_height
    assert canvas.rect().contains(callout.geometry())
    QTest.mouseClick(why, Qt.MouseButton.LeftButton)
    assert callout.height() == before_height


def test_a_card_that_is_only_not_wired_yet_is_no_error(empty: Canvas) -> None:
    made = empty.drop("Linear", QPointF(0, 0))
    assert empty.scene.nodes[made].card.errors == 0
    assert empty.scene.nodes[made].card.rest == "not wired yet"
    assert empty.furniture.callout.problem is None


def test_the_selected_node_is_said_to_screen_readers(lenet_canvas: Canvas) -> None:
    lenet_canvas.set_health({"conv2": Health(1.1e-3)})
    lenet_canvas.select(("conv2",))
    said = lenet_canvas.view.accessibleDescription()
    assert said == "conv2, Conv2d, input 6×14×14, output 16×10×10, gradient 1.1e−3, healthy"


def test_far_away_one_item_draws_the_same_cards_and_gestures_still_work(lenet_canvas: Canvas) -> None:
    canvas, scene = lenet_canvas, lenet_canvas.scene
    canvas.view.show_at(scene.bounds().center(), 0.3)
    assert canvas.view.scene() is scene.far
    image = canvas.grab().toImage()
    for key in ("conv1", "fc1", "loss"):
        corner = canvas.view.mapFromScene(scene.nodes[key].rect.topLeft() + QPointF(10, 10))
        assert image.pixelColor(corner) == canvas.themes.current.category(scene.nodes[key].card.category)
    hands = Hands(canvas)
    before = canvas.document.project.positions["fc3"]
    hands.drag(hands.card("fc3"), hands.card("fc3") + QPoint(30, 0))
    assert canvas.document.project.positions["fc3"][0] == before[0] + 100
    assert canvas.selection() == ("fc3",)
    canvas.view.show_at(scene.bounds().center(), 0.5)
    assert canvas.view.scene() is scene
    assert_mirror(canvas)


def test_the_minimap_keeps_off_the_cards_of_a_graph_that_is_seen_whole(lenet_canvas: Canvas, qtbot) -> None:
    canvas, view = lenet_canvas, lenet_canvas.view
    canvas.resize(1000, 640)
    last = next(reversed(canvas.document.project.graph.nodes))
    corner = canvas.scene.bounds().bottomRight()
    canvas.fit()
    assert not canvas.minimap.isHidden()
    moved = {last: (corner.x() + 60, corner.y() + 20)}
    canvas.document.edit("Move", canvas.document.project.with_positions(moved))
    canvas.fit()
    assert canvas.minimap.isHidden()
    view.zoom_by(1.5)
    assert not canvas.minimap.isHidden()
    canvas.fit()
    canvas.set_minimap(True)
    assert not canvas.minimap.isHidden()


@pytest.mark.parametrize("theme", NAMES)
def test_the_minimap_has_its_own_ground_between_the_cards(lenet_canvas: Canvas, theme: str) -> None:
    canvas = lenet_canvas
    canvas.themes.use(theme)
    canvas.set_minimap(True)
    canvas.view.show_at(canvas.scene.bounds().bottomRight() + QPointF(20_000, 20_000), 1.0)
    picture = canvas.minimap.grab().toImage()
    ground = canvas.themes.current.color("panel").name()
    pixels = [picture.pixelColor(x, y) for x in range(4, 186) for y in range(4, 108)]
    assert all(pixel.alpha() == 255 for pixel in pixels)
    assert sum(pixel.name() == ground for pixel in pixels) > len(pixels) / 2


def test_the_minimap_goes_where_it_is_pressed(lenet_canvas: Canvas) -> None:
    canvas = lenet_canvas
    canvas.view.show_at(QPointF(0, 0), 1.5)
    QTest.mouseClick(canvas.minimap, Qt.MouseButton.LeftButton, pos=QPoint(150, 60))
    middle = canvas.view.middle()
    assert canvas.scene.bounds().contains(middle)
    assert middle.x() > 400
