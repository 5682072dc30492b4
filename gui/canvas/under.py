"""What lies under a point of a scene: the nearest port, the card on top, a wire that passes."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QPointF, QRectF

from core.graph import InputKey

if TYPE_CHECKING:
    from gui.canvas.scene import Scene


class PortRef(NamedTuple):
    """One port of one node."""

    node: str
    side: str
    name: str


def port_near(scene: Scene, at: QPointF, radius: float) -> PortRef | None:
    """The nearest port within the radius."""
    best, nearest = None, radius
    for node_id in scene.cards.touching(_around(at, radius)):
        item = scene.nodes[node_id]
        for side, port in item.ports():
            way = item.port_at(side, port.name) - at
            distance = (way.x() ** 2 + way.y() ** 2) ** 0.5
            if distance <= nearest:
                best, nearest = PortRef(node_id, side, port.name), distance
    return best


def node_at(scene: Scene, at: QPointF) -> str | None:
    """The card under the point, the one that lies over the others where there are several."""
    found = scene.cards.touching(QRectF(at.x(), at.y(), 0.01, 0.01))
    return max(found, key=lambda node_id: scene.nodes[node_id].layer, default=None)


def edge_at(scene: Scene, at: QPointF, radius: float, but: Collection[InputKey] = ()) -> InputKey | None:
    """The wire that passes within the radius, and is none of these."""
    keys = scene.wires.touching(_around(at, radius))
    return next((key for key in keys if key not in but and scene.edges[key].hit(at, radius)), None)


def _around(at: QPointF, radius: float) -> QRectF:
    return QRectF(at.x() - radius, at.y() - radius, 2 * radius, 2 * radius)
