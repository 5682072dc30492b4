"""The figures of a data set's columns, a line each: name, a small histogram, mean, deviation, least and most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import Theme, Themes

if TYPE_CHECKING:
    from core.data.figures import Column

LINE, BARS = 18, 44
MOST = 60
"""Columns that are shown."""


class FiguresView(QWidget):
    """A head, then the lines."""

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self._themes = themes
        self.columns: tuple[Column, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        themes.changed.connect(self._restyle)

    def show_columns(self, columns: Sequence[Column]) -> None:
        """Show these."""
        self.columns = tuple(columns[:MOST])
        told = (f"{one.name}: mean {one.mean:.4g}, deviation {one.deviation:.4g}" for one in self.columns)
        self.setAccessibleName("; ".join(told))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: D102  # Qt's name
        return QSize(100, self._themes.current.px(LINE) * (len(self.columns) + 1))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        theme, painter = self._themes.current, QPainter(self)
        tall = theme.px(LINE)
        self._line(painter, theme, QRect(0, 0, self.width(), tall), ("column", "mean", "deviation"), "text3")
        for place, one in enumerate(self.columns, 1):
            room = QRect(0, place * tall, self.width(), tall)
            self._line(painter, theme, room, (one.name, f"{one.mean:.4g}", f"{one.deviation:.3g}"), "text2")
            self._bars(painter, theme, room, one.histogram)

    def _line(self, painter: QPainter, theme: Theme, room: QRect, texts: tuple[str, str, str], ink: str) -> None:
        painter.setPen(theme.color(ink))
        painter.setFont(theme.ui(11))
        name, mean, deviation = texts
        wide = room.width() - theme.px(BARS + 12) - 2 * theme.px(62)
        shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, wide)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, shown)
        painter.setFont(theme.mono(11) if ink != "text3" else theme.ui(11))
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(room.adjusted(0, 0, -theme.px(62), 0), right, mean)
        painter.drawText(room, right, deviation)

    def _bars(self, painter: QPainter, theme: Theme, room: QRect, counts: Sequence[int]) -> None:
        """The histogram, between the name and the figures."""
        right, most = room.right() - 2 * theme.px(62), max(max(counts, default=0), 1)
        wide, tall = theme.px(BARS) / max(len(counts), 1), room.height() - theme.px(5)
        for place, count in enumerate(counts):
            high = tall * count / most
            left = right - theme.px(BARS) + place * wide
            bar = QRectF(left, room.bottom() - theme.px(2) - high, max(wide - 1, 1.0), high)
            painter.fillRect(bar, theme.category("Data"))

    def _restyle(self, _theme: Theme) -> None:
        self.updateGeometry()
        self.update()
