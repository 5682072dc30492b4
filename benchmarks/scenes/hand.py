"""A hand on any graphics view: the mouse events of panning, zooming and dragging, each with the frame it leads to."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QGraphicsView

from benchmarks.scenes.times import Painted, Times, framed

_NONE = Qt.KeyboardModifier.NoModifier
NOTCH = 120


class Hand:
    """Moves over the viewport of a view."""

    def __init__(self, view: QGraphicsView, exact: bool = True) -> None:
        """With `exact` a move that paints nothing ends the bench: it measures nothing."""
        self._exact = exact
        self._view = view
        self._viewport = view.viewport()
        self._painted = Painted(self._viewport)

    def drag(self, at: QPoint, button: Qt.MouseButton, frames: int, step: int = 8, straight: bool = False) -> Times:
        """Press here, move so many times, to and fro or on and on, and let go; the moves' frames."""
        self._mouse(QEvent.Type.MouseButtonPress, at, button, button)
        places = [at + QPoint(step * (index if straight else index % 2 + 2), 0) for index in range(frames + 2)]
        for place in places[:2]:
            framed(lambda to=place: self._mouse(QEvent.Type.MouseMove, to, Qt.MouseButton.NoButton, button))
        times = self._frames(
            [
                lambda to=place: self._mouse(QEvent.Type.MouseMove, to, Qt.MouseButton.NoButton, button)
                for place in places[2:]
            ]
        )
        self._mouse(QEvent.Type.MouseButtonRelease, places[-1], button, Qt.MouseButton.NoButton)
        QApplication.processEvents()
        return times

    def zoom(self, at: QPoint, notches: list[int]) -> Times:
        """Turn the wheel here, by so many eighths of a degree at a time."""
        return self._frames([lambda by=notch: self._wheel(at, by) for notch in notches])

    def _frames(self, moves: list[Callable[[], None]]) -> Times:
        before = self._painted.count
        times = Times.of([framed(move) for move in moves])
        if self._exact and self._painted.count - before < len(moves):
            raise SystemExit(f"Only {self._painted.count - before} of {len(moves)} frames were painted.")
        return times

    def _mouse(self, kind: QEvent.Type, at: QPoint, button: Qt.MouseButton, held: Qt.MouseButton) -> None:
        place = QPointF(at)
        event = QMouseEvent(kind, place, QPointF(self._viewport.mapToGlobal(at)), button, held, _NONE)
        QApplication.sendEvent(self._viewport, event)

    def _wheel(self, at: QPoint, by: int) -> None:
        place = QPointF(at)
        event = QWheelEvent(
            place,
            QPointF(self._viewport.mapToGlobal(at)),
            QPoint(),
            QPoint(0, by),
            Qt.MouseButton.NoButton,
            _NONE,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(self._viewport, event)
