"""The decision boundary of a network that reads two numbers: what it says at every place, and the samples there."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QWidget

from core.data.sources import FieldSpec
from core.engine.predictions import Column, Surveyed, Sweep, Swept, unpacked
from core.prediction.meanings import class_names, two_names
from gui.contour import chained, contour
from gui.monitors import lines
from gui.predict.hardest import Hardest, hardest
from gui.predict.legend import Key, Legend
from gui.predict.plotting import SmallPlot, draw_place
from gui.predict.subject import Output
from gui.sample_marks import draw_sample
from gui.segments import Segments
from gui.theme import Theme, Themes, mix
from gui.widgets import ElidedLabel, column, prose, row

COUNT = 64
"""Places along each axis at which the network is asked."""
MARGIN = 0.12
"""What the axes show beyond the samples, as a share of what these span."""


class Plane(SmallPlot):
    """Colours of what is said, the lines between, the samples as dots."""

    def __init__(self, themes: Themes, spec: FieldSpec, columns: list[Column], output: Output) -> None:
        super().__init__(themes, f"Decision boundary over {spec.columns[0]} and {spec.columns[1]}")
        self.setAccessibleDescription("Arrow keys move the place that is judged; with Shift ten times as far.")
        self._spans = spans(columns, equal=spec.name == "point")
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
        self._image = QImage()
        self._looks: tuple[object, ...] = ()

    def spans(self) -> tuple[tuple[float, float], tuple[float, float]]:  # noqa: D102  # as SmallPlot has it
        return self._spans

    def show_values(self, values: NDArray[Any]) -> None:
        """Show what is said along the axes."""
        self.values = values
        self._looks = ()
        self.update()

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

    def boundaries(self, level: float = 0.0) -> NDArray[np.float64]:
        """The pieces (K, 4) of the boundary in pixels; with a level, of a score's line there."""
        found = [contour(grid, level) for grid in self.scores]
        pieces = np.concatenate(found) if found else np.empty((0, 4))
        across, up = self.scales()
        (left, right), (low, high) = self._spans
        step = ((right - left) / (COUNT - 1), (high - low) / (COUNT - 1))
        x, y = pieces[:, [0, 2]] * step[0] + left, pieces[:, [1, 3]] * step[1] + low
        made: NDArray[np.float64] = np.empty_like(pieces)
        made[:, [0, 2]], made[:, [1, 3]] = across.place(x), up.place(y)
        return made

    def paint(self, painter: QPainter, area: QRectF) -> None:  # noqa: D102  # as SmallPlot has it
        theme = self.theme
        if self.values is None:
            painter.setPen(theme.color("text2"))
            painter.setFont(theme.body)
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, "Asking the network…")
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not self.is_discrete)
        painter.drawImage(area, self.image(), self._within())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_lines(painter)
        self._paint_samples(painter)
        (at,) = self.pixels(np.array([[self.place.x(), self.place.y()]]))
        draw_place(painter, QPointF(*at), theme.color("sel"), theme.color("inset"))

    def image(self) -> QImage:
        """The colours of what is said, a pixel a place, the highest row first."""
        looks = (self._themes.current, self.is_discrete)
        if self._looks != looks:
            assert self.values is not None  # painted only then
            theme = self._themes.current
            colors = said_colors(theme, self.output, self.values, self.is_discrete)[::-1]
            levels = np.ascontiguousarray(colors)
            self._image = QImage(levels.data, COUNT, COUNT, COUNT * 3, QImage.Format.Format_RGB888).copy()
            self._looks = looks
        return self._image

    def _within(self) -> QRectF:
        """The part of the image that the axes show: its outermost pixels lie half outside."""
        return QRectF(0.5, 0.5, COUNT - 1, COUNT - 1)

    def _paint_lines(self, painter: QPainter) -> None:
        ink = self.theme.color("text")
        painter.setPen(QPen(ink, 1.8))
        lines.draw_segments(painter, self.boundaries())
        margin = self.output.meaning.margin if self.output.form == "sign" else 0.0
        if margin:
            painter.setPen(QPen(ink, 1.2, Qt.PenStyle.DashLine))
            for chain in chained(np.concatenate([self.boundaries(-margin), self.boundaries(margin)])):
                painter.drawPolyline(lines.polygon(chain[:, 0], chain[:, 1]))

    def _paint_samples(self, painter: QPainter) -> None:
        theme = self._themes.current
        ground = theme.color("inset")
        places = self.pixels(self.samples)
        inks = [sample_color(theme, kind, self.output) for kind in range(int(self.kinds.max(initial=1)) + 1)]
        for at, kind, held in zip(places.tolist(), self.kinds.tolist(), self.held.tolist(), strict=True):
            draw_sample(painter, QPointF(*at), kind, inks[kind], ground, held)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.color("text"), 1.1))
        for at in places[self.vectors].tolist():
            painter.drawEllipse(QPointF(*at), 6, 6)


class PlaneInput(QWidget):
    """The plane, as what gives the two numbers."""

    changed = Signal()
    picked = Signal(int)
    """The place of a sample in the held-out part."""

    def __init__(self, themes: Themes, spec: FieldSpec, surveyed: Surveyed, name: str, output: Output) -> None:
        super().__init__()
        self._themes, self._shape = themes, spec.shape
        self.plane = Plane(themes, spec, surveyed.columns[name], output)
        self._take_samples(surveyed, output)
        self._said: NDArray[Any] | None = None
        """What was said last of the samples."""
        self.legend = Legend(themes)
        self.legend.show_keys(keys(themes.current, output, bool(self.plane.held.any())))
        self.where = ElidedLabel("", "mono-secondary")
        self.counted = prose("", "caption2")
        self.looks = Segments(themes, (("smooth", "Smooth"), ("discrete", "Discrete")), 20)
        self.looks.setAccessibleName("Colours")
        self.looks.chosen.connect(self._look)
        self.looks.setVisible(bool(output.form in ("classes", "yes or no", "sign")))
        self.hardest = Hardest(themes)
        self.hardest.picked.connect(self.picked)
        self._judges = output.form in ("classes", "yes or no", "sign") and bool(self.plane.held.any())
        self._names = spec.columns
        layout = column(self.legend, self.plane, spacing=4)
        below = row(self.where, self.looks, spacing=8)
        below.setStretch(0, 1)
        layout.addLayout(below)
        layout.addWidget(self.counted)
        if self._judges:
            layout.addWidget(ElidedLabel("held out, least certain first: right, said", "caption2"))
            layout.addWidget(self.hardest)
        self.counted.setVisible(bool(output.meaning.margin))
        self.setLayout(layout)
        self.plane.moved.connect(self._moved)
        themes.changed.connect(self._restyle)
        middle = [one.middle for one in surveyed.columns[name]]
        self.show_sample(np.array([middle], np.float32))

    @property
    def values(self) -> NDArray[Any]:
        """The place as a sample (1, 2)."""
        place = self.plane.place
        return np.array([[place.x(), place.y()]], np.float32).reshape(1, *self._shape)

    @property
    def is_given(self) -> bool:
        """There always is a place to be judged."""
        return True

    def show_sample(self, values: NDArray[Any]) -> None:
        """Show this sample (1, 2) of the data."""
        x, y = values.reshape(-1).tolist()
        self.plane.move_to(x, y)
        self._tell()

    def question(self) -> Sweep:
        """What the plane has to ask, whenever the network has learnt."""
        (left, right), (low, high) = self.plane.spans()
        return Sweep(project="", low=[left, low], high=[right, high], count=COUNT)

    def take(self, told: object) -> None:
        """Show what came of it."""
        if not isinstance(told, Swept):
            return
        said = unpacked(told.samples)
        if len(said) == len(self.plane.samples):  # else the answer is about other samples than are shown by now
            self.plane.vectors = self._vectors(said)
            count = int(self.plane.vectors.sum())
            self.counted.setText(f"{count} of the training samples are support vectors: on the margin or within it")
            self._said = said
        self.plane.show_values(unpacked(told.values))
        self._list()

    def _list(self) -> None:
        """List the samples of which the network is least certain."""
        if not self._judges or self._said is None or len(self._said) != len(self.plane.held):
            return
        plane, theme = self.plane, self._themes.current
        listed = hardest(plane.output, plane.samples, plane.kinds, plane.held, self._said)
        names = [key.words for key in keys(theme, plane.output, has_held=False)]
        inks = [sample_color(theme, kind, plane.output) for kind in range(len(names))]
        self.hardest.show_samples(listed, inks, names)

    def _vectors(self, scores: NDArray[Any]) -> NDArray[np.bool_]:
        """Which samples of the training part a hinge loss still acts on: those with t·z of the margin or less."""
        output = self.plane.output
        if not output.meaning.margin or output.form != "sign" or not len(self._signs):
            return np.zeros(len(self.plane.samples), bool)
        touching: NDArray[np.bool_] = self._signs * scores.reshape(-1) <= output.meaning.margin * (1 + 1e-4)
        return touching & ~self.plane.held

    def _take_samples(self, surveyed: Surveyed, output: Output) -> None:
        truth = surveyed.truths.get(output.name)
        self._signs = np.empty(0)
        if surveyed.places is None or surveyed.held is None:
            return
        plane = self.plane
        plane.samples, plane.held = unpacked(surveyed.places), unpacked(surveyed.held).astype(bool)
        plane.vectors = np.zeros(len(plane.samples), bool)
        count = len(plane.samples)
        right = unpacked(truth).reshape(count, -1)[:, 0] if truth is not None else np.zeros(count)
        if output.form == "classes":
            plane.kinds = right.astype(np.int64)
        else:
            middle = np.median(right) if output.form == "values" else 0.0 if output.form == "sign" else 0.5
            plane.kinds = (right > middle).astype(np.int64)
        self._signs = np.where(right > 0, 1.0, -1.0) if output.form == "sign" else self._signs

    def _look(self, look: str) -> None:
        self.plane.is_discrete = look == "discrete"
        self.plane.update()

    def _moved(self) -> None:
        self._tell()
        self.changed.emit()

    def _tell(self) -> None:
        place = self.plane.place
        self.where.set_text(f"{place.x():.3g}, {place.y():.3g}".replace("-", "−"))
        self.where.setAccessibleName(f"{self._names[0]} {place.x():.3g}, {self._names[1]} {place.y():.3g}")

    def _restyle(self, theme: Theme) -> None:
        self.legend.show_keys(keys(theme, self.plane.output, bool(self.plane.held.any())))
        self._list()


def spans(columns: list[Column], equal: bool) -> tuple[tuple[float, float], tuple[float, float]]:
    """What the axes show: all that occurs and a margin; as much along both where the unit is the same."""
    ranges = [(one.high - one.low or 1.0, (one.low + one.high) / 2) for one in columns]
    wide = [max(span for span, _middle in ranges)] * 2 if equal else [span for span, _middle in ranges]
    (left, right), (low, high) = (
        (middle - span * (0.5 + MARGIN), middle + span * (0.5 + MARGIN))
        for span, (_span, middle) in zip(wide, ranges, strict=True)
    )
    return (left, right), (low, high)


def sample_color(theme: Theme, kind: int, output: Output) -> QColor:
    """The ink of samples of a class, darker or lighter than the ground that says the same."""
    return mix(class_color(theme, kind, _is_of_two(output)), theme.color("text"), 0.35 if theme.dark else 0.3)


def class_color(theme: Theme, kind: int, of_two: bool) -> QColor:
    """The colour of a class."""
    return theme.class_color(kind) if of_two and kind < 2 else theme.series(kind)


def said_colors(theme: Theme, output: Output, values: NDArray[Any], is_discrete: bool) -> NDArray[np.uint8]:
    """What is said (H, W, ...) as colours (H, W, 3): of the class, the paler the less sure."""
    flat = values.reshape(*values.shape[:2], -1).astype(np.float64)
    middle = _rgb(theme.class_middle)
    if _is_of_two(output) or output.form == "values":
        share = _towards_second(output, flat)
        share = np.sign(share) if is_discrete else share
        ends = [_rgb(theme.class_color(at)) for at in (0, 1)]
        colors = middle + np.clip(-share, 0, 1)[..., None] * (ends[0] - middle)
        colors += np.clip(share, 0, 1)[..., None] * (ends[1] - middle)
        return colors.round().astype(np.uint8)
    table = np.array([_rgb(class_color(theme, at, False)) for at in range(flat.shape[2])])
    best = flat.argmax(axis=2)
    if output.meaning.prediction == "scores":
        sure = np.full(best.shape, 0.75)
    else:
        sure = np.clip((flat.max(axis=2) - 1 / flat.shape[2]) / (1 - 1 / flat.shape[2]), 0, 1)
    strength = np.full(best.shape, 0.75) if is_discrete else 0.75 * sure
    painted: NDArray[np.float64] = middle + strength[..., None] * (table[best] - middle)
    return painted.round().astype(np.uint8)


def keys(theme: Theme, output: Output, has_held: bool) -> list[Key]:
    """What the legend says."""
    names = list(two_names(output.meaning)) if _is_of_two(output) else []
    if output.form == "classes" and not names:
        names = class_names(output.meaning, output.shape[0] if output.shape else len(output.meaning.classes))
    if output.form == "values":
        names = ["below the median", "above it"]
    found = [Key(name, sample_color(theme, kind, output), kind) for kind, name in enumerate(names)]
    if output.form == "sign" and output.meaning.margin:
        found.append(Key("margin", theme.color("text"), line=True, hollow=True))
    return [*found, Key("held out", theme.color("text2"), 0, hollow=True)] if has_held else found


def _towards_second(output: Output, flat: NDArray[np.float64]) -> NDArray[np.float64]:
    """From −1, surely the first class, to 1, surely the second; for values from the least to the most."""
    if output.form == "yes or no":
        return 2 * flat[..., 0] - 1
    if output.form == "sign":
        return flat[..., 0] / (2 * (output.meaning.margin or 1.0))
    if output.form == "classes":
        return flat[..., 1] - flat[..., 0]
    low, high = float(flat[..., 0].min()), float(flat[..., 0].max())
    share: NDArray[np.float64] = 2 * (flat[..., 0] - low) / ((high - low) or 1.0) - 1
    return share


def _is_of_two(output: Output) -> bool:
    return output.form in ("yes or no", "sign") or (output.form == "classes" and output.shape == (2,))


def _rgb(color: QColor) -> NDArray[np.float64]:
    return np.array([color.red(), color.green(), color.blue()], np.float64)
