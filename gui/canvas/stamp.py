"""A picture that is kept as long as nothing in it changes, drawn at whole pixels of the screen."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPaintEngine, QPainter, QPixmap, QPixmapCache, QTransform

Paint = Callable[[QPainter], None]


class Stamp:
    """The picture of one item; Qt's cache holds it, so that what is out of view costs nothing in the end."""

    def __init__(self) -> None:
        self._key = QPixmapCache.Key()
        self._state: tuple[object, float, float, QRectF] | None = None

    def draw(
        self,
        painter: QPainter,
        bounds: QRectF,
        scale: float,
        state: object,
        paint: Paint,
        stand_in: Callable[[], Paint | None] = lambda: None,
    ) -> None:
        """Draw what `paint` draws within `bounds`, from the kept picture where `state` and `scale` are as they were.

        The painter may have moved and scaled, by `scale` screen pixels for a unit, and no more. Where a new
        picture is needed, `stand_in` may say that there is no time for it: what is kept of this state is then drawn
        larger or smaller, or else what it says.
        """
        ratio = painter.device().devicePixelRatioF()
        known, state = self._state, (state, scale, ratio, bounds)
        picture = QPixmap()
        kept = known is not None and QPixmapCache.find(self._key, picture)
        is_right = kept and state == known
        if not is_right and (block := stand_in()) is not None:
            if kept and known is not None and known[0] == state[0] and known[2:] == state[2:]:
                painter.drawPixmap(bounds, picture, QRectF(picture.rect()))
            else:
                block(painter)
            return
        if not is_right:
            picture = _painted(bounds, scale, ratio, painter.renderHints(), paint)
            self._key, self._state = QPixmapCache.insert(picture), state
        world = painter.worldTransform()
        corner = world.map(bounds.topLeft()) * ratio
        painter.setWorldTransform(QTransform())
        # not `round`, by which halves go to the even: a picture would move against another when both are scrolled
        painter.drawPixmap(QPointF(math.floor(corner.x() + 0.5), math.floor(corner.y() + 0.5)) / ratio, picture)
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
