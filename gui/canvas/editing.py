"""What menu, keys and popup do to the graph: each command is one edit of the document."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication

from core import adding, blocklib, grouping, pasting, planning, reroutes
from core.annotating import removed
from core.arranging import Way, arranged
from core.bypassing import bypassed
from core.catalog import KINDS
from core.errors import ChainruleError
from core.files import from_text, to_text
from core.fitting import followers, leaders
from core.graph import InputKey, Parameters
from core.ports import input_port
from core.problems import Fix
from core.project import Position, Project
from core.rewiring import Output, splice_chain
from core.settling import settled
from core.spacing import aside
from core.ungrouping import ungroup
from gui.canvas.annotations import plain
from gui.canvas.geometry import PORT_HIT
from gui.canvas.nudging import nudge
from gui.canvas.offers import Offer, Wanted
from gui.canvas.splicing import sizes, wire_to_join
from gui.canvas.stage import Stage
from gui.canvas.under import PortRef
from gui.canvas.walking import ARROWS, next_node

GRIP = QPointF(16, 12)
"""Where the pointer holds a card that is dragged in."""


class Editing:
    """The commands of one canvas."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._scene = stage.scene

    def drop(self, kind: str, at: QPointF, params: Parameters = (), beside: bool = False) -> str:
        """Add a node held at this place of the scene, into the wire that lies there unless it is to stay beside it.

        Its id, or "" if it cannot be.
        """
        into = self.wire_under(kind, at) if not beside else None
        corner = _position(at - GRIP)

        def dropped(project: Project, kind: str) -> tuple[Project, str]:
            project, node_id = planning.add(project, kind, corner, self._scene.block, params)
            if into is not None:
                spliced = planning.splice(project, node_id, into)
                project = aside(spliced, (node_id,), self._scene.block, sizes(self._scene))
            return project, node_id

        return self._add(kind, dropped)

    def wire_under(self, kind: str, at: QPointF) -> InputKey | None:
        """The wire into which a dropped node of this kind goes."""
        key = self._wire_at(at)
        if key is None:
            return None
        try:
            project, kind = blocklib.brought(self._stage.project, kind)
            project, node_id = planning.add(project, kind, (0, 0), self._scene.block)
            planning.splice(project, node_id, key)
        except ChainruleError:
            return None
        return key

    def add_wired(self, kind: str, middle: QPointF, params: Parameters = ()) -> str:
        """Add a node right of the selected one and wire it; in the middle of the view where nothing is selected.

        Where several are selected, one goes behind each, into the wires that leave it.
        """
        if len(self._scene.selection) > 1:
            return self._add_behind_each(kind, params)
        if not self._scene.selection:
            corner = _position(middle - QPointF(73, 46))
            place = adding.free_place(self._stage.project, corner, self._scene.block)
            return self._add(kind, lambda project, kind: planning.add(project, kind, place, self._scene.block, params))
        source, types = self._scene.selection[-1], self._stage.types()
        return self._add(kind, lambda project, kind: adding.add_after(project, types, kind, source, params))

    def _add_behind_each(self, kind: str, params: Parameters) -> str:
        sources = self._scene.selection

        def change(project: Project) -> tuple[Project, tuple[str, ...]]:
            return adding.add_behind_each(*blocklib.brought(project, kind), sources, params)

        before = self._stage.project
        self._add_many(f"Add {kind} behind {len(sources)} layers", change)
        if self._stage.project is before:
            return ""
        self._stage.message.emit(f"{len(sources)} layers are followed by one of their own now, in one step.")
        return self._scene.selection[-1]

    def add_offer(self, offer: Offer, at: QPointF, port: PortRef | None) -> str:
        """Add what was chosen in the popup, at the end of the wire from `port`, if there is one."""
        if port is None:
            corner = _position(at - GRIP)
            return self._add(
                offer.kind,
                lambda project, kind: planning.add(project, kind, corner, self._scene.block, offer.params),
            )
        types = self._stage.types()
        if port.side == "output":
            corner = _position(at - QPointF(0, 47))
            return self._add(
                offer.kind,
                lambda project, kind: adding.add_at_end(
                    project, types, kind, corner, port.node, port.name, offer.params
                ),
            )
        corner = _position(at - QPointF(146, 47))
        return self._add(
            offer.kind,
            lambda project, kind: adding.add_before(project, kind, corner, port.node, port.name, offer.params),
        )

    def join(self, offer: Offer, at: QPointF, port: PortRef, into: InputKey) -> str:
        """Put what was chosen into a wire and lead another one to it: a skip connection in one drag."""
        corner = _position(at - QPointF(73, 47))
        return self._add(
            offer.kind,
            lambda project, kind: adding.add_joining(
                project, kind, corner, into, Output(port.node, port.name), offer.params
            ),
        )

    def wire_to_join(self, port: PortRef | None, at: QPointF) -> InputKey | None:
        """The wire on which a wire from this output was let go."""
        return wire_to_join(self._stage, port, at) if port is not None else None

    def wanted(self, port: PortRef | None, into: InputKey | None = None) -> Wanted:
        """What the popup asks for."""
        if port is None:
            return Wanted()
        project, types, name = self._stage.project, self._stage.types(), self._stage.name(port.node)
        if into is not None:
            edge = self._scene.graph.edges[into]
            joiners = adding.joiners(types.of(edge.source, edge.output), types.of(port.node, port.name))
            return Wanted(f"Join {name} with {self._stage.name(edge.source)}", None, joiners)
        if port.side == "output":
            found = followers(project, types, port.node, port.name)
            return Wanted(f"Add layer after {name}", types.of(port.node, port.name), found)
        accepts = input_port(project, self._scene.graph.nodes[port.node], port.name)
        return Wanted(f"Add layer before {name}", None, leaders(accepts))

    def delete(self) -> None:
        """Remove the selected nodes, wires, frames, notes and points of wires."""
        scene = self._scene
        nodes, edges = scene.selection, scene.selected_edges
        notes, points = scene.annotations.selection, scene.points.selection

        def deleted(project: Project) -> Project:
            return removed(planning.delete(reroutes.removed(project, points), nodes, edges), notes)

        parts = [(nodes, "layer"), (edges, "wire"), (notes, "note"), (points, "point of a wire")]
        found = [(len(items), noun) for items, noun in parts if items]
        if len(found) == 1:
            count, noun = found[0]
            several = "points of wires" if points else f"{noun}s"
            named = self._named(nodes) if nodes or notes else f"a {noun}" if count == 1 else f"{count} {several}"
            self._try(f"Delete {named}", deleted)
        elif found:
            self._try(f"Delete {sum(count for count, _noun in found)} items", deleted)

    def dissolve(self) -> None:
        """Remove the selected nodes and heal their wires."""
        nodes = self._scene.selection
        if nodes:
            self._try(f"Dissolve {self._named(nodes)}", lambda project: planning.dissolve(project, nodes))

    def group(self) -> None:
        """Fold the selected nodes into a block."""
        nodes, scope = self._scene.selection, self._scene.block
        if nodes:
            label = f"Fold {self._named(nodes)} into a block"
            self._add_many(label, lambda project: _single(grouping.group(project, nodes, scope)))

    def ungroup(self) -> None:
        """Unfold the selected blocks."""
        nodes, scope = self._scene.selection, self._scene.block
        if nodes:
            label = f"Unfold {self._named(nodes)}"
            self._add_many(label, lambda project: ungroup(project, nodes, scope))

    def copy(self) -> None:
        """Put the selected nodes on the clipboard, as text that another window reads too."""
        nodes, notes = self._scene.selection, self._scene.annotations.selection
        if nodes or notes:
            clip = pasting.extract(self._stage.project, nodes, self._scene.block, notes)
            QGuiApplication.clipboard().setText(to_text(clip))

    def cut(self) -> None:
        """The same, and remove them."""
        nodes, notes = self._scene.selection, self._scene.annotations.selection
        if nodes or notes:
            self.copy()
            self._try(f"Cut {self._named(nodes)}", lambda project: removed(planning.delete(project, nodes), notes))

    def paste(self, at: QPointF, pointed: bool = False) -> None:
        """Put the clipboard's nodes here; where the pointer is on a wire, a chain of them goes into it."""
        into = self._wire_at(at) if pointed else None
        self._paste(
            "Paste",
            lambda project, clip: self._led(*pasting.paste(project, clip, _position(at), self._scene.block), into=into),
        )

    def paste_wired(self, at: QPointF) -> None:
        """Put the clipboard's nodes here, fed by what feeds their originals."""
        self._paste(
            "Paste with wires",
            lambda project, clip: pasting.paste_wired(project, clip, _position(at), self._scene.block),
        )

    def _paste(self, label: str, change: Callable[[Project, Project], tuple[Project, tuple[str, ...]]]) -> None:
        text = QGuiApplication.clipboard().text()
        try:
            clip = from_text(text, "clipboard")
        except ChainruleError as error:
            plain = "The clipboard holds no layers. Copy some with Ctrl+C first."
            self._stage.message.emit(str(error) if text.lstrip().startswith("{") else plain)
            return
        self._add_many(label, lambda project: change(project, clip))

    def _led(self, project: Project, nodes: tuple[str, ...], into: InputKey | None) -> tuple[Project, tuple[str, ...]]:
        """With the nodes in this wire, if there is one that takes them; why not is told."""
        try:
            if into is not None and nodes:
                project = aside(splice_chain(project, nodes, into), nodes, self._scene.block, sizes(self._scene))
            return project, nodes
        except ChainruleError as error:
            self._stage.message.emit(f"Pasted beside the wire. {error}")
            return project, nodes

    def _wire_at(self, at: QPointF) -> InputKey | None:
        """The wire under this place, where no card lies over it."""
        if self._scene.node_at(at) is not None:
            return None
        return self._scene.edge_at(at, PORT_HIT / self._stage.scale)

    def duplicate(self) -> None:
        """Copy the selected nodes beside themselves."""
        nodes, notes = self._scene.selection, self._scene.annotations.selection
        if nodes or notes:
            label = f"Duplicate {self._named(nodes)}"
            self._add_many(label, lambda project: pasting.duplicate(project, nodes, self._scene.block, notes))

    def select_alike(self) -> None:
        """Select every layer of the selected kinds, every instance of the selected blocks."""
        nodes = self._scene.graph.nodes
        wanted = {(nodes[key].kind, nodes[key].block) for key in self._scene.selection}
        self._scene.select(key for key, node in nodes.items() if (node.kind, node.block) in wanted)

    def arrange(self, way: Way) -> None:
        """Bring the selected cards in line, or their gaps to one size."""
        rects = {key: plain(self._scene.nodes[key].rect) for key in self._scene.selection}
        if len(rects) > 1:
            places = arranged(rects, way)
            self._stage.edit(f"Arrange {len(rects)} layers", planning.move(self._stage.project, places))

    def freeze(self) -> None:
        """Freeze the weights of the selected layers; where all are frozen, let them learn again."""
        nodes = [self._scene.graph.nodes[key] for key in self._scene.selection]
        able = [node for node in nodes if node.kind in KINDS and _can_freeze(node.kind)]
        if not able:
            self._stage.message.emit("Nothing selected has weights that could be frozen.")
            return
        frozen = not all(node.param("frozen", False) for node in able)
        graph = self._scene.graph
        for node in able:
            graph = graph.replace_node(node.with_params(frozen=True) if frozen else node.without_param("frozen"))
        label = f"{'Freeze' if frozen else 'Unfreeze'} {self._named(tuple(node.id for node in able))}"
        self._stage.edit(label, self._stage.project.with_scope(graph, self._scene.block))

    def bypass(self) -> None:
        """Let what comes into the selected layers go on as it is; where all are bypassed, let them run again."""
        nodes, before = self._scene.selection, self._stage.project
        if not nodes:
            return
        try:
            project, why = bypassed(before, nodes, self._stage.types().analysis)
        except ChainruleError as error:
            self._stage.refuse(error, self._scene.nodes[nodes[0]].rect.center())
            return
        old, new = before.scope(self._scene.block).nodes, project.scope(self._scene.block).nodes
        changed = tuple(key for key in nodes if old[key] != new[key])
        stopped = any(old[key].bypassed for key in changed)
        self._stage.edit(f"{'Stop bypassing' if stopped else 'Bypass'} {self._named(changed)}", project)
        if why:
            self._stage.refuse(why[0])

    def rename(self, node_id: str, name: str) -> None:
        """Give a node another name."""
        self._try(f"Rename to {name}", lambda project: planning.rename(project, node_id, name))

    def apply(self, fix: Fix) -> None:
        """Make a problem's fix."""
        self._try(fix.label, lambda project: planning.apply_fix(project, fix))

    def arrow(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> bool:
        """Walk along the wires, or with Alt nudge what is selected; says whether the key was an arrow."""
        if key not in ARROWS or not (self._scene.nodes or self._scene.is_selecting):
            return False
        if modifiers & Qt.KeyboardModifier.AltModifier:
            nudge(self._stage, ARROWS[key], bool(modifiers & Qt.KeyboardModifier.ShiftModifier))
        else:
            self._walk(ARROWS[key])
        return True

    def _walk(self, way: tuple[int, int]) -> None:
        if not self._scene.selection:
            self._scene.select(tuple(self._scene.nodes)[:1])
            return
        found = next_node(self._scene.graph, self._scene.selection[-1], way, self._place)
        if found is not None:
            self._scene.select((found,))

    def _place(self, node_id: str) -> QPointF:
        return self._scene.nodes[node_id].pos()

    def _named(self, nodes: tuple[str, ...]) -> str:
        notes = self._scene.annotations.selection
        if notes and not nodes:
            return self._stage.project.annotations[notes[0]].noun if len(notes) == 1 else f"{len(notes)} notes"
        return self._stage.name(nodes[0]) if len(nodes) == 1 else f"{len(nodes)} layers"

    def _try(self, label: str, change: Callable[[Project], Project]) -> None:
        try:
            self._stage.edit(label, change(self._stage.project))
        except ChainruleError as error:
            self._stage.refuse(error)

    def _add(self, kind: str, change: Callable[[Project, str], tuple[Project, str]]) -> str:
        try:
            project, node_id = change(*blocklib.brought(self._stage.project, kind))
            project, words = settled(project, node_id)
        except ChainruleError as error:
            self._stage.refuse(error)
            return ""
        self._stage.edit(f"Add {project.all_nodes()[node_id].name}", project)
        self._scene.select((node_id,))
        if words:
            self._stage.message.emit(words)
        return node_id

    def _add_many(self, label: str, change: Callable[[Project], tuple[Project, tuple[str, ...]]]) -> None:
        try:
            project, nodes = change(self._stage.project)
        except ChainruleError as error:
            self._stage.refuse(error)
            return
        known = self._stage.project.annotations
        self._stage.edit(label, project)
        self._scene.select(nodes, (), (key for key in project.annotations if key not in known))


def _can_freeze(kind: str) -> bool:
    return any(param.name == "frozen" for param in KINDS[kind].params)


def _single(made: tuple[Project, str]) -> tuple[Project, tuple[str, ...]]:
    return made[0], (made[1],)


def _position(at: QPointF) -> Position:
    return float(round(at.x())), float(round(at.y()))
