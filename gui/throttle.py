"""At most one call a frame, however often it is asked for."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

FRAME = 16
"""Milliseconds of one frame at 60 Hz."""


class Throttle(QObject):
    """Calls a function once, so many milliseconds after it was first asked for; with 0 at once, as tests like it."""

    def __init__(self, call: Callable[[], object], milliseconds: int = FRAME, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._call = call
        self._timer = QTimer(self, singleShot=True, interval=milliseconds)
        self._timer.timeout.connect(self.flush)

    def ask(self) -> None:
        """Have the function called soon."""
        if not self._timer.interval():
            self._call()
        elif not self._timer.isActive():
            self._timer.start()

    def flush(self) -> None:
        """Have it called now, if nothing else has done so."""
        self._timer.stop()
        self._call()

    def cancel(self) -> None:
        """Do not call it after all."""
        self._timer.stop()
