"""The view keeps its picture and paints only what comes in or has changed: it must be what Qt paints of all of it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from benchmarks.scenes.graphs import chain
from core import planning
from core.annotations import Annotation
from gui.canvas.canvas import Canvas
from gui.canvas.health import Health
from gui.canvas.node_item import NodeItem

Pixels = npt.NDArray[np.uint8]


def pixels(image: QImage) -> Pixels:
    plain = image.convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), -1).copy()


def kept(canvas: Canvas) -> Pixels:
    """The view's picture, once all that was asked for is painted."""
    for _turn in range(3):  # what was put off to the next turn, the calls for a repaint, and the repaint
        QApplication.processEvents()
    return pixels(canvas.view._shown._picture.toImage())


def by_qt(canvas: Canvas) -> Pixels:
    """All of the view, painted by Qt's own way through the scene's items."""
    viewport = canvas.view.viewport()
    image = QImage(viewport.size(), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    canvas.view.render(painter, source=QRect(QPoint(0, 0), viewport.size()))
    painter.end()
    return pixels(image)


def apart(one: Pixels, other: Pixels, square: int = 1) -> float:
    """By how much the averages of squares of so many pixels differ at most.

    Qt begins the dashes of a wire where what is painted of it begins, and rounds letters and curves at halves of
    pixels: at other zooms than whole ones single pixels differ, but no square of them does that was not painted.
    """
    high, wide = one.shape[0] // square * square, one.shape[1] // 4 // square * square
    first, second = (
        picture.reshape(one.shape[0], -1, 4)[:high, :wide].reshape(high // square, square, wide // square, square, 4)
        for picture in (one, other)
    )
    return float(np.abs(first.mean(axis=(1, 3)) - second.mean(axis=(1, 3))).max())


def scrolled(canvas: Canvas, right: int, down: int) -> None:
    view = canvas.view
    view._scroll(QPoint(right, down))


def busy(canvas: Canvas) -> None:
    """Frames, notes, a wrong wire, a selection and gradients: all that is ever drawn."""
    document, scene = canvas.document, canvas.scene
    ids = [*scene.nodes]
    box = scene.nodes[ids[3]].rect.united(scene.nodes[ids[5]].rect).adjusted(-20, -40, 20, 20)
    frame = Annotation("f", "frame", (box.x(), box.y(), box.width(), box.height()), "A frame", "blue")
    note = Annotation("n", "note", (box.x(), box.bottom() + 10, 200.0, 90.0), "Some **words**\n\n- one\n- two", "green")
    document.edit("Say", replace(document.project, annotations=MappingProxyType({"f": frame, "n": note})))
    document.edit("Set", planning.set_param(document.project, ids[7], "in_features", 7))
    canvas.select(ids[9:11])
    canvas.set_health({key: Health(10.0 ** -(at % 9), [10.0**-at, 1e-3, 1e-5]) for at, key in enumerate(ids)})
    canvas.readings.refresh()


@pytest.mark.parametrize("zoom", [1.0, 0.83, 0.5, 0.36, 2.0])
def test_after_every_step_the_picture_is_what_painting_all_of_it_shows(
    open_canvas: Callable[..., Canvas], zoom: float
) -> None:
    canvas = open_canvas(chain(60))
    busy(canvas)
    canvas.view.show_at(canvas.scene.bounds().center(), zoom)
    document, chance = canvas.document, random.Random(round(zoom * 100))
    ids = [*canvas.scene.nodes]

    def step(what: int) -> None:
        node = chance.choice(ids[1:-1])
        if what < 6:
            scrolled(canvas, chance.randint(-70, 70), chance.choice((0, 0, chance.randint(-70, 70))))
        elif what == 6:
            canvas.select([node])
        elif what == 7:
            canvas.set_health({node: Health(10.0 ** -chance.randint(0, 9))})
            canvas.readings.refresh()
        elif what == 8:
            at = canvas.scene.nodes[node].pos()
            document.edit("Move", planning.move(document.project, {node: (at.x() + 30, at.y() + 11)}))
        else:
            document.undo()

    for _round in range(16):
        for _step in range(chance.choice((1, 1, 3))):
            step(chance.randrange(10))
        if chance.random() < 0.5:
            canvas.view.viewport().repaint()  # between two steps and the calls for a repaint that they make
        if zoom.is_integer():
            assert apart(kept(canvas), by_qt(canvas)) <= 3
        assert apart(kept(canvas), by_qt(canvas), 8) < 10


def painted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The nodes whose cards are painted from now on."""
    seen: list[str] = []
    paint = NodeItem.paint

    def told(item: NodeItem, painter: QPainter, scale: float) -> None:
        seen.append(item.card.node)
        paint(item, painter, scale)

    monkeypatch.setattr(NodeItem, "paint", told)
    return seen


def test_a_pan_paints_the_cards_that_come_in_and_no_others(
    open_canvas: Callable[..., Canvas], monkeypatch: pytest.MonkeyPatch
) -> None:
    canvas = open_canvas(chain(60))
    view = canvas.view
    view.show_at(canvas.scene.bounds().center(), 1.0)
    kept(canvas)
    seen = painted(monkeypatch)
    before = view.visible()
    scrolled(canvas, 40, 0)
    kept(canvas)
    strip = QRectF(before.right(), before.top(), 40, before.height())
    near = {key for key, item in canvas.scene.nodes.items() if item.sceneBoundingRect().intersects(strip)}
    assert set(seen) == near
    assert len(seen) == len(near) < len(canvas.scene.nodes) / 3


def test_what_is_shown_again_after_the_view_was_hidden_is_up_to_date(open_canvas: Callable[..., Canvas]) -> None:
    canvas = open_canvas(chain(60))
    canvas.view.show_at(canvas.scene.bounds().center(), 1.0)
    kept(canvas)
    canvas.hide()
    canvas.select([*canvas.scene.nodes])
    scrolled(canvas, 30, 10)
    canvas.show()
    assert apart(kept(canvas), by_qt(canvas)) <= 3


def test_what_changed_while_it_was_seen_from_far_away_is_there_when_one_comes_near(
    open_canvas: Callable[..., Canvas],
) -> None:
    canvas = open_canvas(chain(60))
    middle = canvas.scene.bounds().center()
    canvas.view.show_at(middle, 0.5)
    kept(canvas)
    canvas.view.show_at(middle, 0.2)
    for _turn in range(3):
        QApplication.processEvents()
    project = canvas.document.project
    canvas.document.edit("Move", planning.move(project, {"n20": (middle.x(), middle.y())}))
    canvas.select(["n30"])
    canvas.view.show_at(middle, 0.5)
    assert apart(kept(canvas), by_qt(canvas), 8) < 10


def test_a_drag_is_painted_where_it_is_and_leaves_nothing_behind(open_canvas: Callable[..., Canvas]) -> None:
    canvas = open_canvas(chain(60))
    view = canvas.view
    item = canvas.scene.nodes["n20"]
    view.show_at(item.rect.center(), 1.0)
    kept(canvas)
    at = view.mapFromScene(item.pos() + QPointF(70, 12))
    QTest.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    for way in range(1, 9):
        QTest.mouseMove(view.viewport(), at + QPoint(9 * way, 7 * way))
        assert apart(kept(canvas), by_qt(canvas)) <= 3
    QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=at + QPoint(72, 56))
    assert item.pos() != canvas.scene.place_of("n21")
    assert apart(kept(canvas), by_qt(canvas)) <= 3
