"""Opening, saving and keeping aside: everything between the document and its file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

import resources
from core.document import Document
from core.errors import FileError
from core.exchange.embedded import PICTURES, is_picture, load_embedded
from core.files import SUFFIX, load, save, trained_weights
from core.project import Project, Weights
from core.recovery import Kept, Recovery, left_behind
from gui.preferences import Preferences
from gui.questions import ask_save
from gui.throttle import Throttle

FILTER = f"Chainrule graphs (*{SUFFIX})"
OPENED = f"Chainrule graphs, and pictures of them (*{SUFFIX} {' '.join(f'*{suffix}' for suffix in PICTURES)})"
Answer = Literal["save", "discard", "cancel"]


class Filing(QObject):
    """The file of the document in the window, and its copy for a crash."""

    opened = Signal(object)
    """A Document that was opened or made."""
    failed = Signal(str, object)
    """What was tried, and the FileError."""
    stored = Signal(object)
    """The Path to which the document was written."""

    def __init__(self, preferences: Preferences, window: QWidget, folder: Path | None = None) -> None:
        super().__init__(window)
        self._preferences = preferences
        self._window = window
        self._folder = folder
        self._recovery = Recovery(folder)
        self._kept = Throttle(self.keep, 1000 * max(preferences.autosave, 1), self)
        self._warned = False
        self.document: Document | None = None
        self.fresh_weights: Path | None = None
        """Weights trained since the last save, to be copied beside the file."""
        self._weights: tuple[object, Path | None] = (None, None)
        """The file found for these weights, whose hash takes a while to make."""
        self.choose: Callable[[Literal["open", "save"], Path], Path | None] = self._ask_path
        self.ask_save: Callable[[str], Answer] = lambda name: ask_save(window, name)

    def new(self) -> None:
        """Begin with an empty graph, once the current document may go."""
        if self.may_leave():
            self.take(Document(Project()))

    def open(self, path: Path | None = None) -> None:
        """Open a file, or the one the user chooses, once the current document may go."""
        chosen = path if path is not None else self.choose("open", self._place())
        if chosen is not None and (is_template(chosen) or is_picture(chosen)):
            self.open_copy(chosen)
            return
        if chosen is None or not self.may_leave():
            return
        try:
            document = Document(load(chosen), chosen)
        except FileError as error:
            self.failed.emit(f"{chosen.name} could not be opened.", error)
            return
        self._preferences.remember(chosen)
        self.take(document)

    def open_copy(self, path: Path) -> None:
        """Open a template, or the project in a picture, as a new document, which has no file yet."""
        if not self.may_leave():
            return
        try:
            self.take(Document(_of_picture(path) if is_picture(path) else load(path)))
        except FileError as error:
            what = path.name if is_picture(path) else f"The template {path.stem}"
            self.failed.emit(f"{what} could not be opened.", error)

    def recover(self, kept: Kept) -> None:
        """Go on with a document that a crash left behind."""
        document = Document(kept.project, kept.path)
        document.recovered()
        kept.forget()
        self.take(document)

    def left_behind(self) -> tuple[Kept, ...]:
        """The documents that crashes left behind, newest first."""
        return left_behind(self._folder)

    def take(self, document: Document) -> None:
        """Let this be the document; the one before is let go."""
        self.let_go()
        self._recovery = Recovery(self._folder)
        self.document = document
        self.fresh_weights = None
        document.changed.connect(self._changed)
        self.opened.emit(document)
        if document.modified:
            self._kept.ask()

    def save(self) -> bool:
        """Write the document to its file, or to one the user chooses; whether it was written."""
        if self.document is None:
            return False
        return self._write(self.document.path) if self.document.path is not None else self.save_as()

    def save_as(self) -> bool:
        """Write the document to a file the user chooses; whether it was written."""
        if self.document is None:
            return False
        path = self.choose("save", self._place() / f"{self.document.project.name}{SUFFIX}")
        return path is not None and self._write(path if path.suffix == SUFFIX else path.with_name(path.name + SUFFIX))

    def may_leave(self) -> bool:
        """Whether the document may go: it is saved, or the user lets it go or saves it now."""
        if self.document is None or not self.document.modified:
            return True
        answer = self.ask_save(self.document.project.name)
        return answer == "discard" or (answer == "save" and self.save())

    def trained(self, weights: Weights, file: Path | None) -> None:
        """Take note of the weights that training ended with; the next save puts them beside the file."""
        if self.document is not None:
            self.fresh_weights = file
            self.document.edit("Train", replace(self.document.project, weights=weights))

    def weights_file(self) -> Path | None:
        """The trained weights of the document as it is, if it has any."""
        document = self.document
        if document is None or document.project.weights is None:
            return None
        key = (document.project.weights, document.path, self.fresh_weights)
        if self._weights[0] != key:
            self._weights = (key, self.fresh_weights or trained_weights(document.project, document.path))
        return self._weights[1]

    def keep(self) -> None:
        """Keep the document aside for a crash, if it differs from its file."""
        if self.document is None:
            return
        if not self.document.modified:
            self._recovery.forget()
            return
        try:
            self._recovery.keep(self.document.project, self.document.path)
            self._warned = False
        except FileError as error:
            if not self._warned:
                self._warned = True
                self.failed.emit("The document could not be kept aside for a crash.", error)

    def let_go(self) -> None:
        """Have no document; what was kept aside is forgotten."""
        self._kept.cancel()
        self._recovery.forget()
        if self.document is not None:
            self.document.changed.disconnect(self._changed)
            self.document = None

    def _write(self, path: Path) -> bool:
        document = self.document
        assert document is not None
        weights = self.fresh_weights or trained_weights(document.project, document.path)
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
        self._recovery.forget()
        self.fresh_weights = None
        self._preferences.remember(path)
        self._preferences.keep_word("folder", str(path.parent))
        self.stored.emit(path)
        return True

    def _changed(self, _old: Project, _new: Project) -> None:
        self._kept.ask()

    def _place(self) -> Path:
        if self.document is not None and self.document.path is not None:
            return self.document.path.parent
        return Path(self._preferences.word("folder", str(Path.home())))

    def _ask_path(self, purpose: Literal["open", "save"], start: Path) -> Path | None:
        if purpose == "open":
            chosen, _filter = QFileDialog.getOpenFileName(self._window, "Open a graph", str(start), OPENED)
        else:
            chosen, _filter = QFileDialog.getSaveFileName(self._window, "Save the graph", str(start), FILTER)
        return Path(chosen) if chosen else None


def _of_picture(path: Path) -> Project:
    """The project in a picture, under the picture's name; its weights stand elsewhere, so it is untrained."""
    return replace(load_embedded(path), name=path.stem, weights=None)


def is_template(path: Path) -> bool:
    """Whether the file is one of ours, which saving must not overwrite."""
    return path.resolve().parent == Path(resources.__file__).resolve().parent / "templates"
