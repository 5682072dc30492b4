"""The engine client as Qt signals: drained once a frame, and only while there is something to drain."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal

from core.engine.client import Engine, EngineDied
from core.engine.messages import Event, Ready, Request
from core.errors import EngineError

FRAME = 16
"""Milliseconds between two drains."""
Starter = Callable[[Callable[[], None], int], Engine]
"""Starts an engine that calls the function when there is something to drain, with so many threads."""


def start_engine(wake: Callable[[], None], threads: int) -> Engine:
    """This computer's own engine."""
    return Engine(wake, threads)


class EngineBridge(QObject):
    """The window's engine: started when asked, restarted when it dies."""

    ready = Signal(object)
    """The engine's Ready: torch is loaded."""
    came = Signal(object)
    """A list of events, in order, Ready and death left out."""
    died = Signal(object)
    """An EngineDied; a new engine is already starting, unless this one never became ready."""
    failed = Signal(object)
    """A ChainruleError: no engine can be started."""
    _woken = Signal()

    def __init__(self, threads: int = 1, start: Starter = start_engine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._threads = threads
        self._start = start
        self._engine: Engine | None = None
        self.is_ready = False
        self.moment = -1
        """The step after which the network of the last run is asked about; -1: as it stands."""
        self._asked = False
        self._since = QElapsedTimer()
        self._timer = QTimer(self, singleShot=True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.drain)
        self._woken.connect(self._soon, Qt.ConnectionType.QueuedConnection)

    @property
    def running(self) -> bool:
        """Whether there is an engine, ready or still starting."""
        return self._engine is not None and self._engine.alive

    @property
    def pid(self) -> int:
        """The engine's process number; 0 where there is none."""
        return self._engine.pid if self._engine is not None else 0

    def start(self) -> None:
        """Start the engine if there is none."""
        if self._engine is not None:
            return
        try:
            self._engine = self._start(self._wake, self._threads)
        except EngineError as error:
            self.failed.emit(error)

    def send(self, request: Request) -> None:
        """Send a request; the engine is started where there is none, and the request then waits for it."""
        self.start()
        if self._engine is not None:
            self._engine.send(request)

    def ask(self, kind: str, body: str = "{}", trusted: Sequence[str] = ()) -> int:
        """Send a question, and the fingerprints of code that may run for it.

        The id that its Answer will have, or 0 where there is no engine.
        """
        return self.ask_at(self.moment, kind, body, trusted)

    def ask_at(self, moment: int, kind: str, body: str = "{}", trusted: Sequence[str] = ()) -> int:
        """The same about the network after this step, whatever the moment is."""
        self.start()
        return self._engine.ask(kind, body, trusted, moment) if self._engine is not None else 0

    def kill(self) -> None:
        """End the engine's process this moment, as when Stop was not heard."""
        if self._engine is not None:
            self._engine.kill()

    def close(self) -> None:
        """End the engine for good."""
        self._timer.stop()
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()

    def drain(self) -> None:
        """Hand on what has come."""
        self._asked = False
        self._since.start()
        if self._engine is None:
            return
        events: list[Event] = []
        for notice in self._engine.drain():
            if isinstance(notice, EngineDied):
                self._hand_on(events)
                events = []
                self._bury(notice)
            elif isinstance(notice, Ready):
                self.is_ready = True
                self.ready.emit(notice)
            else:
                events.append(notice)
        self._hand_on(events)

    def _hand_on(self, events: list[Event]) -> None:
        if events:
            self.came.emit(events)

    def _bury(self, death: EngineDied) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()
        was_ready, self.is_ready = self.is_ready, False
        if was_ready:
            self.start()
        self.died.emit(death)

    def _wake(self) -> None:
        """Called by the engine's threads."""
        if not self._asked:
            self._asked = True
            self._woken.emit()

    def _soon(self) -> None:
        if self._timer.isActive() or not self._asked:
            return
        left = FRAME - self._since.elapsed() if self._since.isValid() else 0
        self._timer.start(max(left, 0))
