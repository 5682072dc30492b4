"""The window onto a scene: zoom, pan, the dotted ground, and which press begins which gesture."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QFrame, QGraphicsView, QToolTip

from gui.canvas.flight import Flight, Sight
from gui.canvas.geometry import HEADER_ONLY, PORT_HIT
from gui.canvas.gestures import DragWire, Gesture, MoveNodes, click
from gui.canvas.ground import Ground
from gui.canvas.hovering import Hovering
from gui.canvas.hurry import Hurry
from gui.canvas.key_wire import KeyWire
from gui.canvas.near import pieces
from gui.canvas.pressing import STROKES, disclosed, gesture_at, stroke_at
from gui.canvas.rerouting import toggle
from gui.canvas.shown import Shown
from gui.canvas.stage import Stage
from gui.canvas.telling import told_at
from gui.canvas.trackpad import NOTCH, panned, pinched
from gui.canvas.walking import FocusRing

MIN_ZOOM, MAX_ZOOM = 0.05, 4.0
_EXTENT = 1_000_000.0


class View(QGraphicsView):
    """Shows the scene and turns presses and keys into gestures."""

    moved = Signal()
    """Another part of the scene is shown, or at another size."""
    quick_add = Signal(QPointF)
    """Asked for at this place of the scene."""
    pressed_key = Signal(QKeyEvent)
    """A key that no gesture took."""
    carried = Signal(QPoint, QPointF)
    """Cards are dragged outside of the view: the place of the screen, and that of the scene where they were taken."""
    opened = Signal(str)
    """A double click on this node."""
    written_on = Signal(str)
    """A double click on this frame or note."""
    menu_wanted = Signal(QPointF, QPoint)
    """Asked for at this place of the scene, and of the screen."""

    def __init__(self, stage: Stage, scale: float = 1.0) -> None:
        super().__init__(stage.scene)
        self.stage = stage
        self.ring = FocusRing(stage.scene)
        self.animated = True
        self._text_scale = scale
        self._gesture: Gesture | None = None
        self.held: KeyWire | None = None
        """The wire that the keys draw."""
        self._press: QPoint | None = None
        self._button = Qt.MouseButton.LeftButton
        self._dragging = False
        self._pan: QPoint | None = None
        self._space: bool | None = None
        """None: up; False: held, not used to pan yet; True: held and used."""
        self._hovering = Hovering(stage.scene, self)
        self._flight = Flight(self, self._fly)
        self._ground = Ground()
        self._hurry = Hurry(self, self.paint_anew)
        self._shown = Shown(self, stage.scene, self.drawBackground)
        stage.scene.has_time = self._hurry.has_time
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSceneRect(-_EXTENT, -_EXTENT, 2 * _EXTENT, 2 * _EXTENT)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontAdjustForAntialiasing)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Graph")
        self._set_scale(scale)

    @property
    def zoom(self) -> float:
        """1.0 for 100 %."""
        return self.transform().m11() / self._text_scale

    @property
    def busy(self) -> bool:
        """Whether a gesture is under way."""
        return any(one is not None for one in (self._gesture, self._press, self._pan, self.held))

    def set_text_scale(self, scale: float) -> None:
        """Show 100 % at this text scale."""
        zoom, middle = self.zoom, self.middle()
        self._text_scale = scale
        self.show_at(middle, zoom)

    def middle(self) -> QPointF:
        """The place of the scene in the middle of the view."""
        size = self.viewport().size()
        return self.mapToScene(QPoint(0, 0)) + QPointF(size.width(), size.height()) / (2 * self.transform().m11())

    def stands_at(self, middle: QPointF, zoom: float) -> bool:
        """Whether this place is in the middle at this zoom, to a pixel."""
        return abs(self.zoom - zoom) < 1e-6 and (self.middle() - middle).manhattanLength() * zoom < 3

    def visible(self) -> QRectF:
        """The part of the scene that is shown."""
        return self.mapToScene(self.viewport().rect()).boundingRect()

    def show_at(self, middle: QPointF, zoom: float) -> None:
        """Show this place in the middle, at this zoom, at once."""
        self._set_scale(min(max(zoom, MIN_ZOOM), MAX_ZOOM) * self._text_scale)
        at = self.transform().map(middle)
        self.horizontalScrollBar().setValue(round(at.x() - self.viewport().width() / 2))
        self.verticalScrollBar().setValue(round(at.y() - self.viewport().height() / 2))
        self.moved.emit()

    def fly_to(self, middle: QPointF, zoom: float) -> None:
        """The same, in 220 ms."""
        zoom = min(max(zoom, MIN_ZOOM), MAX_ZOOM)
        self._flight.stop()
        if not self.animated or not self.isVisible():
            self.show_at(middle, zoom)
            return
        self._flight.begin(Sight(self.middle(), self.zoom), Sight(middle, zoom))

    def zoom_by(self, factor: float, at: QPoint | None = None) -> None:
        """Zoom with this place of the viewport, or its middle, standing still."""
        anchor = at if at is not None else self.viewport().rect().center()
        before = self.mapToScene(anchor)
        zoom = min(max(self.zoom * factor, MIN_ZOOM), MAX_ZOOM)
        middle = self.viewport().rect().center()
        away = QPointF(middle - anchor) / (zoom * self._text_scale)
        self._hurry.zoomed()
        self.show_at(before + away, zoom)

    def bring_in(self, rect: QRectF) -> None:
        """Move as little as brings this part of the scene into view; the zoom stays."""
        seen = self.visible()
        right, down = rect.right() - seen.right(), rect.bottom() - seen.bottom()
        by = QPointF(
            min(rect.left() - seen.left(), 0.0) or max(right, 0.0), min(rect.top() - seen.top(), 0.0) or max(down, 0.0)
        )
        if not by.isNull():
            self.fly_to(self.middle() + by, self.zoom)

    def cancel_gesture(self) -> bool:
        """Give up what is under way; says whether anything was."""
        was = self.busy
        self._hovering.press()
        if self._gesture is not None:
            self._gesture.cancel()
        if self.held is not None:
            self.held.cancel()
        self._gesture = self._press = self._pan = self.held = None
        self._show_cursor()
        return was

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:  # noqa: D102  # Qt's name
        self._hurry.begin_frame()
        self._ground.paint(painter, QRectF(rect), self.stage.scene.look, self.zoom)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        painter = QPainter(self.viewport())
        if self.scene() is self.stage.scene and self._shown.draw(painter):
            painter.setTransform(self.viewportTransform())
            self.drawForeground(painter, QRectF())
            return
        painter.end()
        with self.stage.scene.near.painting(pieces(event.region(), self.viewportTransform())):
            super().paintEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: D102  # Qt's name
        super().hideEvent(event)
        self._shown.let_go()

    def paint_anew(self) -> None:
        """Paint all that is shown, whatever was kept of it."""
        self._shown.paint_anew()

    def drawForeground(self, painter: QPainter, _rect: QRectF | QRect) -> None:  # noqa: D102  # Qt's name
        if self.hasFocus():
            self.ring.paint(painter)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.ring.show("")
        if self.held is not None:
            self.cancel_gesture()
        self._flight.stop()
        self.stage.held = event.modifiers()
        at = event.position().toPoint()
        left = event.button() == Qt.MouseButton.LeftButton
        if event.button() == Qt.MouseButton.MiddleButton or (left and self._space is not None):
            self._pan = at
            self._space = True if self._space is not None else None
            self._show_cursor()
        elif (left or event.button() == Qt.MouseButton.RightButton) and not self.busy:
            self._begin(at, event.modifiers(), event.button())
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        at = event.position().toPoint()
        self.stage.held = event.modifiers()
        if self._pan is not None:
            self._scroll(self._pan - at)
            self._pan = at
        elif self._gesture is not None and self._press is not None:
            far = (at - self._press).manhattanLength() * 2 >= QApplication.startDragDistance()
            self._dragging = self._dragging or far
            if self._dragging:
                self._gesture.move(self.mapToScene(at))
                self._tell_carried(at, event.globalPosition().toPoint())
        else:
            self._hover(self.mapToScene(at))
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        self.stage.held = event.modifiers()
        if self._pan is not None and event.button() in (Qt.MouseButton.MiddleButton, Qt.MouseButton.LeftButton):
            self._pan = None
            self._show_cursor()
        elif event.button() == self._button and self._gesture is not None:
            gesture, moved = self._gesture, self._dragging
            self._gesture = self._press = None
            if moved:
                gesture.end(self.mapToScene(event.position().toPoint()))
                self._go_on(gesture, event.position().toPoint())
            else:
                click(gesture)
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        at = self.mapToScene(event.position().toPoint())
        node_id = self.stage.scene.node_at(at)
        if event.button() != Qt.MouseButton.LeftButton or (node_id and disclosed(self.stage, node_id, at)):
            return
        if node_id is not None:
            self.opened.emit(node_id)
        elif self.stage.scene.port_near(at, self._reach()) is None and not toggle(self.stage, at, self._reach() / 2):
            grip = self.stage.scene.annotations.grip(at, self.transform().m11())
            self.quick_add.emit(at) if grip is None else self.written_on.emit(grip.key)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: D102  # Qt's name
        if not self.busy and not event.modifiers() & STROKES:
            self.menu_wanted.emit(self.mapToScene(event.pos()), event.globalPos())

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: D102  # Qt's name
        by = panned(event)
        if by is not None:
            self._flight.stop()
            self._scroll(by)
        elif event.angleDelta().y() and not self._flight.under_way:
            self.zoom_by(NOTCH ** event.angleDelta().y(), event.position().toPoint())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102  # Qt's name
        if event.key() == Qt.Key.Key_Space:
            if not event.isAutoRepeat() and self._space is None:
                self._space = False
                self._show_cursor()
        elif event.key() == Qt.Key.Key_Escape and self.cancel_gesture():
            pass
        elif self.held is not None:
            if self.held.key(Qt.Key(event.key())):
                made, self.held = self.held, None
                made.end()
        elif not self.busy:
            self.pressed_key.emit(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:  # noqa: D102  # Qt's name
        if event.key() == Qt.Key.Key_Shift and isinstance(self._gesture, DragWire) and self._gesture.follows:
            self.cancel_gesture()
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            tapped, self._space = self._space is False, None
            self._show_cursor()
            if tapped and not self.busy:
                self.quick_add.emit(self.pointer())

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: D102  # Qt's name
        self._space = None
        self._show_cursor()
        if self.held is not None:
            self.cancel_gesture()
        self.ring.show(self.ring.node)
        super().focusOutEvent(event)

    def focusNextPrevChild(self, _forward: bool) -> bool:  # noqa: D102  # Qt's name
        return False

    def leaveEvent(self, event: QEvent) -> None:  # noqa: D102  # Qt's name
        self._hover(None)
        super().leaveEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102  # Qt's name
        super().resizeEvent(event)
        self.moved.emit()

    def pointer(self) -> QPointF:
        """The place of the scene under the pointer, or in the middle where it is elsewhere."""
        return self.mapToScene(self._cursor_at()) if self.is_pointed else self.middle()

    @property
    def is_pointed(self) -> bool:
        """Whether the pointer is over the view."""
        return self.viewport().rect().contains(self._cursor_at())

    def _cursor_at(self) -> QPoint:
        return self.viewport().mapFromGlobal(self.cursor().pos())

    def _begin(self, at: QPoint, modifiers: Qt.KeyboardModifier, button: Qt.MouseButton) -> None:
        place = self.mapToScene(at)
        self.stage.hinted.emit("", place)
        self._hovering.press()
        self.stage.scale = self.transform().m11()
        if button == Qt.MouseButton.LeftButton:
            self._gesture = gesture_at(self.stage, place, self._reach(), modifiers)
        else:
            self._gesture = stroke_at(self.stage, place, modifiers)
        self._press, self._dragging = at if self._gesture is not None else None, False
        self._button = button

    def _tell_carried(self, at: QPoint, place: QPoint) -> None:
        if isinstance(self._gesture, MoveNodes) and not self.viewport().rect().contains(at):
            self.carried.emit(place, self._gesture.start)

    def _go_on(self, gesture: Gesture, at: QPoint) -> None:
        """Take up what follows a gesture, with the button up: the next wire from the same output."""
        following = gesture.following if isinstance(gesture, DragWire) else None
        if following is not None:
            self._gesture, self._press, self._dragging = following, at, True

    def _reach(self) -> float:
        return PORT_HIT / self.transform().m11()

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: D102  # Qt's name
        factor = pinched(event)
        if factor is not None and isinstance(event, QNativeGestureEvent):
            self.zoom_by(factor, event.position().toPoint())
            return True
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            told = told_at(self.stage, self.mapToScene(event.pos()), self._reach() / 2)
            QToolTip.showText(event.globalPos(), told, self)
            return True
        return super().viewportEvent(event)

    def _hover(self, at: QPointF | None) -> None:
        """Light what is under the pointer."""
        if self._hovering.move(at, self._reach() / 2, self.transform().m11()):
            self._show_cursor()

    def _scroll(self, by: QPoint) -> None:
        self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() + by.x())
        self.verticalScrollBar().setValue(self.verticalScrollBar().value() + by.y())
        self.moved.emit()

    def _set_scale(self, scale: float) -> None:
        self._show_far(scale < HEADER_ONLY)
        self.setTransform(QTransform.fromScale(scale, scale))
        self.stage.scale = scale

    def _show_far(self, far: bool) -> None:
        """Change between cards and blocks: two scenes, so that thousands of items need not be hidden."""
        wanted = self.stage.scene.far if far else self.stage.scene
        if self.scene() is not wanted:
            self._shown.turn(not far)
            self.setScene(wanted)
            wanted.addItem(self.stage.trace)
            self.stage.scene.touch()

    def _fly(self, middle: QPointF, zoom: float) -> None:
        self._hurry.zoomed()
        self.show_at(middle, zoom)

    def _show_cursor(self) -> None:
        if self._pan is not None:
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        elif self._space is not None:
            self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
        elif self._hovering.shape is not None:
            self.viewport().setCursor(self._hovering.shape)
        else:
            self.viewport().unsetCursor()
