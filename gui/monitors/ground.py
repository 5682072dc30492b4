"""What a plot draws below the cursor, kept as a picture while nothing but the cursor moves."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QPixmap


class Ground:
    """A drawing that is made anew only where it was told of a change, or is of another size.

    A picture of it is made when it is drawn for the second time: while rows come or a view moves there is never one.
    """

    def __init__(self) -> None:
        self._picture = QPixmap()
        self._of: object = None

    def forget(self) -> None:
        """Something else is to be drawn."""
        self._picture, self._of = QPixmap(), None

    def lay(self, painter: QPainter, size: QSize, draw: Callable[[QPainter], None], keep: bool = True) -> None:
        """Draw it on a painter of such a size; without `keep` as lines, now and always."""
        ratio = painter.deviceTransform().m11()
        state = (size.width(), size.height(), ratio)
        if not keep or state != self._of:
            draw(painter)
            if keep:
                self._picture, self._of = QPixmap(), state
            return
        if self._picture.isNull():
            self._picture = _drawn(size, ratio, draw)
        painter.drawPixmap(0, 0, self._picture)


def _drawn(size: QSize, ratio: float, draw: Callable[[QPainter], None]) -> QPixmap:
    """The drawing as a picture."""
    made = QPixmap(round(size.width() * ratio), round(size.height() * ratio))
    made.setDevicePixelRatio(ratio)
    painter = QPainter(made)
    try:
        draw(painter)
    finally:
        painter.end()  # Qt would crash over a painter that an exception leaves open
    return made
