"""The decision boundary of a network that reads two numbers, as what gives them: a place in it is judged."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from core.data.sources import FieldSpec
from core.engine.predictions import Column, Surveyed, Sweep, Swept, unpacked
from gui.boundary.colors import keys, names_of, sample_color
from gui.boundary.ground import Span, is_of_one_unit, spans_of
from gui.boundary.legend import Legend
from gui.boundary.plane import COUNT, MARGIN, PlaneDrawing
from gui.predict.hardest import Hardest, hardest
from gui.predict.plotting import SmallPlot, draw_place
from gui.segments import Segments
from gui.subject import Output
from gui.theme import Theme, Themes
from gui.widgets import ElidedLabel, column, prose, row


class Plane(SmallPlot):
    """What is said over the plane, and the place that is judged."""

    def __init__(self, themes: Themes, spec: FieldSpec, columns: list[Column], output: Output) -> None:
        super().__init__(themes, f"Decision boundary over {spec.columns[0]} and {spec.columns[1]}")
        self.setAccessibleDescription("Arrow keys move the place that is judged; with Shift ten times as far.")
        self._spans = spans_of(columns, is_of_one_unit(spec), MARGIN)
        self.drawn = PlaneDrawing(output)

    def spans(self) -> tuple[Span, Span]:  # noqa: D102  # as SmallPlot has it
        return self._spans

    def paint(self, painter: QPainter, area: QRectF) -> None:  # noqa: D102  # as SmallPlot has it
        theme = self.theme
        if self.drawn.values is None:
            painter.setPen(theme.color("text2"))
            painter.setFont(theme.body)
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, "Asking the network…")
            return
        self.drawn.paint(painter, theme, self.ground())
        (at,) = self.pixels(np.array([[self.place.x(), self.place.y()]]))
        draw_place(painter, QPointF(*at), theme.color("sel"), theme.color("inset"))


class PlaneInput(QWidget):
    """The plane, as what gives the two numbers."""

    changed = Signal()
    picked = Signal(int)
    """The place of a sample in the held-out part."""

    def __init__(self, themes: Themes, spec: FieldSpec, surveyed: Surveyed, name: str, output: Output) -> None:
        super().__init__()
        self._themes, self._shape = themes, spec.shape
        self.plane = Plane(themes, spec, surveyed.columns[name], output)
        self._signs = self.plane.drawn.take_samples(surveyed)
        self._said: NDArray[Any] | None = None
        """What was said last of the samples."""
        self.legend = Legend(themes)
        self.legend.show_keys(keys(themes.current, output, bool(self.plane.drawn.held.any())))
        self.where = ElidedLabel("", "mono-secondary")
        self.counted = prose("", "caption2")
        self.looks = Segments(themes, (("smooth", "Smooth"), ("discrete", "Discrete")), 20)
        self.looks.setAccessibleName("Colours")
        self.looks.chosen.connect(self._look)
        self.looks.setVisible(bool(output.form in ("classes", "yes or no", "sign")))
        self.hardest = Hardest(themes)
        self.hardest.picked.connect(self.picked)
        self._judges = output.form in ("classes", "yes or no", "sign") and bool(self.plane.drawn.held.any())
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
        drawn = self.plane.drawn
        if len(said) == len(drawn.samples):  # else the answer is about other samples than are shown by now
            drawn.vectors = self._vectors(said)
            count = int(drawn.vectors.sum())
            self.counted.setText(f"{count} of the training samples are support vectors: on the margin or within it")
            self._said = said
        drawn.show_values(unpacked(told.values))
        self.plane.update()
        self._list()

    def _list(self) -> None:
        """List the samples of which the network is least certain."""
        if not self._judges or self._said is None or len(self._said) != len(self.plane.drawn.held):
            return
        drawn, theme = self.plane.drawn, self._themes.current
        listed = hardest(drawn.output, drawn.samples, drawn.kinds, drawn.held, self._said)
        names = names_of(drawn.output)
        inks = [sample_color(theme, kind, drawn.output) for kind in range(len(names))]
        self.hardest.show_samples(listed, inks, names)

    def _vectors(self, scores: NDArray[Any]) -> NDArray[np.bool_]:
        """Which samples of the training part a hinge loss still acts on: those with t·z of the margin or less."""
        output = self.plane.drawn.output
        if not output.meaning.margin or output.form != "sign" or not len(self._signs):
            return np.zeros(len(self.plane.drawn.samples), bool)
        touching: NDArray[np.bool_] = self._signs * scores.reshape(-1) <= output.meaning.margin * (1 + 1e-4)
        return touching & ~self.plane.drawn.held

    def _look(self, look: str) -> None:
        self.plane.drawn.is_discrete = look == "discrete"
        self.plane.update()

    def _moved(self) -> None:
        self._tell()
        self.changed.emit()

    def _tell(self) -> None:
        place = self.plane.place
        self.where.set_text(f"{place.x():.3g}, {place.y():.3g}".replace("-", "−"))
        self.where.setAccessibleName(f"{self._names[0]} {place.x():.3g}, {self._names[1]} {place.y():.3g}")

    def _restyle(self, theme: Theme) -> None:
        self.legend.show_keys(keys(theme, self.plane.drawn.output, bool(self.plane.drawn.held.any())))
        self._list()
