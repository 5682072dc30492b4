"""A run that somebody else writes, in the window: its record, kept up with its folder twice a second."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from core.engine.messages import AnyEvent, Failed, Finished, Said
from core.errors import ChainruleError
from core.reading import unjudged
from gui.training.kept_weights import KeptWeights
from gui.training.run import RunState
from gui.workspace import Workspace

if TYPE_CHECKING:
    from core.runs.following import FollowedRun
    from core.telemetry.record import RunRecord
    from gui.training.feed import Feed

EVERY = 500
"""Milliseconds between two looks into the folder."""
SELDOM = 2000
"""Milliseconds between two looks whether another run has begun where one is over."""
SCRIPT = (
    "This is the run of a script: its layers in the order in which they were called. What functions do between them is "
    "not known, so nothing here can be edited or trained."
)
READ_ONLY = "The run is another program's: it is shown as it comes, and nothing here can be edited or trained."
ANEW = "Another run has begun in this folder: it is shown now, with the loss of the one before beside its own."
CUT = "Its files were cut while it was shown: what is left of them is shown, and what comes."


class Watching(QTimer):
    """Follows one run; it lives as long as the room in which it is shown."""

    def __init__(self, followed: FollowedRun, work: Workspace) -> None:
        super().__init__(work, interval=EVERY)
        self._followed, self._work = followed, work
        self._feed: Feed | None = None
        self._end: Finished | Failed | None = None
        self._why = ""
        """Why another record is shown than at first."""
        self._was_cut = self._has_failed = False
        self.ended = followed.run.ended
        """Whether the run is over."""
        self._draw()
        self._kept = KeptWeights(work, followed)
        self._say()
        self.timeout.connect(self.look)
        self.start()

    def look(self) -> None:
        """Take in what is new; the first time, once there are monitors, all that was there."""
        if self._feed is None and self._work.feed is not None and self._work.doctor is not None:
            self._feed = self._work.feed
            self._show(self._feed, None)
            self._kept.show_in(self._work.monitors.get("histograms"))
        if self._feed is not None:
            self._take(self._feed)
            self._kept.look()
            self._was_cut = self._look_after(self._feed)

    def _show(self, feed: Feed, earlier: RunRecord | None) -> None:
        """Show all that is there, and what was before beside it."""
        assert self._work.doctor is not None  # who has monitors has it
        followed = self._followed
        self._work.doctor.checkup.watch(is_script=followed.is_script)
        feed.show(followed.record(), followed.paged, earlier)
        last = followed.run.events[-1:]
        self._end = next((event for event in last if isinstance(event, Finished | Failed)), None)
        feed.take([self._end] if self._end is not None else [])

    def _take(self, feed: Feed) -> None:
        """Take in what has come since the last look."""
        try:
            news = self._followed.news()
            feed.take(news)
        except ChainruleError as error:
            if not self._has_failed:
                self._work.message.say_error("The run cannot be followed now; it is looked for again and again.", error)
            self._has_failed = True
            return
        self._follow_end(news)
        if self._has_failed:
            self._has_failed = False
            self._say()
        self._stand(feed)

    def _follow_end(self, news: list[AnyEvent]) -> None:
        """Note that the run is over, or that one that was over goes on."""
        was, last = self.ended, news[-1] if news else None
        if isinstance(last, Finished | Failed):
            self.ended, self._end = True, last
        elif news:
            self.ended, self._end = False, None
        if self.ended != was:
            self._say()
        self.setInterval(SELDOM if self.ended else EVERY)

    def _look_after(self, feed: Feed) -> bool:
        """Open the folder anew where another run has begun, or files were cut; whether they are, as of this look."""
        is_cut = self._followed.is_cut
        if self._followed.is_renewed:
            self._open_anew(feed, ANEW)
        elif is_cut and self._was_cut:  # at the second look: who begins or goes on has said so by then
            self._open_anew(feed, CUT)
            return False
        return is_cut

    def _open_anew(self, feed: Feed, why: str) -> None:
        """Show what is in the folder now; where that cannot be read it is tried again."""
        try:
            followed = type(self._followed)(self._followed.folder)
            project = replace(followed.project(), name=followed.folder.name)
        except ChainruleError:
            return
        self._followed, self._why, self.ended = followed, why, followed.run.ended
        self._work.document.follow(project)
        self._draw()
        self._kept.follow(followed)
        self._show(feed, feed.record if why == ANEW and feed.record is not None and len(feed.record.steps) else None)
        self._stand(feed)
        self._say()
        self.setInterval(SELDOM if self.ended else EVERY)

    def _draw(self) -> None:
        """Have the run's project for what was trained."""
        self._work.run.trained = self._work.document.project
        if self._followed.is_script:
            self._work.editor.take(unjudged(self._work.editor.reading))

    def _stand(self, feed: Feed) -> None:
        """Say how far the run is."""
        if feed.record is None:
            return
        step, started = feed.record.last_step, self._followed.started
        state = RunState("watched", started.run, step, max(started.total_steps, step), epochs=started.epochs)
        if self._followed.is_script:  # which counts no epochs, and says of a metric no more than its number
            state = replace(state, epochs=0, metric_name="metric")
        judged = feed.record.validated(None)
        if judged is not None:
            state = replace(state, metric=judged.metric, validation_loss=judged.loss)
        self._work.run.watch(state.after([self._end] if self._end is not None else []))

    def _say(self) -> None:
        words = SCRIPT if self._followed.is_script else READ_ONLY
        state = "It is over." if self.ended else "What it measures is shown live."
        wrong = self._followed.run.wrong
        unseen = (event.text for event in self._followed.run.events if isinstance(event, Said))
        told = " ".join(part for part in (self._why, wrong, state, words, *unseen) if part)
        self._work.message.say("warning" if wrong else "info", f"Watching {self._followed.folder.name}.", told)
