"""Keeps the inspector's picture of a layer's weights fresh: asks the engine, and hands on what it answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
from PySide6.QtCore import QObject, Signal

from core.engine.messages import Answer, AnyEvent
from core.engine.portraits import Look, Portrait
from gui.engines import Line
from gui.session import Editor
from gui.throttle import Throttle

MILLISECONDS = 500
"""Between two looks while the network trains."""


class Elsewhere(NamedTuple):
    """Weights that another program has kept."""

    file: Path
    module: str
    """What the module is called in the file."""
    step: int
    alone: bool
    """Whether modules within it are layers of their own."""


class Looking(QObject):
    """One look at a time, at the one layer that is selected."""

    seen = Signal(str, object)
    """A node's id and its Portrait, or None where it has no weights yet."""

    def __init__(self, bridge: Line, editor: Editor, milliseconds: int = MILLISECONDS) -> None:
        super().__init__(editor)
        self._bridge = bridge
        self._editor = editor
        self.has_run: Callable[[], bool] = lambda: False
        """Whether the engine's run is this document's."""
        self.file: Callable[[], Path | None] = lambda: None
        """The weights that the document has without a run."""
        self.elsewhere: Callable[[str], Elsewhere | None] = lambda _module: None
        """Where the weights of a module are that another program trains."""
        self._step = -1
        self._channel = 0
        self._node = ""
        self._asked = 0
        """The id of the question that waits for its answer; 0: none."""
        self._again = Throttle(self.look, milliseconds, self)
        bridge.came.connect(self._take)
        bridge.died.connect(self.forget)
        editor.selected.connect(self._turn)
        editor.read.connect(lambda _reading: self.soon())

    def soon(self) -> None:
        """Look again, as something may have changed."""
        self._again.ask()

    def choose_channel(self, channel: int) -> None:
        """Look at the kernels of this input channel."""
        self._channel = channel
        self.look()

    def look(self) -> None:
        """Ask for the weights of the layer that is selected, unless an answer is still to come."""
        module = self._module()
        if not module or self._asked:
            return
        run, file = self.has_run(), self.file()
        other = self.elsewhere(module)
        self._step = other.step if other is not None else -1
        if other is not None:
            run, file, module = False, other.file, other.module
        if not self._bridge.is_ready or not (run or file is not None):
            self.seen.emit(self._node, None)
            return
        alone = other is not None and other.alone
        question = Look(module=module, channel=self._channel, weights="" if run else str(file), alone=alone)
        self._asked = self._bridge.ask("look", msgspec.json.encode(question).decode())

    def forget(self, _death: object = None) -> None:
        """Wait for no answer any more: who was asked is gone."""
        self._asked = 0

    def _turn(self, nodes: Sequence[str]) -> None:
        """Look at another layer."""
        self._node = nodes[0] if len(nodes) == 1 else ""
        self._channel = self._asked = 0
        self.look()

    def _module(self) -> str:
        """The path of the module that the selected node calls, where that has weights to show."""
        step = self._editor.reading.plan.by_path.get(self._editor.path(self._node)) if self._node else None
        return step.module if step is not None and step.kind.weighted else ""

    def _take(self, events: Sequence[AnyEvent]) -> None:
        for event in events:
            if isinstance(event, Answer) and self._asked and event.id == self._asked:
                self._asked = 0
                found = msgspec.json.decode(event.body, type=Portrait) if event.problem is None else None
                found = msgspec.structs.replace(found, step=self._step) if found is not None else None
                self.seen.emit(self._node, found)
