"""The part of a project file that says where things stand, as text: one thing a line, in the file's order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from core.annotations import Annotation
from core.filetext import json_text
from core.project import Project
from core.reroutes import in_order


def layout_text(project: Project) -> str:
    """Where the nodes stand, by id."""
    places = project.positions
    lines = [f"{json_text(key)}: [{', '.join(map(_number, places[key]))}]" for key in _of_living(places, project)]
    return _table(lines) if lines else "{}"


def bodies_text(project: Project) -> str:
    """The cards that are not shown as they come, by id; nothing where there are none."""
    bodies = project.bodies
    lines = [f"{json_text(key)}: {json_text(list(bodies[key].marks))}" for key in _of_living(bodies, project)]
    return _table(lines) if lines else ""


def annotation_lines(project: Project) -> Iterator[str]:
    """Every frame and note, those of blocks that are gone left out."""
    for item in project.annotations.values():
        if not item.block or item.block in project.blocks:
            yield _annotation_line(item)


def reroute_lines(project: Project) -> Iterator[str]:
    """Every wire that is led through points."""
    for edge, points in in_order(project):
        places = ", ".join(f"[{_number(x)}, {_number(y)}]" for x, y in points)
        yield f'{{"wire": {json_text(list(edge if edge.order else edge[:4]))}, "points": [{places}]}}'


def _annotation_line(item: Annotation) -> str:
    content: dict[str, Any] = {"id": item.id, "role": item.role}
    head, rest = json_text(content), {"text": item.text, "color": item.color}
    rest |= {"block": item.block} if item.block else {}
    return f'{head[:-1]}, "rect": [{", ".join(map(_number, item.rect))}], {json_text(rest)[1:]}'


def _of_living(table: Mapping[str, object], project: Project) -> list[str]:
    """The ids in the table that nodes have, in the order of the nodes."""
    return [key for key in project.all_nodes() if key in table] if table else []


def _table(lines: Iterable[str]) -> str:
    return "{\n" + ",\n".join(f"  {line}" for line in lines) + "\n }"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)
