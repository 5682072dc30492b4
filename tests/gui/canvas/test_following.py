"""What the canvas brings up to date by the difference is what it would make anew: cards, wires, far view, minimap."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest

from benchmarks.scenes.graphs import chain
from core import planning
from core.data.settings import DatasetSettings
from core.graph import InputKey
from core.project import Project
from core.reading import Reading, read
from gui.canvas.canvas import Canvas
from gui.canvas.geometry import RectIndex
from gui.canvas.health import Health
from gui.canvas.known import known
from gui.canvas.look import Look
from gui.canvas.scene import Scene
from gui.theme import Themes
from tests.core.random_edits import edited, starts

SIZE = QSize(400, 260)


def shown(project: Project, reading: Reading) -> Scene:
    """A scene of this project, made anew."""
    made = Scene(Look(Themes().current), project)
    made.set_facts(known(project, reading.plan, reading.analysis, reading.problems))
    return made


def drawn(scene: Scene) -> set[tuple[object, object, int]]:
    """Every card and wire with its square and colour, as they are drawn from far away."""
    tiles = scene.far.item.tiles
    tiles.take()
    area = scene.bounds().adjusted(-9, -9, 9, 9)
    inks = {rgb for rgb, _path in tiles.cards.paths(area)}
    assert inks == {item.far_ink.rgb() for item in scene.nodes.values()}
    cards = {(at, key, scene.nodes[key].far_ink.rgb()) for at, tile in tiles.cards.tiles.items() for key in tile.keys}
    wires = {(at, key, scene.edges[key].far_ink.rgb()) for at, tile in tiles.wires.tiles.items() for key in tile.keys}
    return cards | wires


def far_picture(scene: Scene) -> QImage:
    """The scene from far away."""
    scene.far.item.tiles.take()
    picture = QImage(SIZE, QImage.Format.Format_RGB32)
    picture.fill(0)
    painter = QPainter(picture)
    bounds = scene.bounds()
    painter.scale(SIZE.width() / max(bounds.width(), 1), SIZE.height() / max(bounds.height(), 1))
    painter.translate(-bounds.topLeft())
    scene.far.item.tiles.paint_lines(painter, bounds)
    scene.far.item.tiles.paint_blocks(painter, bounds)
    painter.end()
    return picture


@given(st.data())
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_after_any_edits_cards_and_wires_say_what_new_ones_would(dressed, data):
    project = data.draw(starts())
    reading = read(project)
    scene = shown(project, reading)
    for _step in range(data.draw(st.integers(1, 8))):
        project = edited(project, data)
        scene.follow(project)
        reading = read(project, reading)
        scene.set_facts(known(project, reading.plan, reading.analysis, reading.problems))
        fresh = shown(project, reading)
        assert {key: item.card for key, item in scene.nodes.items()} == {
            key: item.card for key, item in fresh.nodes.items()
        }
        assert {key: item.wire for key, item in scene.edges.items()} == {
            key: item.wire for key, item in fresh.edges.items()
        }
        assert drawn(scene) == drawn(fresh)


def test_what_moves_and_is_coloured_is_drawn_anew_from_far_away(dressed):
    project = chain(60)
    reading = read(project)
    scene = shown(project, reading)
    before = far_picture(scene)
    scene.place({"n7": QPointF(900.0, 40.0), "n20": QPointF(60.0, 700.0)})
    item = scene.nodes["n30"]
    item.health, item.measured = Health(1e-9), True
    scene.cards.mark("n30")
    moved = far_picture(scene)
    assert moved != before
    scene.far.item.tiles.clear()
    assert far_picture(scene) == moved
    item.measured = False
    scene.cards.mark("n30")
    scene.place({key: scene.place_of(key) for key in ("n7", "n20")}, settled=True)
    assert far_picture(scene) == before


def test_an_edit_of_one_card_looks_at_few(dressed, monkeypatch):
    project = chain(200)
    reading = read(project)
    scene = shown(project, reading)
    looked = []
    original = scene.making.has_changed
    monkeypatch.setattr(scene.making, "has_changed", lambda graph, key: looked.append(key) or original(graph, key))
    for after in (
        planning.set_param(project, "n51", "bias", False),
        planning.rename(project, "n51", "other"),
        planning.move(project, {"n51": (4.0, 4.0)}),
    ):
        looked.clear()
        scene.follow(after)
        found = read(after, reading)
        scene.set_facts(known(after, found.plan, found.analysis, found.problems))
        assert 0 < len(looked) < 10
        scene.follow(project)
        scene.set_facts(known(project, reading.plan, reading.analysis, reading.problems))


def test_the_minimap_of_many_cards_follows_one_that_moves(open_canvas, qtbot):
    canvas: Canvas = open_canvas(chain(320))
    canvas.set_minimap(True)
    map_ = canvas.minimap
    before = map_.grab().toImage()
    canvas.scene.place({"n150": QPointF(100.0, 60.0)})
    moved = map_.grab().toImage()
    assert moved != before
    map_._drawn = None
    assert map_.grab().toImage() == moved


def test_watchers_of_rectangles_learn_of_all_that_changes():
    index = RectIndex()
    index.put("a", QRectF(0, 0, 10, 10))
    watched = index.watched()
    assert watched == {"a"}
    watched.clear()
    index.put("b", QRectF(5, 5, 10, 10))
    index.mark("a")
    assert watched == {"a", "b"}
    watched.clear()
    index.remove("b")
    assert watched == {"b"}


def test_from_far_away_a_press_on_a_card_moves_it_and_draws_no_wire(open_canvas, qtbot):
    canvas: Canvas = open_canvas(chain(60))
    view, scene = canvas.view, canvas.scene
    item = scene.nodes["n30"]
    view.show_at(item.rect.center(), 0.12)
    at = view.mapFromScene(item.rect.center())
    viewport = view.viewport()
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=at)
    for step in (4, 8, 12):
        QTest.mouseMove(viewport, at + QPoint(step, 0))
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=at + QPoint(12, 0))
    assert canvas.document.past == ("Move layer30",)


def test_a_card_whose_shapes_are_unknown_follows_what_comes_in(dressed):
    project = planning.disconnect(chain(8), (InputKey("n7", "label"),))
    reading = read(project)
    scene = shown(project, reading)
    for features in (9, 10):
        project = planning.set_param(project, "n5", "out_features", features)
        scene.follow(project)
        reading = read(project, reading)
        scene.set_facts(known(project, reading.plan, reading.analysis, reading.problems))
        assert scene.nodes["n7"].card == shown(project, reading).nodes["n7"].card
        assert scene.edges[InputKey("n7", "logits")].wire.text.endswith(str(features))


def test_of_many_cards_those_in_view_follow_at_once_and_the_rest_in_a_moment(open_canvas, qtbot):
    canvas: Canvas = open_canvas(chain(200))
    scene, document = canvas.scene, canvas.document
    scene.catching_up.flush()
    canvas.view.show_at(scene.nodes["n100"].rect.center(), 1.0)
    document.edit("Unwire", planning.disconnect(document.project, (InputKey("n3", "input"),)))
    assert scene.nodes["n100"].card.rest == "waiting for layer3"
    fresh = shown(document.project, read(document.project))
    fresh.catching_up.flush()
    wanted = {key: item.card for key, item in fresh.nodes.items()}
    assert {key: item.card for key, item in scene.nodes.items()} != wanted
    qtbot.waitUntil(lambda: {key: item.card for key, item in scene.nodes.items()} == wanted, timeout=5000)
    qtbot.waitUntil(lambda: not scene.catching_up.busy, timeout=5000)


def test_the_ports_of_another_data_set_are_known_as_soon_as_it_is_chosen(dressed):
    project = chain(8)
    reading = read(project)
    scene = shown(project, reading)
    project = planning.disconnect(project, (InputKey("n1", "input"), InputKey("n7", "label")))
    project = project.with_data("moons", DatasetSettings("iris"))
    scene.follow(project)
    reading = read(project, reading)
    scene.set_facts(known(project, reading.plan, reading.analysis, reading.problems))
    assert [(port.name, port.known) for port in scene.nodes["n0"].card.outputs] == [("features", True), ("label", True)]
