"""The curve of a network that reads one number, as what gives it: what it says along the axis, and the samples."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QWidget

from core.data.sources import FieldSpec
from core.engine.predictions import Column, Surveyed, Sweep, Swept, unpacked
from gui.boundary.curve import COUNT, CurveDrawing
from gui.boundary.ground import Span
from gui.boundary.legend import Legend
from gui.predict.plotting import SmallPlot, draw_place
from gui.subject import Output
from gui.theme import Theme, Themes
from gui.widgets import column, label


class Curve(SmallPlot):
    """What is said along the axis, and the number that is judged."""

    def __init__(self, themes: Themes, spec: FieldSpec, one: Column, output: Output) -> None:
        super().__init__(themes, f"{output.name} along {spec.columns[0] if spec.columns else spec.name}")
        self.setAccessibleDescription("Left and right move the number that is judged; with Shift ten times as far.")
        self.drawn = CurveDrawing(output, one)

    def spans(self) -> tuple[Span, Span]:  # noqa: D102  # as SmallPlot has it
        return self.drawn.spans()

    def paint(self, painter: QPainter, area: QRectF) -> None:  # noqa: D102  # as SmallPlot has it
        theme = self.theme
        self.drawn.paint(painter, theme, self.ground())
        if self.drawn.values is None:
            return
        (at,) = self.pixels(np.array([[self.place.x(), self.drawn.said_at(self.place.x())]]))
        painter.setPen(QPen(theme.color("line3"), 1))
        painter.drawLine(QPointF(at[0], area.top()), QPointF(at[0], area.bottom()))
        draw_place(painter, QPointF(*at), theme.color("sel"), theme.color("inset"))


class CurveInput(QWidget):
    """The axis, as what gives the number."""

    changed = Signal()

    def __init__(self, themes: Themes, spec: FieldSpec, surveyed: Surveyed, name: str, output: Output) -> None:
        super().__init__()
        self._shape = spec.shape
        (one,) = surveyed.columns[name]
        self.curve = Curve(themes, spec, one, output)
        self.curve.drawn.take_samples(surveyed)
        self.legend = Legend(themes)
        self.where = label("", "mono-secondary")
        self._name = spec.columns[0] if spec.columns else spec.name
        self.setLayout(column(self.legend, self.curve, self.where, spacing=4))
        self.curve.moved.connect(self._moved)
        themes.changed.connect(self._restyle)
        self._restyle(themes.current)
        self.show_sample(np.array([[one.middle]], np.float32))

    @property
    def values(self) -> NDArray[Any]:
        """The number as a sample (1, 1)."""
        return np.array([[self.curve.place.x()]], np.float32).reshape(1, *self._shape)

    @property
    def is_given(self) -> bool:
        """There always is a number to be judged."""
        return True

    def show_sample(self, values: NDArray[Any]) -> None:
        """Show this sample of the data."""
        self.curve.move_to(float(values.reshape(-1)[0]), 0.0)
        self._tell()

    def question(self) -> Sweep:
        """What the curve has to ask, whenever the network has learnt."""
        (left, right), _up = self.curve.spans()
        return Sweep(project="", low=[left], high=[right], count=COUNT)

    def take(self, told: object) -> None:
        """Show what came of it."""
        if isinstance(told, Swept):
            self.curve.drawn.show_values(unpacked(told.values))
            self.curve.update()

    def _moved(self) -> None:
        self._tell()
        self.changed.emit()

    def _tell(self) -> None:
        self.where.setText(f"{self._name} {self.curve.place.x():.4g}".replace("-", "−"))

    def _restyle(self, theme: Theme) -> None:
        self.legend.show_keys(self.curve.drawn.keys(theme))
