"""Alt and an arrow: what is selected moves by a little, or with Shift by more; on the grid where that is wanted."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF

from core import planning, reroutes
from core.annotating import reshaped
from core.project import Position
from gui.canvas.annotations import plain
from gui.canvas.geometry import GRID
from gui.canvas.gestures import held_nodes
from gui.canvas.stage import Stage
from gui.canvas.walking import Way

NUDGE, LEAP = 4.0, 24.0
"""How far a press moves, in scene units."""
_LINES = 4
"""Lines of the grid that a press with Shift moves, while things stand on the grid."""


def nudge(stage: Stage, way: Way, coarse: bool) -> None:
    """Move the selected cards, points, frames and notes this way, a frame with what stands in it.

    Presses in a row are one step of undo.
    """
    scene = stage.scene
    notes = scene.annotations.held(scene.annotations.selection)
    nodes = tuple(dict.fromkeys((*scene.selection, *held_nodes(scene, scene.annotations.selection))))
    points = tuple(dict.fromkeys((*scene.points.selection, *scene.points.between(dict.fromkeys(nodes).keys()))))
    corners = [scene.annotations.items[key].rect.topLeft() for key in notes]
    homes = [*(scene.nodes[key].pos() for key in nodes), *corners, *map(scene.points.place_of, points)]
    if not homes:
        return
    by = _step(homes[0], way, coarse, stage.snaps)
    places = {key: _position(scene.nodes[key].pos() + by) for key in nodes}
    moved = planning.move(stage.project, places)
    moved = reshaped(moved, {key: plain(scene.annotations.items[key].rect.translated(by)) for key in notes})
    moved = reroutes.shifted(moved, {point: _position(scene.points.place_of(point) + by) for point in points})
    stage.edit(f"Move {_named(stage, nodes, notes)}", moved, merge=f"nudge {nodes} {notes} {points}")


def _step(home: QPointF, way: Way, coarse: bool, snaps: bool) -> QPointF:
    if not snaps:
        return QPointF(*way) * (LEAP if coarse else NUDGE)
    count = _LINES if coarse else 1
    return QPointF(_to_line(home.x(), way[0], count), _to_line(home.y(), way[1], count))


def _to_line(value: float, way: int, count: int) -> float:
    """How far it is to the next line of the grid in this direction, or to the one so many lines further."""
    if not way:
        return 0.0
    line = math.floor(value / GRID) + count if way > 0 else math.ceil(value / GRID) - count
    return line * GRID - value


def _named(stage: Stage, nodes: tuple[str, ...], notes: tuple[str, ...]) -> str:
    if notes:
        return stage.project.annotations[notes[0]].noun if len(notes) == 1 else f"{len(notes)} frames and notes"
    if not nodes:
        return "points of wires"
    return stage.name(nodes[0]) if len(nodes) == 1 else f"{len(nodes)} layers"


def _position(at: QPointF) -> Position:
    return float(round(at.x())), float(round(at.y()))
