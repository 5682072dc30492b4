"""When things are done: at most once a frame, however often they are asked for, and one after another."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from shiboken6 import isValid

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


class Afterwards(Throttle):
    """The same, the time counted from the next turn of the loop: never in the turn that asked, however long it took."""

    def __init__(self, call: Callable[[], object], milliseconds: int = FRAME, parent: QObject | None = None) -> None:
        super().__init__(call, milliseconds, parent)
        self._pause = QTimer(self, singleShot=True, interval=0)
        self._pause.timeout.connect(super().ask)

    def ask(self) -> None:  # noqa: D102  # as every throttle
        if not self._timer.interval():
            super().ask()
        elif not self._timer.isActive():
            self._pause.start()

    def flush(self) -> None:  # noqa: D102  # as every throttle
        self._pause.stop()
        super().flush()

    def cancel(self) -> None:  # noqa: D102  # as every throttle
        self._pause.stop()
        super().cancel()


class Turns(QObject):
    """Gives jobs their turn, with a pause between, in which the window answers: no frame waits for two of them."""

    def __init__(self, pause: int) -> None:
        """Pauses of so many milliseconds; with 0 a job is done at once, as tests like it."""
        super().__init__()
        self._jobs: list[Callable[[], object]] = []
        self._timer = QTimer(self, singleShot=True, interval=pause)
        self._timer.timeout.connect(self._next)

    def ask(self, job: Callable[[], object]) -> None:
        """Have the job done soon; one that already waits is done once."""
        if not self._timer.interval():
            job()
        elif job not in self._jobs:
            self._jobs.append(job)
            if not self._timer.isActive():
                self._timer.start()

    def _next(self) -> None:
        job = self._jobs.pop(0)
        if self._jobs:
            self._timer.start()
        if isValid(getattr(job, "__self__", self)):  # whose it is may be gone by now
            job()
