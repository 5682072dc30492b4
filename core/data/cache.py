"""The user's cache folder of what was decoded: bounded, the longest unused goes first; it can be cleared any time."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

import platformdirs

MOST = 4 * 2**30
"""Bytes that all of it may take."""
SPARE = 2**30
"""Bytes of the disk that are left free."""
USED = "used"


def cache_folder() -> Path:
    """Where decoded data are kept; the XDG cache folder on Linux."""
    return Path(platformdirs.user_cache_dir("chainrule", appauthor=False)) / "data"


def room(key: str, size: int) -> Path | None:
    """The folder of this key, made if there is none, with room for so many bytes; None where there is no room.

    Others that were not used for the longest time go for it.
    """
    folder = cache_folder() / key
    if size > MOST:
        return None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / USED).touch()
        _evict(MOST - size, folder)
        missing = size - _size(folder)
        return folder if shutil.disk_usage(folder).free - missing >= SPARE else None
    except OSError:  # a home that cannot be written to: everything is decoded when it is asked for
        return None


def note(key: str, name: str, text: str) -> None:
    """Keep a text under this key, where that is possible."""
    with suppress(OSError):
        folder = cache_folder() / key
        folder.mkdir(parents=True, exist_ok=True)
        (folder / USED).touch()
        (folder / name).write_text(text, encoding="utf-8", errors="surrogatepass")


def noted(key: str, name: str) -> str | None:
    """The text under this key, where there is one."""
    with suppress(OSError, UnicodeError):
        return (cache_folder() / key / name).read_text(encoding="utf-8", errors="surrogatepass")
    return None


def cached_bytes() -> int:
    """What the cache takes of the disk."""
    return sum(map(_size, _folders()))


def clear() -> int:
    """Remove all of it; the bytes that it took."""
    size = cached_bytes()
    for folder in _folders():
        shutil.rmtree(folder, ignore_errors=True)
    return size


def _evict(most: int, but: Path) -> None:
    others = [folder for folder in _folders() if folder != but]
    sizes = {folder: _size(folder) for folder in others}
    for folder in sorted(others, key=_last_used):
        if sum(sizes.values()) <= most:
            return
        shutil.rmtree(folder, ignore_errors=True)
        del sizes[folder]


def _folders() -> list[Path]:
    with suppress(OSError):
        return [path for path in cache_folder().iterdir() if path.is_dir()]
    return []


def _last_used(folder: Path) -> int:
    with suppress(OSError):
        return (folder / USED).stat().st_mtime_ns
    return 0


def _size(folder: Path) -> int:
    """What the files take of the disk: one that is not filled yet takes less than its length."""
    total = 0
    for path in folder.iterdir():
        with suppress(OSError):
            found = os.stat(path)
            total += getattr(found, "st_blocks", -(-found.st_size // 512)) * 512
    return total
