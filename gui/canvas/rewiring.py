"""Gestures on many wires at once: an output's wires led to another output, and a stroke that cuts what it crosses."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainterPath

from core import planning
from core.errors import ChainruleError
from core.graph import InputKey
from core.project import Project
from core.rewiring import Output, lifted, move_wires, wires_of
from core.settling import refusal, settled
from gui.canvas.geometry import PORT_HIT
from gui.canvas.gestures import DragWire, Gesture
from gui.canvas.stage import Stage
from gui.canvas.under import PortRef

CUT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
"""Held down on empty canvas, the pointer cuts wires."""
_STEP = 4.0
"""Screen pixels between two points of a stroke."""


def wire_gesture(stage: Stage, port: PortRef, held: Qt.KeyboardModifier) -> Gesture:
    """What a press on a port begins: a wire, or with Ctrl on an output that has wires, moving all of them."""
    if held & Qt.KeyboardModifier.ControlModifier and port.side == "output":
        start = Output(port.node, port.name)
        if wires_of(stage.scene.graph, start):
            return MoveWires(stage, start)
    return DragWire(stage, port)


class MoveWires:
    """Leads all wires of an output to another output; let go on empty canvas, they are removed."""

    def __init__(self, stage: Stage, start: Output) -> None:
        self._stage = stage
        self._start = start
        self._edges = wires_of(stage.scene.graph, start)
        self._loose = lifted(stage.project, start)
        self._types = stage.types()
        self._known: dict[Output, ChainruleError | None] = {}
        stage.scene.fits = self._fits
        self._show_edges(False)

    def move(self, at: QPointF) -> None:
        """Lead the free ends to the pointer, or to the output under it; say there why it is refused."""
        scene = self._stage.scene
        over = self._end_at(at)
        reason = self._refusal(over) if over is not None else None
        free = scene.nodes[over.node].port_at("output", over.port) if over is not None else at
        wires = QPainterPath()
        for edge in self._edges:
            wires.addPath(scene.wiring.free(free, scene.nodes[edge.target].port_at("input", edge.input)))
        self._stage.trace.show_wire(wires, free, reason is not None)
        self._stage.hinted.emit(str(reason) if reason is not None else "", free)

    def end(self, at: QPointF) -> None:
        """Move the wires, or remove them on empty canvas; over a card that gives nothing, leave them."""
        over = self._end_at(at)
        self._clear()
        name, count = self._stage.name(self._start.node), len(self._edges)
        if over is None:
            if self._stage.scene.node_at(at) is None:
                self._stage.edit(f"Unwire {_wires(count)} of {name}", self._loose)
            return
        error = self._refusal(over)
        if over == self._start or error is not None:
            if error is not None:
                self._stage.refuse(error, at)
            return
        made, words = self._moved(over)
        self._stage.edit(f"Move {_wires(count)} from {name} to {self._stage.name(over.node)}", made)
        if words:
            self._stage.message.emit(words)

    def cancel(self) -> None:
        """Leave the wires as they are."""
        self._clear()

    def _moved(self, over: Output) -> tuple[Project, str]:
        """With the wires at this output and the sizes that follow, and what was changed for that."""
        project, said = move_wires(self._stage.project, self._start, over), []
        for target in dict.fromkeys(edge.target for edge in self._edges):
            made = settled(project, target)
            project = made.project
            said.append(made.words)
        return project, " ".join(words for words in said if words)

    def _end_at(self, at: QPointF) -> Output | None:
        """The output under the pointer; over a card the one that fits best."""
        scene = self._stage.scene
        port = scene.port_near(at, PORT_HIT / self._stage.scale)
        if port is not None and port.side == "output":
            return Output(port.node, port.name)
        node_id = scene.node_at(at)
        ports = scene.nodes[node_id].card.outputs if node_id is not None else ()
        ends = [Output(node_id, port.name) for port in ports if node_id is not None]
        return min(ends, key=lambda end: self._refusal(end) is not None, default=None)

    def _refusal(self, over: Output) -> ChainruleError | None:
        """Why not all of the wires can begin here."""
        if over == self._start:
            return None
        if over not in self._known:
            moved = (edge._replace(source=over.node, output=over.port) for edge in self._edges)
            errors = (refusal(self._loose, self._types, edge) for edge in moved)
            self._known[over] = next((error for error in errors if error is not None), None)
        return self._known[over]

    def _fits(self, node: str, side: str, name: str) -> bool | None:
        return side == "output" and self._refusal(Output(node, name)) is None

    def _show_edges(self, shown: bool) -> None:
        scene = self._stage.scene
        for edge in self._edges:
            if edge.key in scene.edges:
                scene.edges[edge.key].setVisible(shown)
        scene.update()

    def _clear(self) -> None:
        self._stage.scene.fits = None
        self._stage.trace.clear()
        self._stage.hinted.emit("", QPointF())
        self._show_edges(True)


class CutWires:
    """Draws a stroke over the canvas and removes every wire that it crosses."""

    def __init__(self, stage: Stage, start: QPointF) -> None:
        self._stage = stage
        self._last = start
        self._stroke = QPainterPath(start)
        self._crossed: dict[InputKey, None] = {}

    def move(self, at: QPointF) -> None:
        """Draw on, and mark the wires that are crossed on the way."""
        way = QLineF(self._last, at)
        if way.length() * self._stage.scale < _STEP:
            return
        self._cross(way)
        self._last = at
        self._stroke.lineTo(at)
        self._stage.trace.show_stroke(QPainterPath(self._stroke))

    def end(self, at: QPointF) -> None:
        """Cut them."""
        self._cross(QLineF(self._last, at))
        crossed = tuple(self._crossed)
        self._clear()
        if crossed:
            self._stage.edit(f"Cut {_wires(len(crossed))}", planning.disconnect(self._stage.project, crossed))

    def cancel(self) -> None:
        """Cut nothing."""
        self._clear()

    def _cross(self, way: QLineF) -> None:
        scene = self._stage.scene
        area = QRectF(way.p1(), way.p2()).normalized().adjusted(-1, -1, 1, 1)
        for key in scene.wires.touching(area):
            if key not in self._crossed and scene.edges[key].crossing(way) is not None:
                self._crossed[key] = None
                scene.edges[key].show_cut(True)

    def _clear(self) -> None:
        for key in self._crossed:
            if key in self._stage.scene.edges:
                self._stage.scene.edges[key].show_cut(False)
        self._crossed = {}
        self._stage.trace.clear()


def _wires(count: int) -> str:
    return "a wire" if count == 1 else f"{count} wires"
