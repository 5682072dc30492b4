"""Two items draw all wires and cards: what is to be seen, all of it and nothing else, and each over the right ones."""

from __future__ import annotations

import random

import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core import planning
from gui.canvas.canvas import Canvas
from gui.canvas.health import Health
from gui.canvas.look import Look
from gui.canvas.node_item import NodeItem
from gui.canvas.scene import Scene


def painted(canvas: Canvas, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The nodes whose cards are painted from now on, as it happens."""
    seen: list[str] = []
    paint = NodeItem.paint

    def told(item: NodeItem, painter: QPainter, scale: float) -> None:
        seen.append(item.card.node)
        paint(item, painter, scale)

    monkeypatch.setattr(NodeItem, "paint", told)
    return seen


def test_exactly_what_draws_on_a_part_of_the_scene_is_found_there(lenet_canvas: Canvas) -> None:
    canvas = lenet_canvas
    canvas.document.edit("Set", planning.set_param(canvas.document.project, "fc1", "in_features", 7))
    scene, chance = canvas.scene, random.Random(3)
    parts = [*scene.nodes.values(), *scene.edges.values()]
    bounds = scene.bounds().adjusted(-60, -60, 60, 60)
    met = 0
    for _round in range(400):
        x = bounds.x() + chance.random() * bounds.width()
        y = bounds.y() + chance.random() * bounds.height()
        area = QRectF(x, y, chance.choice((3.0, 90.0, 900.0)), chance.choice((3.0, 40.0, 400.0)))
        wanted = {part for part in parts if part.sceneBoundingRect().intersects(area)}
        assert {*scene.near.touching(area)} == wanted
        met += len(wanted)
    assert met > 400


def test_only_cards_in_view_are_painted(lenet_canvas: Canvas, monkeypatch: pytest.MonkeyPatch) -> None:
    canvas = lenet_canvas
    canvas.view.show_at(canvas.scene.nodes["conv1"].rect.center(), 2.0)
    seen = painted(canvas, monkeypatch)
    canvas.view.viewport().grab()
    area = canvas.view.visible()
    near = {key for key, item in canvas.scene.nodes.items() if item.sceneBoundingRect().intersects(area)}
    assert set(seen) == near < canvas.scene.nodes.keys()


def test_two_cards_that_change_do_not_have_those_between_painted(
    lenet_canvas: Canvas, monkeypatch: pytest.MonkeyPatch
) -> None:
    canvas = lenet_canvas
    canvas.view.show_at(canvas.scene.bounds().center(), 0.5)
    QTest.qWaitForWindowExposed(canvas)
    QApplication.processEvents()
    first, last = canvas.scene.nodes["conv1"], canvas.scene.nodes["fc2"]
    between = [
        key
        for key, item in canvas.scene.nodes.items()
        if item.rect.intersects(first.rect.united(last.rect)) and item not in (first, last)
    ]
    seen = painted(canvas, monkeypatch)
    first.update()
    last.update()
    for _turn in range(2):  # the call for a repaint, and the repaint
        QApplication.processEvents()
    assert {"conv1", "fc2"} <= set(seen)
    assert set(between) - set(seen), "some lie between and are left alone"


def test_the_card_that_is_drawn_on_top_is_the_one_under_the_pointer(lenet_canvas: Canvas) -> None:
    canvas = lenet_canvas
    scene, at = canvas.scene, canvas.scene.nodes["conv1"].rect.center()
    added, key = planning.add(canvas.document.project, "ReLU", (at.x() - 40, at.y() - 40))
    canvas.document.edit("Add", added)
    assert scene.node_at(at) == key
    canvas.select(["conv1"])
    assert scene.node_at(at) == "conv1"
    canvas.select([])
    assert scene.node_at(at) == key
    assert max((scene.nodes["conv1"], scene.nodes[key]), key=lambda item: item.layer) is scene.nodes[key]


def test_what_an_undo_brings_back_is_what_was_there_as_if_it_were_new(lenet_canvas: Canvas) -> None:
    canvas, scene = lenet_canvas, lenet_canvas.scene
    canvas.set_health({"conv1": Health(1e-9)})
    canvas.select(["conv1"])
    card, wires = scene.nodes["conv1"], {key: scene.edges[key] for key in scene.wiring.at(["conv1"])}
    card.is_hovered = True
    next(iter(wires.values())).setVisible(False)
    canvas.delete_selection()
    assert card.scene() is None
    canvas.clear_health()
    canvas.document.undo()
    assert scene.nodes["conv1"] is card
    assert {key: scene.edges[key] for key in wires} == wires
    assert card.health is None
    assert not card.is_hovered
    assert all(item.isVisible() for item in wires.values())
    fresh = Scene(Look(canvas.themes.current), canvas.document.project, facts=scene.facts)
    assert {key: item.card for key, item in scene.nodes.items()} == {
        key: item.card for key, item in fresh.nodes.items()
    }
    assert {key: item.wire for key, item in scene.edges.items()} == {
        key: item.wire for key, item in fresh.edges.items()
    }
    fresh.take_down()


def test_a_card_that_comes_back_to_another_input_says_so(lenet_canvas: Canvas) -> None:
    canvas, document = lenet_canvas, lenet_canvas.document
    before = document.project
    canvas.select(["fc2"])
    canvas.delete_selection()
    other = planning.set_param(before, "fc1", "out_features", 50)
    document.edit("Put back otherwise", other)
    fresh = Scene(Look(canvas.themes.current), other, facts=canvas.scene.facts)
    assert canvas.scene.nodes["fc2"].card == fresh.nodes["fc2"].card
    assert "50" in canvas.scene.nodes["fc2"].card.left[1]
    fresh.take_down()


def test_far_areas_are_looked_up_without_going_through_them_square_by_square(lenet_canvas: Canvas) -> None:
    everything = QRectF(QPointF(-1e7, -1e7), QPointF(1e7, 1e7))
    assert lenet_canvas.scene.cards.touching(everything) == sorted(lenet_canvas.scene.nodes)
    assert lenet_canvas.scene.wires.touching(everything) == sorted(lenet_canvas.scene.wires.rects)
