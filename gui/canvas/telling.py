"""What a card or wire says when the pointer rests on it."""

from __future__ import annotations

from PySide6.QtCore import QPointF

from gui.canvas.card import Card
from gui.canvas.card_body import body_words, discloses
from gui.canvas.geometry import FULL
from gui.canvas.stage import Stage


def told_at(stage: Stage, at: QPointF, reach: float) -> str:
    """The full shape of the wire here, or what is out of the ordinary about the card; "" where nothing is."""
    scene = stage.scene
    node_id = scene.node_at(at)
    if node_id is not None:
        item = scene.nodes[node_id]
        if stage.scale >= FULL and discloses(item.card, at - item.pos()):
            return _offered(item.card)
        words = ", ".join(body_words(item.card, scene.bodies.unfolded(node_id), node_id in scene.bodies.changed))
        return words[:1].upper() + words[1:]
    key = scene.edge_at(at, reach)
    return scene.edges[key].wire.full if key is not None else ""


def _offered(card: Card) -> str:
    """What a click on the sign of this card does."""
    if card.frame.collapsed:
        return "Show the whole card"
    return "Fold the activation in" if card.frame.activation is not None else "Fold out what the layer last gave"
