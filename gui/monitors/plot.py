"""The ground all plots stand on: an area with axes, a view of time that zooms and moves, and the shared cursor."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy

from core.telemetry.column import Column
from core.telemetry.record import RunRecord
from core.telemetry.sheet import Sheet
from gui.monitors.cursor import Cursor
from gui.monitors.drawn import Drawn
from gui.monitors.ground import Ground
from gui.monitors.ink import Ink
from gui.monitors.scale import LogSteps, Scale, Window
from gui.theme import Themes
from gui.training.feed import Feed

ZOOM = 0.8
"""What one notch of the wheel leaves of the view."""
PART = 1 << 17
"""Values taken in at a tick, some milliseconds' worth."""
UNSEEN = 0.25
"""Pixels by which new rows may move what is drawn before it is worked out anew."""
CLICK = 4
"""Pixels that a press may wander and still be a click."""


@dataclass
class _Press:
    at: QPointF
    last: QPointF
    moved: bool = False


class Plot(Drawn):
    """A plot over the steps of a run.

    Subclasses say what is drawn: `prepare` works out lines and cells for the view (after new rows, a zoom or another
    size), `paint` draws them. Preparing happens when the widget is painted, so that a hidden plot costs nothing.
    """

    has_steps = True
    """Whether the area's width is time."""
    stays = False
    """Whether what `paint` draws is the same wherever cursor and pointer are: those are drawn by `paint_over`."""
    clicked = Signal(QPointF)
    """A press and release at one place, in pixels."""

    def __init__(self, feed: Feed, themes: Themes, cursor: Cursor) -> None:
        super().__init__()
        self.feed, self.themes, self.crosshair = feed, themes, cursor
        self.time, self.span = Window(), Window()
        self.keeps_lines = False
        """Whether it is drawn for a file whose lines and words are to stay what they are."""
        self.log_time = False
        """Whether steps stand by the logarithm of how many came before."""
        self.pointer: QPointF | None = None
        self._press: _Press | None = None
        self._stale = True
        self._worked_out: tuple[RunRecord, int, int] | None = None
        """The run for which lines and cells were worked out, with its last step and what events had told then."""
        self.gathering = False
        """Rows of a long run are still being taken in, part by part, before there is something to draw."""
        self._behind = False
        self._drawn: object = None
        self._again = QTimer(self, singleShot=True, interval=16)
        self._again.timeout.connect(self.refresh)
        self._ink = themes.kept(Ink)
        self._ground = Ground()
        self._area = QRectF()
        self._area_of: object = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        cursor.moved.connect(self.point)

    @property
    def record(self) -> RunRecord | None:
        """The run that is drawn; None before the first."""
        return self.feed.record

    @property
    def theme(self) -> Ink:
        """The look in use."""
        if self._ink.theme is not self.themes.current:
            self._ink = self.themes.kept(Ink)
        return self._ink

    def prepare(self) -> None:
        """Work out what is drawn, for the present view."""
        raise NotImplementedError

    def paint(self, painter: QPainter) -> None:
        """Draw what was worked out."""
        raise NotImplementedError

    def paint_over(self, painter: QPainter) -> None:
        """Draw what cursor and pointer point at, where `paint` does not."""

    def sheet(self) -> Sheet | None:
        """What is in view as a table; None where there is nothing."""
        raise NotImplementedError

    def area(self) -> QRectF:
        """Where the data is drawn, in pixels."""
        raise NotImplementedError

    def kept_area(self, make: Callable[[], QRectF], *of: object) -> QRectF:
        """The area that was made for this size and theme, and whatever else it hangs on: a frame asks twenty times."""
        state = (self.width(), self.height(), self.theme, *of)
        if state != self._area_of:
            self._area_of, self._area = state, make()
        return QRectF(self._area)

    def values(self) -> Scale:
        """The scale of the values, from bottom to top."""
        raise NotImplementedError

    def extent(self) -> tuple[float, float]:
        """The steps there are to look at."""
        record = self.record
        if record is None or record.last_step == record.first_step:
            first = 0 if record is None else record.first_step
            return first, first + 100
        return record.first_step, max(record.last_step, record.first_step + 10)

    def steps(self) -> Scale:
        """The scale of the steps, from left to right."""
        area, (low, high) = self.area(), self.time.within(*self.extent())
        if self.log_time:
            return LogSteps(low, high, area.left(), area.right(), origin=self.extent()[0])
        return Scale(low, high, area.left(), area.right())

    def update(self, *where: Any) -> None:
        """Draw anew, as something has changed."""
        self._ground.forget()
        super().update(*where)

    def point(self) -> None:
        """Draw the cursor and the pointer where they are now."""
        if self.stays:
            super().update()
        else:
            self.update()

    def refresh(self) -> None:
        """Draw anew with the rows there are now."""
        self._stale = True
        self.update()

    def advance(self) -> None:
        """Work out now what new rows came to, and draw it a moment later: two short waits disturb less than a long."""
        if not self.isVisible():
            self.refresh()
            return
        if self._stale or self._has_moved():
            self._work_out()
        self.feed.turns.ask(self.update)

    def _work_out(self) -> None:
        self._stale = False
        self.prepare()
        record = self.record
        self._worked_out = (record, record.last_step, record.told) if record is not None else None

    def _has_moved(self) -> bool:
        """Whether the new rows could be seen: of ten million steps, some hundred more are a hundredth of a pixel."""
        record = self.record
        if record is None or self._worked_out is None or self._worked_out[0] is not record or self._behind:
            return True
        _record, last_step, told = self._worked_out
        steps = self.steps()
        grown = (record.last_step - last_step) * abs(steps.end - steps.start) / (steps.high - steps.low)
        return not 0 <= grown * self.devicePixelRatioF() < UNSEEN or told != record.told

    def gathers(self, source: Column, what: object) -> bool:
        """Whether `source` has so many new rows that they are taken in over several ticks.

        Then this is drawn again soon; `gathering` tells that `what`, unlike at the last time, is not even drawn yet.
        """
        behind = self._behind = not source.catch_up(PART)
        self.gathering = behind and what != self._drawn
        if behind:
            self._again.start()
        else:
            self._drawn = what
        return behind

    def restart(self) -> None:
        """Look at another run, all of it."""
        self.time = self.span = Window()
        self.refresh()

    def refit(self) -> None:
        """Look at everything."""
        self.restart()

    def sizeHint(self) -> QSize:
        """The size in the design's main window."""
        return QSize(400, 252)

    def minimumSizeHint(self) -> QSize:
        """What axes and labels need at least."""
        return QSize(self.theme.px(180), self.theme.px(120))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Prepare what has changed, and draw."""
        if self._stale:
            self._work_out()
        painter = QPainter(self)
        try:
            self._ground.lay(painter, self.size(), self._paint_ground, keep=self.stays and not self.keeps_lines)
            self.paint_over(painter)
        finally:
            painter.end()  # Qt would crash over a painter that an exception leaves open

    def _paint_ground(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), self.theme.color("panel"))
        self.paint(painter)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size is another number of pixels to fill."""
        super().resizeEvent(event)
        self._stale = True

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom time around the pointer; with Shift the values."""
        turned = event.angleDelta().y() or event.angleDelta().x()
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._zoom(event.position(), ZOOM ** (turned / 120), shifted)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click or a move of the view."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._press = _Press(event.position(), event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the cursor, or the view while the button is down."""
        self.pointer = event.position()
        if self._press is not None:
            self._drag(event.position())
        area = self.area()
        inside = area.left() <= self.pointer.x() <= area.right()
        self.crosshair.move(self.steps().number(self.pointer.x()) if inside else None)
        self.point()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a move, or tell of a click."""
        press, self._press = self._press, None
        if press is not None and not press.moved and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(event.position())  # before a step is held: that says so in the header, which takes room
            self._pick(event.position())

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """Look at everything again."""
        self.refit()

    def leaveEvent(self, event: QEvent) -> None:
        """The cursor goes with the pointer."""
        super().leaveEvent(event)
        self.pointer = None
        self.crosshair.move(None)
        self.point()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move the cursor, Enter lets it stay and Esc go, + and - zoom time around it, Home shows everything."""
        scale = self.steps()
        here = self.crosshair.step if self.crosshair.step is not None else scale.high
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            way = 1 if key == Qt.Key.Key_Right else -1
            beside = scale.number(scale.pixel(here) + way * (scale.end - scale.start) / 100)
            here += way * max(1.0, abs(beside - here))
            self.crosshair.move(min(max(here, scale.low), scale.high))
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self._zoom(QPointF(scale.pixel(here), 0), 1 / ZOOM if key == Qt.Key.Key_Minus else ZOOM, False)
        elif key == Qt.Key.Key_Home:
            self.refit()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.crosshair.step is not None:
            self.crosshair.pick(max(math.ceil(self.crosshair.step), 0))
        elif key == Qt.Key.Key_Escape and self.crosshair.pinned is not None:
            self.crosshair.pick(None)
        else:
            super().keyPressEvent(event)

    def value_extent(self) -> tuple[float, float]:
        """The values there are to look at, in the scale's own terms."""
        raise NotImplementedError

    def _zoom(self, place: QPointF, factor: float, values: bool) -> None:
        if values:
            self.span = self.span.zoomed(*self.value_extent(), self.values().number(place.y()), factor)
        else:
            steps, x = self.steps(), place.x()
            begin, end = (steps.number(x + (edge - x) * factor) for edge in (steps.start, steps.end))
            self.time = self.time.showing(*self.extent(), begin, end, least=5)
        self.refresh()

    def _pick(self, place: QPointF) -> None:
        """Let the cursor of all monitors stay at the step that was clicked; a click on that very place lets it go."""
        area, pinned = self.area(), self.crosshair.pinned
        if not self.has_steps or not area.contains(place):
            return
        steps = self.steps()
        same = pinned is not None and abs(steps.pixel(pinned) - place.x()) <= CLICK
        self.crosshair.pick(None if same else max(math.ceil(steps.number(place.x())), 0))

    def _drag(self, to: QPointF) -> None:
        press = self._press
        if press is None:
            return
        press.moved = press.moved or (to - press.at).manhattanLength() > CLICK
        values = self.values()
        self._move_time(press.last.x() - to.x())
        self.span = self.span.moved(*self.value_extent(), values.number(press.last.y()) - values.number(to.y()))
        press.last = to
        self.refresh()

    def _move_time(self, pixels: float) -> None:
        """Look so many pixels further on, but not outside of the run."""
        if self.time.chosen is None:
            return
        steps, (low, high) = self.steps(), self.extent()
        if not self.log_time:
            self.time = self.time.moved(low, high, steps.number(pixels) - steps.number(0.0))
            return
        begin, end = steps.number(steps.start + pixels), steps.number(steps.end + pixels)
        if low <= begin and end <= high:
            self.time = self.time.showing(low, high, begin, end)
