"""A picture that is kept as long as nothing in it changes, drawn at whole pixels of the screen."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPaintEngine, QPainter, QPixmap, QPixmapCache, QTransform


class Stamp:
    """The picture of one item; Qt's cache holds it, so that what is out of view costs nothing in the end."""

    def __init__(self) -> None:
        self._key = QPixmapCache.Key()
        self._state: object = None

    def draw(
        self, painter: QPainter, bounds: QRectF, scale: float, state: object, paint: Callable[[QPainter], None]
    ) -> None:
        """Draw what `paint` draws within `bounds`, from the kept picture where `state` and `scale` are as they were.

        The painter may have moved and scaled, by `scale` screen pixels for a unit, and no more.
        """
        ratio = painter.device().devicePixelRatioF()
        state = (state, scale, ratio, bounds)
        picture = QPixmap()
        if state != self._state or not QPixmapCache.find(self._key, picture):
            picture = _painted(bounds, scale, ratio, painter.renderHints(), paint)
            self._key, self._state = QPixmapCache.insert(picture), state
        world = painter.worldTransform()
        corner = world.map(bounds.topLeft()) * ratio
        painter.setWorldTransform(QTransform())
        painter.drawPixmap(QPointF(round(corner.x()), round(corner.y())) / ratio, picture)
        painter.setWorldTransform(world)


def can_keep(painter: QPainter) -> bool:
    """Whether the painter draws pixels: a file for print wants lines and letters, not pictures of them."""
    return painter.paintEngine().type() == QPaintEngine.Type.Raster


def _painted(
    bounds: QRectF, scale: float, ratio: float, hints: QPainter.RenderHint, paint: Callable[[QPainter], None]
) -> QPixmap:
    size = bounds.size() * scale * ratio
    picture = QPixmap(QSize(math.ceil(size.width()), math.ceil(size.height())))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    try:
        painter.setRenderHints(hints)
        painter.scale(scale, scale)
        painter.translate(-bounds.topLeft())
        paint(painter)
    finally:
        painter.end()
    return picture
