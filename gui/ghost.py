"""The small card under the pointer while a layer is dragged from the palette."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui.palette_entries import Entry
from gui.theme import Themes

WIDTH, HEIGHT = 146, 34


class Ghost(QWidget):
    """Glyph and name of what is dragged; the pointer holds it by its upper left part."""

    def __init__(self, themes: Themes, entry: Entry, window: QWidget) -> None:
        super().__init__(window)
        self._themes = themes
        self._entry = entry
        self._window = window
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme = themes.current
        self.resize(theme.px(WIDTH), theme.px(HEIGHT))

    def follow(self, at: QPoint) -> None:
        """Stand at this place of the screen."""
        self.move(self._window.mapFromGlobal(at) - QPoint(16, 12))
        self.raise_()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        theme = self._themes.current
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(0.92)
        painter.setPen(QPen(theme.color("accent"), 1))
        painter.setBrush(theme.header(self._entry.category))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        size = theme.px(14)
        picture = theme.pixmap(self._entry.icon, theme.category(self._entry.category), size, self.devicePixelRatioF())
        painter.drawPixmap(theme.px(10), (self.height() - size) // 2, picture)
        painter.setPen(theme.color("text"))
        painter.setFont(theme.ui(12, 600))
        place = self.rect().adjusted(theme.px(30), 0, -theme.px(8), 0)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, self._entry.title)
