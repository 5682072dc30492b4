"""What FILE on the command line means: a project file, the folder of a run, or a template's name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import resources
from core.catalog.sources import DATASET
from core.errors import FileError
from core.exchange.embedded import is_picture, load_embedded
from core.files import SUFFIX, load
from core.project import Project
from core.runs.layout import PROJECT

TEMPLATES = Path(resources.__file__).parent / "templates"
FILE_HELP = "a .chain file or a picture that was exported, the folder of a run, or a template's name"


class Opened(NamedTuple):
    """A project and where it was found."""

    project: Project
    path: Path


def templates() -> tuple[str, ...]:
    """The names of the templates."""
    return tuple(sorted(path.stem for path in TEMPLATES.glob(f"*{SUFFIX}")))


def closest(word: str, words: Iterable[str]) -> str:
    """The word that was probably meant; empty where none is near."""
    return next(iter(difflib.get_close_matches(word, list(words), 1)), "")


def found(name: str) -> Path:
    """The project file that is meant; raises FileError where there is none."""
    path = Path(name)
    if path.is_dir() and (path / PROJECT).is_file():
        return path / PROJECT
    if path.is_file():
        return path
    if name in templates():
        return TEMPLATES / f"{name}{SUFFIX}"
    raise FileError("a project file or a template's name was wanted", _came(path), name, _meant(name))


def opened(name: str) -> Opened:
    """The project that is meant; raises FileError."""
    path = found(name)
    try:
        return Opened(load_embedded(path) if is_picture(path) else load(path), path)
    except FileError as error:
        if str(path) in error.where:
            raise
        where = f"{path}, {error.where}" if error.where else str(path)
        raise FileError(error.wanted, error.came, where, error.fix) from error


def data_node(project: Project, name: str) -> str:
    """The id of the data set that the data node of this name offers; empty where it is no data node."""
    node = project.graph.by_name(name)
    return str(node.param("dataset", "")) if node is not None and node.kind == DATASET else ""


def _came(path: Path) -> str:
    return f"it is a folder without {PROJECT}" if path.is_dir() else "there is none of this name"


def _meant(name: str) -> str:
    near = closest(Path(name).stem, templates())
    return f"Did you mean the template {near}?" if near else f"The templates are {', '.join(templates())}."
