"""Keeps the activations on the cards fresh: asks the engine for those in view, so seldom that it costs nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

import msgspec
from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from core.engine.activations import Activation, Peek, Peeked
from core.engine.messages import Answer, AnyEvent
from core.errors import GraphError
from core.fitting import types_of
from core.plan import Value
from core.ports import output_ports
from core.project import Project
from core.trail import existing
from gui.engines import Line
from gui.session import Editor

MILLISECONDS = 500
"""Between two looks at the least."""
CALM = 2000
"""The same with reduced motion."""
SHARE = 0.01
"""The part of the training's time that looking may take."""
FRAME = 50
"""Milliseconds between two looks while nothing trains."""


class Peeking(QObject):
    """One question at a time, for the nodes that are wanted then."""

    seen = Signal(object)
    """By node id its Activation, or None where the run does not compute it."""

    def __init__(self, bridge: Line, editor: Editor, milliseconds: int = MILLISECONDS) -> None:
        super().__init__(editor)
        self._bridge = bridge
        self._editor = editor
        self.milliseconds = milliseconds
        self.wanted: Callable[[], Sequence[str]] = tuple
        """The nodes whose activation can be seen now."""
        self.has_run: Callable[[], bool] = lambda: True
        """Whether the engine's last run is this document's."""
        self.trained: Project | None = None
        """The project of the run that is asked; None before one."""
        self._analysis = editor.reading.analysis
        self._asked = 0
        """The id of the question that waits for its answer; 0: none."""
        self._values: dict[str, Value] = {}
        """By node what was asked for."""
        self.is_training = False
        """Whether looking takes its time from a run."""
        self._costs: deque[float] = deque(maxlen=4)
        """Seconds of the last looks; a run's first, which prepares for all others, is none of them."""
        self._has_prepared = False
        self._fresh: set[str] = set()
        """The nodes that were seen as the network stands now."""
        self._since = QElapsedTimer()
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.look)
        bridge.came.connect(self._take)
        bridge.died.connect(self.forget)

    def begin(self, trained: Project | None) -> None:
        """Ask this project's run from now on."""
        self.trained = trained
        self._analysis = self._editor.reading.analysis
        self._asked = 0
        self._costs.clear()
        self._has_prepared = False
        self.grown()

    def grown(self) -> None:
        """Look again, as the network has learnt since."""
        self._fresh.clear()
        self.soon()

    def soon(self) -> None:
        """Look at what was not seen yet, as soon as that costs next to nothing."""
        if self.trained is None:
            return
        pause = max(min(self._costs, default=0.0) / SHARE * 1000, self.milliseconds) if self._is_live else FRAME
        left = max(round(pause - self._since.elapsed()), 0) if self._since.isValid() else 0
        if not self._timer.isActive() or self._timer.remainingTime() > left:
            self._timer.start(left)

    def look(self) -> None:
        """Ask for what can be seen, unless there is nothing or an answer is still to come."""
        if self._asked or self.trained is None or not (self._bridge.is_ready and self.has_run()):
            return
        found = {node: self.value(node) for node in self.wanted() if node not in self._fresh}
        self._values = {node: value for node, value in found.items() if value is not None}
        if unknown := {node: None for node, value in found.items() if value is None}:
            self._fresh.update(unknown)
            self.seen.emit(unknown)
        if self._values:
            self._fresh.update(self._values)
            self._since.start()
            question = Peek(values=[(value.path, value.port) for value in self._values.values()])
            self._asked = self._bridge.ask("peek", msgspec.json.encode(question).decode())

    @property
    def _is_live(self) -> bool:
        """Whether looking takes its time from a run, and no moment is looked at that stays as it is."""
        return self.is_training and self._bridge.moment < 0

    def value(self, node_id: str) -> Value | None:
        """What the run calls what the node gives: under the name and in the block that it had when the run began."""
        trained, trail = self.trained, self._editor.trail
        if trained is None or existing(trained, trail) != trail:
            return None
        types = types_of(trained, self._analysis, trail)
        node = types.node(node_id)
        try:
            port = next((port.name for port in output_ports(trained, node)), "") if node is not None else ""
        except GraphError:
            return None
        return types.value(node_id, port) if port else None

    def _take(self, events: Sequence[AnyEvent]) -> None:
        for event in events:
            if isinstance(event, Answer) and self._asked and event.id == self._asked:
                self._asked = 0
                if event.problem is None:
                    self._show(msgspec.json.decode(event.body, type=Peeked))
                self.soon()

    def _show(self, peeked: Peeked) -> None:
        if self._has_prepared:
            self._costs.append(peeked.seconds)
        self._has_prepared = True
        told: dict[Value, Activation] = {Value(one.path, one.port): one for one in peeked.found}
        self.seen.emit({node: told.get(value) for node, value in self._values.items()})

    def forget(self, *_news: object) -> None:
        """Wait for no answer any more: the engine that was asked is gone, or another one is spoken to."""
        self._asked = 0
