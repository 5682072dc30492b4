"""A row of the start page: a first step, its number or a check mark where it is done."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QWidget

from core.first_steps import FirstStep
from gui.theme import Theme, Themes
from gui.widgets import ElidedLabel, restyled, row

SIZE = 18
CHECK = ((0.28, 0.52), (0.44, 0.68), (0.73, 0.35))
"""The mark as parts of its circle."""


class StepRow(QFrame):
    """One step; a click, Enter or Space begins it, also where it is done."""

    chosen = Signal(object)
    """The FirstStep."""

    def __init__(self, themes: Themes, step: FirstStep, number: int, done: bool) -> None:
        super().__init__()
        self.step, self.is_done = step, done
        self.setProperty("role", "recent")
        words = ElidedLabel(step.title)
        restyled(words, role="secondary" if done else "")
        layout = row(_Mark(themes, number, done), spacing=9, margins=(4, 5, 6, 5))
        layout.addWidget(words, 1)
        self.setLayout(layout)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(step.todo)
        self.setAccessibleName(f"First step {number}: {step.title}{', done' if done else ''}")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.chosen.emit(self.step)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102  # Qt's name
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(self.step)
        else:
            super().keyPressEvent(event)


class _Mark(QWidget):
    """The number in a ring, or a check mark on a disc."""

    def __init__(self, themes: Themes, number: int, done: bool) -> None:
        super().__init__()
        self._themes, self._number, self._done = themes, number, done
        themes.changed.connect(self._restyle)
        self._restyle(themes.current)

    def sizeHint(self) -> QSize:
        size = self._themes.current.px(SIZE)
        return QSize(size, size)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, painter = self._themes.current, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.75, 0.75, -0.75, -0.75)
        if not self._done:
            painter.setPen(QPen(theme.color("text3"), 1.2))
            painter.drawEllipse(box)
            painter.setPen(theme.color("text2"))
            painter.setFont(theme.ui(11))
            painter.drawText(QRectF(self.rect()), Qt.AlignmentFlag.AlignCenter, str(self._number))
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("okBg"))
        painter.drawEllipse(box)
        pen = QPen(theme.color("ok"), 1.6)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawPolyline([QPointF(x * self.width(), y * self.height()) for x, y in CHECK])

    def _restyle(self, _theme: Theme) -> None:
        self.setFixedSize(self.sizeHint())
        self.update()
