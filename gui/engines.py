"""Which engine a project talks to: all share the one that is warm, and who trains beside another gets one of its own.

docs/decisions/009-several-projects.md says why.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from core.engine.messages import Request, Train
from core.errors import EngineError
from core.room import free_memory
from gui.engine_bridge import EngineBridge

AT_ONCE = 4
"""Projects that may train at the same time, where the processor has so many cores."""
NEEDED = 600 * 2**20
"""Bytes of free memory without which no further engine is started: one takes 300 MB before it has a network."""
IDLE = 60_000
"""Milliseconds after its run until a further engine is ended."""


class Engines(QObject):
    """The warm engine, and those that were started beside it."""

    made = Signal(object)
    """An EngineBridge that was made beside the warm one."""

    def __init__(self, home: EngineBridge, threads: int = 1, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.home = home
        self.make: Callable[[], EngineBridge] = lambda: EngineBridge(threads)
        self.limit = min(max(os.cpu_count() or 1, 2), AT_ONCE)
        self.seats: list[Seat] = []
        self.trainer: Seat | None = None
        """Whose run the warm engine had last."""

    def seat(self, parent: QObject) -> Seat:
        """A place for one more project."""
        made = Seat(self, parent)
        self.seats.append(made)
        return made

    def training(self, but: Seat) -> list[Seat]:
        """The projects that train, this one left out."""
        return [seat for seat in self.seats if seat is not but and seat.is_training()]

    def close(self) -> None:
        """End every engine for good."""
        for seat in tuple(self.seats):
            seat.close()
        self.home.close()


class Seat(QObject):
    """One project's line to an engine; it looks like an EngineBridge to those who use it."""

    ready = Signal(object)
    """The engine's Ready."""
    came = Signal(object)
    """A list of events, in order."""
    died = Signal(object)
    """An EngineDied."""
    said = Signal(str)
    """A sentence about engines for the log."""
    moved = Signal()
    """Another engine is asked from now on: what was asked before is not answered any more."""
    rested = Signal()
    """The run has ended."""

    def __init__(self, engines: Engines, parent: QObject) -> None:
        super().__init__(parent)
        self._engines = engines
        self._own: EngineBridge | None = None
        self.is_training: Callable[[], bool] = lambda: False
        """Whether the project has a run under way."""
        self.name: Callable[[], str] = str
        """What the project is called."""
        self.stop: Callable[[], None] = lambda: None
        """Ends the project's run."""
        self.moment = -1
        """The step after which the network of the last run is asked about; -1: as it stands."""
        self._idle = QTimer(self, singleShot=True, interval=IDLE)
        self._idle.timeout.connect(self._go_home)
        self._listen(engines.home)

    @property
    def bridge(self) -> EngineBridge:
        """The engine that is asked now."""
        return self._own if self._own is not None else self._engines.home

    @property
    def has_own(self) -> bool:
        """Whether the project has an engine for itself."""
        return self._own is not None

    @property
    def is_ready(self) -> bool:
        """Whether that engine has loaded torch."""
        return self.bridge.is_ready

    @property
    def ran_here(self) -> bool:
        """Whether the run that the engine had last is this project's."""
        return self._own is not None or self._engines.trainer is self

    def refusal(self) -> EngineError | None:
        """Why the project cannot be trained now; None where it can."""
        others = self._engines.training(self)
        if self._own is not None or not self._at_home(others):
            return None
        names = " and ".join(seat.name() for seat in others)
        if len(others) >= self._engines.limit:
            wanted = f"at most {self._engines.limit} projects that train at the same time were wanted"
            return EngineError(wanted, f"{names} train already" if len(others) > 1 else f"{names} trains already")
        free = free_memory()
        if free is not None and free < NEEDED:
            wanted = f"{NEEDED // 2**20} MiB of free memory for another engine were wanted, as {names} has the first"
            return EngineError(wanted, f"{free // 2**20} MiB are free")
        return None

    def others(self) -> Sequence[Seat]:
        """The other projects that train."""
        return self._engines.training(self)

    def send(self, request: Request) -> None:
        """Send a request; a run that another project's keeps from the warm engine gets an engine of its own."""
        if isinstance(request, Train):
            self._settle()
        self.bridge.send(request)

    def ask(self, kind: str, body: str = "{}", trusted: Sequence[str] = ()) -> int:
        """Send a question; the id that its Answer will have, or 0 where there is no engine."""
        return self.bridge.ask_at(self.moment, kind, body, trusted)

    def kill(self) -> None:
        """End the engine's process this moment."""
        self.bridge.kill()

    def close(self) -> None:
        """Talk to no engine any more; one of its own ends."""
        self._idle.stop()
        self._leave(self.bridge)
        if self._own is not None:
            self._own.close()
            self._own.deleteLater()
            self._own = None
        if self in self._engines.seats:
            self._engines.seats.remove(self)
        if self._engines.trainer is self:
            self._engines.trainer = None

    def rest(self) -> None:
        """The run has ended: an engine of its own is ended too, when it has been idle for a while."""
        if self._own is not None:
            self._idle.start()
        self.rested.emit()

    def _settle(self) -> None:
        """Choose the engine for a run."""
        self._idle.stop()
        others = self._engines.training(self)
        if self._own is None and self._at_home(others):
            names = " and ".join(seat.name() for seat in others)
            self.said.emit(f"{names} is training: this run gets an engine of its own, beside it on the processor.")
            self._leave(self._engines.home)
            self._own = self._engines.make()
            self._listen(self._own)
            self._engines.made.emit(self._own)
            self.moved.emit()
        elif self._own is None:
            self._engines.trainer = self

    def _at_home(self, others: Sequence[Seat]) -> bool:
        return any(not seat.has_own for seat in others)

    def _go_home(self) -> None:
        if self._own is None or self.is_training():
            return
        self._leave(self._own)
        self._own.close()
        self._own.deleteLater()
        self._own = None
        self._listen(self._engines.home)
        self.moved.emit()

    def _listen(self, bridge: EngineBridge) -> None:
        bridge.ready.connect(self.ready)
        bridge.came.connect(self.came)
        bridge.died.connect(self.died)

    def _leave(self, bridge: EngineBridge) -> None:
        bridge.ready.disconnect(self.ready)
        bridge.came.disconnect(self.came)
        bridge.died.disconnect(self.died)


Line = EngineBridge | Seat
"""Who can be asked for a run and for answers."""
