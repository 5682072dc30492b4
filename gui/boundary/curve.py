"""What a network says along one number: a line for each number that is said, the samples as dots."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from core.engine.predictions import Column, Surveyed, unpacked
from core.prediction.meanings import class_names, two_names
from gui.boundary.colors import class_color, sample_color
from gui.boundary.ground import Ground, Span
from gui.boundary.legend import Key
from gui.boundary.plane import RING, said_kinds
from gui.monitors import lines, strokes
from gui.monitors.ink import Ink
from gui.sample_marks import draw_sample
from gui.subject import Output
from gui.theme import Theme

COUNT = 201
"""Places along the axis at which the network is asked."""
MARGIN = 0.06
SHARES = (-0.04, 1.04)
"""What the axis of probabilities shows."""


class CurveDrawing:
    """One output along an axis; who shows it says where the axis lies."""

    def __init__(self, output: Output, one: Column) -> None:
        span = (one.high - one.low) or 1.0
        self.across: Span = (one.low - MARGIN * span, one.high + MARGIN * span)
        self.output = output
        self.values: NDArray[np.float64] | None = None
        """(COUNT, K): what is said along the axis."""
        self.samples = np.empty((0, 2))
        """The number of each sample, and what is right there."""
        self.held = np.empty(0, bool)
        self.wrong = np.empty(0, bool)
        """Which samples are said to be of another class than they are; told where `marks_wrong`."""
        self.marks_wrong = False

    def spans(self) -> tuple[Span, Span]:
        """From where to where each axis goes: across, up."""
        if self.output.form in ("classes", "yes or no") and self.output.meaning.prediction != "scores":
            return self.across, SHARES
        found = [self.samples[:, 1]] if len(self.samples) else []
        found += [self.values.reshape(-1)] if self.values is not None else []
        finite = np.concatenate(found) if found else np.array([-1.0, 1.0])
        finite = finite[np.isfinite(finite)]
        low, high = (float(finite.min()), float(finite.max())) if len(finite) else (-1.0, 1.0)
        pad = MARGIN * ((high - low) or 1.0)
        return self.across, (low - pad, high + pad)

    def show_values(self, values: NDArray[Any]) -> None:
        """Show what is said along the axis."""
        self.values = values.reshape(len(values), -1).astype(np.float64)

    def take_samples(self, surveyed: Surveyed) -> None:
        """Show these samples."""
        truth = surveyed.truths.get(self.output.name)
        if surveyed.places is None or surveyed.held is None or truth is None:
            return
        places, right = unpacked(surveyed.places), unpacked(truth)
        self.samples = np.stack([places.reshape(-1), right.reshape(len(places), -1)[:, 0]], axis=1).astype(float)
        self.held = unpacked(surveyed.held).astype(bool)
        self.wrong = np.zeros(len(self.samples), bool)

    def judge(self, said: NDArray[Any]) -> None:
        """Note which samples are wrong, by what is said (N, ...) of all of them."""
        found = said_kinds(self.output, said)
        if found is not None and len(found) == len(self.samples):
            self.wrong = found != [self.kind(right) for right in self.samples[:, 1].tolist()]

    def curve(self, which: int, ground: Ground) -> NDArray[np.float64]:
        """The line (COUNT, 2) of a number that is said, in pixels."""
        assert self.values is not None  # asked for what is drawn
        return ground.pixels(np.stack([self.places(), self.values[:, which]], axis=1))

    def places(self) -> NDArray[np.float64]:
        """Where the network was asked."""
        return np.linspace(*self.across, COUNT)

    def said_at(self, x: float) -> float:
        """What the first line says there; the middle of the axis before it is known."""
        if self.values is None:
            return sum(self.spans()[1]) / 2
        return float(np.interp(x, self.places(), self.values[:, 0]))

    def paint(self, painter: QPainter, theme: Ink, ground: Ground) -> None:
        """Draw it; the painter is clipped to the ground's area."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_levels(painter, theme, ground)
        places = ground.pixels(self.samples)
        for at, right, held in zip(places.tolist(), self.samples[:, 1].tolist(), self.held.tolist(), strict=True):
            kind = self.kind(right)
            draw_sample(painter, QPointF(*at), kind, self._sample_ink(theme, kind), theme.color("inset"), held)
        if self.marks_wrong:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("error"), 1.6))
            for at in places[self.wrong].tolist():
                painter.drawEllipse(QPointF(*at), RING, RING)
        for which in range(self.values.shape[1] if self.values is not None else 0):
            points = self.curve(which, ground)
            strokes.stroke(painter, lines.polygons(points[:, 0], points[:, 1]), self.ink(theme, which), 2)

    def ink(self, theme: Ink, which: int) -> QColor:
        """The colour of a line."""
        count = self.values.shape[1] if self.values is not None else 1
        return theme.color("accent") if count == 1 else class_color(theme.theme, which, count == 2)

    def keys(self, theme: Theme) -> list[Key]:
        """What the legend says."""
        output = self.output
        if output.form == "values":
            found = [Key(output.name, theme.color("accent"), line=True), Key("samples", theme.color("text3"))]
        else:
            two = output.form in ("yes or no", "sign")
            names = list(two_names(output.meaning)) if two else class_names(output.meaning, output.shape[0])
            found = [Key(name, sample_color(theme, kind, output), kind) for kind, name in enumerate(names)]
        held = [Key("held out", theme.color("text2"), 0, hollow=True)] if self.held.any() else []
        return [*found, *held]

    def kind(self, right: float) -> int:
        """The class of a sample for which this is right; 0 where there are none."""
        form = self.output.form
        return round(right) if form == "classes" else int(right > (0.0 if form == "sign" else 0.5)) * (form != "values")

    def _paint_levels(self, painter: QPainter, theme: Ink, ground: Ground) -> None:
        """Where the class changes, and the margins of a hinge loss."""
        meaning, form, area = self.output.meaning, self.output.form, ground.area
        levels = [0.5] if form == "yes or no" else [0.0] if form == "sign" else []
        dashed = [-meaning.margin, meaning.margin] if form == "sign" and meaning.margin else []
        _across, up = ground.scales()
        for level in (*levels, *dashed):
            style = Qt.PenStyle.DashLine if level in dashed else Qt.PenStyle.SolidLine
            painter.setPen(QPen(theme.color("line3"), 1, style))
            y = up.pixel(level)
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))

    def _sample_ink(self, theme: Ink, kind: int) -> QColor:
        if self.output.form == "values":
            return theme.color("text3")
        return sample_color(theme.theme, kind, self.output)
