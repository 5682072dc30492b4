"""The inspector's bars of how long a layer takes in one training step, forward and backward."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.numbers import duration
from gui.theme import Theme, Themes

if TYPE_CHECKING:
    from core.telemetry.timing import Timing

NAMES = ("forward", "backward")
LINE = 20


class Times(QWidget):
    """Two lines: the way, a bar as long as its share of both, and its time."""

    def __init__(self, themes: Themes, category: str) -> None:
        super().__init__()
        self._themes = themes
        self._category = category
        self._seconds = (0.0, 0.0)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setToolTip("Measured on sampled steps, the whole batch at once.")
        themes.changed.connect(self._restyle)

    def show_timing(self, timing: Timing) -> None:
        """Show these times."""
        self._seconds = (timing.forward, timing.backward)
        told = ", ".join(f"{name} {duration(value)}" for name, value in zip(NAMES, self._seconds, strict=True))
        self.setAccessibleName(f"Time per step: {told}")
        self.update()

    def sizeHint(self) -> QSize:  # noqa: D102  # Qt's name
        return QSize(100, 2 * self._themes.current.px(LINE))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        theme = self._themes.current
        painter = QPainter(self)
        tall, named, told = theme.px(LINE), theme.px(64), theme.px(68)
        whole = max(sum(self._seconds), 1e-12)
        for index, (name, seconds) in enumerate(zip(NAMES, self._seconds, strict=True)):
            place = QRectF(0, index * tall, self.width(), tall)
            painter.setPen(theme.color("text2"))
            painter.setFont(theme.ui(12))
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
            painter.setPen(theme.color("text"))
            painter.setFont(theme.mono(12))
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, duration(seconds))
            bar = QRectF(named, place.center().y() - 2, max(self.width() - named - told, 1), 4)
            painter.fillRect(bar, theme.color("line1"))
            bar.setWidth(bar.width() * seconds / whole)
            painter.fillRect(bar, theme.category(self._category))

    def _restyle(self, _theme: Theme) -> None:
        self.updateGeometry()
        self.update()
