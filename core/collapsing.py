"""Pure plans for what cards show: collapsed to their title or not, their activation folded out or not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from core.annotations import Rect
from core.bodies import PLAIN, Body
from core.project import Position, Project


def collapse(project: Project, nodes: Iterable[str], collapsed: bool) -> Project:
    """With these cards as their titles alone, or whole again."""
    return project.with_bodies({key: replace(_body(project, key), collapsed=collapsed) for key in nodes})


def show_activations(project: Project, nodes: Iterable[str], shown: bool) -> Project:
    """With the activations of these layers folded out, or in."""
    return project.with_bodies({key: replace(_body(project, key), activation=shown) for key in nodes})


def shown_alike(project: Project, source: Project, ids: Mapping[str, str]) -> Project:
    """With the copies, by their originals' ids, shown as these are in the other project."""
    return project.with_bodies({ids[key]: body for key, body in source.bodies.items() if key in ids})


def with_room(rects: Mapping[str, Rect], growth: Mapping[str, float]) -> dict[str, Position]:
    """Where cards stand once some have grown downwards by so much, or shrunk where it is below zero: those that move.

    Cards that stand beside one another are a row; what a row's lower edge moves, all rows below it move along, so that
    the gaps stay. Growing and shrinking back leads to where everything was.
    """
    moved: dict[str, Position] = {}
    shift, old_end, new_end = 0.0, float("-inf"), float("-inf")
    for key, (left, top, _width, height) in sorted(rects.items(), key=lambda item: item[1][1]):
        if top >= old_end:
            shift += new_end - old_end if old_end > float("-inf") else 0.0
            old_end = new_end = float("-inf")
        if shift:
            moved[key] = (left, top + shift)
        old_end = max(old_end, top + height)
        new_end = max(new_end, top + height + growth.get(key, 0.0))
    return moved


def held_with_room(
    frame: Rect, held: Mapping[str, Rect], moved: Mapping[str, Position], growth: Mapping[str, float]
) -> Rect:
    """A frame around these cards, as they stand before, once they have moved and grown: its margins stay."""
    if not held:
        return frame
    ends = {key: rect[1] + rect[3] for key, rect in held.items()}
    shifts = {key: moved[key][1] - rect[1] if key in moved else 0.0 for key, rect in held.items()}
    top, down = min(shifts.values()), max(end + shifts[key] + growth.get(key, 0.0) for key, end in ends.items())
    longer = down - max(ends.values()) - top
    return frame[0], frame[1] + top, frame[2], frame[3] + longer


def _body(project: Project, key: str) -> Body:
    return project.bodies.get(key, PLAIN)
