"""One open document with what belongs to it on disk: its file, its trained weights, its copy for a crash."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from core.document import Document
from core.errors import FileError
from core.files import save, trained_weights
from core.project import Project, Weights
from gui.crash_copy import CrashCopy
from gui.preferences import Preferences
from gui.throttle import Throttle

if TYPE_CHECKING:
    from core.runs.following import FollowedRun

WRITING = 200
"""Milliseconds that the copy may take to be on the disk, within the seconds that were promised."""


class Held(QObject):
    """Keeps the document aside while it differs from its file, until it is let go."""

    failed = Signal(str, object)
    """What was tried, and the FileError."""
    stored = Signal(object)
    """The Path to which the document was written."""

    def __init__(self, document: Document, preferences: Preferences, folder: Path | None = None) -> None:
        """Copies for a crash go into this folder, or the user's own."""
        super().__init__()
        self.document = document
        self._preferences = preferences
        self._copy = CrashCopy(folder, self)
        self._copy.kept.connect(self._calm)
        self._copy.failed.connect(self._warn)
        self._kept = Throttle(self._keep_soon, 1000 * max(preferences.autosave, 1) - WRITING, self)
        self._warned = False
        self.followed: FollowedRun | None = None
        """The run of which this is the project, where another program writes it."""
        self.fresh_weights: Path | None = None
        """Weights trained since the last save, to be copied beside the file."""
        self._files: dict[str, Path] = {}
        """By hash where weights lie that the document has had: undo may bring others back than the last."""
        self._weights: tuple[object, Path | None] = (None, None)
        """The file found for these weights, whose hash takes a while to make."""
        document.changed.connect(self._changed)
        if document.modified:
            self._kept.ask()

    @property
    def name(self) -> str:
        """What the document is called: as its file, else as its project."""
        return self.document.path.stem if self.document.path is not None else self.document.project.name

    @property
    def is_untouched(self) -> bool:
        """Whether it is a new, empty graph in which nothing was done."""
        document = self.document
        fresh = document.path is None and not document.past and not document.future
        return fresh and not document.modified and not document.project.graph.nodes

    def trained(self, weights: Weights, file: Path | None, label: str = "Train") -> None:
        """Take note of the weights that training ended with; the next save puts them beside the file."""
        self.fresh_weights = file
        if file is not None:
            self._files[weights.sha256] = file
        self.document.edit(label, replace(self.document.project, weights=weights))

    def weights_file(self) -> Path | None:
        """The trained weights of the document as it is, if it has any."""
        document = self.document
        if document.project.weights is None:
            return None
        key = (document.project.weights, document.path, self.fresh_weights)
        if self._weights[0] != key:
            self._weights = (key, self._fresh() or trained_weights(document.project, document.path))
        return self._weights[1]

    def write(self, path: Path) -> bool:
        """Write the document to this file, its weights beside it; whether it was written."""
        document = self.document
        weights = self._fresh() or trained_weights(document.project, document.path)
        named = document.project if document.path == path else replace(document.project, name=path.stem)
        try:
            written = save(named, path, weights)
        except FileError as error:
            self.failed.emit(f"{path.name} could not be saved.", error)
            return False
        if written != document.project:
            document.edit("Save", written)
        self._kept.cancel()
        document.saved(path, document.project)
        self._copy.forget()
        self.fresh_weights = None
        self._preferences.remember(path)
        self._preferences.keep_word("folder", str(path.parent))
        self.stored.emit(path)
        return True

    def keep(self) -> None:
        """Keep the document aside for a crash now, if it differs from its file."""
        self._keep_soon()
        self._copy.wait()

    def _keep_soon(self) -> None:
        if self.document.modified:
            self._copy.keep(self.document.project, self.document.path)
        else:
            self._copy.forget()

    def _calm(self) -> None:
        self._warned = False

    def _warn(self, error: FileError) -> None:
        if not self._warned:
            self._warned = True
            self.failed.emit(f"{self.name} could not be kept aside for a crash.", error)

    def _fresh(self) -> Path | None:
        """Where the document's weights lie, if they are in no file of its own yet."""
        weights = self.document.project.weights
        known = self._files.get(weights.sha256) if weights is not None else None
        return known if known is not None and known.is_file() else self.fresh_weights

    def let_go(self) -> None:
        """Follow the document no more; what was kept aside is forgotten."""
        self._kept.cancel()
        self._copy.close()
        self.document.changed.disconnect(self._changed)
        self.deleteLater()

    def _changed(self, _old: Project, _new: Project) -> None:
        self._kept.ask()
