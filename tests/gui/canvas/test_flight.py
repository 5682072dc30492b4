"""A view on its way: it gets there, waits for no wheel, and stays where a press meets it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.canvas.canvas import Canvas

GOAL, ZOOM = QPointF(900.0, -300.0), 0.5


def test_a_view_goes_to_another_place_and_size_and_is_exactly_there(lenet_canvas: Canvas, qtbot: QtBot) -> None:
    view = lenet_canvas.view
    view.animated = True
    zooms = [view.zoom]
    view.moved.connect(lambda: zooms.append(view.zoom))
    view.fly_to(GOAL, ZOOM)
    assert not view.stands_at(GOAL, ZOOM)
    at, still = QPointF(200, 200), (Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier)
    wheel = QWheelEvent(at, at, QPoint(), QPoint(0, 120), *still, Qt.ScrollPhase.NoScrollPhase, False)
    QApplication.sendEvent(view.viewport(), wheel)
    qtbot.waitUntil(lambda: view.stands_at(GOAL, ZOOM), timeout=3000)
    assert zooms in (sorted(zooms), sorted(zooms, reverse=True)), "the wheel has not changed the way"


def test_a_press_stops_a_view_where_it_is(lenet_canvas: Canvas, qtbot: QtBot) -> None:
    view = lenet_canvas.view
    view.animated = True
    view.fly_to(GOAL, ZOOM)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.MiddleButton, pos=QPoint(200, 200))
    before = view.middle(), view.zoom
    qtbot.wait(300)
    assert (view.middle(), view.zoom) == before


def test_with_reduced_motion_a_view_is_there_at_once(lenet_canvas: Canvas) -> None:
    view = lenet_canvas.view
    view.animated = False
    view.fly_to(GOAL, ZOOM)
    assert view.stands_at(GOAL, ZOOM)
