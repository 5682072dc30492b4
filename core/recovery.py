"""What survives a crash: every unsaved document is kept aside, and offered at the next start."""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_state_path

from core.errors import FileError
from core.files import from_text, to_text, write_atomically
from core.project import Project


@dataclass(frozen=True, slots=True)
class Kept:
    """A document that a window left behind when it died."""

    file: Path
    project: Project
    path: Path | None
    """Where it had been saved before, if anywhere."""
    seconds: float
    """When it was kept, in seconds since 1970."""

    def forget(self) -> None:
        """Do not offer it again."""
        self.file.unlink(missing_ok=True)
        _note(self.file).unlink(missing_ok=True)


def recovery_folder() -> Path:
    """Where documents are kept aside."""
    return user_state_path("chainrule", appauthor=False) / "recovery"


class Recovery:
    """Keeps one document aside while it is being edited."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder if folder is not None else recovery_folder()
        self.file = self.folder / f"{os.getpid()}-{secrets.token_hex(4)}.chain"

    def keep(self, project: Project, path: Path | None) -> None:
        """Write the document aside; raises FileError where there is no room."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FileError("a folder for recovery was wanted", str(error), str(self.folder)) from error
        note = {"path": str(path) if path else None, "pid": os.getpid(), "seconds": time.time()}
        write_atomically(_note(self.file), json.dumps(note))
        write_atomically(self.file, to_text(project))

    def forget(self) -> None:
        """The document is saved or was let go: keep nothing."""
        self.file.unlink(missing_ok=True)
        _note(self.file).unlink(missing_ok=True)


def left_behind(folder: Path | None = None) -> tuple[Kept, ...]:
    """The documents of windows that are no more, newest first; a damaged one is passed over."""
    place = folder if folder is not None else recovery_folder()
    return tuple(sorted(_readable(place), key=lambda kept: -kept.seconds))


def _readable(folder: Path) -> Iterator[Kept]:
    for file in sorted(folder.glob("*.chain")):
        try:
            note = json.loads(_note(file).read_text(encoding="utf-8"))
            if _alive(int(note["pid"])):
                continue
            project = from_text(file.read_text(encoding="utf-8"), str(file))
            path = Path(note["path"]) if note["path"] else None
            yield Kept(file, project, path, float(note["seconds"]))
        except (OSError, ValueError, KeyError, TypeError, FileError):
            continue


def _note(file: Path) -> Path:
    return file.with_suffix(".json")


def _alive(pid: int) -> bool:
    if pid == os.getpid():
        return True
    if sys.platform == "win32":
        return False  # there, signal 0 would end the process that is asked after
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
