"""The curve of a network that reads one number: what it says along the axis, and the samples beside it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from core.data.sources import FieldSpec
from core.engine.predictions import Column, Surveyed, Sweep, Swept, unpacked
from core.prediction.meanings import class_names, two_names
from gui.monitors import lines
from gui.predict.legend import Key, Legend
from gui.predict.plane import class_color, sample_color
from gui.predict.plotting import SmallPlot, draw_place
from gui.predict.subject import Output
from gui.sample_marks import draw_sample
from gui.theme import Theme, Themes
from gui.widgets import column, label

COUNT = 201
"""Places along the axis at which the network is asked."""
MARGIN = 0.06
SHARES = (-0.04, 1.04)
"""What the axis of probabilities shows."""


class Curve(SmallPlot):
    """A line for each number that is said, the samples as dots."""

    def __init__(self, themes: Themes, spec: FieldSpec, one: Column, output: Output) -> None:
        super().__init__(themes, f"{output.name} along {spec.columns[0] if spec.columns else spec.name}")
        self.setAccessibleDescription("Left and right move the number that is judged; with Shift ten times as far.")
        span = (one.high - one.low) or 1.0
        self._across = (one.low - MARGIN * span, one.high + MARGIN * span)
        self.output = output
        self.values: NDArray[np.float64] | None = None
        """(COUNT, K): what is said along the axis."""
        self.samples = np.empty((0, 2))
        """The number of each sample, and what is right there."""
        self.held = np.empty(0, bool)

    def spans(self) -> tuple[tuple[float, float], tuple[float, float]]:  # noqa: D102  # as SmallPlot has it
        if self.output.form in ("classes", "yes or no") and self.output.meaning.prediction != "scores":
            return self._across, SHARES
        found = [self.samples[:, 1]] if len(self.samples) else []
        found += [self.values.reshape(-1)] if self.values is not None else []
        finite = np.concatenate(found) if found else np.array([-1.0, 1.0])
        finite = finite[np.isfinite(finite)]
        low, high = (float(finite.min()), float(finite.max())) if len(finite) else (-1.0, 1.0)
        pad = MARGIN * ((high - low) or 1.0)
        return self._across, (low - pad, high + pad)

    def show_values(self, values: NDArray[Any]) -> None:
        """Show what is said along the axis."""
        self.values = values.reshape(len(values), -1).astype(np.float64)
        self.update()

    def curve(self, which: int) -> NDArray[np.float64]:
        """The line (COUNT, 2) of a number that is said, in pixels."""
        assert self.values is not None  # asked for what is drawn
        return self.pixels(np.stack([self.places(), self.values[:, which]], axis=1))

    def places(self) -> NDArray[np.float64]:
        """Where the network was asked."""
        return np.linspace(*self._across, COUNT)

    def said_at(self, x: float) -> float:
        """What the first line says there; the middle of the axis before it is known."""
        if self.values is None:
            return sum(self.spans()[1]) / 2
        return float(np.interp(x, self.places(), self.values[:, 0]))

    def paint(self, painter: QPainter, area: QRectF) -> None:  # noqa: D102  # as SmallPlot has it
        theme, ground = self.theme, self.theme.color("inset")
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_levels(painter, area)
        for at, right, held in zip(
            self.pixels(self.samples).tolist(), self.samples[:, 1].tolist(), self.held.tolist(), strict=True
        ):
            kind = self._kind(right)
            draw_sample(painter, QPointF(*at), kind, self._sample_ink(kind), ground, held)
        if self.values is None:
            return
        for which in range(self.values.shape[1]):
            points = self.curve(which)
            lines.stroke(painter, lines.polygons(points[:, 0], points[:, 1]), self.ink(which), 2)
        (at,) = self.pixels(np.array([[self.place.x(), self.said_at(self.place.x())]]))
        painter.setPen(QPen(theme.color("line3"), 1))
        painter.drawLine(QPointF(at[0], area.top()), QPointF(at[0], area.bottom()))
        draw_place(painter, QPointF(*at), theme.color("sel"), ground)

    def ink(self, which: int) -> QColor:
        """The colour of a line."""
        count = self.values.shape[1] if self.values is not None else 1
        return self.theme.color("accent") if count == 1 else class_color(self._themes.current, which, count == 2)

    def _paint_levels(self, painter: QPainter, area: QRectF) -> None:
        """Where the class changes, and the margins of a hinge loss."""
        meaning, form = self.output.meaning, self.output.form
        levels = [0.5] if form == "yes or no" else [0.0] if form == "sign" else []
        dashed = [-meaning.margin, meaning.margin] if form == "sign" and meaning.margin else []
        _across, up = self.scales()
        for level in (*levels, *dashed):
            style = Qt.PenStyle.DashLine if level in dashed else Qt.PenStyle.SolidLine
            painter.setPen(QPen(self.theme.color("line3"), 1, style))
            painter.drawLine(QPointF(area.left(), up.pixel(level)), QPointF(area.right(), up.pixel(level)))

    def _kind(self, right: float) -> int:
        form = self.output.form
        return round(right) if form == "classes" else int(right > (0.0 if form == "sign" else 0.5)) * (form != "values")

    def _sample_ink(self, kind: int) -> QColor:
        if self.output.form == "values":
            return self.theme.color("text3")
        return sample_color(self._themes.current, kind, self.output)


class CurveInput(QWidget):
    """The axis, as what gives the number."""

    changed = Signal()

    def __init__(self, themes: Themes, spec: FieldSpec, surveyed: Surveyed, name: str, output: Output) -> None:
        super().__init__()
        self._shape = spec.shape
        (one,) = surveyed.columns[name]
        self.curve = Curve(themes, spec, one, output)
        self._take_samples(surveyed, output)
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
            self.curve.show_values(unpacked(told.values))

    def _take_samples(self, surveyed: Surveyed, output: Output) -> None:
        truth = surveyed.truths.get(output.name)
        if surveyed.places is None or surveyed.held is None or truth is None:
            return
        places, right = unpacked(surveyed.places), unpacked(truth)
        self.curve.samples = np.stack([places.reshape(-1), right.reshape(len(places), -1)[:, 0]], axis=1).astype(float)
        self.curve.held = unpacked(surveyed.held).astype(bool)

    def _moved(self) -> None:
        self._tell()
        self.changed.emit()

    def _tell(self) -> None:
        self.where.setText(f"{self._name} {self.curve.place.x():.4g}".replace("-", "−"))

    def _restyle(self, theme: Theme) -> None:
        output, has_held = self.curve.output, bool(self.curve.held.any())
        if output.form == "values":
            found = [Key(output.name, theme.color("accent"), line=True), Key("samples", theme.color("text3"))]
        else:
            two = output.form in ("yes or no", "sign")
            names = list(two_names(output.meaning)) if two else class_names(output.meaning, output.shape[0])
            found = [Key(name, sample_color(theme, kind, output), kind) for kind, name in enumerate(names)]
        held = [Key("held out", theme.color("text2"), 0, hollow=True)] if has_held else []
        self.legend.show_keys([*found, *held])
