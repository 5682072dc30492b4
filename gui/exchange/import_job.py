"""An import under way: an engine of its own, whose news come as Qt's signals; it can be ended at any moment."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import weakref
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from core.engine.errand import Errand
from core.engine.messages import Doing
from core.errors import ChainruleError
from core.exchange.incoming import Source
from core.files import from_text
from core.project import Project


class Imported(NamedTuple):
    """An imported network, its weights, and what there is to say of it."""

    project: Project
    weights: Path
    layers: int
    blocks: int
    parameters: int
    opaque: tuple[str, ...]
    notes: tuple[str, ...]
    difference: float | None


class Import(QObject):
    """One import at a time; the weights wait in its own folder for the document to be saved, and go with it."""

    doing = Signal(str, float)
    """What is being done, and the share that is behind."""
    done = Signal(object)
    """An Imported."""
    failed = Signal(object)
    """The ChainruleError."""
    _woken = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._errand: Errand | None = None
        self._weights = Path()
        self._woken.connect(self._take)
        self.destroyed.connect(self.cancel)

    @property
    def is_busy(self) -> bool:
        """Whether an import is under way."""
        return self._errand is not None

    def start(self, source: Source, inputs: tuple[str, ...]) -> None:
        """Begin; the source's code runs in a process of its own, so the user must have agreed."""
        self.cancel()
        folder = tempfile.mkdtemp(prefix="chainrule-import-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self._weights = Path(folder) / "weights.safetensors"
        text = f"{source.place}:{source.factory}" if source.factory else source.place
        body = {"source": text, "weights": str(self._weights), "inputs": inputs, "folders": [os.getcwd()]}
        self.doing.emit("Starting PyTorch", 0.0)
        try:
            self._errand = Errand("import", json.dumps(body), self._woken.emit)
        except ChainruleError as error:
            self.failed.emit(error)

    def cancel(self) -> None:
        """End what is under way, whatever it is at."""
        errand, self._errand = self._errand, None
        if errand is not None:
            errand.end()

    def _take(self) -> None:
        if self._errand is None:
            return
        try:
            for news in self._errand.news():
                if isinstance(news, Doing):
                    self.doing.emit(news.text, news.share)
                else:
                    self._finish(json.loads(news))
                    return
        except ChainruleError as error:
            self.cancel()
            self.failed.emit(error)

    def _finish(self, answer: dict[str, object]) -> None:
        self.cancel()
        report = answer["report"]
        assert isinstance(report, dict)  # as the engine has it
        difference = answer["difference"]
        self.done.emit(
            Imported(
                from_text(str(answer["project"]), "Import"),
                self._weights,
                int(report["layers"]),
                int(report["blocks"]),
                int(report["parameters"]),
                tuple(report["opaque"]),
                tuple(report["notes"]),
                difference if isinstance(difference, float) else None,
            )
        )
