"""The curve of a learning-rate range test: the loss over the rate, and the rate that is chosen."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.monitors import axes, lines, strokes, ticks
from gui.monitors.ink import Ink
from gui.monitors.scale import Doubles, Scale, padded
from gui.theme import Theme, Themes, mix

FAINT = 0.36
"""How strong every step's loss is drawn, against the ground."""
HEADROOM = 1.3
"""How far above the loss at the beginning the view goes: what diverges runs out of it."""


@dataclass(frozen=True)
class RateCurve:
    """A test as the engine has answered it."""

    rates: Doubles
    losses: Doubles
    smooth: Doubles
    suggested: float | None
    diverged: bool


class RatePlot(QWidget):
    """Draws a test; a click or the arrow keys choose another rate."""

    chosen = Signal(float)
    """The rate that the user has chosen."""

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self._ink = Ink(themes.current)
        self.curve: RateCurve | None = None
        self.rate: float | None = None
        self.words = "No test yet."
        self.setAccessibleName("Loss over the learning rate")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        themes.changed.connect(self._restyle)

    def show_curve(self, curve: RateCurve | None, words: str = "") -> None:
        """Show this test with its suggestion chosen, or none and these words in its place."""
        self.curve, self.words = curve, words
        self.rate = curve.suggested if curve is not None else None
        self.update()

    def choose(self, rate: float) -> None:
        """Choose this rate, as a click does."""
        self.rate = rate
        self.chosen.emit(rate)
        self.update()

    def rates(self) -> Scale:
        """From left to right, as logarithms."""
        area, curve = self._area(), self.curve
        low, high = (-7.0, 1.0) if curve is None else (math.log10(curve.rates[0]), math.log10(curve.rates[-1]))
        return Scale(low, max(high, low + 0.1), area.left(), area.right(), log=True)

    def losses(self) -> Scale:
        """From bottom to top."""
        area, curve = self._area(), self.curve
        if curve is None or not len(curve.smooth):
            return Scale(0.0, 1.0, area.bottom(), area.top())
        low, first = float(curve.smooth.min()), float(curve.smooth[0])
        high = low + HEADROOM * max(first - low, 0.1 * abs(first), 1e-9)
        return Scale(*padded(low, high, 0.06, 1e-9), area.bottom(), area.top())

    def sizeHint(self) -> QSize:  # noqa: D102  # Qt's name
        return QSize(self._ink.px(560), self._ink.px(280))

    def minimumSizeHint(self) -> QSize:  # noqa: D102  # Qt's name
        return QSize(self._ink.px(260), self._ink.px(160))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        painter = QPainter(self)
        theme, area = self._ink, self._area()
        painter.fillRect(self.rect(), theme.color("panel"))
        losses = self.losses()
        marks = ticks.linear(losses.low, losses.high, 5) if self.curve is not None else []
        axes.value_axis(painter, theme, area, losses, marks)
        self._paint_rates(painter, area)
        if self.curve is None:
            axes.nothing_yet(painter, theme, area, self.words)
        else:
            painter.save()
            painter.setClipRect(area.adjusted(0, -1, 1, 0))
            self._paint_curve(painter, self.curve)
            painter.restore()
            self._paint_choice(painter, area)
        if self.hasFocus():
            painter.setPen(QPen(theme.color("accent"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        self._choose_at(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        self._choose_at(event.position().x())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102  # Qt's name
        by = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if not by or self.curve is None or not len(self.curve.rates):
            super().keyPressEvent(event)
            return
        here = self.rate if self.rate is not None else float(self.curve.rates[0])
        place = int(np.argmin(np.abs(np.log(self.curve.rates / here)))) + by
        self.choose(float(self.curve.rates[min(max(place, 0), len(self.curve.rates) - 1)]))

    def _choose_at(self, x: float) -> None:
        if self.curve is None:
            return
        scale = self.rates()
        self.choose(10 ** min(max(scale.number(x), scale.low), scale.high))

    def _area(self) -> QRectF:
        px = self._ink.px
        return QRectF(px(48), px(26), self.width() - px(64), self.height() - px(72))

    def _paint_rates(self, painter: QPainter, area: QRectF) -> None:
        theme, scale = self._ink, self.rates()
        painter.fillRect(QRectF(area.left(), round(area.bottom()), area.width(), 1), theme.color("line2"))
        for mark in ticks.powers(scale.low, scale.high, max(int(area.width() / theme.px(56)), 2)):
            x = round(scale.pixel(mark.value))
            painter.fillRect(QRectF(x, area.bottom(), 1, 5), theme.color("line2"))
            box = QRectF(x - 40, area.bottom() + theme.px(5), 80, theme.px(16))
            axes.text(painter, box, axes.CENTER, mark.label, theme.color("text3"), theme.caption)
        box = QRectF(area.left(), area.bottom() + theme.px(22), area.width(), theme.px(16))
        axes.text(painter, box, axes.CENTER, "learning rate", theme.color("text3"), theme.caption)

    def _paint_curve(self, painter: QPainter, curve: RateCurve) -> None:
        theme, x = self._ink, self.rates().pixels(curve.rates)
        faint = mix(theme.color("panel"), theme.color("train"), FAINT)
        painter.setPen(QPen(faint, 1))
        lines.draw_segments(painter, lines.segments(x, self.losses().pixels(curve.losses)))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        strokes.stroke(painter, lines.polygons(x, self.losses().pixels(curve.smooth)), theme.color("train"), 2)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_choice(self, painter: QPainter, area: QRectF) -> None:
        """The chosen rate as a line with its name above, and the point of the curve there."""
        curve = self.curve
        if curve is None or self.rate is None:
            return
        theme, x = self._ink, float(self.rates().pixels(self.rate))
        painter.fillRect(QRectF(round(x), area.top(), 1, area.height()), theme.color("text2"))
        loss = float(np.interp(math.log(self.rate), np.log(curve.rates), curve.smooth))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("panel"), 2))
        painter.setBrush(theme.color("text"))
        painter.drawEllipse(QPointF(x, float(self.losses().pixels(loss))), theme.px(5), theme.px(5))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        name = "suggested" if self.rate == curve.suggested else "chosen"
        words = f"{name} {rate_text(self.rate)}"
        wide = theme.wide(words) + 8
        left = min(max(x - wide / 2, area.left()), area.right() - wide)
        box = QRectF(left, area.top() - theme.px(20), wide, theme.px(18))
        axes.text(painter, box, axes.CENTER, words, theme.color("text"), theme.caption)

    def _restyle(self, theme: Theme) -> None:
        self._ink = Ink(theme)
        self.updateGeometry()
        self.update()


def rate_text(rate: float) -> str:
    """A rate with two digits, as it is used: 0.013, 3.1e−5."""
    return ticks.plain(two_digits(rate))


def two_digits(rate: float) -> float:
    """The rate as it is used: a test does not tell more."""
    return float(f"{rate:.1e}")
