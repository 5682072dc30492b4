"""Keeps the embedding fresh: asks the engine for the selected layer, so seldom that it costs next to nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from PySide6.QtCore import QElapsedTimer, QObject, QTimer

from core.compared import prediction
from core.engine.embeddings import Embed, Embedded
from core.engine.messages import Answer, AnyEvent
from core.plan import Plan, Value
from gui.engines import Line
from gui.monitors.embedding import HINTS, EmbeddingMonitor
from gui.session import Editor
from gui.training.control import RunControl

SHARE = 0.02
"""The part of the training's time that looking may take."""
PAUSE = 250
"""Milliseconds between two looks at the least."""


class Embeddings(QObject):
    """One question at a time, while the monitor is seen."""

    def __init__(self, line: Line, editor: Editor, run: RunControl, monitor: EmbeddingMonitor) -> None:
        super().__init__(monitor)
        self._line, self._editor, self._run, self._monitor = line, editor, run, monitor
        self.value: Callable[[str], Value | None] = lambda _node: None
        """What the run calls what a node of the graph that is shown gives."""
        self.has_run: Callable[[], bool] = lambda: True
        """Whether the engine's last run is this document's."""
        self._asked = 0
        """The id of the question that waits for its answer; 0: none."""
        self._about: Value | None = None
        self._cost = 0.0
        self._since = QElapsedTimer()
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._look)
        line.came.connect(self._take)
        line.died.connect(self.forget)
        monitor.looked_at.connect(self.soon)
        editor.selected.connect(lambda _nodes: self.soon())
        monitor.feed.started.connect(self._begin)
        monitor.feed.changed.connect(self.soon)

    def soon(self) -> None:
        """Look, as soon as that costs next to nothing."""
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
        self._monitor.cloud.take("", None, HINTS["wait"])

    def _look(self) -> None:
        if self._asked or not self._monitor.is_shown or not self._line.is_ready:
            return
        about = self._chosen() if self._run.state.run and self.has_run() else None
        if about is None:
            return
        self._since.start()
        self._about = about
        question = Embed(project="", path=about.path, port=about.port)
        self._asked = self._line.ask("embed", msgspec.json.encode(question).decode(), self._editor.trusted())

    def _chosen(self) -> Value | None:
        """What the selected layer gives, else what the last layer of the network reads."""
        selected = self._editor.selection
        value = self.value(selected[0]) if len(selected) == 1 else None
        plan = self._editor.reading.plan
        if value is not None and (step := plan.by_path.get(value.path)) is not None and step.kind.role == "layer":
            return value
        return before_last(plan)

    def _take(self, events: Sequence[AnyEvent]) -> None:
        for event in events:
            if not isinstance(event, Answer) or not self._asked or event.id != self._asked:
                continue
            self._asked = 0
            name = self._about.path if self._about is not None else ""
            if event.problem is not None:
                came = event.problem.came
                self._monitor.cloud.take(name, None, (f"{name} has no points.", f"{came[:1].upper()}{came[1:]}."))
                return
            found = msgspec.json.decode(event.body, type=Embedded)
            self._cost = found.seconds
            self._monitor.cloud.take(name, found)
            if self._chosen() != self._about:
                self.soon()


def before_last(plan: Plan) -> Value | None:
    """What the layer reads whose output the first loss compares; its output where it reads no layer's."""
    loss = next(iter(plan.losses), None)
    given = prediction(loss) if loss is not None else None
    if given is None:
        return None
    step = plan.by_path[given.path]
    before = next(iter(step.values()), None)
    is_layer = before is not None and plan.by_path[before.path].kind.role == "layer"
    return before if is_layer else given
