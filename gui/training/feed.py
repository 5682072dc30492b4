"""The only place where the rows of a run enter the window."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from core.engine.messages import (
    AnyEvent,
    Failed,
    Finished,
    Progress,
    SampleRows,
    Started,
    StepRows,
    Validated,
)
from core.runs.paging import Paging
from core.telemetry.health import Health, health
from core.telemetry.record import RunRecord
from gui.throttle import Turns

FRAME = 50
"""Milliseconds between two `changed`: plots are drawn at most 20 times a second."""
PAUSE = 4
"""Milliseconds between two jobs that draw what is new."""


class Feed(QObject):
    """Takes the engine's events into the record of the run, and tells once a frame that it has grown."""

    started = Signal(object)
    """A record that is new, or goes on after a resume."""
    changed = Signal()
    """The record has grown since the last time."""
    finished = Signal(object)
    """The run's `Finished` or `Failed`, after a last `changed`."""

    def __init__(self, parent: QObject | None = None, frame: int = FRAME) -> None:
        """With `frame` 0 every `take` tells at once, as tests like it."""
        super().__init__(parent)
        self.record: RunRecord | None = None
        self.earlier: RunRecord | None = None
        """The run before, to compare with."""
        self.progress: Progress | None = None
        """The newest `Progress` of the run."""
        self.folder: Callable[[], Path | None] = lambda: None
        """Where the run that begins is written by the engine: what is there need not lie in memory."""
        self._paging: Paging | None = None
        self.frame = frame
        """Milliseconds between two `changed`; 0: none."""
        self.turns = Turns(PAUSE if frame else 0)
        """Where those wait who draw what is new."""
        self._since = QElapsedTimer()
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._tell)

    def take(self, events: Iterable[AnyEvent]) -> None:
        """Take in events, in their order; those that are none of a run's measurements are left alone."""
        grown = False
        for event in events:
            grown = self._add(event) or grown
            if isinstance(event, Finished | Failed):
                self._tell()
                self.finished.emit(event)
                grown = False
        if self._paging is not None:
            self._paging.look()
        if grown:
            self._tell_soon()

    def hold(self, step: int) -> None:
        """A run goes on from a step in its own folder, whose files lose what is behind it before that is told."""
        if self._paging is not None and self._paging.folder == self.folder():
            self._paging.hold(step)

    def show(self, record: RunRecord, folder: Path | None = None, earlier: RunRecord | None = None) -> None:
        """Show a run that is over, or that somebody else writes into this folder, and an earlier one beside it."""
        self.record, self.earlier, self.progress = record, earlier, None
        self._paging = Paging(record, folder) if folder is not None else None
        self.started.emit(record)
        self._tell()

    def clear(self) -> None:
        """Forget the run."""
        self.record = self.earlier = self.progress = self._paging = None
        self._tell()

    def health(self, step: int | None = None) -> Mapping[str, Health]:
        """How the gradient at each node stands, by node id, or stood after a step; empty before a run."""
        return health(self.record, step) if self.record is not None else {}

    def _add(self, event: AnyEvent) -> bool:
        """Whether the event made the record grow."""
        if isinstance(event, Started):
            self._begin(event)
            return True
        if self.record is None:
            return False
        if isinstance(event, StepRows):
            self.record.add_steps(event)
        elif isinstance(event, SampleRows):
            self.record.add_samples(event)
        elif isinstance(event, Validated):
            self.record.add_validation(event)
        elif isinstance(event, Progress):
            self.progress = event
        noted = self.record.add_event(event)
        return noted or isinstance(event, StepRows | SampleRows | Validated)

    def _begin(self, started: Started) -> None:
        self.progress = None
        if self.record is not None and self.record.continues(started):
            self.record.resume(started)
            if self._paging is not None:
                self._paging.go_on()
        else:
            if self.record is not None and len(self.record.steps):
                self.earlier = self.record
            self.record = RunRecord(started)
            folder = self.folder()
            self._paging = Paging(self.record, folder) if folder is not None else None
        self.started.emit(self.record)

    def _tell_soon(self) -> None:
        left = self.frame - self._since.elapsed() if self._since.isValid() else 0
        if left <= 0:
            self._tell()
        elif not self._timer.isActive():
            self._timer.start(left)

    def _tell(self) -> None:
        self._timer.stop()
        self._since.start()
        self.changed.emit()
