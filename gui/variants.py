"""Asks the engine how a list of augmentation draws samples; one question at a time, the newest."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import QObject

from core.data.settings import DatasetSettings
from core.engine.messages import Answer, AnyEvent
from core.engine.variants import Varied, Vary
from core.errors import ChainruleError
from core.filedata import data_line
from gui.engines import Line
from gui.inspector import Inspector

WARMING, DRAWING = "Waiting for PyTorch…", "Drawing…"


class Variants(QObject):
    """What was wanted last, until it is answered; whoever is asked may be gone before that."""

    def __init__(self, bridge: Line, inspector: Inspector) -> None:
        super().__init__(inspector)
        self._bridge = bridge
        self._inspector = inspector
        self._wanted: tuple[DatasetSettings, int] | None = None
        self._sent: tuple[DatasetSettings, int] | None = None
        self._asked = 0
        """The id of the question that waits for its answer; 0: none."""
        inspector.variants_asked.connect(self.ask)
        bridge.came.connect(self._take)
        bridge.ready.connect(self._resume)
        bridge.died.connect(self.forget)

    def ask(self, settings: DatasetSettings, seed: int) -> None:
        """See how this list draws by this seed."""
        self._wanted = (settings, seed)
        self._send()

    def forget(self, _death: object = None) -> None:
        """Wait for no answer any more: who was asked is gone. What is still wanted is asked of the next one."""
        self._asked = 0
        if self._wanted is not None:
            self._say(WARMING)
            self._send()

    def _resume(self, _ready: object) -> None:
        self._send()

    def _send(self) -> None:
        if self._wanted is None or self._asked:
            return
        if not self._bridge.is_ready:
            self._say(WARMING)
            return
        self._sent = self._wanted
        settings, seed = self._wanted
        question = Vary(dataset=data_line("data", settings), seed=seed)
        self._say(DRAWING)
        self._asked = self._bridge.ask("vary", msgspec.json.encode(question).decode())

    def _take(self, events: Sequence[AnyEvent]) -> None:
        for event in events:
            if isinstance(event, Answer) and self._asked and event.id == self._asked:
                self._asked = 0
                if self._wanted != self._sent:
                    self._send()
                    continue
                self._wanted = None
                self._show(event)

    def _show(self, event: Answer) -> None:
        preview = self._inspector.variants
        if preview is None:
            return
        if event.problem is None:
            preview.show_variants(msgspec.json.decode(event.body, type=Varied))
            return
        told = event.problem
        preview.refuse(str(ChainruleError(told.wanted, told.came, told.where, told.fix)))

    def _say(self, text: str) -> None:
        if self._inspector.variants is not None:
            self._inspector.variants.say(text)
