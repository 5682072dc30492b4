"""The ground of the panel's small plots: an area with two axes, and a place in it that mouse and keys move."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.boundary.ground import ABOVE, BELOW, LEFT, RIGHT, Ground, paint_axes, paint_frame
from gui.monitors.ink import Ink
from gui.monitors.scale import Scale
from gui.theme import Theme, Themes

STEP = 0.01
"""The share of an axis that an arrow key moves; ten times as much with Shift."""
_KEYS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}


class SmallPlot(QWidget):
    """Subclasses say what is drawn in the area, and what the axes span."""

    moved = Signal()
    """The user has moved the place."""

    def __init__(self, themes: Themes, name: str) -> None:
        super().__init__()
        self._themes, self._ink = themes, Ink(themes.current)
        self.place = QPointF(0.0, 0.0)
        """Where the input lies, in the axes' own units."""
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        themes.changed.connect(self._restyle)

    @property
    def theme(self) -> Ink:
        """The look in use."""
        if self._ink.theme is not self._themes.current:
            self._ink = Ink(self._themes.current)
        return self._ink

    def spans(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """From where to where each axis goes: across, up."""
        raise NotImplementedError

    def paint(self, painter: QPainter, area: QRectF) -> None:
        """Draw what the plot shows, within the area."""
        raise NotImplementedError

    def area(self) -> QRectF:
        """Where the data is drawn."""
        px = self.theme.px
        return QRectF(self.rect()).adjusted(px(LEFT), px(ABOVE), -px(RIGHT), -px(BELOW))

    def ground(self) -> Ground:
        """The area with what its axes span."""
        return Ground(self.area(), *self.spans())

    def scales(self) -> tuple[Scale, Scale]:
        """From values to pixels, across and up."""
        return self.ground().scales()

    def pixels(self, places: NDArray[Any]) -> NDArray[np.float64]:
        """The pixels (N, 2) of places (N, 2)."""
        return self.ground().pixels(places)

    def move_to(self, x: float, y: float) -> None:
        """Put the place there, without a signal."""
        self.place = QPointF(x, y)
        self.update()

    def hasHeightForWidth(self) -> bool:  # noqa: D102  # Qt's name
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: D102  # Qt's name
        px = self.theme.px
        return min(width - px(LEFT) - px(RIGHT), px(420)) + px(BELOW) + px(ABOVE)

    def sizeHint(self) -> QSize:  # noqa: D102  # Qt's name
        wide = self.theme.px(276)
        return QSize(wide, self.heightForWidth(wide))

    def minimumSizeHint(self) -> QSize:  # noqa: D102  # Qt's name
        return QSize(self.theme.px(160), self.theme.px(140))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        painter = QPainter(self)
        try:
            paint_axes(painter, self.theme, self.ground(), self.width())
            painter.save()
            painter.setClipRect(self.area())
            self.paint(painter, self.area())
            painter.restore()
            paint_frame(painter, self.theme, self.area(), self.hasFocus())
        finally:
            painter.end()  # Qt would crash over a painter that an exception leaves open

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        if event.button() == Qt.MouseButton.LeftButton:
            self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102  # Qt's name
        way = _KEYS.get(Qt.Key(event.key()))
        if way is None:
            super().keyPressEvent(event)
            return
        share = STEP * (10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        (left, right), (low, high) = self.spans()
        self._put(self.place.x() + way[0] * share * (right - left), self.place.y() + way[1] * share * (high - low))

    def _go(self, at: QPointF) -> None:
        across, up = self.scales()
        self._put(across.number(at.x()), up.number(at.y()))

    def _put(self, x: float, y: float) -> None:
        (left, right), (low, high) = self.spans()
        self.move_to(min(max(x, left), right), min(max(y, low), high))
        self.moved.emit()

    def _restyle(self, _theme: Theme) -> None:
        self.updateGeometry()
        self.update()


def draw_place(painter: QPainter, at: QPointF, ink: QColor, ground: QColor) -> None:
    """Where the input lies: a ring with a cross, to be seen on any ground."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for color, width in ((ground, 4.0), (ink, 2.0)):
        painter.setPen(QPen(color, width))
        painter.drawEllipse(at, 6, 6)
        for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1)):
            painter.drawLine(at + QPointF(6 * dx, 6 * dy), at + QPointF(11 * dx, 11 * dy))
