"""Keeps the histograms growing: has the engine count the layers' numbers, so seldom that it costs next to nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from PySide6.QtCore import QElapsedTimer, QObject, QTimer

from core.engine.histograms import Distribute, Distributed
from core.engine.messages import Answer, AnyEvent
from gui.engines import Line
from gui.monitors.histograms import HistogramMonitor
from gui.training.control import RunControl

SHARE = 0.02
"""The part of the training's time that counting may take."""
PAUSE = 200
"""Milliseconds between two counts at the least."""


class Counting(QObject):
    """One question at a time, while the monitor is seen and the network has learnt since."""

    def __init__(self, line: Line, run: RunControl, monitor: HistogramMonitor) -> None:
        super().__init__(monitor)
        self._line, self._run, self._monitor = line, run, monitor
        self.has_run: Callable[[], bool] = lambda: True
        """Whether the engine's last run is this document's."""
        self._asked = 0
        """The id of the question that waits for its answer; 0: none."""
        self._cost = 0.0
        self._since = QElapsedTimer()
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._ask)
        line.came.connect(self._take)
        line.died.connect(self.forget)
        monitor.looked_at.connect(self.soon)
        monitor.feed.started.connect(self._begin)
        monitor.feed.changed.connect(self.soon)

    def soon(self) -> None:
        """Count, as soon as that costs next to nothing."""
        if not self._monitor.is_shown or self._timer.isActive():
            return
        pause = max(self._cost / SHARE * 1000, PAUSE) if self._run.state.phase == "training" else 0
        left = pause - self._since.elapsed() if self._since.isValid() else 0
        self._timer.start(max(round(left), 0))

    def forget(self, *_news: object) -> None:
        """Wait for no answer any more."""
        self._asked = 0

    def _begin(self, _record: object) -> None:
        self._cost = 0.0

    def _ask(self) -> None:
        if self._asked or not self._monitor.is_shown or not self._line.is_ready:
            return
        if not self._run.state.active or not self.has_run() or self._line.moment >= 0:
            return
        self._since.start()
        self._asked = self._line.ask("distribute", msgspec.json.encode(Distribute()).decode())

    def _take(self, events: Sequence[AnyEvent]) -> None:
        for event in events:
            if not isinstance(event, Answer) or not self._asked or event.id != self._asked:
                continue
            self._asked = 0
            if event.problem is None:
                found = msgspec.json.decode(event.body, type=Distributed)
                self._cost = found.seconds  # the numbers themselves come with the run
