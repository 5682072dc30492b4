"""Looking back in a run: canvas, inspector and monitors show one moment that is past, while the run goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from gui.theme import Themes
from gui.training.time_bar import TimeBar

if TYPE_CHECKING:
    from core.telemetry.record import RunRecord
    from gui.measured import Measured
    from gui.monitors.cursor import Cursor
    from gui.training.feed import Feed


class Travel(QObject):
    """Holds the moment of one document's run."""

    def __init__(self, themes: Themes, measured: Measured) -> None:
        super().__init__(measured)
        self.bar = TimeBar(themes)
        self.step: int | None = None
        """The step that is shown; None: what is now."""
        self._measured = measured
        self._feed: Feed | None = None
        self._cursor: Cursor | None = None
        self.bar.moved.connect(self.go)
        self.bar.stepped.connect(self._walk)
        self.bar.left.connect(self.leave)

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
        self._measured.show_moment(self.step)
        if self._cursor is not None:
            self._cursor.pick(self.step)
        self._tell(record)

    def leave(self) -> None:
        """Show what is now."""
        if self.step is None:
            return
        self.step = None
        self.bar.hide()
        if self._cursor is not None:
            self._cursor.pick(None)
        self._measured.show_moment(None)

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

    def _grown(self) -> None:
        record = self._record
        if self.step is not None and record is not None:
            self._tell(record)

    def _tell(self, record: RunRecord) -> None:
        assert self.step is not None
        loss = record.column("loss").at(self.step)
        told = f", loss {loss[1]:.4g}" if loss is not None else ""
        words = f"Step {self.step:,} of {record.last_step:,}{told}"
        self.bar.show_moment(self.step, record.first_step + 1, record.last_step, words)
