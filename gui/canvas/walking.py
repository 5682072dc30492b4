"""Where the arrows lead: along the wires, and up and down among the branches that stand side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from core.graph import Graph
from gui.canvas.geometry import RADIUS
from gui.canvas.scene import Scene

ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
Way = tuple[int, int]
Place = Callable[[str], QPointF]
_AWAY, _WIDTH = 7.0, 2.0
"""Of the ring from its card, and its line, in pixels of a scene at 100 %."""
_ASIDE = 2.0
"""How much farther a step aside counts than one straight on."""


def next_node(graph: Graph, node_id: str, way: Way, place: Place) -> str | None:
    """Along the wires: right to what reads it, left to what feeds it; up and down to its sibling, else to any card."""
    here = place(node_id)
    if way[0]:
        edges = graph.out_of(node_id) if way[0] > 0 else graph.into(node_id)
        ends = [edge.target if way[0] > 0 else edge.source for edge in edges]
        return min(ends, key=lambda end: abs(place(end).y() - here.y()), default=None)
    beside = toward(siblings(graph, node_id), here, way, place)
    return beside or toward((other for other in graph.nodes if other != node_id), here, way, place)


def siblings(graph: Graph, node_id: str) -> tuple[str, ...]:
    """The nodes that read what this one reads, then those that feed what it feeds: the other branches beside it."""
    beside = [edge.target for into in graph.into(node_id) for edge in graph.out_of(into.source)]
    beside += [edge.source for out in graph.out_of(node_id) for edge in graph.into(out.target)]
    return tuple(other for other in dict.fromkeys(beside) if other != node_id)


def toward(keys: Iterable[str], here: QPointF, way: Way, place: Place) -> str | None:
    """The nearest of these that lies this way from here; a step aside counts double."""

    def far(key: str) -> float:
        by = place(key) - here
        along, aside = (by.x(), by.y()) if way[0] else (by.y(), by.x())
        return abs(along) + _ASIDE * abs(aside)

    beyond = [key for key in keys if (place(key).x() - here.x()) * way[0] + (place(key).y() - here.y()) * way[1] > 1]
    return min(beyond, key=far, default=None)


class FocusRing:
    """The ring around the card at which the keyboard stands; the first press of the mouse takes it away."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.node = ""

    def show(self, node_id: str) -> None:
        """Stand around this card, or around none for an empty id."""
        for touched in {self.node, node_id} - {""}:
            if touched in self._scene.nodes:
                self._scene.nodes[touched].update()
        self.node = node_id

    def paint(self, painter: QPainter) -> None:
        """Draw it over the scene, as wide on the screen at every zoom."""
        item = self._scene.nodes.get(self.node)
        if item is None:
            return
        pen = QPen(self._scene.look.color("accent"), _WIDTH, Qt.PenStyle.DashLine)
        pen.setCosmetic(True)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        rect = QRectF(item.rect).adjusted(-_AWAY, -_AWAY, _AWAY, _AWAY)
        painter.drawRoundedRect(rect, RADIUS + _AWAY, RADIUS + _AWAY)
        painter.restore()
