"""What a window tells of the engines: in its status line and in its log."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject

from core.engine.client import EngineDied
from core.engine.messages import AnyEvent, Ready, Said
from gui.engine_bridge import EngineBridge
from gui.log import Log
from gui.program import Program
from gui.status import StatusBar


class EngineNews(QObject):
    """Hears of every engine; the status line tells of the warm one."""

    def __init__(self, program: Program, status: StatusBar, log: Log, parent: QObject) -> None:
        super().__init__(parent)
        self._program, self._status, self._log = program, status, log
        self._home = program.engines.home
        self._home.died.connect(self._home_died)
        self.hear(self._home)
        program.engines.made.connect(self.hear)
        if program.ready is not None:
            status.show_engine(program.ready)

    def hear(self, bridge: EngineBridge) -> None:
        """Tell of this engine too."""
        bridge.ready.connect(self._ready)
        bridge.came.connect(self._listen)
        bridge.died.connect(self._died)

    def _ready(self, ready: Ready) -> None:
        self._program.ready = ready
        self._status.show_engine(ready)
        device = self._program.device
        python = f"Python {ready.python}, {device}, process {ready.pid}"
        self._log.add("info", f"PyTorch {ready.torch} is ready: {python}.")

    def _home_died(self, _death: EngineDied) -> None:
        self._status.show_starting("Starting PyTorch again…" if self._home.running else "PyTorch has stopped")

    def _died(self, death: EngineDied) -> None:
        self._log.add("error", str(death.error))
        if death.output.strip():
            self._log.add("info", death.output.strip())

    def _listen(self, events: Sequence[AnyEvent]) -> None:
        for event in events:
            if isinstance(event, Said):
                self._log.add(event.level, event.text)
