"""Pure plans for data of the user's own: bring it in with a node, and say anew what a file holds."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePath

from core.data.augmentation import suiting
from core.data.found import Found
from core.data.settings import DatasetSettings, dataset_kind
from core.data.sources import Value
from core.graph import free_name
from core.planning import add_dataset
from core.project import Position, Project

OWN_DATA = "own-data"
"""What stands for a file yet to be chosen, where kinds and data sets are listed."""


def add_own(
    project: Project, settings: DatasetSettings, at: Position = (0.0, 0.0), block: str = ""
) -> tuple[Project, str]:
    """With this data set and a node that offers it; the node's id. A file that is there already is not added twice."""
    dataset = next((key for key, known in project.data.items() if known == settings), "")
    if not dataset:
        word = _word(settings.path)
        dataset = word if word not in project.data else free_name(word, project.data)
        project = project.with_data(dataset, settings)
    return add_dataset(project, dataset, at, block)


def reread(settings: DatasetSettings, found: Found, path: str = "", **options: Value) -> DatasetSettings:
    """The settings with what was found in the file, at another place or read with other options.

    Steps of augmentation that do not suit what is there now are taken off.
    """
    chosen = tuple(sorted({**dict(settings.options), **options}.items()))
    made = replace(settings, found=found, path=path or settings.path, options=chosen, augmentation=())
    steps = suiting(settings.augmentation, dataset_kind(made)) if settings.augmentation else ()
    return replace(made, augmentation=steps) if steps else made


def _word(path: str) -> str:
    """The file's name as a name in Python."""
    word = re.sub(r"\W+", "_", PurePath(path).stem).strip("_").lower()
    return word if word.isidentifier() else f"data_{word}".rstrip("_")
