"""Asks the engine which steps of the run it can show as they were, and to write one down from which to go on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Signal

from core.engine.messages import Answer, AnyEvent
from core.engine.moments import Leave, Moment, Recall, Recalled
from core.errors import ChainruleError
from gui.engines import Line


class Recalling(QObject):
    """Knows the moments of the engine's last run, as of the last time that it was asked."""

    known = Signal()
    """The moments are known anew."""
    failed = Signal(object)
    """A ChainruleError: a step could not be written down."""

    def __init__(self, line: Line, parent: QObject) -> None:
        super().__init__(parent)
        self._line = line
        self.has_run: Callable[[], bool] = lambda: True
        """Whether the engine's last run is this document's."""
        self.is_elsewhere = False
        """Whether another program trains, and the engine is not to be asked: who follows it tells what there is."""
        self.told: Recalled | None = None
        """What the engine said; None before it has answered."""
        self._asked = 0
        self._again: bool | None = None
        """What is to be asked once the answer is there, as something has changed since: whether to hold."""
        self._leaving = 0
        self._then: Callable[[Path], object] = lambda _path: None
        line.came.connect(self._take)
        line.died.connect(self.forget)

    def ask(self, hold: bool) -> None:
        """Ask which moments there are; `hold` lets those stay that are in the engine's memory."""
        if self.is_elsewhere:
            return
        if not self._line.is_ready or not self.has_run():
            self.told = None
        elif self._asked:
            self._again = hold
        else:
            self._asked = self._line.ask("recall", msgspec.json.encode(Recall(hold=hold)).decode())

    def tell(self, moments: Sequence[Moment]) -> None:
        """Know these moments of a run that another program trains."""
        self.is_elsewhere = True
        self.told = Recalled(moments=list(moments), mebibytes=0, room=0)
        self.known.emit()

    def leave(self, step: int, path: Path, then: Callable[[Path], object]) -> None:
        """Have the run as it was after this step written into a file, and do something with that."""
        self._then = then
        body = msgspec.json.encode(Leave(step=step, path=str(path))).decode()
        self._leaving = self._line.ask("leave", body)

    def forget(self, *_news: object) -> None:
        """Wait for no answer any more: who was asked is gone, and what it kept."""
        self._asked = self._leaving = 0
        self._again = None
        self.told = self.told if self.is_elsewhere else None

    @property
    def is_asking(self) -> bool:
        """Whether an answer is still to come."""
        return self._asked != 0

    def exact(self, step: int) -> Moment | None:
        """The moment of this very step."""
        return next((one for one in self.moments if one.step == step), None)

    def nearest(self, step: int) -> Moment | None:
        """The moment that the engine shows for this step; None where there is none."""
        return min(self.moments, key=lambda one: (abs(one.step - step), one.step), default=None)

    def beside(self, step: int, way: int) -> Moment | None:
        """The next moment before (-1) or after (1) this step."""
        found = [one for one in self.moments if (one.step - step) * way > 0]
        return min(found, key=lambda one: abs(one.step - step), default=None)

    @property
    def moments(self) -> Sequence[Moment]:
        """Those that are known."""
        return self.told.moments if self.told is not None else ()

    def _take(self, events: Sequence[AnyEvent]) -> None:
        for event in events:
            if isinstance(event, Answer) and self._asked and event.id == self._asked:
                self._asked = 0
                self.told = msgspec.json.decode(event.body, type=Recalled) if event.problem is None else None
                if self._again is not None:
                    hold, self._again = self._again, None
                    self.ask(hold)
                self.known.emit()
            elif isinstance(event, Answer) and self._leaving and event.id == self._leaving:
                self._leaving = 0
                self._follow(event)

    def _follow(self, event: Answer) -> None:
        """Go on with what was written down."""
        problem = event.problem
        if problem is not None:
            self.failed.emit(ChainruleError(problem.wanted, problem.came, problem.where, problem.fix))
        else:
            self._then(Path(msgspec.json.decode(event.body)["path"]))
