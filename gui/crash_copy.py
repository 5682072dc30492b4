"""The copy of a document that outlives a crash, written in a thread of its own: no frame waits for the disk."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal

from core.errors import FileError
from core.project import Project
from core.recovery import Recovery


class CrashCopy(QObject):
    """Writes what it is given, one after the other; the window hears how it went."""

    kept = Signal()
    failed = Signal(object)
    """The FileError."""
    _came = Signal(object)

    def __init__(self, folder: Path | None, parent: QObject) -> None:
        super().__init__(parent)
        self._recovery = Recovery(folder)
        self._pool: ThreadPoolExecutor | None = None
        self._writing: Future[None] | None = None
        self._came.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    def keep(self, project: Project, path: Path | None) -> None:
        """Write this soon; `path` is the document's own file, if it has one."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, "crash copy")
        self._writing = self._pool.submit(self._write, project, path)

    def wait(self) -> None:
        """Have everything on the disk that was given."""
        if self._writing is not None:
            self._writing.result()

    def forget(self) -> None:
        """Keep nothing."""
        self.wait()
        self._recovery.forget()

    def close(self) -> None:
        """The same, for good."""
        self.forget()
        if self._pool is not None:
            self._pool.shutdown()

    def _write(self, project: Project, path: Path | None) -> None:
        try:
            self._recovery.keep(project, path)
        except FileError as error:
            self._came.emit(error)
        else:
            self._came.emit(None)

    def _tell(self, error: FileError | None) -> None:
        if error is None:
            self.kept.emit()
        else:
            self.failed.emit(error)
