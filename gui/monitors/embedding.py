"""What a layer gives for many samples, on the two directions in which it spreads most, again and again in training."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from core.engine.embeddings import Embedded
from core.telemetry.sheet import Sheet, fixed
from gui.monitors import axes
from gui.monitors.axes import Line
from gui.monitors.cursor import Cursor
from gui.monitors.layer_monitor import NONE, LayerMonitor
from gui.monitors.panel import shared
from gui.monitors.scale import Scale, padded
from gui.monitors.still_plot import StillPlot
from gui.sample_marks import draw_sample
from gui.theme import Themes
from gui.training.feed import Feed

NEAR = 9.0
"""Pixels from the pointer within which a sample is pointed at."""
NAMED = 12
"""Classes that a legend has room for, at the most."""


class EmbeddingPlot(StillPlot):
    """A sign a sample, its class by colour and shape."""

    def __init__(self, feed: Feed, themes: Themes, cursor: Cursor) -> None:
        super().__init__(feed, themes, cursor)
        self.found: Embedded | None = None
        self.layer = ""
        self.hint = NONE
        """What is said while there is nothing."""
        self.points: npt.NDArray[np.float32] = np.empty((0, 2), np.float32)

    def take(self, layer: str, found: Embedded | None, hint: tuple[str, str] = NONE) -> None:
        """Show these points of a layer, or why there are none."""
        self.layer, self.found, self.hint = layer, found, hint
        empty = np.empty((0, 2), np.float32)
        self.points = np.frombuffer(found.points, "<f4").reshape(-1, 2) if found is not None else empty
        self.setAccessibleDescription(self.words)
        self.refresh()

    @property
    def words(self) -> str:
        """Which layer and step it is, and how much of its spread the plot shows."""
        if self.found is None:
            return self.hint[0]
        first, second = self.found.explained
        kind = "held-out" if self.found.part == "validation" else "training"
        share = f"{100 * (first + second):.0f} % of the spread of {self.found.size:,} numbers"
        return f"{self.layer}, step {self.found.step:,}: {len(self.points):,} {kind} samples, {share}"

    def area(self) -> QRectF:
        """All but the words above and the legend at the right."""
        px = self.theme.px
        right = px(10) + (px(24) + self._widest() if self._legend() else 0)
        room = QRectF(px(12), px(26), self.width() - px(12) - right, self.height() - px(26) - px(26))
        return room.normalized()

    def values(self) -> Scale:
        """The second component, upwards."""
        return self._scales()[1]

    def prepare(self) -> None:
        """There is nothing to work out: points come as they are drawn."""

    def paint(self, painter: QPainter) -> None:
        """Points, legend, and what is pointed at."""
        theme, area = self.theme, self.area()
        if self.found is None:
            axes.nothing_yet(painter, theme, QRectF(self.rect()), *self.hint)
            return
        painter.fillRect(area, theme.color("inset"))
        above = QRectF(area.left(), theme.px(4), self.width() - area.left(), theme.px(18))
        axes.text(
            painter, above, axes.LEFT, theme.elided(self.words, above.width()), theme.color("text2"), theme.caption
        )
        below = QRectF(area.left(), area.bottom() + theme.px(4), area.width(), theme.px(18))
        first, second = (f"{100 * share:.0f} %" for share in self.found.explained)
        axes.text(
            painter, below, axes.LEFT, f"across {first} of the spread, up {second}", theme.color("text3"), theme.caption
        )
        painter.setRenderHint(painter.RenderHint.Antialiasing)
        self._paint_points(painter)
        self._paint_legend(painter, area)
        painter.setRenderHint(painter.RenderHint.Antialiasing, False)
        here = self.at(self.pointer) if self.pointer is not None else None
        if here is not None and self.pointer is not None:
            self._paint_pointed(painter, here)
            axes.readout(painter, theme, QRectF(self.rect()).adjusted(2, 2, -2, -2), self.pointer, self.reading(here))

    def sheet(self) -> Sheet | None:
        """A row a sample."""
        if self.found is None:
            return None
        names: list[str] = ["sample", "first", "second"]
        columns: list[npt.ArrayLike] = [np.array(self.found.numbers), self.points[:, 0], self.points[:, 1]]
        if self.found.labels:
            names.append("class")
            columns.append([self._class_name(label) for label in self.found.labels])
        return fixed(names, columns)

    def place(self, index: int) -> QPointF:
        """Where a sample is drawn, in pixels."""
        across, up = self._scales()
        return QPointF(across.pixel(float(self.points[index, 0])), up.pixel(float(self.points[index, 1])))

    def at(self, pointer: QPointF) -> int | None:
        """The sample nearest to the pointer, if it is near."""
        if not len(self.points):
            return None
        across, up = self._scales()
        x = (self.points[:, 0] - across.number(pointer.x())) * abs(across.pixel(1.0) - across.pixel(0.0))
        y = (self.points[:, 1] - up.number(pointer.y())) * abs(up.pixel(1.0) - up.pixel(0.0))
        distances = np.hypot(x, y)
        nearest = int(distances.argmin())
        return nearest if distances[nearest] <= NEAR else None

    def reading(self, index: int) -> list[Line]:
        """What is known of a sample."""
        assert self.found is not None
        lines = [Line("sample", f"{self.found.numbers[index]:,}")]
        if self.found.labels:
            label = self.found.labels[index]
            lines.append(Line(self._class_name(label), "", self.theme.theme.series(label)))
        return lines

    def _scales(self) -> tuple[Scale, Scale]:
        area, spread = self.area(), self.points
        ends = [(0.0, 1.0)] * 2
        if len(spread):
            ends = [(float(spread[:, place].min()), float(spread[:, place].max())) for place in range(2)]
        (left, right), (low, high) = (padded(*end, 0.05, 1e-6) for end in ends)
        return Scale(left, right, area.left(), area.right()), Scale(low, high, area.bottom(), area.top())

    def _paint_points(self, painter: QPainter) -> None:
        theme, labels = self.theme, self.found.labels if self.found is not None else []
        ground = theme.color("inset")
        for index in range(len(self.points)):
            kind = labels[index] if labels else 0
            draw_sample(painter, self.place(index), kind, theme.theme.series(kind), ground, False)

    def _paint_pointed(self, painter: QPainter, index: int) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self.theme.color("sel"), 1.5))
        painter.drawEllipse(self.place(index), 7, 7)

    def _paint_legend(self, painter: QPainter, area: QRectF) -> None:
        theme, x = self.theme, area.right() + self.theme.px(16)
        for place, (label, name) in enumerate(self._legend()):
            y = area.top() + theme.px(10) + place * theme.px(16)
            draw_sample(painter, QPointF(x, y), label, theme.theme.series(label), theme.color("panel"), False)
            room = QRectF(x + theme.px(8), y - theme.px(8), self._widest() + 2, theme.px(16))
            axes.text(painter, room, axes.LEFT, name, theme.color("text2"), theme.caption)

    def _legend(self) -> list[tuple[int, str]]:
        """The classes that are there; none where there are too many."""
        there = sorted(set(self.found.labels)) if self.found is not None else []
        return [(label, self._class_name(label)) for label in there] if len(there) <= NAMED else []

    def _class_name(self, label: int) -> str:
        classes = self.found.classes if self.found is not None else []
        return classes[label] if 0 <= label < len(classes) else str(label)

    def _widest(self) -> float:
        return max((min(self.theme.wide(name), self.theme.px(96)) for _label, name in self._legend()), default=0.0)


class EmbeddingMonitor(LayerMonitor):
    """The points of the selected layer, or of the last one before the loss."""

    SENTENCE = (
        "Each point is a sample as the layer sees it, on the two directions in which the layer's numbers vary most: "
        "where classes form clusters of their own, the layers behind it have an easy task."
    )

    def __init__(self, feed: Feed, themes: Themes, cursor: Cursor | None = None) -> None:
        self.cloud = EmbeddingPlot(feed, themes, shared(cursor))
        super().__init__("Embedding", self.cloud, feed, themes, turn=4)

    def shown_step(self) -> int | None:
        """The step of what is shown."""
        return self.cloud.found.step if self.cloud.found is not None else None
