"""A view on its way to another place and zoom: eased, and at once there where motion is not wanted."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QEasingCurve, QObject, QPointF, QVariantAnimation

MILLISECONDS = 220


class Sight(NamedTuple):
    """What stands in the middle of a view, and how large it is."""

    middle: QPointF
    zoom: float


class Flight:
    """Leads one view from what it shows to something else."""

    def __init__(self, parent: QObject, show: Callable[[QPointF, float], object]) -> None:
        """`show` shows a place in the middle, at a zoom."""
        self._show = show
        self._start = self._end = Sight(QPointF(), 1.0)
        self._motion = QVariantAnimation(parent, startValue=0.0, endValue=1.0, duration=MILLISECONDS)
        self._motion.setEasingCurve(QEasingCurve.Type.InOutCubic)
        self._motion.valueChanged.connect(self._go)

    @property
    def under_way(self) -> bool:
        """Whether the view is moving."""
        return self._motion.state() == QVariantAnimation.State.Running

    def begin(self, start: Sight, end: Sight) -> None:
        """Go from here to there; zooming goes by equal factors in equal times."""
        self.stop()
        self._start, self._end = start, end
        self._motion.start()

    def stop(self) -> None:
        """Stay where the view is now."""
        self._motion.stop()

    def _go(self, share: float) -> None:
        start, end = self._start, self._end
        zoom = start.zoom * (end.zoom / start.zoom) ** share
        self._show(start.middle + (end.middle - start.middle) * share, zoom)
