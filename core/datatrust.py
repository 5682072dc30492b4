"""Which files outside a project's folder may be read: those the user has allowed; kept in the user's own folder.

A stranger's project may name any file of the user's; what lies beside the project file is its own.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

import platformdirs

from core.errors import DataError, FileError
from core.filedata import outside
from core.files import write_atomically
from core.project import Project

MOST = 20_000
"""Paths that are kept; the oldest go."""
_LARGEST = 64 * 2**20


def data_trust_file() -> Path:
    """Where it is kept."""
    return Path(platformdirs.user_config_dir("chainrule", appauthor=False)) / "allowed-data.json"


class DataTrust:
    """What is allowed so far, in memory and in the user's folder."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file if file is not None else data_trust_file()
        self._known = dict.fromkeys(_read(self._file))

    def covers(self, path: str) -> bool:
        """Whether this file or folder may be read wherever it lies."""
        return os.path.abspath(path) in self._known

    def missing(self, project: Project, folder: Path | None) -> tuple[str, ...]:
        """The paths that the project names and that may not be read; `folder` is that of its file, if it has one."""
        if folder is not None:
            far = outside(project, folder)
        else:
            far = tuple(dict.fromkeys(item.path for item in project.data.values() if item.path))
        return tuple(path for path in far if not self.covers(path))

    def remember(self, paths: Iterable[str]) -> None:
        """Allow these from now on; raises FileError where that cannot be kept, and allows them all the same."""
        new = dict.fromkeys(os.path.abspath(path) for path in paths)
        if all(path in self._known for path in new):
            return
        self._known.update(new)
        kept = list(dict.fromkeys((*_read(self._file), *new)))[-MOST:]
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            wanted, fix = "a folder to keep what you allow in was wanted", "Make room for it, or free its name."
            raise FileError(wanted, (error.strerror or str(error)).lower(), str(self._file.parent), fix) from error
        write_atomically(self._file, json.dumps({"allowed": kept}, indent=0) + "\n")


def not_allowed(paths: Iterable[str]) -> DataError:
    """The error of files that may not be read yet."""
    named = ", ".join(paths)
    return DataError(
        "data that you allow to be read were wanted",
        f"this project names files outside its own folder, and nothing of them was read: {named}",
        "",
        "Allow it in the window, or add --allow-data on the command line, if you know why it wants them.",
    )


def _read(file: Path) -> tuple[str, ...]:
    """The paths in the file; none where it is missing or damaged: then nothing is allowed."""
    try:
        if file.stat().st_size > _LARGEST:
            return ()
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return ()
    found = content.get("allowed") if isinstance(content, dict) else None
    return tuple(item for item in found if isinstance(item, str)) if isinstance(found, list) else ()
