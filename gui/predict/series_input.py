"""The input of a network that reads a series: its values as a line that can be bent, and behind it what comes next."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from core.data.sources import FieldSpec
from gui.boundary.legend import Key, Legend
from gui.monitors import lines
from gui.numbers import plain
from gui.predict.plotting import SmallPlot
from gui.theme import Theme, Themes
from gui.widgets import column, label

PAD = 0.08
WIDE = 0.62
"""The height as a share of the width."""
CHANNELS = 6
"""Lines that are drawn, at the most."""


class Series(SmallPlot):
    """The past as a line, what is said to come next behind it, and what did come."""

    def __init__(self, themes: Themes, spec: FieldSpec) -> None:
        super().__init__(themes, f"{spec.name}, value after value")
        keys = "Left and right choose a value, up and down change it; with Shift ten times as far."
        self.setAccessibleDescription(keys)
        self.past = np.zeros((spec.shape[0], int(np.prod(spec.shape[1:], dtype=int))))
        """(STEPS, CHANNELS); the first channel can be bent."""
        self.next: NDArray[Any] | None = None
        self.right: NDArray[Any] | None = None
        self._range = (0.0, 1.0)

    def spans(self) -> tuple[tuple[float, float], tuple[float, float]]:  # noqa: D102  # as SmallPlot has it
        behind = len(self.next) if self.next is not None else 0
        return (-0.5, max(len(self.past) + behind, 2) - 0.5), self._range

    def heightForWidth(self, width: int) -> int:  # noqa: D102  # Qt's name
        return min(round(width * WIDE), self.theme.px(300))

    def show_past(self, past: NDArray[Any]) -> None:
        """Show these values (STEPS, CHANNELS); what came next is forgotten with those before."""
        self.past = past.astype(np.float64)
        self.next = self.right = None
        self._place_at(len(self.past) - 1)
        self.fit()

    def show_next(self, said: NDArray[Any], right: NDArray[Any] | None) -> None:
        """Show what is said to come next (STEPS,), and what did come where that is known."""
        self.next, self.right = said.reshape(-1).astype(np.float64), right
        self.fit()

    def fit(self) -> None:
        """Let the axis of values show all there is; it grows while values are bent, and does not jump."""
        parts = [self.past.reshape(-1)]
        parts += [part.reshape(-1) for part in (self.next, self.right) if part is not None]
        values = np.concatenate(parts)
        values = values[np.isfinite(values)]
        low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
        pad = PAD * ((high - low) or max(abs(high), 1.0))
        self._range = (low - pad, high + pad)
        self.update()

    def line(self, values: NDArray[Any], start: int) -> NDArray[np.float64]:
        """The pixels (N, 2) of values that begin at this step."""
        steps = np.arange(start, start + len(values), dtype=np.float64)
        return self.pixels(np.stack([steps, values.reshape(-1)], axis=1))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102  # Qt's name
        way = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if way is None:
            super().keyPressEvent(event)
        else:
            far = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            self._place_at(round(self.place.x()) + way * far)

    def paint(self, painter: QPainter, area: QRectF) -> None:  # noqa: D102  # as SmallPlot has it
        theme = self.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for channel in range(min(self.past.shape[1], CHANNELS)):
            ink = theme.color("text2") if channel == 0 else self._themes.current.series(channel)
            self._stroke(painter, self.line(self.past[:, channel], 0), ink, 1.6 if channel == 0 else 1)
        count = len(self.past)
        across, _up = self.scales()
        painter.fillRect(QRectF(across.pixel(count - 0.5), area.top(), 1, area.height()), theme.color("line2"))
        if self.right is not None:
            self._stroke(painter, self.line(self.right, count), theme.color("val"), 2, dots=True)
        if self.next is not None:
            self._stroke(painter, self.line(self.next, count), theme.color("accent"), 2, dots=True)
        if self.hasFocus():
            (at,) = self.pixels(np.array([[self.place.x(), self.place.y()]]))
            painter.setPen(QPen(theme.color("accent"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(*at), 5, 5)

    def _stroke(
        self, painter: QPainter, points: NDArray[np.float64], ink: QColor, width: float, dots: bool = False
    ) -> None:
        painter.setPen(QPen(ink, width))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for piece in lines.polygons(points[:, 0], points[:, 1]):
            painter.drawPolyline(piece)
        if dots and len(points) <= 24:
            painter.setBrush(ink)
            for x, y in points.tolist():
                painter.drawEllipse(QPointF(x, y), 2.2, 2.2)

    def _place_at(self, step: int) -> None:
        step = min(max(step, 0), len(self.past) - 1)
        self.move_to(step, float(self.past[step, 0]))

    def _put(self, x: float, y: float) -> None:
        """Bend the line: every value between the last place and this one."""
        low, high = self._range
        step, value = min(max(round(x), 0), len(self.past) - 1), min(max(y, low), high)
        before = round(self.place.x())
        past = self.past.copy()
        if abs(step - before) > 1 and self.hasFocus():
            between = np.arange(min(step, before), max(step, before) + 1)
            ends = sorted([(before, float(self.past[before, 0])), (step, value)])
            past[between, 0] = np.interp(between, [at for at, _end in ends], [end for _at, end in ends])
        past[step, 0] = value
        self.past, self.right = past, None
        self.move_to(step, value)
        self.moved.emit()


class SeriesInput(QWidget):
    """The line, as what gives the series."""

    changed = Signal()

    def __init__(self, themes: Themes, spec: FieldSpec) -> None:
        super().__init__()
        self._spec, self._is_given = spec, False
        self.plot = Series(themes, spec)
        self.legend = Legend(themes)
        self.where = label("", "mono-secondary")
        self.setLayout(column(self.legend, self.plot, self.where, spacing=4))
        self.plot.moved.connect(self._moved)
        themes.changed.connect(self._restyle)
        self._restyle(themes.current)

    @property
    def values(self) -> NDArray[Any]:
        """The series as a sample (1, STEPS, ...)."""
        return self.plot.past.astype(np.float32).reshape(1, *self._spec.shape)

    @property
    def is_given(self) -> bool:
        """Whether there is a series."""
        return self._is_given

    def show_sample(self, values: NDArray[Any]) -> None:
        """Show this sample of the data."""
        self._is_given = True
        self.plot.show_past(values.reshape(len(self.plot.past), -1))
        self._tell()

    def show_next(self, said: NDArray[Any], right: NDArray[Any] | None) -> None:
        """Show what comes next behind it."""
        fits = right is not None and right.size == said.size
        self.plot.show_next(said, right if fits else None)

    def _moved(self) -> None:
        self._is_given = True
        self._tell()
        self.changed.emit()

    def _tell(self) -> None:
        place = self.plot.place
        self.where.setText(f"value {round(place.x()) + 1}: {plain(place.y())}")

    def _restyle(self, theme: Theme) -> None:
        names = (("given", "text2"), ("comes next", "accent"), ("came", "val"))
        self.legend.show_keys([Key(words, theme.color(ink), line=True) for words, ink in names])
