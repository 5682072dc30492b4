"""While one zooms, a frame has time to draw some cards anew; the others stand in as they were, larger or smaller."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QGraphicsView

from gui.throttle import FRAME

BUDGET = 4
"""Milliseconds of a frame in which cards may be drawn anew."""
LEAST = 4
"""Cards that are drawn anew in any frame, so that it comes to an end."""
REST = 90
"""Milliseconds after the last step of zooming, until those that stand in are drawn as they should be."""


class Hurry:
    """Knows whether a view is being zoomed, and whether its frame has time left."""

    def __init__(self, view: QGraphicsView, paint_anew: Callable[[], None]) -> None:
        self._view, self._paint_anew = view, paint_anew
        self._end = math.inf
        self._spare = LEAST
        self._is_zooming = self._is_behind = False
        self._rest = QTimer(view, singleShot=True)
        self._rest.timeout.connect(self._go_on)

    def zoomed(self) -> None:
        """A step of zooming was made."""
        if self._view.isVisible():
            self._is_zooming = True
            self._rest.start(REST)

    def begin_frame(self) -> None:
        """The view is painted from now on."""
        self._end = time.perf_counter() + BUDGET / 1e3 if self._is_zooming else math.inf
        self._spare = LEAST

    def has_time(self) -> bool:
        """Whether one more card may be drawn anew in this frame."""
        self._spare -= 1
        if self._spare >= 0 or time.perf_counter() < self._end:
            return True
        self._is_behind = True
        return False

    def _go_on(self) -> None:
        """Draw as many more as one frame has time for, until none stands in."""
        if self._is_behind:
            self._is_behind = False
            self._paint_anew()
            self._rest.start(FRAME)
        else:
            self._is_zooming = False
