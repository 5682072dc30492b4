"""A remedy tried beside the network as it is: one pair of short runs in the engine at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from PySide6.QtCore import QObject, Signal

from core.datatrust import not_allowed
from core.diagnosis.finding import Finding
from core.diagnosis.remedy import Remedy
from core.diagnosis.trial import Trial, Try, read_trial
from core.errors import ChainruleError
from core.files import to_text
from core.project import Project
from gui.asking import Asking
from gui.engines import Line
from gui.session import Editor


@dataclass(frozen=True)
class Tried:
    """How a trial stands: under way, done with its Trial, or failed."""

    finding: Finding
    remedy: Remedy
    words: str = ""
    """What is being done."""
    share: float = 0.0
    trial: Trial | None = None
    error: ChainruleError | None = None
    is_training: bool = False
    """Whether the user's own run waits for it."""

    @property
    def is_running(self) -> bool:
        """Whether its answer is still to come."""
        return self.trial is None and self.error is None


class Trying(QObject):
    """Asks the engine, and tells how it goes."""

    changed = Signal(object)
    """The Tried, or None where it was given up."""

    def __init__(self, editor: Editor, line: Line, parent: QObject) -> None:
        super().__init__(parent)
        self._editor = editor
        self.asking = Asking(line, self)
        self.tried: Tried | None = None
        self.is_training: Callable[[], bool] = lambda: False
        """Whether a run of the user's is under way."""
        self.asking.doing.connect(self._doing)
        self.asking.answered.connect(self._answered)
        self.asking.failed.connect(lambda error: self._become(error=error))

    def begin(self, finding: Finding, remedy: Remedy) -> None:
        """Try this one; what was tried before is given up."""
        project = self._editor.project
        self.asking.cancel()
        self.tried = Tried(finding, remedy, is_training=self.is_training())
        try:
            body = self._question(project, remedy)
        except ChainruleError as error:
            self._become(error=error)
            return
        self.changed.emit(self.tried)
        self.asking.ask("trial", body, self._editor.trusted())

    def cancel(self) -> None:
        """Give it up, or close what it came to."""
        self.asking.cancel()
        self.tried = None
        self.changed.emit(None)

    def _question(self, project: Project, remedy: Remedy) -> str:
        missing = self._editor.own.missing(project)
        if missing:
            raise not_allowed(missing)
        asked = Try(before=to_text(project), after=to_text(remedy.apply(project)))
        return msgspec.json.encode(asked).decode()

    def _doing(self, words: str, share: float) -> None:
        self._become(words=words, share=share)

    def _answered(self, body: str) -> None:
        try:
            self._become(trial=read_trial(body))
        except ChainruleError as error:
            self._become(error=error)

    def _become(
        self,
        words: str = "",
        share: float = 0.0,
        trial: Trial | None = None,
        error: ChainruleError | None = None,
    ) -> None:
        if self.tried is not None:
            told = self.tried
            self.tried = Tried(told.finding, told.remedy, words, share, trial, error, told.is_training)
            self.changed.emit(self.tried)
