"""Card bodies: collapsed to the title, activations folded out, the dot of what has changed, and the header's marks."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QImage, QPainter
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from core import planning
from core.bodies import Body
from core.collapsing import collapse, show_activations
from core.engine.activations import Activation
from core.graph import InputKey
from core.grouping import group
from gui.canvas import stamp
from gui.canvas.activation_picture import GAP, draw_picture, mosaic
from gui.canvas.canvas import Canvas
from gui.canvas.card_body import Unfolded, caption, chip_place, range_text
from gui.canvas.geometry import ACTIVATION, HEADER
from gui.canvas.health import Health
from gui.canvas.look import Look
from gui.canvas.spoken import spoken
from gui.canvas.telling import told_at
from gui.theme import NAMES, Themes
from tests.core.networks import lenet
from tests.gui.canvas.conftest import Open
from tests.gui.canvas.hands import Hands, assert_mirror

ALT, SHIFT = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ShiftModifier
RAMP = bytes([1, 64, 128, 255])


def image(**values: object) -> Activation:
    """One map of 2×2 from blue to orange."""
    numbers = {"shape": [1, 2, 2], "low": -2.0, "high": 2.0, "total": 1, "height": 2, "width": 2, "pixels": RAMP}
    return Activation(path="conv1", port="output", form="image", **{**numbers, **values})  # type: ignore[arg-type]


def histogram(*bins: int, low: float = -1.0, high: float = 1.0) -> Activation:
    return Activation(
        path="fc1", port="output", form="histogram", shape=[9], low=low, high=high, count=sum(bins), bins=list(bins)
    )


def sign(hands: Hands, node: str) -> QPoint:
    """The sign at the header's right end."""
    item = hands.canvas.scene.nodes[node]
    return hands.spot(item.pos() + QPointF(item.rect.width() - 14, 13))


def body(hands: Hands, node: str) -> Body:
    return hands.canvas.document.project.bodies.get(node, Body())


def show(canvas: Canvas, **activations: Unfolded) -> None:
    canvas.unfolding.show(activations)


def paints(canvas: Canvas, monkeypatch: pytest.MonkeyPatch) -> list[QRectF]:
    """Filled with the bounds of every card that is painted anew, from now on."""
    painted: list[QRectF] = []
    whole = stamp._painted

    def counting(bounds: QRectF, *rest: object) -> object:
        painted.append(bounds)
        return whole(bounds, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(stamp, "_painted", counting)
    return painted


def test_alt_c_collapses_the_selection_to_titles_and_expands_it_each_as_one_step(hands: Hands) -> None:
    canvas = hands.canvas
    hands.click(hands.card("conv2"))
    hands.click(hands.card("tanh2"), SHIFT)
    whole = canvas.scene.nodes["conv2"].rect
    hands.key(Qt.Key.Key_C, ALT)
    assert canvas.scene.nodes["conv2"].rect.height() == HEADER
    assert canvas.document.past == ("Collapse 2 layers",)
    assert_mirror(canvas)
    hands.key(Qt.Key.Key_C, ALT)
    assert canvas.scene.nodes["conv2"].rect == whole
    assert canvas.document.past[-1] == "Expand 2 layers"
    canvas.document.undo()
    assert canvas.scene.nodes["tanh2"].rect.height() == HEADER
    canvas.document.undo()
    assert canvas.scene.nodes["tanh2"].rect.height() == whole.height()
    assert_mirror(canvas)


def test_wires_end_at_the_title_and_can_be_drawn_to_it(hands: Hands) -> None:
    canvas = hands.canvas
    canvas.document.edit("Collapse", collapse(canvas.document.project, ("tanh1", "loss"), True))
    loss = canvas.scene.nodes["loss"]
    heights = [loss.port_at("input", port.name).y() - loss.y() for port in loss.card.inputs]
    assert heights == pytest.approx([HEADER / 3, HEADER * 2 / 3])
    assert_mirror(canvas)
    hands.drag(hands.port("tanh1", "output", "output"), hands.port("conv2", "input", "input"))
    assert hands.graph.edges[InputKey("conv2", "input")].source == "tanh1"
    hands.drag(hands.port("data", "output", "image"), hands.port("tanh1", "input", "input"))
    assert hands.graph.edges[InputKey("tanh1", "input")].source == "data"
    assert_mirror(canvas)


def test_the_sign_of_a_title_shows_the_card_whole(hands: Hands) -> None:
    canvas = hands.canvas
    canvas.document.edit("Collapse", collapse(canvas.document.project, ("data", "conv1"), True))
    hands.click(sign(hands, "data"))
    assert not body(hands, "data").collapsed
    assert canvas.document.past[-1] == "Expand data"
    assert body(hands, "conv1").collapsed


def test_the_sign_folds_the_activation_out_and_in_and_the_rows_below_make_room(hands: Hands) -> None:
    canvas = hands.canvas
    before = {key: item.pos() for key, item in canvas.scene.nodes.items()}
    tall = canvas.scene.nodes["conv1"].rect.height()
    hands.click(sign(hands, "conv1"))
    assert canvas.scene.nodes["conv1"].rect.height() == tall + ACTIVATION
    assert canvas.document.past == ("Show activation of conv1",)
    assert canvas.scene.selection == ()
    lowest = max(before.values(), key=lambda at: at.y()).y()
    for key, item in canvas.scene.nodes.items():
        assert item.y() >= before[key].y()
        if before[key].y() == lowest > before["conv1"].y():
            assert item.y() > lowest
    assert_mirror(canvas)
    hands.click(sign(hands, "conv1"))
    assert canvas.scene.nodes["conv1"].rect.height() == tall
    assert {key: item.pos() for key, item in canvas.scene.nodes.items()} == before
    assert canvas.document.past[-1] == "Hide activation of conv1"


def test_a_double_click_on_the_sign_is_two_clicks_and_asks_for_no_name(hands: Hands) -> None:
    at = sign(hands, "conv1")
    hands.double_click(at)
    assert not body(hands, "conv1").activation
    assert not hands.canvas.furniture.name_field.isVisible()


def test_the_sign_says_what_a_click_on_it_does(hands: Hands) -> None:
    stage = hands.canvas.stage

    def told(node: str) -> str:
        return told_at(stage, hands.view.mapToScene(sign(hands, node)), 6.0)

    assert told("conv1") == "Fold out what the layer last gave"
    hands.click(sign(hands, "conv1"))
    assert told("conv1") == "Fold the activation in"
    hands.click(hands.card("conv1"))
    hands.key(Qt.Key.Key_C, ALT)
    assert told("conv1") == "Show the whole card"
    assert told("data") == ""


def test_a_drag_that_begins_on_the_sign_moves_nothing(hands: Hands) -> None:
    at = hands.canvas.scene.nodes["conv1"].pos()
    hands.drag(sign(hands, "conv1"), sign(hands, "conv1") + QPoint(40, 60))
    assert hands.canvas.scene.nodes["conv1"].pos() == at


def test_keys_fold_out_the_selection_and_all_layers(hands: Hands) -> None:
    canvas = hands.canvas
    hands.click(hands.card("fc1"))
    hands.key(Qt.Key.Key_A, ALT)
    assert {key for key, one in canvas.document.project.bodies.items() if one.activation} == {"fc1"}
    assert not canvas.unfolding.all_shown
    hands.key(Qt.Key.Key_2)
    shown = {key for key, one in canvas.document.project.bodies.items() if one.activation}
    assert shown == set(hands.graph.nodes) - {"data", "loss"}
    assert canvas.unfolding.all_shown
    assert canvas.document.past[-1] == "Show activation of 12 layers"
    hands.key(Qt.Key.Key_2)
    assert canvas.document.project.bodies == {}
    assert_mirror(canvas)


def test_data_and_losses_have_no_activation_and_say_so(hands: Hands, qtbot: QtBot) -> None:
    canvas = hands.canvas
    hands.click(hands.card("loss"))
    with qtbot.waitSignal(canvas.message) as said:
        hands.key(Qt.Key.Key_A, ALT)
    assert "no activation" in said.args[0]
    assert canvas.document.past == ()


def test_frames_make_room_with_what_they_hold(hands: Hands) -> None:
    canvas = hands.canvas
    hands.click(hands.card("conv1"))
    canvas.annotating.frame_selection()
    frame = next(iter(canvas.document.project.annotations.values()))
    hands.click(sign(hands, "conv1"))
    grown = canvas.document.project.annotations[frame.id]
    below = any(key for key, item in canvas.scene.nodes.items() if item.y() > canvas.scene.nodes["conv1"].y() + 170)
    assert (grown.rect[3] - frame.rect[3] == ACTIVATION) == below


def test_only_cards_that_are_open_near_and_in_view_are_wanted(hands: Hands) -> None:
    canvas = hands.canvas
    canvas.document.edit("Show", show_activations(canvas.document.project, ("conv1", "fc3"), True))
    canvas.view.show_at(canvas.scene.nodes["conv1"].rect.center(), 1.0)
    seen = canvas.scene.cards.touching(canvas.view.visible())
    assert set(canvas.unfolding.wanted()) == {"conv1", "fc3"} & set(seen)
    canvas.view.show_at(canvas.scene.nodes["conv1"].rect.center(), 4.0)
    assert canvas.unfolding.wanted() == ("conv1",)
    canvas.view.show_at(canvas.scene.nodes["conv1"].rect.center(), 0.6)
    assert canvas.unfolding.wanted() == ()
    canvas.view.show_at(canvas.scene.nodes["conv1"].rect.center(), 4.0)
    canvas.document.edit("Collapse", collapse(canvas.document.project, ("conv1",), True))
    assert canvas.unfolding.wanted() == ()


@pytest.mark.parametrize("theme", NAMES)
def test_a_map_is_painted_pixel_for_pixel_in_the_two_colours(dressed: QApplication, theme: str) -> None:
    look = Look(Themes(theme).current)
    picture = QImage(QSize(62, 62), QImage.Format.Format_RGB32)
    painter = QPainter(picture)
    draw_picture(painter, look, QRectF(0, 0, 62, 62), image(), QColor("red"), 1.0)
    painter.end()
    low, middle, high = look.theme.class_color(0), look.theme.class_middle, look.theme.class_color(1)
    assert picture.pixelColor(17, 17).name() == low.name()
    assert picture.pixelColor(17, 45).name() == middle.name()
    assert picture.pixelColor(45, 45).name() == high.name()
    assert picture.pixelColor(29, 29).name() == low.name()


def test_a_histograms_bars_are_as_tall_as_they_count(dressed: QApplication) -> None:
    look = Look(Themes("dark").current)
    picture = QImage(QSize(126, 56), QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.black)
    painter = QPainter(picture)
    ink = QColor("#ff0000")
    draw_picture(painter, look, QRectF(0, 0, 126, 56), histogram(0, 40, 20, 10), ink, 1.0)
    painter.end()
    pixels = np.array([[picture.pixelColor(18 + 30 * bar, y) == ink for y in range(56)] for bar in range(4)])
    nothing, whole, half, quarter = pixels.sum(axis=1)
    assert nothing == 0
    assert (whole, half, quarter) == (pytest.approx(48, abs=1), pytest.approx(24, abs=1), pytest.approx(12, abs=1))


def test_a_curve_runs_from_its_least_to_its_most_with_gaps_where_it_is_not_finite(dressed: QApplication) -> None:
    look = Look(Themes("dark").current)
    told = Activation(
        path="x", port="output", form="curve", shape=[5, 1], low=-1.0, high=1.0, total=1, length=5, lines=[[]]
    )
    picture = QImage(QSize(106, 56), QImage.Format.Format_RGB32)

    def columns(line: list[float | None]) -> list[float]:
        picture.fill(Qt.GlobalColor.black)
        painter = QPainter(picture)
        draw_picture(
            painter, look, QRectF(0, 0, 106, 56), msgspec.structs.replace(told, lines=[line]), QColor("#00ff00"), 1.0
        )
        painter.end()
        found = []
        for x in (GAP + 12, GAP + 37, GAP + 62, GAP + 87):
            rows = [y for y in range(56) if picture.pixelColor(int(x), y).green() > 160]
            found.append(float(np.mean(rows)) if rows else -1.0)
        return found

    rising = columns([-1.0, -0.5, 0.0, 0.5, 1.0])
    assert rising == sorted(rising, reverse=True)
    assert columns([1.0, 1.0, None, -1.0, -1.0])[1:3] == [-1.0, -1.0]


@pytest.mark.parametrize(("count", "aspect"), [(1, 1.0), (6, 1.0), (10, 1.0), (7, 3.0), (3, 0.25)])
def test_maps_stand_side_by_side_within_their_place(count: int, aspect: float) -> None:
    place = QRectF(0, 0, 124, 56)
    cells = mosaic(count, aspect, place)
    assert len(cells) == count
    assert all(place.contains(cell) for cell in cells)
    assert all(cell.width() / cell.height() == pytest.approx(aspect) for cell in cells)
    overlaps = [(a, b) for index, a in enumerate(cells) for b in cells[index + 1 :] if a.intersects(b)]
    assert overlaps == []


def test_states_are_told_nothing_yet_live_stale_and_not_finite() -> None:
    assert caption(Unfolded()) == "no activation yet"
    assert caption(Unfolded(image())) == "1 map"
    assert caption(Unfolded(image(total=40))) == "1 of 40"
    assert caption(Unfolded(image(), stale=True)) == "before the edit"
    assert caption(Unfolded(image(nonfinite=3))) == "3 NaN, inf"
    assert caption(Unfolded(histogram(1, 2))) == ""
    assert range_text(image(low=-0.4567, high=12.3)) == "−0.46…12"


def card_picture(canvas: Canvas, node: str) -> QImage:
    item = canvas.scene.nodes[node]
    corner = canvas.view.mapFromScene(item.pos())
    size = QSize(round(item.rect.width()), round(item.rect.height()))
    return canvas.view.viewport().grab().toImage().copy(corner.x(), corner.y(), size.width(), size.height())


def colours(picture: QImage) -> set[str]:
    return {picture.pixelColor(x, y).name() for x in range(picture.width()) for y in range(picture.height())}


def test_an_activation_is_drawn_on_its_card_paler_where_it_is_stale_and_not_at_all_from_afar(hands: Hands) -> None:
    canvas = hands.canvas
    canvas.document.edit("Show", show_activations(canvas.document.project, ("conv1",), True))
    canvas.view.show_at(canvas.scene.nodes["conv1"].rect.center(), 1.0)
    orange = canvas.themes.current.class_color(1).name()
    assert orange not in colours(card_picture(canvas, "conv1"))
    show(canvas, conv1=Unfolded(image()))
    assert orange in colours(card_picture(canvas, "conv1"))
    show(canvas, conv1=Unfolded(image(), stale=True))
    assert orange not in colours(card_picture(canvas, "conv1"))
    show(canvas, conv1=Unfolded(image()))
    canvas.view.show_at(canvas.scene.nodes["conv1"].rect.center(), 0.6)
    assert orange not in colours(canvas.view.viewport().grab().toImage())


def test_a_card_whose_body_stays_the_same_is_not_painted_anew(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    canvas = hands.canvas
    canvas.document.edit("Show", show_activations(canvas.document.project, ("conv1", "fc1"), True))
    show(canvas, conv1=Unfolded(image()), fc1=Unfolded(histogram(3, 4)))
    canvas.view.viewport().grab()
    painted = paints(canvas, monkeypatch)
    canvas.view.viewport().grab()
    show(canvas, conv1=Unfolded(image()))
    canvas.view.viewport().grab()
    assert painted == []
    show(canvas, conv1=Unfolded(image(low=-3.0)))
    canvas.view.viewport().grab()
    assert painted == [canvas.scene.nodes["conv1"].boundingRect()]


def test_many_pictures_come_to_the_cards_a_few_a_frame(open_canvas: Open, qtbot: QtBot) -> None:
    project = lenet()
    keys = [key for key in project.graph.nodes if key not in ("data", "loss")]
    canvas = open_canvas(show_activations(project, keys, True))
    show(canvas, **{key: Unfolded(image()) for key in keys})
    there = [key for key in keys if canvas.scene.bodies.unfolded(key).activation is not None]
    assert 0 < len(there) < len(keys)
    qtbot.waitUntil(lambda: all(canvas.scene.bodies.unfolded(key).activation is not None for key in keys))


def test_a_title_carries_its_gradients_chip(hands: Hands) -> None:
    canvas = hands.canvas
    canvas.document.edit("Collapse", collapse(canvas.document.project, ("conv1",), True))
    canvas.set_health({"conv1": Health(1e-2)})
    canvas.readings.refresh()
    picture = card_picture(canvas, "conv1")
    place = chip_place(canvas.scene.nodes["conv1"].card).center()
    assert picture.pixelColor(round(place.x()), round(place.y())).name() == canvas.scene.look.gradient(1e-2).name()


def test_what_has_changed_has_a_dot_that_goes_again(hands: Hands) -> None:
    canvas = hands.canvas
    at = hands.spot(canvas.scene.nodes["conv1"].rect.topRight() + QPointF(-6, 1))
    accent = canvas.themes.current.color("accent").name()

    def dotted() -> bool:
        return canvas.view.viewport().grab().toImage().pixelColor(at).name() == accent

    assert not dotted()
    canvas.scene.bodies.show_changed({"conv1"})
    assert dotted()
    canvas.view.show_at(canvas.view.middle(), 0.6)
    at = hands.spot(canvas.scene.nodes["conv1"].rect.topRight() + QPointF(-6, 1))
    assert dotted()
    canvas.scene.bodies.show_changed(frozenset())
    assert not dotted()


def test_the_new_states_are_heard(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    canvas = hands.canvas
    project = show_activations(collapse(canvas.document.project, ("conv2",), True), ("conv1", "fc1", "fc2"), True)
    frozen = project.graph.replace_node(project.graph.nodes["conv2"].with_params(frozen=True))
    canvas.document.edit("Show", project.with_scope(frozen))
    canvas.scene.bodies.show_changed({"conv2"})
    show(canvas, conv1=Unfolded(image()), fc1=Unfolded(histogram(3, 4), stale=True))
    assert spoken(canvas.scene, "conv2").endswith("changed since the last run, collapsed, frozen")
    assert spoken(canvas.scene, "conv1").endswith("activation 1×2×2 as maps from −2 to 2")
    assert spoken(canvas.scene, "fc1").endswith("activation 9 as a histogram of 7 numbers before the edit from −1 to 1")
    assert spoken(canvas.scene, "fc2").endswith(", no activation yet")
    at = canvas.view.mapFromScene(canvas.scene.nodes["conv2"].rect.center())
    told: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _at, text, _view: told.append(text))
    event = QHelpEvent(QEvent.Type.ToolTip, at, canvas.view.viewport().mapToGlobal(at))
    QApplication.sendEvent(canvas.view.viewport(), event)
    assert told == ["Changed since the last run, collapsed"]


@pytest.mark.parametrize("ratio", [1, 2, 3])
def test_lock_repeat_and_error_are_drawn_sharp_at_every_scale(open_canvas: Open, ratio: int) -> None:
    project, block = group(lenet(), ("tanh1", "pool1"))
    graph = project.graph
    plain = open_canvas(project)
    nodes = {
        "conv1": graph.nodes["conv1"].with_params(frozen=True),
        block: replace(graph.nodes[block], repeat=4),
        "conv2": graph.nodes["conv2"].with_params(kernel_size=99),
    }
    for node in nodes.values():
        graph = graph.replace_node(node)
    marked = open_canvas(project.with_scope(graph))
    for key in nodes:
        marks = header_difference(plain, marked, key, ratio)
        assert marks.width() > 4 * ratio
        assert marks.left() > HEADER * ratio
        assert marks.bottom() <= HEADER * ratio
    assert marked.scene.nodes[block].card.badge == "×4"
    assert marked.scene.nodes["conv2"].card.errors == 1
    assert marked.scene.look.icon("lock", QColor("white"), 14, ratio).devicePixelRatio() == ratio


@pytest.mark.parametrize("ratio", [1, 2, 3])
def test_lines_across_a_card_stay_within_its_outline(lenet_canvas: Canvas, ratio: int) -> None:
    item = lenet_canvas.scene.nodes["conv1"]
    size = QSize(round(item.rect.width()) + 8, round(item.rect.height()) + 8) * ratio
    picture = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(4, 4)
    item._paint_strip(painter, float(ratio))
    painter.end()
    drawn = [x for x in range(size.width()) for y in range(size.height()) if picture.pixelColor(x, y).alpha()]
    assert min(drawn) == 5 * ratio
    assert max(drawn) == (4 + round(item.rect.width()) - 1) * ratio - 1


def header_difference(one: Canvas, other: Canvas, node: str, ratio: int) -> QRectF:
    """Where the headers of a card in two canvases differ inside, in pixels of the screen."""
    pictures = []
    for canvas in (one, other):
        item = canvas.scene.nodes[node]
        picture = QImage(QSize(146 * ratio, 26 * ratio), QImage.Format.Format_ARGB32_Premultiplied)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.black)
        painter = QPainter(picture)
        item._paint_header(painter, float(ratio))
        painter.end()
        pictures.append(picture)
    first, second = pictures
    spots = [
        (x, y) for x in range(first.width()) for y in range(first.height()) if first.pixel(x, y) != second.pixel(x, y)
    ]
    assert spots
    xs, ys = [x for x, _y in spots], [y for _x, y in spots]
    return QRectF(min(xs), min(ys), max(xs) - min(xs) + 1, max(ys) - min(ys) + 1)


def test_deleting_and_undoing_brings_a_collapsed_card_back_collapsed(hands: Hands) -> None:
    canvas = hands.canvas
    canvas.document.edit("Collapse", collapse(canvas.document.project, ("conv1",), True))
    canvas.document.edit("Delete", planning.delete(canvas.document.project, ("conv1",)))
    canvas.document.undo()
    assert canvas.scene.nodes["conv1"].rect.height() == HEADER
    assert_mirror(canvas)
