"""Follows what the user does in every document, and keeps which of the first steps are done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.first_steps import FIRST_STEPS, FirstStep, Seen
from core.reading import Reading
from gui.opened import Opened
from gui.preferences import Preferences
from gui.theme import FOLDER
from gui.training.run import RunState
from gui.workspace import Workspace

DONE = "first steps"


class FirstSteps(QObject):
    """One for each window; what is done is kept with the preferences."""

    def __init__(self, preferences: Preferences, open_copy: Callable[[Path], object], parent: QObject) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self._open_copy = open_copy
        self._begun: set[str] = set()
        """The steps that were begun from the list; one that is done beside is not spoken of."""
        self.front: Callable[[], Workspace | None] = lambda: None
        """The room of the project in front."""

    @property
    def done(self) -> frozenset[str]:
        """The names of the steps that are done."""
        return frozenset(self._preferences.word(DONE).split())

    @property
    def next(self) -> FirstStep | None:
        """The first that is not done; None when all are."""
        done = self.done
        return next((step for step in FIRST_STEPS if step.name not in done), None)

    def begin(self, step: FirstStep) -> None:
        """Open what the step begins with, and say what to do there."""
        self._open_copy(FOLDER / step.opens)
        self._begun.add(step.name)
        work = self.front()
        if work is not None:
            work.message.say("info", step.title, step.todo)

    def follow(self, opened: Opened) -> None:
        """Watch a document from now on."""
        if self.next is not None:
            watch = _Watch(opened)
            watch.happened.connect(lambda seen: self._judge(opened.workspace, seen))

    def _judge(self, work: Workspace, seen: Seen) -> None:
        done = self.done
        for step in FIRST_STEPS:
            if step.name not in done and step.done(seen):
                self._preferences.keep_word(DONE, " ".join(sorted({*self.done, step.name})))
                if step.name in self._begun:
                    self._praise(work, step)

    def _praise(self, work: Workspace, step: FirstStep) -> None:
        """Say that it is done and offer the next; what stands there of another matter is left alone."""
        following = self.next
        if work.message.isVisible() and step.todo not in work.message.words:
            return
        count = f"{len(self.done)} of {len(FIRST_STEPS)} first steps are done."
        offers = () if following is None else ((f"Next: {following.title}", lambda: self.begin(following)),)
        work.message.say("info", f"Done: {step.title}", count, offers)


class _Watch(QObject):
    """What happens in one document, as one value that is told whenever something was added."""

    happened = Signal(object)
    """Seen."""

    def __init__(self, opened: Opened) -> None:
        super().__init__(opened)
        self._work = work = opened.workspace
        project = work.document.project
        self._seen = Seen(project, project)
        self._is_asked = False
        work.editor.read.connect(self._read)
        work.run.changed.connect(self._ran)

    def _read(self, reading: Reading) -> None:
        ready = bool(reading.plan.losses) and not reading.errors
        self._add(self._seen._replace(now=reading.project, ready=ready))
        self._listen()

    def _ran(self, state: RunState) -> None:
        accuracy = state.metric if state.metric_name == "accuracy" else None
        ended = self._seen.ended or state.phase in ("finished", "stopped")
        self._add(self._seen._replace(epochs=state.epoch, ended=ended, accuracy=accuracy))
        self._listen()

    def _listen(self) -> None:
        """Hear of the panel that tries the network out, once it is there."""
        panel = self._work.predict
        if panel is not None and not self._is_asked:
            self._is_asked = True
            panel.asking.answered.connect(self._answered)

    def _answered(self, _question: object, _answer: object) -> None:
        page = self._work.predict.page if self._work.predict is not None else None
        if page is not None and page.is_given and page.samples.is_own:
            self._add(self._seen._replace(answered=True))

    def _add(self, seen: Seen) -> None:
        if seen != self._seen:
            self._seen = seen
            self.happened.emit(seen)
