"""Files made shorter so that whoever has mapped them can go on reading: as a new file in the place of the old one.

What is read of a mapped file behind its end ends the process that reads (SIGBUS). A file that has lost its place is
whole for those who have mapped it, and gone once they let it go.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

PIECE = 1 << 20


def cut(path: Path, length: int) -> None:
    """Leave the first bytes of a file; what the disk refuses is raised as OSError."""
    if path.stat().st_size <= length:
        return
    aside = path.with_name(f"{path.name}.part")
    try:
        if length:
            _copy(path, aside, length)
            os.replace(aside, path)
        else:
            path.unlink()
            path.touch()
    except OSError:  # no room for a copy, or a system that lets no file go which is mapped
        aside.unlink(missing_ok=True)
        os.truncate(path, length)


def _copy(path: Path, aside: Path, length: int) -> None:
    with path.open("rb") as old, aside.open("wb") as new:
        for place in range(0, length, PIECE):
            new.write(old.read(min(PIECE, length - place)))
    shutil.copymode(path, aside)
