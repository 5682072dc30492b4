"""Opening and saving: everything between the documents of a window and their files."""

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
from core.files import SUFFIX, load
from core.project import Project
from core.recovery import Kept, left_behind
from core.runs.layout import RUN
from gui.held import Held
from gui.preferences import Preferences
from gui.questions import ask_save, ask_stop

FILTER = f"Chainrule graphs (*{SUFFIX})"
OPENED = f"Chainrule graphs, and pictures of them (*{SUFFIX} {' '.join(f'*{suffix}' for suffix in PICTURES)})"
Answer = Literal["save", "discard", "cancel"]


class Filing(QObject):
    """Opens documents, and saves the one in front."""

    opened = Signal(object)
    """A document that was opened or made, Held; it is to stand in front."""
    found = Signal(object)
    """A document whose file was to be opened and is open, Held; it is to stand in front."""
    failed = Signal(str, object)
    """What was tried, and the FileError."""
    stored = Signal(object)
    """The Path to which a document was written."""

    def __init__(self, preferences: Preferences, window: QWidget, folder: Path | None = None) -> None:
        super().__init__(window)
        self._preferences = preferences
        self._window = window
        self._folder = folder
        self.front: Callable[[], Held | None] = lambda: None
        """The document in front, which the window shows."""
        self.find: Callable[[Path], Held | None] = lambda _path: None
        """The document of this file, if it is open in any window."""
        self.choose: Callable[[Literal["open", "save"], Path], Path | None] = self._ask_path
        self.ask_save: Callable[[str], Answer] = lambda name: ask_save(window, name)
        self.ask_stop: Callable[[str], bool] = lambda name: ask_stop(window, name)

    @property
    def document(self) -> Document | None:
        """The document in front."""
        held = self.front()
        return held.document if held is not None else None

    @property
    def fresh_weights(self) -> Path | None:
        """Weights of the document in front that were trained since its last save."""
        held = self.front()
        return held.fresh_weights if held is not None else None

    def new(self) -> None:
        """Begin with an empty graph."""
        self.take(Document(Project()))

    def open(self, path: Path | None = None) -> None:
        """Open a file, or the one the user chooses; one that is open already comes to the front."""
        chosen = path if path is not None else self.choose("open", self._place())
        if chosen is None:
            return
        held = self.find(chosen)
        if held is not None:
            self.found.emit(held)
            return
        if is_run(chosen):
            self.watch(chosen)
            return
        if is_template(chosen) or is_picture(chosen):
            self.open_copy(chosen)
            return
        try:
            document = Document(load(chosen), chosen)
        except FileError as error:
            self.failed.emit(f"{chosen.name} could not be opened.", error)
            return
        self._preferences.remember(chosen)
        self.take(document)

    def watch(self, folder: Path) -> None:
        """Show the run in this folder, which another program writes, as it comes."""
        from core.runs.following import FollowedRun  # reads with numpy, which no start waits for

        try:
            followed = FollowedRun(folder)
            project = replace(followed.project(), name=folder.name)
        except FileError as error:
            self.failed.emit(f"{folder.name} could not be watched.", error)
            return
        held = Held(Document(project, read_only=True), self._preferences, self._folder)
        held.followed = followed
        self.opened.emit(held)

    def open_copy(self, path: Path) -> None:
        """Open a template, or the project in a picture, as a new document, which has no file yet."""
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

    def take(self, document: Document, weights: Path | None = None) -> None:
        """Open this document, with weights that are in no file of its own yet."""
        held = Held(document, self._preferences, self._folder)
        held.fresh_weights = weights
        self.opened.emit(held)

    def adopt(self, held: Held) -> None:
        """Tell from now on what becomes of this document's file."""
        held.failed.connect(self.failed)
        held.stored.connect(self.stored)

    def release(self, held: Held) -> None:
        """Tell of it no more."""
        held.failed.disconnect(self.failed)
        held.stored.disconnect(self.stored)

    def save(self) -> bool:
        """Write the document in front to its file, or to one the user chooses; whether it was written."""
        held = self.front()
        return held is not None and self.store(held)

    def save_as(self) -> bool:
        """Write the document in front to a file the user chooses; whether it was written."""
        held = self.front()
        return held is not None and self._store_as(held)

    def store(self, held: Held) -> bool:
        """Write this document to its file, or to one the user chooses; whether it was written."""
        return held.write(held.document.path) if held.document.path is not None else self._store_as(held)

    def may_leave(self, held: Held) -> bool:
        """Whether this document may go: it is saved, or the user lets it go or saves it now."""
        if not held.document.modified:
            return True
        answer = self.ask_save(held.name)
        return answer == "discard" or (answer == "save" and self.store(held))

    def may_stop(self, held: Held, trains: bool) -> bool:
        """Whether the run of this document may end, if it has one: the user says so."""
        return not trains or self.ask_stop(held.name)

    def _store_as(self, held: Held) -> bool:
        chosen = self.choose("save", self._place() / f"{held.document.project.name}{SUFFIX}")
        if chosen is None:
            return False
        path = chosen if chosen.suffix == SUFFIX else chosen.with_name(chosen.name + SUFFIX)
        if self.find(path) in (None, held):
            return held.write(path)
        fix = "Choose another name, or close that tab first."
        error = FileError("a file of its own was wanted", f"{path.name} is open in another tab", str(path), fix)
        self.failed.emit(f"{held.name} could not be saved.", error)
        return False

    def _place(self) -> Path:
        document = self.document
        if document is not None and document.path is not None:
            return document.path.parent
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


def is_project(path: Path) -> bool:
    """Whether the file may hold a project: by its name, as it is told before it is read."""
    return path.is_file() and (path.suffix.lower() == SUFFIX or is_picture(path))


def is_run(path: Path) -> bool:
    """Whether this is the folder of a run."""
    return (path / RUN).is_file()


def is_template(path: Path) -> bool:
    """Whether the file is one of ours, a template or an exercise, which saving must not overwrite."""
    ours = Path(resources.__file__).resolve().parent
    return path.resolve().parent in (ours / "templates", ours / "exercises")
