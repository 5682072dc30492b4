"""What a network says over two numbers: colours, the lines between classes, the samples."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPen

from core.engine.predictions import Surveyed, unpacked
from gui.boundary.colors import said_colors, sample_color
from gui.boundary.ground import Ground
from gui.contour import chained, contour
from gui.monitors import lines
from gui.monitors.ink import Ink
from gui.sample_marks import draw_sample
from gui.subject import Output
from gui.theme import Theme

COUNT = 64
"""Places along each axis at which the network is asked."""
MARGIN = 0.12
"""What the axes show beyond the samples, as a share of what these span."""
RING = 6


class PlaneDrawing:
    """One output over a plane; who shows it says where the plane lies."""

    def __init__(self, output: Output) -> None:
        self.output = output
        self.values: NDArray[Any] | None = None
        """(COUNT, COUNT, ...): what is said along the axes."""
        self.is_discrete = False
        self.samples = np.empty((0, 2))
        self.kinds = np.empty(0, np.int64)
        """The class of each sample; for values, whether it lies above the middle."""
        self.held = np.empty(0, bool)
        self.vectors = np.empty(0, bool)
        """Which samples lie on the margin or within it."""
        self.wrong = np.empty(0, bool)
        """Which samples are said to be of another class than they are; told where `marks_wrong`."""
        self.marks_wrong = False
        self._image = QImage()
        self._looks: tuple[object, ...] = ()

    def show_values(self, values: NDArray[Any]) -> None:
        """Show what is said along the axes."""
        self.values = values
        self._looks = ()

    def take_samples(self, surveyed: Surveyed) -> NDArray[np.float64]:
        """Show these samples; what is right for them, as 1 or −1, where a sign is decided."""
        truth = surveyed.truths.get(self.output.name)
        if surveyed.places is None or surveyed.held is None:
            return np.empty(0)
        self.samples, self.held = unpacked(surveyed.places), unpacked(surveyed.held).astype(bool)
        count = len(self.samples)
        self.vectors, self.wrong = np.zeros(count, bool), np.zeros(count, bool)
        right = unpacked(truth).reshape(count, -1)[:, 0] if truth is not None else np.zeros(count)
        form = self.output.form
        if form == "classes":
            self.kinds = right.astype(np.int64)
        else:
            middle = np.median(right) if form == "values" else 0.0 if form == "sign" else 0.5
            self.kinds = (right > middle).astype(np.int64)
        return np.where(right > 0, 1.0, -1.0) if form == "sign" else np.empty(0)

    def judge(self, said: NDArray[Any]) -> None:
        """Note which samples are wrong, by what is said (N, ...) of all of them."""
        found = said_kinds(self.output, said)
        self.wrong = found != self.kinds if found is not None else np.zeros(len(self.samples), bool)

    @property
    def scores(self) -> list[NDArray[np.float64]]:
        """Grids (COUNT, COUNT) whose zero lines are the boundaries."""
        if self.values is None:
            return []
        flat = self.values.reshape(*self.values.shape[:2], -1).astype(np.float64)
        form, count = self.output.form, flat.shape[2]
        if form == "yes or no":
            return [flat[:, :, 0] - 0.5]
        if form == "sign":
            return [flat[:, :, 0]]
        if form != "classes":
            return []
        if count == 2:
            return [flat[:, :, 1] - flat[:, :, 0]]
        others = [np.delete(flat, one, axis=2).max(axis=2) for one in range(count)]
        return [flat[:, :, one] - others[one] for one in range(count)]

    def boundaries(self, ground: Ground, level: float = 0.0) -> NDArray[np.float64]:
        """The pieces (K, 4) of the boundary in pixels; with a level, of a score's line there."""
        found = [contour(grid, level) for grid in self.scores]
        pieces = np.concatenate(found) if found else np.empty((0, 4))
        across, up = ground.scales()
        (left, right), (low, high) = ground.across, ground.up
        step = ((right - left) / (COUNT - 1), (high - low) / (COUNT - 1))
        x, y = pieces[:, [0, 2]] * step[0] + left, pieces[:, [1, 3]] * step[1] + low
        made: NDArray[np.float64] = np.empty_like(pieces)
        made[:, [0, 2]], made[:, [1, 3]] = across.place(x), up.place(y)
        return made

    def paint(self, painter: QPainter, theme: Ink, ground: Ground) -> None:
        """Draw it where it is known; the painter is clipped to the ground's area."""
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not self.is_discrete)
        painter.drawImage(ground.area, self.image(theme.theme), self._within())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_lines(painter, theme, ground)
        self._paint_samples(painter, theme, ground)

    def image(self, theme: Theme) -> QImage:
        """The colours of what is said, a pixel a place, the highest row first."""
        looks = (theme, self.is_discrete)
        if self._looks != looks:
            assert self.values is not None  # painted only then
            colors = said_colors(theme, self.output, self.values, self.is_discrete)[::-1]
            levels = np.ascontiguousarray(colors)
            self._image = QImage(levels.data, COUNT, COUNT, COUNT * 3, QImage.Format.Format_RGB888).copy()
            self._looks = looks
        return self._image

    def _within(self) -> QRectF:
        """The part of the image that the axes show: its outermost pixels lie half outside."""
        return QRectF(0.5, 0.5, COUNT - 1, COUNT - 1)

    def _paint_lines(self, painter: QPainter, theme: Ink, ground: Ground) -> None:
        ink = theme.color("text")
        painter.setPen(QPen(ink, 1.8))
        lines.draw_segments(painter, self.boundaries(ground))
        margin = self.output.meaning.margin if self.output.form == "sign" else 0.0
        if margin:
            painter.setPen(QPen(ink, 1.2, Qt.PenStyle.DashLine))
            pieces = np.concatenate([self.boundaries(ground, -margin), self.boundaries(ground, margin)])
            for chain in chained(pieces):
                painter.drawPolyline(lines.polygon(chain[:, 0], chain[:, 1]))

    def _paint_samples(self, painter: QPainter, theme: Ink, ground: Ground) -> None:
        inset = theme.color("inset")
        places = ground.pixels(self.samples)
        inks = [sample_color(theme.theme, kind, self.output) for kind in range(int(self.kinds.max(initial=1)) + 1)]
        for at, kind, held in zip(places.tolist(), self.kinds.tolist(), self.held.tolist(), strict=True):
            draw_sample(painter, QPointF(*at), kind, inks[kind], inset, held)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        rings = [(self.vectors, theme.color("text"), 1.1)]
        if self.marks_wrong:
            rings = [(self.wrong, theme.color("error"), 1.6)]
        for ringed, ink, width in rings:
            painter.setPen(QPen(ink, width))
            for at in places[ringed].tolist():
                painter.drawEllipse(QPointF(*at), RING, RING)


def said_kinds(output: Output, said: NDArray[Any]) -> NDArray[np.int64] | None:
    """The class of each sample by what is said (N, ...) of it; None for values, which have none."""
    flat = said.reshape(len(said), -1)
    found: NDArray[np.int64] | None = None
    if output.form == "classes":
        found = flat.argmax(axis=1).astype(np.int64)
    elif output.form in ("yes or no", "sign"):
        found = (flat[:, 0] > (0.0 if output.form == "sign" else 0.5)).astype(np.int64)
    return found
