"""A run that somebody else writes, in the window: its record, kept up with its folder twice a second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from core.engine.messages import Failed, Finished
from core.errors import ChainruleError
from core.reading import unjudged
from gui.training.run import RunState
from gui.workspace import Workspace

if TYPE_CHECKING:
    from core.runs.following import FollowedRun
    from gui.training.feed import Feed

EVERY = 500
"""Milliseconds between two looks into the folder."""
SCRIPT = (
    "This is the run of a script: its layers in the order in which they were called. What functions do between them is "
    "not known, so nothing here can be edited or trained."
)
READ_ONLY = "The run is another program's: it is shown as it comes, and nothing here can be edited or trained."


class Watching(QTimer):
    """Follows one run; it lives as long as the room in which it is shown."""

    def __init__(self, followed: FollowedRun, work: Workspace) -> None:
        super().__init__(work, interval=EVERY)
        self._followed, self._work = followed, work
        self._feed: Feed | None = None
        self._end: Finished | Failed | None = None
        self.ended = followed.run.ended
        """Whether the run is over."""
        work.run.trained = work.document.project
        if followed.is_script:
            work.editor.take(unjudged(work.editor.reading))
        self._say()
        self.timeout.connect(self.look)
        self.start()

    def look(self) -> None:
        """Take in what is new; the first time, once there are monitors, all that was there."""
        if self._feed is None and self._work.feed is not None and self._work.doctor is not None:
            self._feed = self._work.feed
            self._work.doctor.checkup.watch(is_script=self._followed.is_script)
            self._feed.show(self._followed.record(), self._followed.paged)
            last = self._followed.run.events[-1:]
            self._end = next((event for event in last if isinstance(event, Finished | Failed)), None)
            self._feed.take([self._end] if self._end is not None else [])
        if self._feed is not None:
            self._take(self._feed)

    def _take(self, feed: Feed) -> None:
        """Take in what has come since the last look."""
        try:
            news = self._followed.news()
        except ChainruleError as error:
            self.stop()
            self._work.message.say_error("The run can be followed no more.", error)
            return
        feed.take(news)
        last = next((event for event in news if isinstance(event, Finished | Failed)), None)
        if last is not None:
            self.ended = True
            self._end = last
            self._say()
        self._stand(feed)
        if self.ended:
            self.stop()

    def _stand(self, feed: Feed) -> None:
        """Say how far the run is."""
        if feed.record is None:
            return
        step, started = feed.record.last_step, self._followed.started
        state = RunState("watched", started.run, step, max(started.total_steps, step), epochs=started.epochs)
        self._work.run.watch(state.after([self._end] if self._end is not None else []))

    def _say(self) -> None:
        words = SCRIPT if self._followed.is_script else READ_ONLY
        state = "It is over." if self.ended else "What it measures is shown live."
        wrong = self._followed.run.wrong
        told = " ".join(part for part in (wrong, state, words) if part)
        self._work.message.say("warning" if wrong else "info", f"Watching {self._followed.folder.name}.", told)
