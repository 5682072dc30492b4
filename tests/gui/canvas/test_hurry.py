"""While one zooms past many cards some stand in; once it rests every card is drawn as it should be, and that is all."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject

from benchmarks.scenes.graphs import chain
from gui.canvas import hurry
from gui.canvas.canvas import Canvas


class Painted(QObject):
    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self.count = 0
        canvas.view.viewport().installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


def test_cards_stand_in_while_one_zooms_and_are_sharp_when_it_rests(open_canvas, qtbot, monkeypatch):
    canvas: Canvas = open_canvas(chain(90))
    view = canvas.view
    view.show_at(canvas.scene.bounds().center(), 0.5)
    view.viewport().grab()
    monkeypatch.setattr(hurry, "BUDGET", 0)
    view.zoom_by(0.85)
    passing = view.viewport().grab().toImage()
    monkeypatch.setattr(hurry, "BUDGET", 4)
    qtbot.waitUntil(lambda: not view._hurry._is_zooming, timeout=5000)
    rested = view.viewport().grab().toImage()
    view.show_at(view.middle(), view.zoom)
    for item in canvas.scene.nodes.values():
        item._stamp.__init__()
    assert view.viewport().grab().toImage() == rested
    assert passing != rested


def test_a_view_that_rests_is_not_painted_again(open_canvas, qtbot, monkeypatch):
    canvas: Canvas = open_canvas(chain(90))
    canvas.view.show_at(canvas.scene.bounds().center(), 0.5)
    monkeypatch.setattr(hurry, "BUDGET", 0)
    canvas.view.zoom_by(0.85)
    qtbot.waitUntil(lambda: not canvas.view._hurry._is_zooming, timeout=5000)
    painted = Painted(canvas)
    qtbot.wait(150)
    assert painted.count == 0
