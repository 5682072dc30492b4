"""Bars with names and numbers: the probabilities or scores of classes, and the coefficients of a linear model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import Theme, Themes

ROW, THICK = 20, 8
"""Pixels of a line, and of its bar."""


class Bar(NamedTuple):
    """One line."""

    name: str
    value: float
    text: str
    """The value as it is written."""
    is_best: bool = False
    mark: str = ""
    """`check` where this is right and was said, `close` where it is right and another was said."""


class Bars(QWidget):
    """A line each; bars grow from zero, to the left where a value is negative."""

    def __init__(self, themes: Themes, about: str, top: float | None = None) -> None:
        """`top` is the value of a full bar; without it the largest magnitude is."""
        super().__init__()
        self._themes, self._about, self._top = themes, about, top
        self.bars: tuple[Bar, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(about)
        themes.changed.connect(self._restyle)

    def show_bars(self, bars: Sequence[Bar]) -> None:
        """Show these in place of what was shown."""
        grown = len(bars) != len(self.bars)
        self.bars = tuple(bars)
        said = ", ".join(f"{bar.name} {bar.text}{_mark_words(bar.mark)}" for bar in bars)
        self.setAccessibleName(f"{self._about}: {said}" if said else self._about)
        if grown:
            self.updateGeometry()
        self.update()

    def bar_rect(self, index: int) -> QRectF:
        """Where the bar of a line is drawn, in pixels."""
        left, right = self._room()
        zero, full = self._zero(left, right)
        end = zero + self._share(self.bars[index].value) * full
        thick = self._themes.current.px(THICK)
        middle = self._themes.current.px(ROW) * (index + 0.5)
        return QRectF(QPointF(min(zero, end), middle - thick / 2), QPointF(max(zero, end), middle + thick / 2))

    def sizeHint(self) -> QSize:  # noqa: D102  # Qt's name
        return QSize(self._themes.current.px(200), self._themes.current.px(ROW) * max(len(self.bars), 1))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        painter = QPainter(self)
        left, right = self._room()
        zero, _full = self._zero(left, right)
        for index, bar in enumerate(self.bars):
            self._paint_bar(painter, index, bar)
        if self._is_signed and self.bars:
            painter.fillRect(QRectF(zero, 0, 1, self.height()), self._themes.current.color("line3"))

    def _paint_bar(self, painter: QPainter, index: int, bar: Bar) -> None:
        theme = self._themes.current
        left, right = self._room()
        tall, pad = theme.px(ROW), theme.px(6)
        weight = 600 if bar.is_best else 400
        line = QRectF(0, index * tall, self.width(), tall)
        painter.setFont(theme.ui(12, weight))
        painter.setPen(theme.color("text" if bar.is_best else "text2"))
        wide = left - pad - (theme.px(16) if bar.mark else 0)
        name = painter.fontMetrics().elidedText(bar.name, Qt.TextElideMode.ElideRight, round(wide))
        painter.drawText(QRectF(0, line.top(), wide, tall), Qt.AlignmentFlag.AlignVCenter, name)
        if bar.mark:
            size = theme.px(12)
            icon = theme.pixmap(bar.mark, "ok" if bar.mark == "check" else "error", size, self.devicePixelRatioF())
            painter.drawPixmap(QPointF(left - pad - size, line.center().y() - size / 2), icon)
        if not self._is_signed:
            groove = QRectF(left, line.center().y() - theme.px(THICK) / 2, right - left, theme.px(THICK))
            painter.fillRect(groove, theme.color("control"))
        painter.fillRect(self.bar_rect(index), self._color(theme, bar))
        painter.setFont(theme.mono(11, weight))
        painter.setPen(theme.color("text" if bar.is_best else "text2"))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, bar.text)

    def _color(self, theme: Theme, bar: Bar) -> object:
        if self._is_signed:
            return theme.class_color(1 if bar.value > 0 else 0)
        return theme.color("accent" if bar.is_best else "line3")

    @property
    def _is_signed(self) -> bool:
        return self._top is None

    def _room(self) -> tuple[float, float]:
        """From where to where bars may reach."""
        theme = self._themes.current
        names, texts = QFontMetricsF(theme.ui(12, 600)), QFontMetricsF(theme.mono(11, 600))
        mark = theme.px(16) if any(bar.mark for bar in self.bars) else 0
        widest = max((names.horizontalAdvance(bar.name) for bar in self.bars), default=0.0) + theme.px(8)
        left = min(max(widest, theme.px(24)), self.width() * 0.42) + mark
        digits = max((texts.horizontalAdvance(bar.text) for bar in self.bars), default=0.0) + theme.px(8)
        return left, max(self.width() - max(digits, theme.px(54)), left + 4)

    def _zero(self, left: float, right: float) -> tuple[float, float]:
        """Where zero lies, and the pixels of a full bar."""
        if not self._is_signed:
            return left, right - left
        low = min((bar.value for bar in self.bars), default=0.0) < 0
        high = max((bar.value for bar in self.bars), default=0.0) > 0
        if low and high:
            return (left + right) / 2, (right - left) / 2
        return (right, right - left) if low else (left, right - left)

    def _share(self, value: float) -> float:
        top = self._top or max((abs(bar.value) for bar in self.bars), default=0.0) or 1.0
        share = value / top
        return 0.0 if math.isnan(share) else min(max(share, -1.0), 1.0)

    def _restyle(self, _theme: Theme) -> None:
        self.updateGeometry()
        self.update()


def _mark_words(mark: str) -> str:
    return {"check": ", right", "close": ", the right one"}.get(mark, "")
