"""Looking back in a run: canvas, inspector and monitors show one moment that is past, while the run goes on.

What was measured is read from the record, which has every step. Weights, and all that follows from them, are asked of
the engine, which keeps the last steps and reads checkpoints; of other steps it shows the nearest, and the bar says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from core.engine.moments import Moment
from core.runs.layout import CHECKPOINT, kept
from gui.engines import Line
from gui.theme import Themes
from gui.throttle import Throttle
from gui.training.control import RunControl
from gui.training.recalling import Recalling
from gui.training.time_bar import TimeBar

if TYPE_CHECKING:
    from core.telemetry.record import RunRecord
    from gui.measured import Measured
    from gui.monitors.cursor import Cursor
    from gui.training.feed import Feed

AGAIN = 1000
"""Milliseconds between two questions which steps are there, while the run goes on."""
HELP = "Activations, filters, attention, embeddings, predictions, the landscape and card previews show these weights."
NOWHERE = "Only the record of this run is there: curves, heatmap and gradients are those of the step, weights are not."


class Travel(QObject):
    """Holds the moment of one document's run."""

    fresh = Signal()
    """What is asked of the network may be answered otherwise now: it has learnt, or another moment is looked at."""

    def __init__(self, themes: Themes, measured: Measured, line: Line, run: RunControl) -> None:
        super().__init__(measured)
        self.bar = TimeBar(themes)
        self.step: int | None = None
        """The step that is shown; None: what is now."""
        self.recalling = Recalling(line, self)
        self.elsewhere = ""
        """What is to be said of the weights of a run that another program trains."""
        self._line, self._run = line, run
        self._measured = measured
        self._feed: Feed | None = None
        self._cursor: Cursor | None = None
        self._again = Throttle(self._recall, AGAIN, self)
        self.bar.moved.connect(self.go)
        self.bar.stepped.connect(self._walk)
        self.bar.jumped.connect(self._jump)
        self.bar.left.connect(self.leave)
        self.bar.going_on.connect(self.go_on)
        self.recalling.known.connect(self._show_weights)
        run.changed.connect(lambda _state: self._show_weights())

    @property
    def moment(self) -> Moment | None:
        """The step whose weights are shown, the nearest there is; None where there are none, or nothing is past."""
        return self.recalling.nearest(self.step) if self.step is not None else None

    def follow(self, feed: Feed, cursor: Cursor) -> None:
        """Travel in what comes of this feed, and hold this cursor."""
        self._feed, self._cursor = feed, cursor
        feed.started.connect(lambda _record: self.leave())
        feed.changed.connect(self._grown)
        cursor.picked.connect(self._pick)

    def toggle(self) -> None:
        """Begin to look back at the newest step, or show again what is now."""
        record = self._record
        if self.step is not None:
            self.leave()
        elif record is not None:
            self.go(record.last_step)
            self.bar.setFocus()

    def go(self, step: int) -> None:
        """Show the run as it was after this step, or the nearest there is."""
        record = self._record
        if record is None:
            return
        self.step = min(max(step, record.first_step + 1), record.last_step)
        self._line.moment = self.step if self.recalling.has_run() else -1  # the engine's run may be another's
        self._recall()
        self._measured.show_moment(self.step)
        if self._cursor is not None:
            self._cursor.pick(self.step)
        self._tell(record)
        self._show_weights()
        self.fresh.emit()

    def leave(self) -> None:
        """Show what is now."""
        if self.step is None:
            return
        self.step = None
        self._line.moment = -1
        self.recalling.ask(hold=False)
        self.bar.hide()
        if self._cursor is not None:
            self._cursor.pick(None)
        self._measured.show_moment(None)
        self.fresh.emit()

    def go_on(self) -> None:
        """End the run that is under way, if there is one, and begin another from the step that is shown."""
        moment = self.moment
        if moment is not None and moment.step == self.step:
            self._resume(moment)

    def stand_at(self, step: int) -> None:
        """Stand still after this step of a run that is over: from its memory, else by training up to there again."""
        self.recalling.known.connect(lambda: self._stand(step), Qt.ConnectionType.SingleShotConnection)
        self.recalling.ask(hold=False)
        if self.recalling.told is None and not self.recalling.is_asking:
            self._run.stand_at(step)

    @property
    def _record(self) -> RunRecord | None:
        """The run, where it has made a step."""
        record = self._feed.record if self._feed is not None else None
        return record if record is not None and len(record.steps) else None

    def _pick(self, step: int | None) -> None:
        """A click in a monitor chose a step, or let it go."""
        if step is None:
            self.leave()
        elif step != self.step:
            self.go(step)

    def _walk(self, way: int) -> None:
        """Go to the measurement before or after the one that is shown."""
        record = self._record
        if record is None or self.step is None:
            return
        samples = record.samples
        place = samples.index(self.step + 1) - 1 if way < 0 else samples.index(self.step + 1)
        if way < 0 and place >= 0 and int(samples.steps(place, place + 1)[0]) == self.step:
            place -= 1
        known = 0 <= place < len(samples)
        self.go(int(samples.steps(place, place + 1)[0]) if known else self.step + way)

    def _jump(self, way: int) -> None:
        """Go to the next step on this side whose weights are there."""
        found = self.recalling.beside(self.step, way) if self.step is not None else None
        if found is not None:
            self.go(found.step)

    def _grown(self) -> None:
        record = self._record
        if self.step is None or record is None:
            self.fresh.emit()
            return
        self._tell(record)
        self._again.ask()

    def _recall(self) -> None:
        if self.step is not None:
            self.recalling.ask(hold=True)

    def _tell(self, record: RunRecord) -> None:
        assert self.step is not None
        loss = record.column("loss").at(self.step)
        told = f", loss {loss[1]:.4g}" if loss is not None else ""
        words = f"Step {self.step:,} of {record.last_step:,}{told}"
        self.bar.show_moment(self.step, record.first_step + 1, record.last_step, words)

    def _show_weights(self) -> None:
        """Say whose weights are shown, and mark those that are there."""
        if self.step is None:
            return
        self.bar.slider.mark([one.step for one in self.recalling.moments])
        found = self.moment
        if found is None:
            self.bar.show_weights(
                "no weights kept", self.elsewhere or NOWHERE, False, "Nothing of this step is kept to go on from."
            )
            return
        exact = found.step == self.step
        words = "weights of this step" if exact else f"weights of step {found.step:,}, the nearest kept"
        help_ = self.elsewhere or f"{HELP} {_room(self.recalling)}".strip()
        self.bar.show_weights(words, help_, exact and found.whole, self._why(found))

    def _why(self, found: Moment) -> str:
        """What going on from here does, or why that cannot be."""
        if self.elsewhere:
            return "Another program trains this run: it cannot be gone on from here."
        if found.step != self.step:
            return f"The nearest step that is kept is {found.step:,}: go there with Ctrl+Left or Ctrl+Right."
        if not found.whole:
            return "Its weights alone are kept, without what the optimizer remembers: go on from a checkpoint."
        ends = "End the run that is under way, and train" if self._run.state.active else "Train"
        return f"{ends} on from step {found.step:,}, to the last bit as it was, in a run of its own."

    def _resume(self, moment: Moment) -> None:
        """Go on from a moment that is whole."""
        folder = self._run.folder
        if folder is None:
            return
        if moment.source == "recent":
            path = kept(folder, f"step-{moment.step}")
            self.recalling.leave(moment.step, path, self._run.go_on_from)
        elif moment.name:
            file = folder / CHECKPOINT if moment.name == "last" else kept(folder, moment.name)
            self._run.go_on_from(file)

    def _stand(self, step: int) -> None:
        found = self.recalling.exact(step)
        folder = self._run.folder
        if found is not None and found.source == "recent" and found.whole and folder is not None:
            # as the run's own last checkpoint, so that it is the same run that stands there
            self.recalling.leave(step, folder / CHECKPOINT, lambda file: self._run.go_on_from(file, paused=True))
        else:
            self._run.stand_at(step)


def _room(recalling: Recalling) -> str:
    """How many steps there is room for."""
    told = recalling.told
    if told is None or not told.mebibytes:
        return "Keeping steps is switched off in the training settings (Look back)."
    if not told.room:
        return f"This network is larger than the {told.mebibytes:,} MiB that steps may be kept in."
    return f"The last {told.room:,} kept steps fit into {told.mebibytes:,} MiB."
