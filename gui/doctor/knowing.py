"""What is known of a project's data: asked from the engine once for each state of it, and kept."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from core.data.settings import DatasetSettings
from core.diagnosis.facts import Facts
from core.diagnosis.told_facts import Know, read_facts
from core.errors import ChainruleError
from core.files import to_text
from core.project import Project
from core.reading import Reading
from gui.asking import Asking
from gui.engines import Line
from gui.session import Editor

PAUSE = 400
"""Milliseconds after an edit until the engine is asked."""
KEPT = 8
"""States of a project's data of which the facts are kept."""
NOTHING = Facts()
Key = tuple[Mapping[str, DatasetSettings], int, bool]
"""All that facts depend on: the data sets, and how training takes their samples."""


class Knowing(QObject):
    """Asks while there is a network that reads data; without an answer, nothing is known."""

    learnt = Signal()
    """More is known than before."""
    busy = Signal(bool)
    """Whether an answer is awaited."""
    failed = Signal(object)
    """A ChainruleError: nothing is known of the data."""

    def __init__(self, editor: Editor, line: Line, parent: QObject) -> None:
        super().__init__(parent)
        self._editor, self._line = editor, line
        self.asking = Asking(line, self)
        self._known: list[tuple[Key, Facts]] = []
        self._asked: Key | None = None
        """Of what was asked last; what was refused is not asked again before something changes."""
        self._timer = QTimer(self, singleShot=True, interval=PAUSE)
        self._timer.timeout.connect(self._ask)
        self.asking.answered.connect(self._take)
        self.asking.failed.connect(self._fail)
        editor.read.connect(self._soon)
        editor.own.allowed.connect(self._anew)
        line.ready.connect(lambda _ready: self._anew())
        self._soon(editor.reading)

    def of(self, project: Project) -> Facts:
        """What is known of this project's data by now."""
        key = _key(project)
        return next((facts for known, facts in self._known if known == key), NOTHING)

    def close(self) -> None:
        """Ask no more."""
        self._timer.stop()
        self.asking.cancel()

    def _soon(self, reading: Reading) -> None:
        if reading.plan.sources and not reading.errors and _key(reading.project) != self._asked:
            self._timer.start()

    def _anew(self) -> None:
        self._asked = None
        self._soon(self._editor.reading)

    def _ask(self) -> None:
        project = self._editor.project
        key = _key(project)
        known = any(other == key for other, _facts in self._known)
        if known or not self._line.is_ready or self._editor.own.missing(project):
            return
        self._asked = key
        body = msgspec.json.encode(Know(project=to_text(project))).decode()
        self.asking.ask("facts", body, self._editor.trusted())
        self.busy.emit(self.asking.is_busy)

    def _take(self, body: str) -> None:
        self.busy.emit(False)
        if self._asked is not None:
            self._known = [(self._asked, read_facts(body)), *self._known][:KEPT]
            self.learnt.emit()

    def _fail(self, error: ChainruleError) -> None:
        self.busy.emit(False)
        self.failed.emit(error)


def _key(project: Project) -> Key:
    return project.data, project.training.batch_size, project.training.shuffle
