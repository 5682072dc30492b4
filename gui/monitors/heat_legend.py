"""The legend of a heatmap: the bar of its colours with ticks, the mark of what is too little, and what a column is."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPen, QPolygonF

from core.telemetry.heat_scales import HeatScale
from core.telemetry.heatmap import Grid
from gui.monitors import axes, ticks
from gui.monitors.ink import Ink
from gui.monitors.scale import Scale

WIDTH = 106
"""Pixels from the cells to the plot's edge."""


def paint(painter: QPainter, theme: Ink, area: QRectF, scale: HeatScale, colors: QImage) -> None:
    """The bar right of the area, with its ticks, words and the mark."""
    bar = QRectF(area.right() + theme.px(26), area.top(), theme.px(10), area.height())
    painter.drawImage(bar, colors)
    heights = Scale(scale.low, scale.high, bar.bottom(), bar.top())
    mark = heights.pixel(scale.mark) if scale.mark is not None else -1e9
    words = QRectF(bar.right() + theme.px(9), 0, theme.px(60), 20)
    for place in scale.ticks():
        y = min(max(heights.pixel(place), bar.top() + 0.5), bar.bottom() - 0.5)
        axes.hairline(painter, QPointF(bar.right() + 1, y), QPointF(bar.right() + 5, y), theme.color("line3"))
        if abs(y - mark) > theme.px(13):
            at = words.translated(0, min(max(y, theme.px(12)), bar.bottom()) - 10)
            axes.text(painter, at, axes.LEFT, label(scale, place), theme.color("text3"), theme.caption)
    if scale.mark is not None:
        _paint_mark(painter, theme, bar, mark)
        axes.text(painter, words.translated(0, mark - 10), axes.LEFT, scale.word, theme.color("text"), theme.caption)


def label(scale: HeatScale, place: float) -> str:
    """A tick's words: 10⁻³, or 75 %."""
    return ticks.power(round(place)) if scale.log else f"{place:.0%}".replace("%", " %")


def _paint_mark(painter: QPainter, theme: Ink, bar: QRectF, y: float) -> None:
    """Black and white, so that it is seen on every colour."""
    ink = theme.color("text")
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.color("inset"), 3.5))
    painter.drawLine(QPointF(bar.left() - 1, y), QPointF(bar.right() + 5, y))
    painter.setPen(QPen(ink, 1.5))
    painter.drawLine(QPointF(bar.left() - 2, y), QPointF(bar.right() + 5, y))
    painter.setBrush(ink)
    painter.setPen(Qt.PenStyle.NoPen)
    left = bar.left() - 6
    painter.drawPolygon(QPolygonF([QPointF(left, y - 3.5), QPointF(left + 5, y), QPointF(left, y + 3.5)]))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def bin_size(grid: Grid, log_time: bool = False) -> str:
    """What one column of cells stands for."""
    is_even = 0.7 * grid.spacing <= grid.apart <= 1.5 * grid.spacing
    how_often = f"every {grid.spacing:,} steps" if grid.spacing > 1 else "at every step"
    measured = f"measured {how_often}" if is_even else f"lately measured {how_often}"
    if log_time and grid.width > 1:
        return f"steps, logarithmic: columns of 1 to {grid.width:,} steps"
    if log_time:
        return f"steps, logarithmic, {measured}"
    if grid.spacing > 1 or not is_even:
        return f"steps, {measured}" + (f", {grid.width:,} a column" if grid.width > 1 else "")
    return "steps, one column = " + ("1 step" if grid.width == 1 else f"{grid.width:,} steps")
