"""The weights that another program keeps of its run: which steps there are, and their histograms while somebody looks.

None of that program's code is run: its files are read by the engine, numbers by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QElapsedTimer, QObject, QTimer

from core.engine.histograms import Distribute, Distributed
from core.engine.messages import Answer, AnyEvent, Counted
from gui.monitors.histograms import HistogramMonitor
from gui.training.looking import Elsewhere
from gui.workspace import Workspace

if TYPE_CHECKING:
    from core.runs.following import FollowedRun
    from core.runs.lookback import KeptStep

SHARE = 0.02
"""The part of the engine's time that counting may take."""
PAUSE = 200
"""Milliseconds between two counts at the least."""
SHOWN = (
    "The inspector and the histograms show these weights. None of the program's code is run here: activations, "
    "attention, embeddings, predictions and the landscape cannot be shown."
)
SHOWN_OF_PROJECT = "The inspector shows these weights, of a checkpoint; the rest is shown where the run is trained."
NONE_OF_SCRIPT = (
    "Of this run there are measurements alone. chainrule.watch(model, optimizer, keep=20) keeps the weights of its "
    "last steps, and the inspector and the histograms show them."
)
NONE_OF_PROJECT = "Of this run there are measurements alone: it has kept no checkpoint yet."


class KeptWeights(QObject):
    """Tells the time bar, the inspector and the histograms of what a followed run has kept."""

    def __init__(self, work: Workspace, followed: FollowedRun) -> None:
        super().__init__(work)
        self._work = work
        self._steps: tuple[KeptStep, ...] = ()
        self._asked, self._cost = 0, 0.0
        self._since = QElapsedTimer()
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._count)
        self._monitor: HistogramMonitor | None = None
        work.looking.elsewhere = self._of
        work.line.came.connect(self._take)
        work.line.died.connect(self._forget)
        work.line.ready.connect(lambda _ready: self._tell())
        self.follow(followed)

    def follow(self, followed: FollowedRun) -> None:
        """Tell of this run from now on."""
        self._followed, self._asked = followed, 0
        self._steps = ()
        self.look()
        self._tell()

    def look(self) -> None:
        """Tell of what has been kept since."""
        from core.runs.lookback import kept_steps  # the start of a window waits for none of it

        found = kept_steps(self._followed.folder, self._followed.is_script)
        if found != self._steps:
            self._steps = found
            self._tell()

    def show_in(self, monitor: object) -> None:
        """Count for this monitor while it is seen."""
        if self._monitor is None and isinstance(monitor, HistogramMonitor):
            self._monitor = monitor
            monitor.looked_at.connect(self._count_soon)
            self._count_soon()

    def _tell(self) -> None:
        shown, none = (SHOWN, NONE_OF_SCRIPT) if self._followed.is_script else (SHOWN_OF_PROJECT, NONE_OF_PROJECT)
        self._work.travel.elsewhere = shown if self._steps else none
        self._work.travel.recalling.tell([one.moment for one in self._steps])
        self._work.looking.soon()
        self._count_soon()

    def _of(self, module: str) -> Elsewhere | None:
        """Where the weights of a module are at the moment that is shown."""
        from core.runs.lookback import nearest

        found = nearest(self._steps, self._work.travel.step)
        if found is None:
            return None
        return Elsewhere(found.path, self._called(module), found.moment.step, self._followed.is_script)

    def _called(self, path: str) -> str:
        """What a step of the plan is called in the program."""
        sketch = self._followed.sketch
        return sketch.paths.get(path, path) if sketch is not None else path

    def _count_soon(self) -> None:
        """Count the next step that is kept, as soon as that costs next to nothing."""
        if self._monitor is None or not self._monitor.is_shown or self._timer.isActive() or self._asked:
            return
        pause = max(self._cost / SHARE * 1000, PAUSE)
        left = pause - self._since.elapsed() if self._since.isValid() else 0
        self._timer.start(max(round(left), 0))

    def _count(self) -> None:
        record = self._monitor.feed.record if self._monitor is not None else None
        if record is None or self._asked or not self._work.line.is_ready or not self._followed.is_script:
            return
        known = record.distributions.moments
        last = known[-1].step if known else -1
        following = next((one for one in self._steps if last < one.moment.step <= record.last_step), None)
        if following is None:
            return
        modules = {row.path: self._called(row.path) for row in self._followed.started.weights}
        question = Distribute(weights=str(following.path), modules=modules)
        self._since.start()
        self._asked = self._work.line.ask("distribute", msgspec.json.encode(question).decode())

    def _take(self, events: Sequence[AnyEvent]) -> None:
        for event in events:
            if isinstance(event, Answer) and self._asked and event.id == self._asked:
                self._asked = 0
                if event.problem is None and self._monitor is not None:
                    found = msgspec.json.decode(event.body, type=Distributed)
                    self._cost = found.seconds
                    self._monitor.feed.take([Counted(step=found.step, layers=found.layers)])
                self.look()  # a file that could not be read has gone
                self._count_soon()

    def _forget(self, _death: object) -> None:
        self._asked = 0
