"""What of a project was shown when it was left: kept in the user's folder, beside no file and in no file."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import msgspec
from platformdirs import user_state_path

from core.errors import FileError
from core.files import write_atomically
from core.trail import Trail

KEPT = 200
"""Projects that are remembered; of more, those left longest ago are forgotten."""
_FARTHEST = 1_000_000.0
_LARGEST = 64 * 1024
"""Bytes of a file of ours; a longer one is none."""


@dataclass(frozen=True, slots=True)
class View:
    """Where the eye was: the place and zoom of the canvas, the opened block, and the panels around."""

    path: str
    """The project's file, as it was then."""
    x: float
    y: float
    zoom: float
    mode: Literal["gradients", "plain"] = "gradients"
    minimap: bool | None = None
    trail: Trail = ()
    docks: str = ""
    """The state of the docks, as Base64; "" leaves them as they are."""
    monitors: dict[str, dict[str, str]] = field(default_factory=dict)
    """What was chosen in each monitor, by its dock."""


def views_folder() -> Path:
    """Where views are kept."""
    return user_state_path("chainrule", appauthor=False) / "views"


def keep_view(view: View, folder: Path | None = None) -> None:
    """Remember the view for its path, in place of the one before; raises FileError."""
    place = folder if folder is not None else views_folder()
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError("a folder for views was wanted", str(error), str(place)) from error
    write_atomically(_file(place, view.path), msgspec.json.encode(view).decode())
    _forget_oldest(place)


def load_view(path: Path, folder: Path | None = None) -> View | None:
    """What was shown of the project in this file; None where that is not known or makes no sense."""
    kept = path.resolve()
    file = _file(folder if folder is not None else views_folder(), str(kept))
    try:
        if file.stat().st_size > _LARGEST:
            return None
        view = msgspec.json.decode(file.read_bytes(), type=View)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None
    sensible = view.zoom > 0 and max(abs(view.x), abs(view.y)) < _FARTHEST
    return view if sensible and view.path == str(kept) else None


def _file(folder: Path, path: str) -> Path:
    return folder / f"{hashlib.sha256(os.fsencode(path)).hexdigest()[:24]}.json"


def _forget_oldest(folder: Path) -> None:
    files = list(folder.glob("*.json"))
    if len(files) > KEPT:
        for old in sorted(files, key=lambda file: file.stat().st_mtime)[: len(files) - KEPT]:
            old.unlink(missing_ok=True)
