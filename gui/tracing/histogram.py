"""A small histogram of the numbers that a step gives."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.engine.traces import Spread
from gui.numbers import plain
from gui.theme import Theme, Themes

HEIGHT, WORDS = 56, 14
"""Pixels in all, and of the line of numbers under the bars."""


class Histogram(QWidget):
    """Bars from the least to the largest number, zero marked where it lies between."""

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self._themes = themes
        self.spread = Spread(count=0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        themes.changed.connect(self._restyle)

    def show_spread(self, spread: Spread) -> None:
        """Show how these numbers lie."""
        self.spread = spread
        self.setVisible(bool(spread.bins))
        self.setAccessibleName(f"{spread.count} numbers from {plain(spread.low)} to {plain(spread.high)}")
        self.update()

    def bar_rect(self, index: int) -> QRectF:
        """Where a bar is drawn, in pixels."""
        floor = self.height() - self._themes.current.px(WORDS)
        wide = self.width() / max(len(self.spread.bins), 1)
        tall = floor * self.spread.bins[index] / max(self.spread.bins)
        return QRectF(index * wide, floor - tall, max(wide - 1, 1), tall)

    def sizeHint(self) -> QSize:  # noqa: D102  # Qt's name
        return QSize(self._themes.current.px(120), self._themes.current.px(HEIGHT))

    def _restyle(self, _theme: Theme) -> None:
        self.updateGeometry()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        if not self.spread.bins:
            return
        theme, painter, spread = self._themes.current, QPainter(self), self.spread
        for index in range(len(spread.bins)):
            painter.fillRect(self.bar_rect(index), theme.color("accent"))
        floor = self.height() - theme.px(WORDS)
        painter.fillRect(QRectF(0, floor, self.width(), 1), theme.color("line2"))
        if spread.low < 0 < spread.high:
            zero = self.width() * -spread.low / (spread.high - spread.low)
            painter.fillRect(QRectF(zero, 0, 1, floor), theme.color("line3"))
        painter.setFont(theme.mono(11))
        painter.setPen(theme.color("text3"))
        words = QRectF(0, floor, self.width(), theme.px(WORDS))
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, plain(spread.low, 3))
        painter.drawText(words, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, plain(spread.high, 3))
