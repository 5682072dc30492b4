"""Which files outside a project's folder may be read: those the user has allowed; kept in the user's own folder.

A stranger's project may name any file of the user's; what lies beside the project file is its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from core.errors import DataError
from core.filedata import outside
from core.keptlist import KeptList, users_file
from core.project import Project


def data_trust_file() -> Path:
    """Where it is kept."""
    return users_file("allowed-data.json")


class DataTrust:
    """What is allowed so far, in memory and in the user's folder."""

    def __init__(self, file: Path | None = None) -> None:
        self._kept = KeptList(file if file is not None else data_trust_file(), "allowed", "what you allow")
        self._known = dict.fromkeys(self._kept.read())

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
        self._kept.add(new)


def not_allowed(paths: Iterable[str]) -> DataError:
    """The error of files that may not be read yet."""
    named = ", ".join(paths)
    return DataError(
        "data that you allow to be read were wanted",
        f"this project names files outside its own folder, and nothing of them was read: {named}",
        "",
        "Allow it in the window, or add --allow-data on the command line, if you know why it wants them.",
    )
