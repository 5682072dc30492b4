"""The loss around the weights: a plane of colours with lines of equal loss, the weights in its middle."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy

from core.engine.landscapes import Landscape
from core.telemetry.sheet import Sheet, fixed
from gui.contour import contour
from gui.monitors import axes
from gui.monitors.drawn import Drawn
from gui.monitors.ink import Ink
from gui.monitors.scale import Doubles, Scale
from gui.numbers import plain
from gui.theme import Theme, Themes

LEVELS = 12
"""Lines of equal loss."""
EDGE, LEGEND = 44, 64
"""Pixels left of and below the plane, and for the scale at its right."""
SHADES = 256


class LandscapePlot(Drawn):
    """Colours by the logarithm of the loss, from the least to the most."""

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self._ink = Ink(themes.current)
        self.found: Landscape | None = None
        self.words = "Nothing measured yet."
        self._pointer: QPointF | None = None
        self.setMouseTracking(True)
        self.setAccessibleName("Loss around the weights")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        themes.changed.connect(self._restyle)

    def show_found(self, found: Landscape | None, words: str = "") -> None:
        """Show these losses, or these words in their place."""
        self.found, self.words = found, words
        if found is not None:
            self.setAccessibleDescription(f"{plain(self.middle)} in the middle, least {plain(np.nanmin(self.grid))}")
        self.update()

    @property
    def grid(self) -> Doubles:
        """The losses (points, points); NaN where one is not finite."""
        assert self.found is not None
        count = self.found.points
        return np.array([np.nan if one is None else one for one in self.found.losses], float).reshape(count, count)

    @property
    def middle(self) -> float:
        """The loss at the weights themselves."""
        grid = self.grid
        return float(grid[len(grid) // 2, len(grid) // 2])

    def area(self) -> QRectF:
        """Where the plane is drawn: a square."""
        edge, legend = self._ink.px(EDGE), self._ink.px(LEGEND)
        side = max(min(self.width() - edge - legend, self.height() - edge - self._ink.px(12)), 1)
        left = edge + (self.width() - edge - legend - side) / 2
        return QRectF(left, self._ink.px(12), side, side)

    def scales(self) -> tuple[Scale, Scale]:
        """The shares of the two directions, to the right and downwards."""
        area = self.area()
        reach = self.found.reach if self.found is not None else 1.0
        return Scale(-reach, reach, area.left(), area.right()), Scale(-reach, reach, area.top(), area.bottom())

    def loss_at(self, place: QPointF) -> float | None:
        """The loss that was measured nearest to a place of the widget; None outside the plane."""
        if self.found is None or not self.area().contains(place):
            return None
        along, down = (
            round((scale.number(at) + self.found.reach) / (2 * self.found.reach) * (self.found.points - 1))
            for scale, at in zip(self.scales(), (place.x(), place.y()), strict=True)
        )
        return float(self.grid[down, along])

    def sheet(self) -> Sheet | None:
        """The share of each direction, and the loss there."""
        if self.found is None:
            return None
        places = np.linspace(-self.found.reach, self.found.reach, self.found.points)
        down, along = np.meshgrid(places, places, indexing="ij")
        return fixed(("first direction", "second direction", "loss"), (along.ravel(), down.ravel(), self.grid.ravel()))

    def sizeHint(self) -> QSize:  # noqa: D102  # Qt's name
        return QSize(self._ink.px(520), self._ink.px(440))

    def minimumSizeHint(self) -> QSize:  # noqa: D102  # Qt's name
        return QSize(self._ink.px(240), self._ink.px(200))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        self._pointer = event.position()
        self.update()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: D102  # Qt's name
        super().leaveEvent(event)
        self._pointer = None
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._ink.color("panel"))
        area = self.area()
        if self.found is None or not np.isfinite(self.grid).any():
            axes.nothing_yet(painter, self._ink, area, self.words or "No loss there is a finite number.")
            return
        self._paint_plane(painter, area)
        self._paint_lines(painter, area)
        self._paint_middle(painter, area)
        self._paint_axes(painter, area)
        self._paint_legend(painter, area)
        loss = self.loss_at(self._pointer) if self._pointer is not None else None
        if loss is not None and self._pointer is not None:
            told = axes.Line("loss", plain(loss) if np.isfinite(loss) else "not finite")
            axes.readout(painter, self._ink, area, self._pointer, [told])

    def _shares(self) -> Doubles:
        """From 0 at the least loss to 1 at the most, by their logarithms; NaN where there is none."""
        low, high = self._ends()
        logs = np.log(np.maximum(self.grid, 1e-12))
        return (logs - low) / max(high - low, 1e-12)

    def _ends(self) -> tuple[float, float]:
        logs = np.log(np.maximum(self.grid[np.isfinite(self.grid)], 1e-12))
        return float(logs.min()), float(logs.max())

    def _paint_plane(self, painter: QPainter, area: QRectF) -> None:
        shares = self._shares()
        ramp = np.array(self._ink.theme.lut, np.uint8)
        table = ramp[np.round(np.nan_to_num(shares) * (len(ramp) - 1)).astype(int)]
        pixels = np.full((*shares.shape, 4), 255, np.uint8)
        pixels[..., :3] = table[..., :3]
        bad = self._ink.color("explode")
        pixels[~np.isfinite(shares)] = [bad.red(), bad.green(), bad.blue(), 255]
        count = len(shares)
        image = QImage(pixels.tobytes(), count, count, 4 * count, QImage.Format.Format_RGBA8888)
        half = area.width() / (count - 1) / 2  # a point is the middle of its cell, and the outermost lie on the edge
        painter.save()
        painter.setClipRect(area)
        painter.drawImage(area.adjusted(-half, -half, half, half), image)
        painter.restore()

    def _paint_lines(self, painter: QPainter, area: QRectF) -> None:
        shares, step = self._shares(), area.width() / (len(self.grid) - 1)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(self._ink.color("text"), 1)
        painter.setPen(pen)
        painter.setOpacity(0.45)
        for level in (np.arange(LEVELS) + 0.5) / LEVELS:
            pieces = contour(np.nan_to_num(shares, nan=2.0), float(level))
            painter.drawLines(
                [
                    QLineF(
                        *(area.left() + x1 * step, area.top() + y1 * step),
                        *(area.left() + x2 * step, area.top() + y2 * step),
                    )
                    for x1, y1, x2, y2 in pieces
                ]
            )
        painter.setOpacity(1.0)

    def _paint_middle(self, painter: QPainter, area: QRectF) -> None:
        at, size = area.center(), self._ink.px(6)
        for ink, wide in ((self._ink.color("panel"), 4.0), (self._ink.color("text"), 2.0)):
            painter.setPen(QPen(ink, wide))
            painter.drawLine(QPointF(at.x() - size, at.y()), QPointF(at.x() + size, at.y()))
            painter.drawLine(QPointF(at.x(), at.y() - size), QPointF(at.x(), at.y() + size))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_axes(self, painter: QPainter, area: QRectF) -> None:
        theme, font = self._ink, self._ink.caption
        assert self.found is not None
        along, down = self.scales()
        for value in (-self.found.reach, 0.0, self.found.reach):
            text = plain(value, 2)
            here = QRectF(along.pixel(value) - theme.px(30), area.bottom() + theme.px(4), theme.px(60), theme.px(16))
            axes.text(painter, here, Qt.AlignmentFlag.AlignCenter, text, theme.color("text3"), font)
            beside = QRectF(
                area.left() - theme.px(EDGE), down.pixel(value) - theme.px(8), theme.px(EDGE - 6), theme.px(16)
            )
            axes.text(painter, beside, axes.RIGHT, text, theme.color("text3"), font)
        below = QRectF(area.left(), area.bottom() + theme.px(20), area.width(), theme.px(16))
        told = "shares of two random directions"
        axes.text(painter, below, Qt.AlignmentFlag.AlignCenter, told, theme.color("text2"), font)

    def _paint_legend(self, painter: QPainter, area: QRectF) -> None:
        theme = self._ink
        bar = QRectF(area.right() + theme.px(10), area.top(), theme.px(10), area.height())
        lut = theme.theme.lut
        for row in range(SHADES):
            share = 1 - (row + 0.5) / SHADES
            top = bar.top() + bar.height() * row / SHADES
            ink = QColor(*lut[round(share * (len(lut) - 1))])
            painter.fillRect(QRectF(bar.left(), top, bar.width(), bar.height() / SHADES + 1), ink)
        low, high = self._ends()
        for share in (0.0, 0.25, 0.5, 0.75, 1.0):
            value, y = float(np.exp(low + share * (high - low))), bar.bottom() - share * (bar.height() - theme.px(14))
            room = QRectF(bar.right() + theme.px(4), y - theme.px(14), theme.px(LEGEND), theme.px(14))
            axes.text(painter, room, axes.LEFT, plain(value, 3), theme.color("text2"), theme.caption)
        below = QRectF(bar.left(), bar.bottom() + theme.px(4), theme.px(LEGEND), theme.px(16))
        axes.text(painter, below, axes.LEFT, "loss", theme.color("text2"), theme.caption)

    def _restyle(self, theme: Theme) -> None:
        self._ink = Ink(theme)
        self.updateGeometry()
        self.update()
