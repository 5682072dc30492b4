"""Pure plans for frames and notes: each takes a project and returns the one after; its graph stays the same object."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from core.annotations import COLORS, HEAD, LEAST, NOTE_SIZE, Annotation, Color, Rect, around
from core.errors import GraphError
from core.graph import free_name
from core.project import Position, Project


def found(project: Project, key: str) -> Annotation:
    """The frame or note; raises GraphError where there is none."""
    if key not in project.annotations:
        raise GraphError("a frame or note of this project was wanted", f"there is no “{key}”")
    return project.annotations[key]


def frame_around(project: Project, rects: list[Rect], block: str = "") -> tuple[Project, str]:
    """With a frame around these cards and notes, and its id; raises GraphError where there are none."""
    if not rects:
        fix = "Select the layers that it should hold."
        raise GraphError("layers to put a frame around were wanted", "nothing is selected", "", fix)
    return _added(project, Annotation("", "frame", around(rects), "Frame", "blue", block))


def add_note(project: Project, at: Position, block: str = "", text: str = "") -> tuple[Project, str]:
    """With a note whose corner stands here, and its id."""
    return _added(project, Annotation("", "note", (*at, *NOTE_SIZE), text, "yellow", block))


def put(project: Project, annotations: Iterable[Annotation], by: Position, block: str) -> tuple[Project, list[str]]:
    """With these in this block under new ids, carried this far; and the ids."""
    ids = []
    for item in annotations:
        left, top, width, height = item.rect
        moved = replace(item, rect=(left + by[0], top + by[1], width, height), block=block)
        project, key = _added(project, moved)
        ids.append(key)
    return project, ids


def reshaped(project: Project, rects: Mapping[str, Rect]) -> Project:
    """With these frames and notes in other places, none smaller than it may be."""
    changed = {
        key: replace(found(project, key), rect=(left, top, max(width, LEAST[0]), max(height, LEAST[1])))
        for key, (left, top, width, height) in rects.items()
    }
    return _with(project, {**project.annotations, **changed})


def reworded(project: Project, key: str, text: str) -> Project:
    """With this title, or this text of a note."""
    return _with(project, {**project.annotations, key: replace(found(project, key), text=text)})


def recolored(project: Project, keys: Iterable[str], color: Color) -> Project:
    """With these frames and notes in this colour."""
    return _with(project, {**project.annotations, **{k: replace(found(project, k), color=color) for k in keys}})


def next_color(color: Color) -> Color:
    """The colour of the palette that comes after this one."""
    return COLORS[(COLORS.index(color) + 1) % len(COLORS)]


def removed(project: Project, keys: Iterable[str]) -> Project:
    """Without these frames and notes; what stands in a frame stays."""
    gone = set(keys)
    return _with(project, {key: item for key, item in project.annotations.items() if key not in gone})


def refitted(project: Project, contents: Mapping[str, list[Rect]]) -> Project:
    """With every frame drawn around what it holds; an empty one stays where it is."""
    return reshaped(project, {key: around(rects) for key, rects in contents.items() if rects})


def is_title(item: Annotation, at: Position) -> bool:
    """Whether the place is where one takes hold of it to move it: a frame's title, or anywhere on a note."""
    left, top, width, height = item.rect
    tall = HEAD if item.role == "frame" else height
    return left <= at[0] <= left + width and top <= at[1] <= top + tall


def _added(project: Project, item: Annotation) -> tuple[Project, str]:
    key = free_name(item.role, project.annotations)
    return _with(project, {**project.annotations, key: replace(item, id=key)}), key


def _with(project: Project, annotations: Mapping[str, Annotation]) -> Project:
    if annotations == project.annotations:
        return project
    return replace(project, annotations=MappingProxyType(dict(annotations)))
