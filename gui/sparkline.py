"""The gradient of one layer over the last samples, as a small curve with its newest value."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import Theme, Themes

if TYPE_CHECKING:
    from core.telemetry.health import Health

LEAST = 2.0
"""Decades that the curve's height spans at least."""


class GradientLine(QWidget):
    """A chip in the gradient's colour and the curve of its logarithm."""

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self._themes = themes
        self._health: Health | None = None
        self.text = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        themes.changed.connect(self._restyle)

    def show_health(self, health: Health) -> None:
        """Show how the gradient stands."""
        self._health = health
        self.text = gradient_text(health)
        self.setAccessibleName(f"Gradient {self.text}")
        self.update()

    def sizeHint(self) -> QSize:  # noqa: D102  # Qt's name
        return QSize(100, self._themes.current.px(36))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        theme = self._themes.current
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chip = QRectF(0.5, (self.height() - 9) / 2, 9, 9)
        painter.setPen(QPen(theme.color("line3"), 1))
        ink = theme.gradient(self._health.log10) if self._health is not None and self._health.state == "ok" else None
        painter.setBrush(ink if ink is not None else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(chip, 2, 2)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(ink if ink is not None else theme.color("text3"), 1.4))
        for part in self._curves(QRectF(18, 3, self.width() - 20, self.height() - 6)):
            painter.drawPolyline(part)

    def _curves(self, place: QRectF) -> list[QPolygonF]:
        """The history as lines, broken where it is zero or not finite."""
        values = [float(value) for value in self._health.history] if self._health is not None else []
        finite = [value for value in values if math.isfinite(value)]
        if len(finite) < 2:
            return []
        middle, span = (min(finite) + max(finite)) / 2, max(max(finite) - min(finite), LEAST)
        parts: list[QPolygonF] = [QPolygonF()]
        for index, value in enumerate(values):
            if math.isfinite(value):
                x = place.x() + place.width() * index / (len(values) - 1)
                parts[-1].append(QPointF(x, place.center().y() - (value - middle) / span * place.height()))
            elif not parts[-1].isEmpty():
                parts.append(QPolygonF())
        return parts

    def _restyle(self, _theme: Theme) -> None:
        self.updateGeometry()
        self.update()


def gradient_text(health: Health) -> str:
    """The newest gradient as text: 3.1e−7."""
    if health.state == "ok":
        exponent = math.floor(math.log10(health.value))
        return f"{health.value / 10**exponent:.1f}e{exponent}".replace("-", "−")
    return {"zero": "0", "nonfinite": "not a number"}.get(health.state, "")
