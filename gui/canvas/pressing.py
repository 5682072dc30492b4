"""Which gesture a press begins, by the button, what lies under the pointer, and the keys that are held."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt

from gui.canvas import card_body
from gui.canvas.geometry import FULL, HEADER_ONLY
from gui.canvas.gestures import MULTIPLE, Gesture, MoveNodes, SelectBox
from gui.canvas.rerouting import AddPoints, point_reach
from gui.canvas.resizing import Resize
from gui.canvas.rewiring import CUT, CutWires, wire_gesture
from gui.canvas.stage import Stage

_SHIFT, _CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
STROKES = _SHIFT | _CTRL
"""Held down with the right button, they draw a stroke; without them it opens a menu."""


def gesture_at(stage: Stage, place: QPointF, reach: float, held: Qt.KeyboardModifier) -> Gesture | None:
    """What the left button begins here: a wire at a port, else moving a card; a stroke or a box on the ground.

    From far away, where a card is all within reach of its ports, which are not drawn there, a press on it moves it.
    """
    scene = stage.scene
    port, node_id = scene.port_near(place, reach), scene.node_at(place)
    if port is not None and (stage.scale >= HEADER_ONLY or node_id is None):
        return wire_gesture(stage, port, held)
    if node_id is not None:
        return _node_gesture(stage, node_id, place, bool(held & MULTIPLE))
    if held & CUT == CUT:
        return CutWires(stage, place)
    return _ground_gesture(stage, place, reach / 2, bool(held & MULTIPLE))


def stroke_at(stage: Stage, place: QPointF, held: Qt.KeyboardModifier) -> Gesture | None:
    """What the right button begins here: with Shift points are put into wires, with Ctrl wires are cut."""
    if held & STROKES == _SHIFT:
        return AddPoints(stage, place)
    return CutWires(stage, place) if held & STROKES == _CTRL else None


def disclosed(stage: Stage, node_id: str, place: QPointF) -> bool:
    """Whether a press here is on the sign that folds a card out and in, which then does so."""
    item = stage.scene.nodes[node_id]
    found = stage.scale >= FULL and card_body.discloses(item.card, place - item.pos())
    if found:
        stage.disclosed.emit(node_id)
    return found


def _node_gesture(stage: Stage, node_id: str, place: QPointF, more: bool) -> Gesture | None:
    """Select the card and take hold of all that is selected; `more` adds it to the selection or takes it away."""
    scene = stage.scene
    if disclosed(stage, node_id, place):
        return None
    chosen = node_id in scene.selection
    if more:
        kept = tuple(known for known in scene.selection if known != node_id)
        scene.select(kept if chosen else (*kept, node_id), (), scene.annotations.selection, scene.points.selection)
    elif not chosen:
        scene.select((node_id,))
    if node_id not in scene.selection:
        return None
    return MoveNodes(stage, place, node_id if chosen and not more else "")


def _ground_gesture(stage: Stage, place: QPointF, reach: float, more: bool) -> Gesture | None:
    """Take hold of the point here, or select the wire, else take hold of a frame or note; else a box begins."""
    scene = stage.scene
    point = scene.points.at(place, point_reach(reach), stage.scale)
    if point is not None:
        kept_points = tuple(known for known in scene.points.selection if known != point)
        chosen = point in scene.points.selection
        if more:
            picked = kept_points if chosen else (*kept_points, point)
            scene.select(scene.selection, (), scene.annotations.selection, picked)
        elif not chosen:
            scene.select((), (), (), (point,))
        return MoveNodes(stage, place) if point in scene.points.selection else None
    edge = scene.edge_at(place, reach)
    grip = scene.annotations.grip(place, stage.scale) if edge is None else None
    if grip is not None:
        kept = scene.annotations.selection
        if grip.key not in kept:
            scene.select(scene.selection if more else (), (), (*kept, grip.key) if more else (grip.key,))
        return MoveNodes(stage, place) if grip.is_title else Resize(stage, grip, place)
    if not more or edge is not None:
        notes = scene.annotations.selection if more else ()
        scene.select(scene.selection if more else (), (edge,) if edge is not None else (), notes)
    return SelectBox(stage, place, more)
