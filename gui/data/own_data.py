"""What is known of the files of one project's data: previews and marks, asked for beside the window and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from core.data.settings import DatasetSettings, dataset_kind
from core.datatrust import DataTrust
from core.errors import ChainruleError, FileError
from core.filedata import data_line, is_within
from core.inspecting.told import AskLook, AskMark
from core.project import Project
from gui.data.reader import DataReader

if TYPE_CHECKING:
    from core.data.preview import Preview

KEPT = 64
"""Previews that are kept."""


class OwnData(QObject):
    """Answers at once with what it knows, and tells when it knows more."""

    came = Signal(object)
    """The DatasetSettings of which more is known, or that cannot be read."""
    allowed = Signal()
    """More may be read than before."""
    refused = Signal(object)
    """A FileError: what the user allows cannot be kept."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.reader = DataReader(self)
        self._previews: dict[tuple[str, str], Preview | ChainruleError | None] = {}
        """None while it is asked for."""
        self._marks: dict[str, str | ChainruleError | None] = {}
        self._trust = DataTrust()
        self.folder: Callable[[], Path | None] = lambda: None
        """The folder of the project's file; what lies in it needs no leave."""

    def preview(self, settings: DatasetSettings, field: str = "") -> Preview | ChainruleError | None:
        """What there is to see of a field, the first where none is named; None while it is asked for."""
        name = field or dataset_kind(settings).fields[0].name
        key = (_content(settings), name)
        if key not in self._previews and self.may_read(settings.path):
            from core.inspecting.looked import Looked

            self._previews[key] = None
            done = partial(self._seen, settings, key)
            failed = partial(self._unseen, settings, key)
            self.reader.ask(AskLook(key[0], name), Looked, done, failed)
        return self._previews.get(key)

    def mark(self, settings: DatasetSettings) -> str | ChainruleError | None:
        """The mark of the file as it is now; None while it is asked for."""
        key = settings.path
        if key not in self._marks and self.may_read(settings.path):
            self._marks[key] = None
            done = partial(self._marked, settings, key)
            self.reader.ask(AskMark(_content(settings)), str, done, done)
        return self._marks.get(key)

    def may_read(self, path: str) -> bool:
        """Whether the user knows that the project reads this file: it lies beside the project's, or was allowed."""
        folder = self.folder()
        return (folder is not None and is_within(path, folder)) or self._trust.covers(path)

    def missing(self, project: Project) -> tuple[str, ...]:
        """The paths that the project names and that may not be read yet."""
        return self._trust.missing(project, self.folder())

    def remember(self, paths: Iterable[str]) -> None:
        """Let these be read: the user has chosen them."""
        try:
            self._trust.remember(paths)
        except FileError as error:
            self.refused.emit(error)

    def allow(self, paths: Iterable[str]) -> None:
        """Let these be read from now on, and say so."""
        self.remember(paths)
        self.allowed.emit()

    def forget(self, path: str = "") -> None:
        """Look at the file at this place anew the next time, or at every one."""
        for key in [key for key in self._marks if key == path or not path]:
            del self._marks[key]
        for pair in [pair for pair, known in self._previews.items() if isinstance(known, ChainruleError) or not path]:
            del self._previews[pair]

    def close(self) -> None:
        """Ask no more."""
        self.reader.close()

    def _seen(self, settings: DatasetSettings, key: tuple[str, str], looked: object) -> None:
        from core.inspecting.looked import Looked

        assert isinstance(looked, Looked)
        self._previews[key] = looked.preview(settings)
        while len(self._previews) > KEPT:
            del self._previews[next(iter(self._previews))]
        self.came.emit(settings)

    def _unseen(self, settings: DatasetSettings, key: tuple[str, str], error: ChainruleError) -> None:
        self._previews[key] = error
        self.came.emit(settings)

    def _marked(self, settings: DatasetSettings, key: str, mark: str | ChainruleError) -> None:
        self._marks[key] = mark
        self.came.emit(settings)


def _content(settings: DatasetSettings) -> str:
    """What decides on what there is to see: split and scaling do not."""
    plain = DatasetSettings(settings.source, settings.options, path=settings.path, found=settings.found)
    return data_line("", plain)
