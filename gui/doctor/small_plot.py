"""The small plot of a finding: a bar a layer, bars with names, or a line over steps, each with its limit."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.diagnosis.finding import Plot
from gui.doctor.plot_places import BELOW, Places
from gui.monitors import axes, ticks
from gui.monitors.ink import Ink
from gui.theme import Theme, Themes

TALL, LOW = 116, 84
"""Heights of a profile or of bars, and of a line."""
_NONE: Mapping[str, float] = MappingProxyType({})


class SmallPlot(QWidget):
    """Draws the numbers of one piece of evidence."""

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self._themes, self._ink = themes, Ink(themes.current)
        self.plot: Plot | None = None
        self.blamed: frozenset[str] = frozenset()
        self.shades: Mapping[str, float] = _NONE
        """By path the logarithm of the layer's gradient now, which gives its bar the colour it has elsewhere."""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        themes.changed.connect(self._restyle)

    @property
    def theme(self) -> Ink:
        """The look in use."""
        if self._ink.theme is not self._themes.current:
            self._ink = Ink(self._themes.current)
        return self._ink

    def places(self) -> Places | None:
        """Where everything stands now; None while nothing is drawn."""
        return Places(self.plot, self.theme, self.width(), self.height()) if self.plot is not None else None

    def show_plot(self, plot: Plot, blamed: frozenset[str], shades: Mapping[str, float] = _NONE) -> None:
        """Draw these numbers; the names of what is blamed stand out."""
        if (plot, blamed, shades) == (self.plot, self.blamed, self.shades):
            return
        resized = self.plot is None or self.plot.form != plot.form
        self.plot, self.blamed, self.shades = plot, blamed, shades
        self.setAccessibleName(spoken(plot))
        self.setToolTip(spoken(plot))
        if resized:
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: D102  # Qt's name
        is_line = self.plot is not None and self.plot.form == "line"
        return QSize(self.theme.px(140), self.theme.px(LOW if is_line else TALL))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        places = self.places()
        if places is None:
            return
        painter = QPainter(self)
        try:
            axes.value_axis(painter, self.theme, places.area, places.scale, places.marks)
            if places.plot.form == "line":
                self._paint_lines(painter, places)
            else:
                self._paint_bars(painter, places)
                self._paint_names(painter, places)
            self._paint_limit(painter, places)
        finally:
            painter.end()  # Qt would crash over a painter that an exception leaves open

    def _paint_bars(self, painter: QPainter, places: Places) -> None:
        plot, area = places.plot, places.area
        edge = QColor(255, 255, 255, 60) if self.theme.dark else QColor(0, 0, 0, 64)
        for place, turn, bar in places.bars():
            name = plot.names[place] if place < len(plot.names) else ""
            painter.fillRect(bar, self._fill(name, turn, plot.curves[turn].y[place]))
            if name in self.shades and bar.width() > 3:
                painter.setPen(QPen(edge, 1))
                painter.drawRect(bar.adjusted(0.5, 0.5, -0.5, -0.5))
        ground = area.bottom() if plot.logarithmic else places.at(0.0)
        painter.fillRect(QRectF(area.left(), ground, area.width(), 1), self.theme.color("line2"))

    def _fill(self, name: str, turn: int, value: float) -> QColor:
        if not math.isfinite(value):
            return self.theme.color("error")
        if turn:
            return self.theme.color("val")
        if name in self.shades:
            return self.theme.theme.gradient(self.shades[name])
        return self.theme.color("error" if name in self.blamed else "train")

    def _paint_names(self, painter: QPainter, places: Places) -> None:
        """Numbers of layers, or names, under the bars: as many as have room, what is blamed in bold."""
        theme, names, area = self.theme, places.plot.names, places.area
        if not names:
            return
        pitch = area.width() / len(names)
        texts = short_names(names)
        every = max(1, math.ceil((max(theme.wide(text) for text in texts) + theme.px(4)) / pitch))
        if every > max(len(names) // 2, 1):
            every = max(1, math.ceil(len(names) / 3))
            texts = tuple(theme.elided(text, pitch * every - theme.px(4)) for text in texts)
        row = QRectF(area.left(), area.bottom() + 2, pitch, theme.px(BELOW) - 2)
        for place in range(0, len(names), every):
            font, ink = (theme.strong, "error") if names[place] in self.blamed else (theme.caption, "text3")
            box = row.translated(place * pitch, 0)
            wide = theme.wide(texts[place])
            box.moveLeft(min(max(box.center().x() - wide / 2, area.left()), self.width() - wide) - 1)
            axes.text(painter, box, axes.LEFT, texts[place], theme.color(ink), font)

    def _paint_lines(self, painter: QPainter, places: Places) -> None:
        theme, curves, area = self.theme, places.plot.curves, places.area
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inks = ("text3", "train", "val", "text2") if len(curves) > 1 else ("error",)
        for turn, curve in enumerate(curves):
            painter.setPen(QPen(theme.color(inks[turn % len(inks)]), 1.6))
            for piece in places.line(curve):
                painter.drawPolyline(piece)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if len(curves) > 1:
            self._paint_ends(painter, places, inks)
        painter.fillRect(QRectF(area.left(), area.bottom(), area.width(), 1), theme.color("line2"))
        across, row = places.across, QRectF(area.left(), area.bottom() + 2, area.width(), theme.px(BELOW) - 2)
        ends = ((axes.LEFT, f"step {across.low:,.0f}"), (axes.RIGHT, f"{across.high:,.0f}"))
        for align, words in ends if any(curve.x for curve in curves) else ():
            axes.text(painter, row, align, words, theme.color("text3"), theme.caption)

    def _paint_ends(self, painter: QPainter, places: Places, inks: Sequence[str]) -> None:
        """The name of each line at its end, pushed apart."""
        theme, area, tall = self.theme, places.area, self.theme.px(14)
        taken: list[float] = []
        for turn, curve in enumerate(places.plot.curves):
            pieces = [piece for piece in places.line(curve) if not piece.isEmpty()]
            if not pieces:
                continue
            wide = theme.wide(curve.name) * 1.1 + theme.px(4)
            near = [point.y() for piece in pieces for point in piece.toList() if point.x() >= area.right() - wide]
            over, under = min(near, default=area.top()) - tall - 1, max(near, default=area.top()) + 1
            spots = [over, under, *(over + step * tall for step in range(-3, 6))]
            free = [at for at in spots if area.top() - 4 <= at <= area.bottom() - tall]
            spot = next((at for at in free if all(abs(at - other) >= tall for other in taken)), over)
            taken.append(spot)
            ink = theme.color(inks[turn % len(inks)] if inks[turn % len(inks)] != "text3" else "text2")
            box = QRectF(area.left(), spot, area.width() - theme.px(4), tall)
            axes.text(painter, box, axes.RIGHT, curve.name, ink, theme.strong)

    def _paint_limit(self, painter: QPainter, places: Places) -> None:
        """A dashed line, and in words what it stands at."""
        y, limit, theme, area = places.limit, places.plot.limit, self.theme, places.area
        if y is None or limit is None:
            return
        pen = QPen(theme.color("error"), 1)
        pen.setDashPattern([5, 3])
        painter.setPen(pen)
        painter.drawLine(QPointF(area.left(), round(y) + 0.5), QPointF(area.right(), round(y) + 0.5))
        words = f"limit {ticks.plain(limit)}"
        over = y - area.top() > theme.px(16)
        row = QRectF(area.left() + theme.px(4), y - theme.px(15) if over else y + 2, theme.wide(words), theme.px(13))
        plate = row.adjusted(-theme.px(2), 0, theme.px(2), 0)
        painter.fillRect(plate, theme.color("raised"))
        axes.text(painter, row, axes.LEFT, words, theme.color("error"), theme.caption)

    def _restyle(self, _theme: Theme) -> None:
        self.updateGeometry()
        self.update()


def spoken(plot: Plot) -> str:
    """The plot in words: what it shows, from what to what, and its limit."""
    values = [value for curve in plot.curves for value in curve.y if math.isfinite(value)]
    what = plot.y_title or ", ".join(curve.name for curve in plot.curves)
    span = f": {ticks.reading(min(values))} to {ticks.reading(max(values))}" if values else ": no numbers"
    held = f", limit {ticks.reading(plot.limit)}" if plot.limit is not None else ""
    return f"{what[:1].upper()}{what[1:]}{span}{held}"


def short_names(names: tuple[str, ...]) -> tuple[str, ...]:
    """What tells names apart: of fc1 to fc12 the numbers, of paths in one block their last parts."""
    stems = {name.rstrip("0123456789") for name in names}
    numbers = tuple(name[len(name.rstrip("0123456789")) :] for name in names)
    if len(names) > 1 and len(stems) == 1 and all(numbers):
        return numbers
    last = tuple(name.rpartition(".")[2] for name in names)
    return last if len(set(last)) == len(last) else names
