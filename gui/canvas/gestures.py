"""What one does with the pointer held down: each gesture moves, then ends in one edit, or is cancelled without any."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

from PySide6.QtCore import QPointF, QRectF, Qt

from core import planning
from core.annotating import reshaped
from core.errors import ChainruleError
from core.graph import Edge, InputKey
from core.reroutes import shifted
from core.settling import refusal, settled
from gui.canvas.annotations import plain
from gui.canvas.geometry import PORT_HIT, snapped
from gui.canvas.scene import Scene
from gui.canvas.splicing import Splice, mark_target, wire_to_join
from gui.canvas.stage import Stage
from gui.canvas.under import PortRef

Key = TypeVar("Key")
MULTIPLE = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
"""Held down, they add to the selection."""
ALONE = Qt.KeyboardModifier.AltModifier
"""Held down, cards that are let go on a wire stay beside it."""
ON = Qt.KeyboardModifier.ShiftModifier
"""Held down when a wire is made, the next one begins at the same output."""


class Gesture(Protocol):
    """One press of a button, from down to up."""

    def move(self, at: QPointF) -> None:
        """The pointer is here now."""

    def end(self, at: QPointF) -> None:
        """The button was released here: make the edit."""

    def cancel(self) -> None:
        """Leave everything as it was."""


class MoveNodes:
    """Moves the selected cards; a loose one, or a chain of them, that is dropped on a wire goes into it."""

    def __init__(self, stage: Stage, start: QPointF, alone: str = "") -> None:
        """`alone` is the card that is selected by itself where nothing is moved: one of several was clicked."""
        self._stage = stage
        self._alone = alone
        self.start = self._start = start
        """Where the cards were taken hold of."""
        scene, self._notes = stage.scene, stage.scene.annotations.held(stage.scene.annotations.selection)
        self._rects = {key: QRectF(scene.annotations.items[key].rect) for key in self._notes}
        inside = held_nodes(scene, scene.annotations.selection)
        self._homes = {node_id: scene.nodes[node_id].pos() for node_id in (*scene.selection, *inside)}
        led = dict.fromkeys((*scene.points.selection, *scene.points.between(self._homes.keys())))
        self._points = {point: scene.points.place_of(point) for point in led}
        self._splice = Splice(stage, tuple(self._homes))
        self._moved = False

    def move(self, at: QPointF) -> None:
        """Carry the cards along."""
        way = at - self._start
        corners = (rect.topLeft() for rect in self._rects.values())
        home = next(iter((*self._homes.values(), *corners, *self._points.values())))
        goal, snaps = home + way, self._stage.snaps
        way = QPointF(snapped(goal.x(), snaps), snapped(goal.y(), snaps)) - home if snaps else _whole(way)
        self._moved = self._moved or not way.isNull()
        places, points = _shifted(self._homes, way), _shifted(self._points, way)
        self._stage.scene.place(places, points=points)
        self._stage.scene.annotations.place({key: rect.translated(way) for key, rect in self._rects.items()})
        self._splice.seek(not self._rects and not self._stage.held & ALONE)

    def end(self, at: QPointF) -> None:
        """Put them down."""
        self.move(at)
        into, scene = self._splice.end(), self._stage.scene
        if not self._moved:
            return
        places = {node_id: scene.nodes[node_id].pos() for node_id in self._homes}
        moved = planning.move(self._stage.project, {key: (at.x(), at.y()) for key, at in places.items()})
        items = scene.annotations.items
        moved = reshaped(moved, {key: plain(items[key].rect) for key in self._rects})
        led = {point: scene.points.place_of(point) for point in self._points}
        moved = shifted(moved, {point: (at.x(), at.y()) for point, at in led.items()})
        label = f"Move {self._named()}"
        if into is not None:
            moved, label = self._splice.made(moved, into, at) or (moved, label)
        stood = self._splice.stood(into is not None)
        self._stage.edit(label, moved)
        scene.wiring.lay(places)
        self._stage.made_room.emit(stood)

    def cancel(self) -> None:
        """Put them back."""
        self._splice.end()
        self._stage.scene.annotations.place(self._rects)
        self._stage.scene.place(self._homes, settled=True, points=self._points)

    def clicked(self) -> None:
        """Nothing was moved."""
        if self._alone:
            self._stage.scene.select((self._alone,))

    def _named(self) -> str:
        """What is moved: the frame or note that was taken hold of, a layer's name, or how many layers."""
        if self._notes:
            return self._stage.project.annotations[self._notes[0]].noun
        names = [self._stage.name(node_id) for node_id in self._homes]
        if not names:
            return "a point of a wire" if len(self._points) == 1 else f"{len(self._points)} points of wires"
        return names[0] if len(names) == 1 else f"{len(names)} layers"


def click(gesture: Gesture) -> None:
    """End a gesture whose button went up where it went down."""
    gesture.cancel()
    if isinstance(gesture, MoveNodes):
        gesture.clicked()


class SelectBox:
    """Selects the cards that a box touches."""

    def __init__(self, stage: Stage, start: QPointF, keep: bool) -> None:
        self._stage = stage
        self._start = start
        notes = stage.scene.annotations.selection
        self._before = stage.scene.selection, stage.scene.selected_edges, notes
        self._points = stage.scene.points.selection
        self._kept_notes = notes if keep else ()
        self._kept_points = self._points if keep else ()
        self._kept = stage.scene.selection if keep else ()

    def move(self, at: QPointF) -> None:
        """Select what the box touches now."""
        box = QRectF(self._start, at).normalized()
        self._stage.trace.show_box(box)
        scene = self._stage.scene
        notes = (*self._kept_notes, *scene.annotations.inside(box))
        points = (*self._kept_points, *scene.points.inside(box, self._stage.scale))
        scene.select((*self._kept, *scene.cards.touching(box)), (), notes, points)

    def end(self, at: QPointF) -> None:
        """Keep the selection."""
        self.move(at)
        self._stage.trace.clear()

    def cancel(self) -> None:
        """Select what was selected before."""
        self._stage.trace.clear()
        self._stage.scene.select(*self._before, self._points)


class DragWire:
    """Draws a wire from a port; from an input that holds one, takes that wire's end along.

    One that follows another, with the button up, asks for no layer where it is let go on empty canvas.
    """

    def __init__(self, stage: Stage, port: PortRef, follows: bool = False) -> None:
        self._stage = stage
        self.follows = follows
        self.following: DragWire | None = None
        """The next wire from the same output, after a release with Shift."""
        self._taken = self._wire_at(port)
        edge = self._taken
        self._from = PortRef(edge.source, "output", edge.output) if edge is not None else port
        self._project = planning.disconnect(stage.project, (edge.key,)) if edge is not None else stage.project
        self._types = stage.types()
        self._known: dict[PortRef, ChainruleError | None] = {}
        self._over: PortRef | None = None
        self._onto: InputKey | None = None
        """The wire that it would be joined with."""
        stage.scene.fits = self._fits
        if edge is not None:
            stage.scene.edges[edge.key].setVisible(False)
        stage.scene.update()

    def move(self, at: QPointF) -> None:
        """Lead the free end to the pointer, or to the port under it; say there why a port is refused."""
        scene = self._stage.scene
        self._over = self._end_at(at)
        reason = self._refusal(self._over) if self._over is not None else None
        end = scene.nodes[self._over.node].port_at(self._over.side, self._over.name) if self._over else at
        start = scene.nodes[self._from.node].port_at(self._from.side, self._from.name)
        free = scene.wiring.free
        path = free(start, end) if self._from.side == "output" else free(end, start)
        self._stage.trace.show_wire(path, end, reason is not None)
        self._stage.hinted.emit(str(reason) if reason is not None else "", end)
        joins = self._over is None and self._taken is None and not self.follows
        self._mark(wire_to_join(self._stage, self._from, at) if joins else None)

    def end(self, at: QPointF) -> None:
        """Make the wire, move or remove the one that was taken, or ask what to add at its end."""
        self.move(at)
        over = self._over
        self._clear()
        if over is None:
            self._let_go(at)
            return
        edge = self._edge(over)
        if self._taken is not None and (edge.key, edge.source, edge.output) == (
            self._taken.key,
            self._from.node,
            self._from.name,
        ):
            return
        error = self._refusal(over)
        if error is not None:
            self._stage.refuse(error, at)
            return
        names = f"{self._stage.name(edge.source)} to {self._stage.name(edge.target)}"
        made = settled(planning.connect(self._project, edge), edge.target)
        self._stage.edit(f"Wire {names}", made.project)
        if made.words:
            self._stage.message.emit(made.words)
        if self._stage.held & ON and self._from.side == "output":
            self.following = DragWire(self._stage, self._from, follows=True)

    def cancel(self) -> None:
        """Leave the wires as they are."""
        self._clear()

    def _let_go(self, at: QPointF) -> None:
        """On empty canvas: a taken wire goes, a new one asks for a layer; over a card nothing happens."""
        if self._taken is not None:
            label = f"Unwire {self._stage.name(self._taken.target)}"
            self._stage.edit(label, self._project)
        elif self._stage.scene.node_at(at) is None and not self.follows:
            self._stage.wire_dropped.emit(self._from, at)

    def _mark(self, key: InputKey | None) -> None:
        mark_target(self._stage, self._onto, key)
        self._onto = key

    def _clear(self) -> None:
        self._mark(None)
        self._stage.scene.fits = None
        self._stage.trace.clear()
        self._stage.hinted.emit("", QPointF())
        if self._taken is not None and self._taken.key in self._stage.scene.edges:
            self._stage.scene.edges[self._taken.key].setVisible(True)
        self._stage.scene.update()

    def _wire_at(self, port: PortRef) -> Edge | None:
        """The wire whose end is taken: the last one at an input."""
        if port.side != "input":
            return None
        edges = [edge for edge in self._stage.scene.graph.into(port.node) if edge.input == port.name]
        return max(edges, key=lambda edge: edge.order, default=None)

    def _end_at(self, at: QPointF) -> PortRef | None:
        """The port under the pointer; over a card the one that fits best."""
        scene = self._stage.scene
        port = scene.port_near(at, PORT_HIT / self._stage.scale)
        if port is not None and self._is_end(port):
            return port
        node_id = scene.node_at(at)
        if node_id is None or node_id == self._from.node:
            return None
        ports = [PortRef(node_id, side, found.name) for side, found in scene.nodes[node_id].ports()]
        ends = [found for found in ports if self._is_end(found)]
        return min(ends, key=self._preference, default=None)

    def _preference(self, port: PortRef) -> tuple[bool, bool]:
        taken = (
            port.side == "input"
            and InputKey(port.node, port.name) in self._project.scope(self._stage.scene.block).edges
        )
        return self._refusal(port) is not None, taken

    def _is_end(self, port: PortRef) -> bool:
        return port.side != self._from.side

    def _edge(self, port: PortRef) -> Edge:
        source, target = (self._from, port) if self._from.side == "output" else (port, self._from)
        return Edge(source.node, source.name, target.node, target.name)

    def _refusal(self, port: PortRef) -> ChainruleError | None:
        if port not in self._known:
            self._known[port] = refusal(self._project, self._types, self._edge(port))
        return self._known[port]

    def _fits(self, node: str, side: str, name: str) -> bool | None:
        port = PortRef(node, side, name)
        if port == self._from:
            return True
        return self._is_end(port) and self._refusal(port) is None


def held_nodes(scene: Scene, keys: Iterable[str]) -> tuple[str, ...]:
    """The nodes whose cards lie wholly in these frames."""
    frames = [scene.annotations.items[key].annotation for key in keys]
    cards = scene.nodes if frames else {}
    return tuple(key for key, item in cards.items() if any(frame.holds(plain(item.rect)) for frame in frames))


def _shifted(places: Mapping[Key, QPointF], way: QPointF) -> dict[Key, QPointF]:
    return {key: home + way for key, home in places.items()}


def _whole(way: QPointF) -> QPointF:
    return QPointF(round(way.x()), round(way.y()))
