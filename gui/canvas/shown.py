"""What a view shows, kept as a picture: where it was scrolled only what comes in is painted, and what asked for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap, QRegion, QTransform
from PySide6.QtWidgets import QGraphicsView, QStyleOptionGraphicsItem

from gui.canvas.near import pieces
from gui.canvas.scene import Scene

MOST = 500
"""Places that are told apart; of more, all is painted."""
_TOUCHING = Qt.ItemSelectionMode.IntersectsItemBoundingRect
Ground = Callable[[QPainter, QRectF], None]


class Shown:
    """The picture of one scene in one view; the scene tells what has changed, so that nobody else has to."""

    def __init__(self, view: QGraphicsView, scene: Scene, ground: Ground) -> None:
        """`ground` paints what lies below everything, in scene coordinates."""
        self._view, self._scene, self._ground = view, scene, ground
        self._picture = QPixmap()
        self._transform = QTransform()
        """How the scene lies in the picture."""
        self._stale: list[QRectF] = []
        """The parts of the scene that have changed since they were painted."""
        self._is_stale = True
        """Whether all has."""
        scene.is_seen = True
        scene.changed.connect(self._note)

    def paint_anew(self) -> None:
        """Paint all of it next time."""
        self._is_stale = True
        self._view.viewport().update()

    def turn(self, is_seen: bool) -> None:
        """Show the scene from now on, or not: then nothing in it asks to be painted anew."""
        self._scene.is_seen = is_seen
        self.let_go()

    def let_go(self) -> None:
        """Keep no picture while nobody looks."""
        self._picture, self._is_stale = QPixmap(), True

    def draw(self, painter: QPainter) -> bool:
        """Draw the viewport as it is now.

        It is not done, and False, where the painter does not paint the window but a picture that someone takes,
        and where a point of the viewport is no whole number of pixels, by which it could be scrolled.
        """
        store, ratio = self._view.window().backingStore(), self._view.viewport().devicePixelRatioF()
        if not ratio.is_integer() or painter.paintEngine().paintDevice() is not store.paintDevice():
            return False
        stale = self._left(round(ratio))
        self._transform, self._is_stale = self._view.viewportTransform(), False
        self._stale.clear()
        if not stale.isEmpty():
            self._paint(stale)
        painter.drawPixmap(0, 0, self._picture)
        return True

    def _note(self, areas: Sequence[QRectF]) -> None:
        if not self._is_stale:
            self._stale.extend(areas)
            self._is_stale = len(self._stale) > MOST

    def _left(self, ratio: int) -> QRegion:
        """Bring the picture to its place; what of the viewport is to be painted in it."""
        old, new, whole = self._transform, self._view.viewportTransform(), self._view.viewport().rect()
        if self._picture.size() != whole.size() * ratio or self._picture.devicePixelRatio() != ratio:
            self._picture, self._is_stale = QPixmap(whole.size() * ratio), True
            self._picture.setDevicePixelRatio(ratio)
            self._picture.fill(Qt.GlobalColor.black)  # so that it is opaque
        by = QPoint(round(new.dx() - old.dx()), round(new.dy() - old.dy()))
        if self._is_stale or (old.m11(), old.m22()) != (new.m11(), new.m22()) or not _overlap(whole, by):
            return QRegion(whole)
        if not by.isNull():
            self._picture.scroll(by.x() * ratio, by.y() * ratio, self._picture.rect())
        stale = QRegion(whole).subtracted(QRegion(whole.translated(by)))
        for area in self._stale:
            stale = stale.united(new.mapRect(area).toAlignedRect().intersected(whole))
        return stale

    def _paint(self, stale: QRegion) -> None:
        """Paint this part of the viewport as the view itself would."""
        transform, scene = self._transform, self._scene
        area = transform.inverted()[0].mapRect(QRectF(stale.boundingRect()))
        painter = QPainter(self._picture)
        painter.setClipRegion(stale)
        painter.setTransform(transform)
        self._ground(painter, area)
        with scene.near.painting(pieces(stale, transform)):
            for item in scene.items(area, _TOUCHING, Qt.SortOrder.AscendingOrder, transform):
                option = QStyleOptionGraphicsItem()
                option.exposedRect = item.mapRectFromScene(area).intersected(item.boundingRect())
                painter.save()
                painter.setTransform(item.sceneTransform(), combine=True)
                item.paint(painter, option)
                painter.restore()
        painter.end()


def _overlap(whole: QRect, by: QPoint) -> bool:
    return whole.intersects(whole.translated(by))
