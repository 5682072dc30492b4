"""What a card or wire says when the pointer rests on it."""

from __future__ import annotations

from PySide6.QtCore import QPointF

from gui.canvas.card_body import body_words
from gui.canvas.scene import Scene


def told_at(scene: Scene, at: QPointF, reach: float) -> str:
    """The full shape of the wire here, or what is out of the ordinary about the card; "" where nothing is."""
    node_id = scene.node_at(at)
    if node_id is not None:
        card = scene.nodes[node_id].card
        words = ", ".join(body_words(card, scene.bodies.unfolded(node_id), node_id in scene.bodies.changed))
        return words[:1].upper() + words[1:]
    key = scene.edge_at(at, reach)
    return scene.edges[key].wire.full if key is not None else ""
