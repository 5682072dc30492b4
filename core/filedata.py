"""The data sets of a project file: how they are read, how they stand there, and where files of the user's own are."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

from core.data.augmentation import Augmentation
from core.data.found import Found
from core.data.settings import DatasetSettings
from core.data.sources import FieldSpec
from core.fileformat import FileAugmentation, FileDataset, FileFound
from core.filetext import json_text
from core.project import Project


def dataset_of(item: FileDataset) -> DatasetSettings:
    """The data set that a file tells; raises DataError and ParameterError."""
    options = tuple(sorted(item.options.items()))
    found = _found(item.found) if item.found is not None else None
    made = DatasetSettings(item.source, options, item.validation, item.seed, item.normalise, item.path, found)
    return replace(made, split=item.split, augmentation=tuple(map(_step, item.augmentation)))


def data_line(key: str, item: DatasetSettings) -> str:
    """A data set as it stands in the file."""
    content: dict[str, Any] = {"id": key, "source": item.source}
    if item.options:
        content["options"] = dict(item.options)
    content |= {"validation": item.validation, "seed": item.seed, "normalise": item.normalise}
    if item.split != "auto":
        content["split"] = item.split
    if item.path:
        content["path"] = item.path
    if item.found is not None:
        content["found"] = _found_content(item.found)
    if item.augmentation:
        content["augmentation"] = [_step_content(step) for step in item.augmentation]
    return json_text(content)


def anchored(project: Project, folder: Path) -> Project:
    """With the paths of its data made absolute, as seen from the project file's folder."""
    return _moved(project, lambda path: _absolute(path, folder))


def told_from(project: Project, folder: Path) -> Project:
    """With the paths of its data as a file in this folder tells them, so that both can be moved together."""
    return _moved(project, lambda path: _relative(path, folder))


def without_places(project: Project) -> Project:
    """With the names of its files alone: where they stood is nobody else's business."""
    return _moved(project, lambda path: PurePosixPath(path.replace("\\", "/")).name)


def outside(project: Project, folder: Path) -> tuple[str, ...]:
    """The absolute paths of its data that lie out of this folder: a stranger's project may name any file."""
    paths = dict.fromkeys(item.path for item in project.data.values() if item.path)
    return tuple(path for path in paths if not is_within(path, folder))


def is_within(path: str, folder: Path) -> bool:
    """Whether a path lies in this folder, links followed.

    One that is elsewhere by its name is not looked at: on some systems that alone would ask another computer.
    """
    return _is_below(os.path.abspath(path), os.path.abspath(folder)) and _is_below(
        os.path.realpath(path), os.path.realpath(folder)
    )


def _is_below(path: str, folder: str) -> bool:
    try:
        return os.path.commonpath((folder, path)) == folder
    except ValueError:  # another drive
        return False


def _moved(project: Project, place: Callable[[str], str]) -> Project:
    data = {key: replace(item, path=place(item.path)) if item.path else item for key, item in project.data.items()}
    return project if data == dict(project.data) else replace(project, data=MappingProxyType(data))


def _absolute(path: str, folder: Path) -> str:
    return os.path.normpath(folder.absolute() / path)


def _relative(path: str, folder: Path) -> str:
    try:
        return Path(os.path.relpath(path, folder.absolute())).as_posix()
    except ValueError:  # another drive
        return path


def _step(item: FileAugmentation) -> Augmentation:
    return Augmentation(item.step, tuple(sorted(item.params.items())), not item.off)


def _step_content(step: Augmentation) -> dict[str, Any]:
    content: dict[str, Any] = {"step": step.name}
    content |= {"params": dict(step.params)} if step.params else {}
    return content | ({} if step.active else {"off": True})


def _found(item: FileFound) -> Found:
    fields = tuple(
        FieldSpec(
            field.name,
            tuple(field.shape),
            field.dtype,
            field.role,
            tuple(field.classes),
            tuple(field.columns),
            field.scaled,
            field.help,
        )
        for field in item.fields
    )
    return Found(fields, item.samples, item.mark, item.skipped, tuple(item.notes), item.held, item.gap)


def _found_content(found: Found) -> dict[str, Any]:
    content: dict[str, Any] = {"samples": found.samples}
    content["fields"] = [_field(field) for field in found.fields]
    content |= {"mark": found.mark} if found.mark else {}
    for name in ("skipped", "held", "gap"):
        content |= {name: value} if (value := getattr(found, name)) else {}
    return content | ({"notes": list(found.notes)} if found.notes else {})


def _field(field: FieldSpec) -> dict[str, Any]:
    content: dict[str, Any] = {"name": field.name, "dtype": field.dtype, "role": field.role}
    for name in ("shape", "classes", "columns"):
        if value := getattr(field, name):
            content[name] = list(value)
    content |= {"scaled": True} if field.scaled else {}
    return content | ({"help": field.help} if field.help else {})
