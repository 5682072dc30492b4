"""The part of a project file that says where things stand, as text: one thing a line, in the file's order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from core.annotations import Annotation
from core.project import Project
from core.reroutes import in_order


def layout_text(project: Project) -> str:
    """Where the nodes stand, by id."""
    known = project.all_nodes()
    kept = {key: place for key, place in project.positions.items() if key in known}
    if not kept:
        return "{}"
    lines = (f"  {_json(key)}: [{_number(kept[key][0])}, {_number(kept[key][1])}]" for key in known if key in kept)
    return "{\n" + ",\n".join(lines) + "\n }"


def annotation_lines(project: Project) -> Iterator[str]:
    """Every frame and note, those of blocks that are gone left out."""
    for item in project.annotations.values():
        if not item.block or item.block in project.blocks:
            yield _annotation_line(item)


def reroute_lines(project: Project) -> Iterator[str]:
    """Every wire that is led through points."""
    for edge, points in in_order(project):
        places = ", ".join(f"[{_number(x)}, {_number(y)}]" for x, y in points)
        yield f'{{"wire": {_json(list(edge if edge.order else edge[:4]))}, "points": [{places}]}}'


def _annotation_line(item: Annotation) -> str:
    content: dict[str, Any] = {"id": item.id, "role": item.role}
    head, rest = _json(content), {"text": item.text, "color": item.color}
    rest |= {"block": item.block} if item.block else {}
    return f'{head[:-1]}, "rect": [{", ".join(map(_number, item.rect))}], {_json(rest)[1:]}'


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
