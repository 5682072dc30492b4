"""Which gesture begins where neither a port nor a card lies."""

from __future__ import annotations

from PySide6.QtCore import QPointF

from gui.canvas.gestures import Gesture, MoveNodes, SelectBox
from gui.canvas.resizing import Resize
from gui.canvas.stage import Stage


def ground_gesture(stage: Stage, place: QPointF, reach: float, more: bool) -> Gesture:
    """Select the wire here, else take hold of a frame or note; else a box begins. `more` adds to the selection."""
    scene = stage.scene
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
