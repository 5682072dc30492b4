"""Great edits and their undo: the parts that were shown before come back, and follow what came meanwhile."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from benchmarks.scenes.graphs import chain
from core import pasting, planning
from core.document import Document
from core.graph import InputKey
from core.grouping import group
from core.project import Project
from core.reading import read
from core.reroutes import Point, added
from gui.canvas import asides
from gui.canvas.canvas import Canvas
from gui.canvas.health import Health
from gui.canvas.look import Look
from gui.canvas.scene import Scene
from gui.theme import Themes
from tests.gui.canvas.conftest import reading
from tests.gui.canvas.hands import Hands, assert_mirror
from tests.gui.canvas.test_following import drawn, far_picture


@pytest.fixture(autouse=True)
def great(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let few things be many."""
    monkeypatch.setattr(asides, "MANY", 8)


@pytest.fixture
def canvas(open_canvas) -> Canvas:
    made: Canvas = open_canvas(chain(40))
    made.scene.catching_up.flush()
    return made


def moved(canvas: Canvas, by: float = 40.0) -> None:
    """Put every card elsewhere, as one edit."""
    project = canvas.document.project
    places = {key: (x + by, y + (index % 3) * 30.0) for index, (key, (x, y)) in enumerate(project.positions.items())}
    canvas.document.edit("Move all", planning.move(project, places))


def assert_as_new(canvas: Canvas) -> None:
    """The scene is a mirror of the document, and looks as one that is made anew, from near and from far away."""
    scene = canvas.scene
    scene.catching_up.flush()
    assert_mirror(canvas)
    fresh = Scene(Look(canvas.themes.current), canvas.document.project, scene.block, scene.facts)
    fresh.set_wire_style(scene.wiring.style)
    for key, item in scene.nodes.items():
        fresh.set_preview(key, item.preview)
    fresh.catching_up.flush()
    for mine, new in ((scene.nodes, fresh.nodes), (scene.edges, fresh.edges)):
        assert mine
        assert mine.keys() == new.keys()
    assert {key: item.card for key, item in scene.nodes.items()} == {key: one.card for key, one in fresh.nodes.items()}
    assert {key: item.wire for key, item in scene.edges.items()} == {key: one.wire for key, one in fresh.edges.items()}
    routes = {key: item.route.path for key, item in scene.edges.items()}
    assert routes == {key: item.route.path for key, item in fresh.edges.items()}
    assert drawn(scene) == drawn(fresh)
    assert far_picture(scene) == far_picture(fresh)
    fresh.take_down()


def test_undo_of_a_great_edit_brings_back_the_very_parts_and_redo_the_others(canvas: Canvas) -> None:
    document, scene = canvas.document, canvas.scene
    moved(canvas)
    after = dict(scene.nodes)
    document.undo()
    assert_as_new(canvas)
    before = dict(scene.nodes)
    assert all(before[key] is not item for key, item in after.items())
    document.redo()
    assert dict(scene.nodes) == after
    assert_as_new(canvas)
    document.undo()
    assert dict(scene.nodes) == before
    assert_as_new(canvas)


def test_all_that_was_deleted_comes_back_neither_selected_nor_measured(canvas: Canvas) -> None:
    document, scene = canvas.document, canvas.scene
    canvas.set_health({key: Health(1e-9) for key in scene.nodes})
    canvas.select_all()
    scene.nodes["n7"].is_hovered = True
    scene.edges[InputKey("n7", "input")].setVisible(False)
    canvas.delete_selection()
    assert not scene.nodes
    canvas.clear_health()
    document.undo()
    assert_as_new(canvas)
    assert not scene.selection
    for card in scene.nodes.values():
        assert card.health is None
        assert {card.is_selected, card.is_hovered, card.is_dim} == {False}
    for wire in scene.edges.values():
        assert wire.isVisible()
        assert wire.warmth is None
        assert {wire.is_lit, wire.is_selected, wire.is_hovered} == {False}


def test_what_is_measured_meanwhile_is_shown_on_parts_that_come_back(canvas: Canvas) -> None:
    moved(canvas)
    canvas.set_health({key: Health(1e-9) for key in canvas.scene.nodes})
    canvas.document.undo()
    assert {item.health for item in canvas.scene.nodes.values()} == {Health(1e-9)}
    assert all(wire.warmth is not None for wire in canvas.scene.edges.values())


@pytest.mark.parametrize("with_point", [False, True])
def test_what_stays_selected_is_marked_on_parts_that_come_back(canvas: Canvas, with_point: bool) -> None:
    document, scene = canvas.document, canvas.scene
    edge = scene.edges[InputKey("n3", "input")].edge
    document.edit("Lead", added(document.project, edge, (500.0, 500.0), 0))
    moved(canvas)
    points = (Point(edge, 0),) if with_point else ()
    canvas.scene.select(["n7"], [InputKey("n20", "input")], (), points)
    for step in (document.undo, document.redo, document.undo):
        step()
        assert scene.selection == ("n7",)
        assert [key for key, item in scene.nodes.items() if item.is_selected] == ["n7"]
        assert [key for key, item in scene.edges.items() if item.is_selected] == [InputKey("n20", "input")]
        assert {key for key, item in scene.edges.items() if item.is_lit} == scene.wiring.at(["n7"])
        assert scene.points.selection == points
        assert_as_new(canvas)


def test_parts_that_come_back_say_what_became_known_meanwhile(canvas: Canvas) -> None:
    document, scene = canvas.document, canvas.scene
    moved(canvas)
    picture = QImage(40, 30, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.red)
    canvas.set_preview("n0", picture)
    document.undo()
    assert scene.nodes["n0"].preview is scene.making.previews["n0"]
    assert_as_new(canvas)
    document.redo()
    scene.set_wire_style("straight")
    document.undo()
    assert_as_new(canvas)
    document.redo()
    canvas.themes.use("light")
    document.undo()
    assert {item.look for item in scene.nodes.values()} == {scene.look}
    assert_as_new(canvas)


def test_parts_that_come_back_are_told_what_was_read_meanwhile(qtbot: QtBot) -> None:
    """A Python block may be answered at any time: the project is the same then, and what is known of it is not."""
    project = chain(40)
    found = read(project)
    canvas = Canvas(Document(project), Themes(), reading=found)
    qtbot.addWidget(canvas)
    canvas.set_analysis(found.plan, found.analysis, found.problems)
    moved(canvas)
    counts = {**found.analysis.parameters, "layer7": 12345}
    told = found.plan, replace(found.analysis, parameters=counts), found.problems
    for change in (lambda: None, canvas.document.undo, canvas.document.redo, canvas.document.undo):
        change()
        canvas.set_analysis(*told)
        canvas.scene.catching_up.flush()
        assert canvas.scene.nodes["n7"].card.right[0] == "12,345"


def test_a_drag_of_many_cards_is_undone_to_where_they_stood(canvas: Canvas) -> None:
    hands, scene, document = Hands(canvas), canvas.scene, canvas.document
    canvas.fit()
    canvas.view.show_at(scene.nodes["n20"].rect.center(), 0.8)
    before = {key: item.pos() for key, item in scene.nodes.items()}
    canvas.select_all()
    start = hands.card("n20")
    hands.drag(start, start + QPoint(90, 40))
    assert document.past == ("Move 40 layers",)
    assert_as_new(canvas)
    document.undo()
    assert {key: item.pos() for key, item in scene.nodes.items()} == before
    assert_as_new(canvas)
    hands.hold(start, start + QPoint(90, 40))
    hands.key(Qt.Key.Key_Escape)
    assert {key: item.pos() for key, item in scene.nodes.items()} == before
    document.redo()
    assert_as_new(canvas)


def test_an_undo_in_the_middle_of_a_drag_keeps_nothing_that_stands_elsewhere(canvas: Canvas) -> None:
    hands, scene, document = Hands(canvas), canvas.scene, canvas.document
    canvas.view.show_at(scene.nodes["n20"].rect.center(), 0.8)
    moved(canvas)
    canvas.select_all()
    start = hands.card("n20")
    hands.hold(start, start + QPoint(90, 40))
    document.undo()
    assert_as_new(canvas)
    hands.release(start + QPoint(90, 40))
    document.redo()
    assert_as_new(canvas)


def test_the_graph_around_a_block_is_there_at_once_when_one_leaves_it(canvas: Canvas) -> None:
    document, scene = canvas.document, canvas.scene
    project, node = group(document.project, [f"n{index}" for index in range(3, 23)])
    document.edit("Fold", project)
    outside = dict(scene.nodes)
    canvas.tour.enter(node)
    reading(canvas)
    inner = dict(scene.nodes)
    assert_as_new(canvas)
    document.edit("Set", planning.set_param(document.project, "n5", "out_features", 9))
    assert_as_new(canvas)
    canvas.tour.leave()
    reading(canvas)
    assert all(scene.nodes[key] is item for key, item in outside.items())
    assert_as_new(canvas)
    canvas.tour.enter(node)
    reading(canvas)
    assert all(scene.nodes[key] is item for key, item in inner.items())
    assert_as_new(canvas)
    document.undo()
    document.undo()
    assert canvas.trail == ()
    assert_as_new(canvas)


@pytest.mark.parametrize("seed", range(4))
def test_after_any_great_edits_undone_and_redone_the_scene_is_one_made_anew(canvas: Canvas, seed: int) -> None:
    chance, document = random.Random(seed), canvas.document
    for _step in range(14):
        if chance.random() < 0.5:
            document.walk(chance.choice([-3, -2, -1, -1, 1, 1, 2]))
        else:
            document.edit("Any", _any_great_edit(document.project, chance))
        assert_as_new(canvas)
    while document.undo():
        assert_as_new(canvas)


def _any_great_edit(project: Project, chance: random.Random) -> Project:
    nodes = list(project.graph.nodes)
    some = chance.sample(nodes, max(len(nodes) // 2, 1))
    what = chance.randrange(4)
    if what == 0:
        return planning.move(project, {key: (chance.randrange(2000), chance.randrange(900)) for key in some})
    if what == 1 and len(nodes) > 20:
        return planning.delete(project, some)
    if what == 2:
        return pasting.duplicate(project, some)[0]
    layers = [key for key, node in project.graph.nodes.items() if node.kind == "Linear"]
    return planning.set_param(project, chance.choice(layers), "out_features", chance.choice((8, 9)))
