"""A layer's last activation, drawn small: maps side by side, curves, or a histogram."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from core.engine.activations import Activation
from gui.canvas.look import Look
from gui.shades import shaded

GAP = 3.0
"""Between two maps, and around all."""


def draw_picture(
    painter: QPainter, look: Look, place: QRectF, activation: Activation, ink: QColor, sharp: float
) -> None:
    """Draw it into the place; `sharp` is how many screen pixels a unit has."""
    if activation.form == "image":
        _draw_maps(painter, look, place, activation, sharp)
    elif activation.form == "curve":
        _draw_curves(painter, look, place.adjusted(GAP, GAP, -GAP, -GAP), activation, ink)
    else:
        _draw_bars(painter, look, place.adjusted(GAP, GAP, -GAP, -GAP), activation, ink)


def mosaic(count: int, aspect: float, place: QRectF) -> list[QRectF]:
    """As many equal cells of this width to height in rows that fill the place best, centred in it."""
    best, across = 0.0, 1
    for columns in range(1, count + 1):
        height = _cell_height(count, columns, aspect, place)
        if height > best:
            best, across = height, columns
    width, rows = best * aspect, -(-count // across)
    left = place.center().x() - (across * (width + GAP) - GAP) / 2
    top = place.center().y() - (rows * (best + GAP) - GAP) / 2
    return [
        QRectF(left + index % across * (width + GAP), top + index // across * (best + GAP), width, best)
        for index in range(count)
    ]


def _cell_height(count: int, columns: int, aspect: float, place: QRectF) -> float:
    rows = -(-count // columns)
    wide = (place.width() - (columns + 1) * GAP) / columns
    tall = (place.height() - (rows + 1) * GAP) / rows
    return min(tall, wide / aspect)


def _draw_maps(painter: QPainter, look: Look, place: QRectF, activation: Activation, sharp: float) -> None:
    """Orange above zero, blue below; pixels stay pixels unless there are more of them than the screen has."""
    wide, tall = activation.width, activation.height
    image = shaded(look.theme, activation.pixels, wide, tall * activation.shown)
    aspect = min(max(wide / tall, 1 / 6), 6.0)
    cells = mosaic(activation.shown, aspect, place)
    fine = bool(cells) and cells[0].height() * sharp < tall
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, fine)
    for index, cell in enumerate(cells):
        painter.drawImage(cell, image, QRectF(0, index * tall, wide, tall))


def _draw_curves(painter: QPainter, look: Look, place: QRectF, activation: Activation, ink: QColor) -> None:
    low, high = min(activation.low, 0.0), max(activation.high, 0.0)
    low, high = (low, high) if high > low else (-1.0, 1.0)
    spread = high - low

    def height(value: float) -> float:
        return place.bottom() - (value - low) / spread * place.height()

    painter.setPen(QPen(look.color("line2"), 1))
    painter.drawLine(QPointF(place.left(), height(0.0)), QPointF(place.right(), height(0.0)))
    for index, line in enumerate(activation.lines):
        step = place.width() / max(len(line) - 1, 1)
        painter.setPen(QPen(ink if index == 0 else look.theme.series(index - 1), 1.2))
        for stretch in _stretches(line):
            painter.drawPolyline(QPolygonF([QPointF(place.left() + at * step, height(v)) for at, v in stretch]))


def _stretches(line: list[float | None]) -> list[list[tuple[int, float]]]:
    """The parts of the line between numbers that are not finite."""
    parts: list[list[tuple[int, float]]] = [[]]
    for place, value in enumerate(line):
        if value is None:
            parts.append([])
        else:
            parts[-1].append((place, value))
    return [part for part in parts if part]


def _draw_bars(painter: QPainter, look: Look, place: QRectF, activation: Activation, ink: QColor) -> None:
    """How many numbers lie where; a mark stands at zero where that lies between."""
    bins, low, high = activation.bins, activation.low, activation.high
    most, pitch = max([*bins, 1]), place.width() / max(len(bins), 1)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    for index, count in enumerate(bins):
        tall = max((place.height() - 2) * count / most, 1.0) if count else 0.0
        painter.drawRect(QRectF(place.left() + index * pitch, place.bottom() - 2 - tall, max(pitch - 1, 1.0), tall))
    painter.setPen(QPen(look.color("line2"), 1))
    painter.drawLine(QPointF(place.left(), place.bottom() - 1.5), QPointF(place.right(), place.bottom() - 1.5))
    if low < 0 < high:
        zero = place.left() - low / (high - low) * place.width()
        painter.setPen(QPen(look.color("text3"), 1))
        painter.drawLine(QPointF(zero, place.bottom() - 3), QPointF(zero, place.bottom() + 1))
