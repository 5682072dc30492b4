"""A sheet to draw on with mouse, pen or keys, and the picture that a network gets of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.prediction.centring import Framing, framed, resized
from gui.pixels import image_of
from gui.theme import Theme, Themes

Floats = NDArray[np.float32]
FINE = 280
"""Pixels of the sheet's longer side, at which strokes are drawn before they are made small."""
BRUSH = 0.075
"""The thickness of a stroke as a share of the sheet: about two pixels of 28, as a pen in MNIST has it."""
THIN, THICK = 0.02, 0.25
PEN = 1 / 28
"""How far an arrow key moves the pen."""
_KEYS = {
    Qt.Key.Key_Left: (-PEN, 0.0),
    Qt.Key.Key_Right: (PEN, 0.0),
    Qt.Key.Key_Up: (0.0, -PEN),
    Qt.Key.Key_Down: (0.0, PEN),
}


@dataclass
class Stroke:
    """One line of the pen; places from 0 to 1 along each side."""

    brush: float
    points: list[QPointF] = field(default_factory=list)


class Pad(QWidget):
    """Grey pictures: white ink on black, over a picture of the data or on an empty sheet."""

    changed = Signal()
    """Another picture is shown or drawn."""
    drawn = Signal()
    """The user has drawn, undone or cleared."""

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self._themes = themes
        self._shape = (1, 28, 28)
        self.framing: Framing | None = None
        """How the data's pictures stand in their frame; None takes a drawing as it stands."""
        self.brush = BRUSH
        self._ground: Floats | None = None
        self._strokes: list[Stroke] = []
        self._pen = QPointF(0.5, 0.5)
        self._is_down = False
        self._picture: Floats | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName("Drawing")
        self.setAccessibleDescription(
            "Draw with the mouse. Arrow keys move the pen, Space puts it down or lifts it, Backspace takes back a "
            "stroke, Delete clears the sheet."
        )
        themes.changed.connect(self._restyle)

    @property
    def picture(self) -> Floats:
        """What the network gets: (1, H, W) from 0, paper, to 1, ink."""
        if self._picture is None:
            self._picture = self._made()
        return self._picture

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing on the sheet."""
        return self._ground is None and not self._strokes

    @property
    def strokes(self) -> int:
        """How many strokes can be taken back."""
        return len(self._strokes)

    def use(self, shape: tuple[int, ...], framing: Framing | None) -> None:
        """Make pictures of this shape from now on, on an empty sheet."""
        self._shape, self.framing = (shape[0], shape[1], shape[2]), framing
        self._ground, self._strokes, self._is_down = None, [], False
        self.updateGeometry()
        self._renew()

    def show_picture(self, picture: Floats) -> None:
        """Show this picture (1, H, W); strokes then go over it, where it stands."""
        self._ground, self._strokes, self._is_down = picture, [], False
        self._renew()

    def undo(self) -> None:
        """Take back the last stroke."""
        if self._strokes:
            self._strokes.pop()
            self._is_down = False
            self._renew()
            self.drawn.emit()

    def clear(self) -> None:
        """Have an empty sheet."""
        if not self.is_empty:
            self.use(self._shape, self.framing)
            self.drawn.emit()

    def place_of(self, at: QPointF) -> QPointF:
        """Where a place from 0 to 1 along each side of the sheet lies, in pixels."""
        sheet = self._sheet()
        return sheet.topLeft() + QPointF(at.x() * sheet.width(), at.y() * sheet.height())

    def sizeHint(self) -> QSize:  # noqa: D102  # Qt's name
        side = self._themes.current.px(208)
        return QSize(side, round(side * self._shape[1] / self._shape[2]))

    def hasHeightForWidth(self) -> bool:  # noqa: D102  # Qt's name
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: D102  # Qt's name
        return round(min(width, self.sizeHint().width()) * self._shape[1] / self._shape[2])

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        theme = self._themes.current
        painter = QPainter(self)
        sheet = self._sheet()
        painter.fillRect(sheet, QColor(Qt.GlobalColor.black))
        if self._ground is not None:
            painter.drawImage(sheet, image_of(self._ground))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw(painter, sheet)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if self.hasFocus():
            self._draw_pen(painter)
        painter.setPen(QPen(theme.color("accent" if self.hasFocus() else "line3"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(sheet.adjusted(0, 0, -1, -1))
        if self.is_empty:
            painter.setPen(QColor("#B9C1CC"))
            painter.setFont(theme.ui(12))
            painter.drawText(sheet, Qt.AlignmentFlag.AlignCenter, "Draw here")

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        if event.button() == Qt.MouseButton.LeftButton:
            self._begin(self._place(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        if event.buttons() & Qt.MouseButton.LeftButton and self._is_down:
            self._go_on(self._place(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        if event.button() == Qt.MouseButton.LeftButton:
            self._is_down = False

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102  # Qt's name
        key = Qt.Key(event.key())
        if key in _KEYS:
            across, down = _KEYS[key]
            self._pen = QPointF(min(max(self._pen.x() + across, 0), 1), min(max(self._pen.y() + down, 0), 1))
            if self._is_down:
                self._go_on(self._pen)
            self.update()
        elif key == Qt.Key.Key_Space:
            if self._is_down:
                self._is_down = False
                self.update()
            else:
                self._begin(self._pen)
        elif key == Qt.Key.Key_Backspace:
            self.undo()
        elif key == Qt.Key.Key_Delete:
            self.clear()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: D102  # Qt's name
        super().focusOutEvent(event)
        self._is_down = False

    def _begin(self, at: QPointF) -> None:
        self._strokes.append(Stroke(self.brush))
        self._is_down = True
        self._go_on(at)

    def _go_on(self, at: QPointF) -> None:
        self._strokes[-1].points.append(at)
        self._pen = at
        self._renew()
        self.drawn.emit()

    def _renew(self) -> None:
        self._picture = None
        self.update()
        self.changed.emit()

    def _sheet(self) -> QRectF:
        """Where the sheet lies: as large as fits, in the picture's proportions."""
        _channels, height, width = self._shape
        scale = min(self.width() / width, self.height() / height)
        size = QSize(round(width * scale), round(height * scale))
        return QRectF((self.width() - size.width()) // 2, (self.height() - size.height()) // 2, *size.toTuple())

    def _place(self, at: QPointF) -> QPointF:
        sheet = self._sheet()
        return QPointF((at.x() - sheet.left()) / sheet.width(), (at.y() - sheet.top()) / sheet.height())

    def _draw(self, painter: QPainter, sheet: QRectF) -> None:
        for stroke in self._strokes:
            thick = stroke.brush * max(sheet.width(), sheet.height())
            round_cap, round_join = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
            painter.setPen(QPen(QColor(Qt.GlobalColor.white), thick, Qt.PenStyle.SolidLine, round_cap, round_join))
            points = [sheet.topLeft() + QPointF(p.x() * sheet.width(), p.y() * sheet.height()) for p in stroke.points]
            painter.drawPolyline(points) if len(points) > 1 else painter.drawPoint(points[0])

    def _draw_pen(self, painter: QPainter) -> None:
        """Where keys would draw; filled while the pen is down."""
        theme = self._themes.current
        at = self.place_of(self._pen)
        painter.setPen(QPen(theme.color("accent"), 1.5))
        painter.setBrush(theme.color("accent") if self._is_down else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(at, 4, 4)

    def _made(self) -> Floats:
        _channels, height, width = self._shape
        if not self._strokes:
            return self._ground if self._ground is not None else np.zeros(self._shape, np.float32)
        ink = self._ink()
        if self._ground is not None:
            return np.maximum(self._ground, resized(ink, height, width)[None])
        small = framed(ink, height, self.framing) if self.framing is not None else resized(ink, height, width)
        return small[None]

    def _ink(self) -> Floats:
        """The strokes alone, fine enough to be made small."""
        _channels, height, width = self._shape
        scale = FINE / max(height, width)
        fine = QImage(round(width * scale), round(height * scale), QImage.Format.Format_Grayscale8)
        fine.fill(0)
        painter = QPainter(fine)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw(painter, QRectF(fine.rect()))
        painter.end()
        rows = np.frombuffer(fine.constBits(), np.uint8).reshape(fine.height(), fine.bytesPerLine())
        return rows[:, : fine.width()].astype(np.float32) / np.float32(255)

    def _restyle(self, _theme: Theme) -> None:
        self.updateGeometry()
        self.update()
