"""The files of a folder of the user's own, and what the names of its sub-folders say."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from core.errors import DataError

MOST_FILES = 1_000_000
TRAINING = frozenset({"train", "training"})
HELD = frozenset({"val", "valid", "validation", "test", "testing", "eval"})
"""Names of sub-folders that say which part their files are for."""


def files_below(root: Path, suffixes: tuple[str, ...]) -> list[Path]:
    """The files with these endings, in the order of their paths; hidden ones and linked folders are left out.

    Raises OSError, and DataError for too many.
    """
    found: list[Path] = []
    for path in _walked(root):
        if path.name.lower().endswith(suffixes):
            found.append(path)
        if len(found) > MOST_FILES:
            raise DataError(f"at most {MOST_FILES:,} files were wanted", "more came", str(root), "Choose a sub-folder.")
    return sorted(found)


def folders_below(root: Path) -> list[Path]:
    """The folders directly in it, by name; hidden ones are left out; raises OSError."""
    with os.scandir(root) as entries:
        return sorted(Path(item.path) for item in entries if item.is_dir() and not _hidden(item.name))


def inner_folder(path: Path, root: Path) -> tuple[str, ...]:
    """The names of the folders between a file and the root."""
    return path.parts[len(root.parts) : -1]


def names_parts(names: Collection[str]) -> bool:
    """Whether these folders are the parts of a split: one for training, the others held out."""
    small = {name.lower() for name in names}
    return bool(small & TRAINING) and bool(small & HELD) and small <= TRAINING | HELD


def is_held(name: str) -> bool:
    """Whether a folder of this name holds what is not for training."""
    return name.lower() in HELD


def listed(names: Iterable[str], most: int = 5) -> str:
    """The first of the names in one line, and how many more there are."""
    known = list(names)
    more = f" and {len(known) - most} more" if len(known) > most else ""
    return f"{', '.join(known[:most])}{more}"


def _walked(root: Path) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        raise error

    for folder, inner, names in os.walk(root, onerror=refuse):
        inner[:] = sorted(name for name in inner if not _hidden(name))
        yield from (Path(folder, name) for name in names if not _hidden(name))


def _hidden(name: str) -> bool:
    return name.startswith((".", "__MACOSX")) or name in ("Thumbs.db", "desktop.ini")
