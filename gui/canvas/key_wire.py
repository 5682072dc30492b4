"""Wiring by keyboard: from a port of the selected card, the arrows go through the ports that fit, Enter wires."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, Qt

from core.graph import InputKey
from gui.canvas.gestures import DragWire
from gui.canvas.stage import Stage
from gui.canvas.under import PortRef
from gui.canvas.walking import ARROWS, toward

Tell = Callable[[str, PortRef | None], None]
"""What is told at every step: in words, and the port that is chosen."""


class KeyWire:
    """The gesture from W to Enter: a dragged wire whose end the keys carry from port to port."""

    def __init__(self, stage: Stage, node_id: str, tell: Tell) -> None:
        self._stage = stage
        self._tell = tell
        self._starts = starts(stage, node_id)
        self._start = 0
        self._drag: DragWire | None = None
        self._chosen: PortRef | None = None
        self._offered: list[PortRef] = []
        self._begin(0)

    def end(self) -> None:
        """Make the wire that is shown."""
        chosen, drag, self._drag = self._chosen, self._drag, None
        if drag is not None and chosen is not None:
            drag.end(self._place(chosen))
            self._stage.scene.select((chosen.node,))
        self._tell("", None)

    def cancel(self) -> None:
        """Leave the wires as they are."""
        self._tell("", None)
        if self._drag is not None:
            self._drag.cancel()
            self._drag = None

    def key(self, key: Qt.Key) -> bool:
        """Go on by this key; says whether the gesture is to end now."""
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return self._chosen is not None
        if key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab) and self._offered:
            by = 1 if key == Qt.Key.Key_Tab else -1
            place = self._offered.index(self._chosen) if self._chosen in self._offered else 0
            self._choose(self._offered[(place + by) % len(self._offered)])
        elif key in ARROWS and self._chosen is not None:
            names = {f"{index}": port for index, port in enumerate(self._offered)}
            found = toward(names, self._place(self._chosen), ARROWS[key], lambda name: self._place(names[name]))
            self._choose(names[found] if found is not None else self._chosen)
        return False

    def other_port(self) -> None:
        """Begin at the next port of the card instead."""
        self._begin((self._start + 1) % max(len(self._starts), 1))

    def _begin(self, start: int) -> None:
        """Draw from this one of the card's ports to the nearest free port that fits, else to the nearest that does."""
        if self._drag is not None:
            self._drag.cancel()
        self._start, self._chosen = start, None
        if not self._starts:
            return
        self._drag = DragWire(self._stage, self._starts[start])
        self._offered = offered(self._stage, self._starts[start])
        self._choose(min(self._offered, key=self._rank, default=None))

    def _rank(self, port: PortRef) -> tuple[bool, float]:
        return self._is_taken(port), (self._place(port) - self._place(self._starts[self._start])).manhattanLength()

    def _choose(self, port: PortRef | None) -> None:
        self._chosen = port
        start = self._starts[self._start]
        if port is not None and self._drag is not None:
            self._drag.move(self._place(port))
            self._tell(self._words(start, port), port)
        else:
            self._tell(f"No free port fits {self._stage.name(start.node)} {start.name}. Esc closes.", start)

    def _words(self, start: PortRef, port: PortRef) -> str:
        here, there = (f"{self._stage.name(end.node)} {end.name}" for end in (start, port))
        instead = ", in place of its wire" if self._is_taken(port) else ""
        count = self._offered.index(port) + 1
        return f"{here} to {there}{instead}, {count} of {len(self._offered)}"

    def _is_taken(self, port: PortRef) -> bool:
        return port.side == "input" and InputKey(port.node, port.name) in self._stage.scene.graph.edges

    def _place(self, port: PortRef) -> QPointF:
        return self._stage.scene.nodes[port.node].port_at(port.side, port.name)


def starts(stage: Stage, node_id: str) -> list[PortRef]:
    """The ports of a card from which a wire can be drawn by keyboard: its outputs, then its free inputs."""
    scene = stage.scene
    ports = [PortRef(node_id, side, port.name) for side, port in scene.nodes[node_id].ports()]
    free = [port for port in ports if port.side == "input" and InputKey(node_id, port.name) not in scene.graph.edges]
    return [port for port in ports if port.side == "output"] + free


def offered(stage: Stage, start: PortRef) -> list[PortRef]:
    """Every port at which a wire from here may end and does not yet, in the order of the cards from left to right."""
    scene = stage.scene
    there = {(edge.source, edge.output, edge.target, edge.input) for edge in scene.graph.edges.values()}
    found = []
    for node_id in sorted(scene.nodes, key=lambda key: (scene.nodes[key].x(), scene.nodes[key].y())):
        for side, port in scene.nodes[node_id].ports():
            end = PortRef(node_id, side, port.name)
            source, target = (start, end) if start.side == "output" else (end, start)
            known = (source.node, source.name, target.node, target.name) in there
            if side != start.side and not known and scene.port_fits(*end):
                found.append(end)
    return found
