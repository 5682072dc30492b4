"""One question to the engine at a time, with its progress: answered, refused, or given up."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from core.engine.client import EngineDied
from core.engine.messages import Answer, AnyEvent, Cancel, Doing
from core.errors import ChainruleError, EngineError
from gui.engines import Line


class Asking(QObject):
    """Asks, and tells what becomes of it: never both answered and failed, and nothing once it was given up."""

    doing = Signal(str, float)
    """What is being done, and the share that is behind."""
    answered = Signal(str)
    """The answer's JSON."""
    failed = Signal(object)
    """A ChainruleError."""

    def __init__(self, line: Line, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._line = line
        self._question = 0
        line.came.connect(self._take)
        line.died.connect(self._bury)

    @property
    def is_busy(self) -> bool:
        """Whether an answer is still to come."""
        return self._question != 0

    def ask(self, kind: str, body: str, trusted: Sequence[str] = ()) -> None:
        """Ask this; what was asked before is given up."""
        self.cancel()
        self.doing.emit("Asking the engine" if self._line.is_ready else "Starting PyTorch", 0.0)
        self._question = self._line.ask(kind, body, trusted)
        if not self._question:
            self.failed.emit(EngineError("an engine was wanted", "it could not be started", "Engine"))

    def cancel(self) -> None:
        """Wait for no answer any more."""
        if self._question:
            self._line.send(Cancel(id=self._question))
        self._question = 0

    def _take(self, events: Sequence[AnyEvent]) -> None:
        for event in events:
            if not self._question or not isinstance(event, Doing | Answer) or event.id != self._question:
                continue
            if isinstance(event, Doing):
                self.doing.emit(event.text, event.share)
                continue
            self._question = 0
            if event.problem is None:
                self.answered.emit(event.body)
            else:
                problem = event.problem
                self.failed.emit(ChainruleError(problem.wanted, problem.came, problem.where, problem.fix))

    def _bury(self, death: EngineDied) -> None:
        if self._question:
            self._question = 0
            self.failed.emit(death.error)
