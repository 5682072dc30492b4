"""A list of texts that a user has agreed to, kept in the user's own folder: what is trusted, what may be read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from core.errors import FileError
from core.files import write_atomically

MOST = 20_000
"""Texts that are kept; the oldest go."""
_LARGEST = 64 * 2**20


def users_file(name: str) -> Path:
    """Where a file of this name stands in the user's folder."""
    return Path(platformdirs.user_config_dir("chainrule", appauthor=False)) / name


@dataclass(frozen=True, slots=True)
class KeptList:
    """The texts under one key of a JSON file; `what` names them in an error."""

    file: Path
    key: str
    what: str

    def read(self) -> tuple[str, ...]:
        """The texts; none where the file is missing or damaged: then nothing is agreed to."""
        try:
            if self.file.stat().st_size > _LARGEST:
                return ()
            content = json.loads(self.file.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return ()
        found = content.get(self.key) if isinstance(content, dict) else None
        return tuple(item for item in found if isinstance(item, str)) if isinstance(found, list) else ()

    def add(self, new: Iterable[str]) -> None:
        """Keep these too, beside what another window has kept meanwhile; raises FileError."""
        kept = list(dict.fromkeys((*self.read(), *new)))[-MOST:]
        folder = self.file.parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            wanted, fix = f"a folder to keep {self.what} in was wanted", "Make room for it, or free its name."
            raise FileError(wanted, (error.strerror or str(error)).lower(), str(folder), fix) from error
        write_atomically(self.file, json.dumps({self.key: kept}, indent=0) + "\n")
