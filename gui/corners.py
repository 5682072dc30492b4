"""The round corners of the canvas: four small wedges of the window's colour over the view."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QWidget

from gui.theme import Theme, Themes

RADIUS = 6
CORNERS = ((0, 0), (1, 0), (0, 1), (1, 1))
"""Right and down, of the four corners."""


class Corner(QWidget):
    """One wedge; it keeps to its corner of the widget it lies over."""

    def __init__(self, themes: Themes, over: QWidget, corner: tuple[int, int]) -> None:
        super().__init__(over)
        self._themes = themes
        self._over = over
        self._corner = corner
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        over.installEventFilter(self)
        themes.changed.connect(self._place)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: D102  # Qt's name
        if watched is self._over and event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillPath(self._wedge, self._themes.current.color("window"))

    def _place(self, _theme: Theme | None = None) -> None:
        radius = self._themes.current.px(RADIUS)
        x = (self._over.width() - radius) * self._corner[0]
        y = (self._over.height() - radius) * self._corner[1]
        self.setGeometry(x, y, radius, radius)
        self._wedge = _wedge(radius, self._corner)
        self.raise_()


def _wedge(radius: int, corner: tuple[int, int]) -> QPainterPath:
    """What of a square lies outside of a quarter of a circle; it is painted with every frame of the canvas."""
    square, round_ = QPainterPath(), QPainterPath()
    square.addRect(QRectF(0, 0, radius, radius))
    round_.addEllipse(QRectF(-radius * corner[0], -radius * corner[1], 2 * radius, 2 * radius))
    return square - round_
