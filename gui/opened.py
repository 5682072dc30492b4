"""One project that is open in a window: its document, its widgets, its line to an engine, and what its tab says."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from core.errors import EngineError
from gui.block_shapes import BlockShapes
from gui.engines import Engines, Seat
from gui.held import Held
from gui.outcomes import Outcomes
from gui.tab_state import TabState
from gui.theme import Themes
from gui.throttle import Throttle
from gui.widgets import column
from gui.workspace import Workspace

TELLING = 50
"""Milliseconds after a change until its tab says so: no edit waits for it."""


class Opened(QObject):
    """Lives as long as its tab, and may move from window to window."""

    changed = Signal()
    """What its tab says has changed."""

    def __init__(
        self, themes: Themes, held: Held, engines: Engines, runs: Path | None, block_shapes: BlockShapes
    ) -> None:
        super().__init__()
        self.held = held
        self.line = engines.seat(self)
        self.workspace = Workspace(themes, held.document, self.line, runs, block_shapes)
        self.outcomes = Outcomes(self.workspace, held)
        self.page = QWidget()
        work = self.workspace
        layout = column(work.trusting.bar, work.data_trusting.bar, work.message, work.canvas, spacing=4)
        layout.addWidget(work.travel.bar)
        layout.setStretchFactor(work.canvas, 1)
        self.page.setLayout(layout)
        self.docks = QByteArray()
        """Where the docks stood when it was last in front; empty: as they are."""
        self.is_placed = False
        """Whether its canvas has been given its place and zoom."""
        self._telling = Throttle(self.changed.emit, TELLING, self)
        self._connect()
        if held.followed is not None:
            from gui.training.watching import Watching  # the start of a window waits for none of it

            self.watching = Watching(held.followed, self.workspace)

    @property
    def state(self) -> TabState:
        """What its tab says."""
        run, document = self.workspace.run.state, self.held.document
        share = run.step / run.total if run.total else 0.0
        phase = run.phase if run.active else "idle"
        return TabState(self.held.name, str(document.path or ""), document.modified, phase, share)

    def close(self) -> None:
        """Give everything up: the run ends, the widgets go."""
        self._telling.cancel()
        self.workspace.close()
        self.line.close()
        self.held.let_go()
        # Until Qt has deleted the widgets, the last of which is the page, Python's collector must not: it would take
        # parents and children in any order.
        self.page.destroyed.connect(lambda _page, _kept=self: None)
        self.page.deleteLater()
        self.deleteLater()

    def train_after(self, other: Seat) -> None:
        """End the run of another project, and train this one then."""
        other.rested.connect(self.workspace.run.train, Qt.ConnectionType.SingleShotConnection)
        other.stop()

    def _connect(self) -> None:
        run, looking, peeking = self.workspace.run, self.workspace.looking, self.workspace.bodies.peeking
        self.line.is_training = lambda: run.state.active
        self.line.name = lambda: self.held.name
        self.line.stop = run.stop
        self.line.said.connect(self.workspace.said)
        self.line.moved.connect(looking.forget)
        self.line.moved.connect(self.workspace.travel.recalling.forget)
        self.line.moved.connect(peeking.forget)
        self.line.moved.connect(self.workspace.variants.forget)
        peeking.has_run = lambda: self.line.ran_here
        looking.file = self.held.weights_file
        looking.has_run = lambda: self.line.ran_here and run.state.phase not in ("idle", "starting")
        run.refusal = self.line.refusal
        run.crowded.connect(self._tell_crowd)
        run.ended.connect(self.line.rest)
        run.lost.connect(self.line.rest)
        for news in (run.changed, self.workspace.editor.read, self.workspace.editor.stored):
            news.connect(self._tell_soon)

    def _tell_soon(self, *_news: object) -> None:
        self._telling.ask()

    def _tell_crowd(self, error: EngineError) -> None:
        """Say who trains already, and offer to end one of these runs for this one."""
        offers = [
            (f"Stop {seat.name()} and train {self.held.name}", lambda other=seat: self.train_after(other))
            for seat in self.line.others()
        ]
        self.workspace.message.say_error(f"{self.held.name} cannot be trained yet.", error, offers)
