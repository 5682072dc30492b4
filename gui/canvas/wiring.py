"""All wires of a scene: which way each runs, kept up as cards come, go and move."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath

from core.graph import Edge, InputKey
from gui.canvas.edge_item import EdgeItem, Wire
from gui.canvas.geometry import RectIndex
from gui.canvas.node_item import NodeItem
from gui.canvas.routing import Ends, Turns, free, in_lanes, turns
from gui.canvas.wire_styles import Style

_MANY = 400
"""With more wires than this only those at a moved card are laid anew."""
_LONG = 160.0


class Wiring:
    """Lays the wires between the cards of one scene."""

    def __init__(
        self,
        nodes: Mapping[str, NodeItem],
        edges: Mapping[InputKey, EdgeItem],
        cards: RectIndex[str],
        wires: RectIndex[InputKey],
    ) -> None:
        self._nodes, self._edges = nodes, edges
        self._cards, self._wires = cards, wires
        self._ways: dict[InputKey, tuple[Turns, bool]] = {}
        """Of the wires that turn: how they would alone, and whether they carry labels."""
        self._lanes: dict[InputKey, Turns] = {}
        """How they turn beside each other."""
        self._are_loose = False
        """Whether that has to be found anew."""
        self._at: defaultdict[str, set[InputKey]] = defaultdict(set)
        self.style: Style = "spline"
        self.overhang = 0.0
        """By how much any wire's texts may reach over its line."""

    def twin(
        self,
        nodes: Mapping[str, NodeItem],
        edges: Mapping[InputKey, EdgeItem],
        cards: RectIndex[str],
        wires: RectIndex[InputKey],
    ) -> Wiring:
        """The same between the twins of all that this one lays."""
        made = Wiring(nodes, edges, cards, wires)
        made._ways, made._lanes, made._are_loose = self._ways.copy(), self._lanes, self._are_loose
        made._at.update((node_id, keys.copy()) for node_id, keys in self._at.items())
        made.style, made.overhang = self.style, self.overhang
        return made

    def add(self, edge: Edge) -> None:
        """Take note of a new wire; `lay` draws it."""
        key = edge.key
        for node_id in (edge.source, edge.target):
            self._at[node_id].add(key)

    def remove(self, edge: Edge) -> None:
        """Forget a wire."""
        self._are_loose = self._ways.pop(edge.key, None) is not None or self._are_loose
        self._wires.remove(edge.key)
        for node_id in (edge.source, edge.target):
            self._at.get(node_id, set()).discard(edge.key)

    def at(self, node_ids: Iterable[str]) -> set[InputKey]:
        """The wires at these nodes."""
        return set().union(*(self._at.get(node_id, ()) for node_id in node_ids))

    def lay(self, node_ids: Iterable[str], settled: bool = True) -> None:
        """Draw the wires at these nodes anew, and when things stand still those that these nodes are in the way of."""
        keys = self.at(node_ids)
        if settled and len(self._edges) <= _MANY:
            keys |= {key for key in self._edges if key in self._ways or self._is_long(key)}
        ends = {key: self._ends(self._edges[key]) for key in keys}
        changed, self._are_loose = self._are_loose, False
        for key, found in ends.items():
            way = turns(found, self._cards.near, self.style)
            changed = self._turn(key, (way, found.label) if way is not None else None) or changed
        if changed:
            self._lanes = in_lanes(self._ways)
        shifted = {key for key in self._ways if changed or key in keys}
        for key in keys | shifted:
            self._show(key, ends.get(key) or self._ends(self._edges[key]), self._lanes.get(key))

    def _turn(self, key: InputKey, turned: tuple[Turns, bool] | None) -> bool:
        """Let the wire turn like this, or not at all; says whether it did otherwise before."""
        if turned == self._ways.get(key):
            return False
        if turned is None:
            del self._ways[key]
        else:
            self._ways[key] = turned
        return True

    def ends(self, key: InputKey) -> Ends:
        """Where this wire begins and ends now."""
        return self._ends(self._edges[key])

    def restyle(self, style: Style) -> None:
        """Draw all wires in this style."""
        self.style = style
        self.lay(self._nodes)

    def free(self, start: QPointF, end: QPointF) -> QPainterPath:
        """The way of a wire that is being drawn, past all cards."""
        return free(start, end, self.style)

    def say(self, key: InputKey, wire: Wire) -> None:
        """Let a wire say this from now on."""
        self._edges[key].show_wire(wire)
        self._note_overhang(self._edges[key])
        self._wires.mark(key)

    def _is_long(self, key: InputKey) -> bool:
        found = self._ends(self._edges[key])
        return found.end.x() - found.start.x() > _LONG

    def _ends(self, item: EdgeItem) -> Ends:
        edge = item.edge
        source, target = self._nodes[edge.source], self._nodes[edge.target]
        return Ends(
            source.port_at("output", edge.output),
            target.port_at("input", edge.input),
            source.rect,
            target.rect,
            item.wire.state == "label",
            item.via,
        )

    def _show(self, key: InputKey, ends: Ends, way: Turns | None) -> None:
        item = self._edges[key]
        if not item.follow(ends, way, self.style) and key in self._wires.rects:
            return
        self._note_overhang(item)
        self._wires.put(key, item.route.rect.adjusted(-1, -1, 1, 1))

    def _note_overhang(self, item: EdgeItem) -> None:
        self.overhang = max(self.overhang, item.overhang)
