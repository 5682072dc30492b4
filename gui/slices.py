"""Long work in slices between which the window answers, begun when the user has paused."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, QTimer

SLICE, SHORT = 4, 1
"""Milliseconds of one slice, or as long as the work goes on without a pause; short while the window has much to do."""
BETWEEN, LATE = 6, 2
"""Milliseconds that the window has between two slices, and how much more it takes where it has much to do."""

Made = TypeVar("Made")
Work = Generator[None, None, Made]


class Slices(QObject, Generic[Made]):
    """Does one piece of work at a time; what is asked for anew takes the place of what is under way."""

    def __init__(self, begin: Callable[[], Work[Made]], done: Callable[[Made], object], parent: QObject) -> None:
        """`begin` begins the work, when its time has come; `done` takes what it made."""
        super().__init__(parent)
        self._begin, self._done = begin, done
        self._work: Work[Made] | None = None
        self._pause = 0
        self._due = 0.0
        """When the next slice should begin; it is late while frames are drawn one after the other."""
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._go_on)

    @property
    def busy(self) -> bool:
        """Whether work waits or is under way."""
        return self._timer.isActive()

    def ask(self, milliseconds: int) -> None:
        """Begin after this pause, counted from the next turn of the loop; asking again begins the pause anew."""
        self._work, self._pause = None, milliseconds
        self._timer.start(0)

    def cancel(self) -> None:
        """Do not do it after all."""
        self._work = None
        self._timer.stop()

    def flush(self) -> None:
        """Do all of it now."""
        self._timer.stop()
        self._pause = 0
        while not self._step():
            pass

    def _go_on(self) -> None:
        if self._pause:
            pause, self._pause = self._pause, 0
            self._due = time.perf_counter() + pause / 1e3
            self._timer.start(pause)
            return
        begun = time.perf_counter()
        end = begun + (SHORT if begun - self._due > LATE / 1e3 else SLICE) / 1e3
        while time.perf_counter() < end:
            if self._step():
                return
        self._due = time.perf_counter() + BETWEEN / 1e3
        self._timer.start(BETWEEN)

    def _step(self) -> bool:
        """One step further; says whether that was the last one."""
        if self._work is None:
            self._work = self._begin()
        try:
            next(self._work)
        except StopIteration as end:
            self._work = None
            self._done(end.value)
            return True
        return False
