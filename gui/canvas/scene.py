"""The mirror of a graph: a part for every node and wire, brought up to date by the difference of two values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import count
from types import MappingProxyType

from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QGraphicsScene
from shiboken6 import isValid

from core.differing import differing, gone
from core.graph import Graph, InputKey
from core.layout import arrange
from core.project import Project
from core.reroutes import Point
from gui.canvas import under
from gui.canvas.annotations import Annotations
from gui.canvas.body_states import BodyStates
from gui.canvas.card import Card
from gui.canvas.catching_up import CatchingUp
from gui.canvas.edge_item import EdgeItem
from gui.canvas.far import FarScene
from gui.canvas.geometry import RectIndex
from gui.canvas.kept import Kept
from gui.canvas.known import Known
from gui.canvas.look import Look
from gui.canvas.making import Making
from gui.canvas.near import EVERYWHERE, Near
from gui.canvas.node_item import NodeItem
from gui.canvas.part import Part
from gui.canvas.points import Points
from gui.canvas.under import PortRef
from gui.canvas.verdicts import Verdicts
from gui.canvas.wire_styles import Style
from gui.canvas.wiring import Wiring

_NONE: Mapping[Point, QPointF] = MappingProxyType({})


class Scene(QGraphicsScene):
    """Items for one graph of a project; knows no gesture."""

    maker = Making
    """Who makes what cards and wires say."""
    selection_changed = Signal(object)
    """The ids of the selected nodes, as a tuple; told where wires, frames or notes were selected too."""

    def __init__(self, look: Look, project: Project, block: str = "", facts: Known | None = None) -> None:
        """With `facts` the cards say at once what an analysis found."""
        super().__init__()
        self.look = look
        self.project = project
        self.block = block
        self.facts = facts
        self.nodes: dict[str, NodeItem] = {}
        self.edges: dict[InputKey, EdgeItem] = {}
        self.wrong: set[str] = set()
        """The nodes whose cards tell of errors."""
        self.cards = RectIndex()
        self.wires = RectIndex()
        self.wiring = Wiring(self.nodes, self.edges, self.cards, self.wires)
        self.points = Points(self.edges)
        self.annotations = Annotations(self, look)
        self.verdicts = Verdicts(self)
        self.selection: tuple[str, ...] = ()
        self.selected_edges: tuple[InputKey, ...] = ()
        self.near, self.far = Near(self), FarScene(self)
        self.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self.setSceneRect(EVERYWHERE)
        self.bodies = BodyStates(self._redraw)
        self.is_seen = False
        """Whether a view shows it, and not the one from far away: else nothing in it is to be painted anew."""
        self.fits: Callable[[str, str, str], bool | None] | None = None
        """What a dragged wire says of ports."""
        self.has_time: Callable[[], bool] = lambda: True
        """Whether one more card may be drawn anew in the frame that is being painted."""
        self.making = self.maker(self)
        self.catching_up = CatchingUp(self)
        self._numbers = count()
        self._fresh: list[Part] = []
        """Cards and wires that are there but not shown yet: they stand where they shall once all wires are laid."""
        self._kept_cards, self._kept_wires = Kept[NodeItem](), Kept[EdgeItem]()
        self.wiring.lay(self._follow_graph(project, Graph(), self.graph) | self.points.follow(project))
        self._take_up()
        self.annotations.follow(project, block)
        self.catching_up.unsure.clear()
        self.touch()

    @property
    def graph(self) -> Graph:
        """The graph that is shown."""
        return self.project.scope(self.block)

    def take_down(self) -> None:
        """Give up every item for good; Python's collector would take scene and items in any order, and crash."""
        for scene in (self, self.far):
            if isValid(scene):  # at the program's end Qt may have been there first
                scene.clear()
        self._kept_cards.clear()
        self._kept_wires.clear()

    def touch(self) -> None:
        """Something has changed that the far view or a verdict's frame shows."""
        self.verdicts.follow()
        self.far.item.refresh()

    def follow(self, project: Project, block: str | None = None) -> None:
        """Show this project, and another of its graphs where a block is given: only what differs is touched."""
        old = self.project
        before, self.project = self.graph, project
        self.block = self.block if block is None else block
        dataless = old.data is project.data and old.training.batch_size == project.training.batch_size
        touched = self._follow_graph(old, before, self.graph)
        if not dataless or old.blocks is not project.blocks:
            self.refresh(node_id for node_id, item in self.nodes.items() if item.brief.role in ("source", "structure"))
        if old.training.rates != project.training.rates:
            changed = {share[0] for share in set(old.training.rates) ^ set(project.training.rates)}
            self.refresh(node.id for name in changed if (node := project.graph.by_name(name)) is not None)
        if old.bodies is not project.bodies:
            self.refresh(key for key, _body in old.bodies.items() ^ project.bodies.items())
        touched |= self._move_back(old, project)
        touched |= self.points.follow(project)
        if old.annotations is not project.annotations or block is not None:
            self.annotations.follow(project, self.block)
        if touched:
            self.wiring.lay(touched)
        self._take_up()
        self._forget_gone()
        self.touch()

    def set_facts(self, facts: Known | None) -> None:
        """Show what the analysis says."""
        before, self.facts = self.facts, facts
        self.catching_up.follow(before, facts)
        self.touch()

    def set_look(self, look: Look) -> None:
        """Draw in another theme."""
        self.look = look
        self.annotations.set_look(look)
        for card_item in self.nodes.values():
            card_item.look = look
        for wire_item in self.edges.values():
            wire_item.look = look
        self.far.item.tiles.clear()
        self.update()
        self.touch()

    def set_wire_style(self, style: Style) -> None:
        """Draw every wire in this style."""
        if style != self.wiring.style:
            self.wiring.restyle(style)
            self.touch()

    def refresh(self, node_ids: Iterable[str]) -> None:
        """Make the cards of these nodes, and their wires, anew; those that say the same stay as they are."""
        graph = self.graph
        resized: set[str] = set()
        checked = tuple(node_id for node_id in node_ids if node_id in graph.nodes)
        self.catching_up.unsure.update(checked)
        for node_id in checked:
            if not self.making.has_changed(graph, node_id):
                continue
            item = self.nodes[node_id]
            fresh = self.making.made(graph, node_id, item.is_made)
            if fresh == (item.card if item.is_made else item.brief):
                continue
            if fresh.frame != item.frame:
                resized.add(node_id)
            item.show_card(fresh)
            self._note_errors(item)
            self.cards.put(node_id, item.rect)
        for key in self.wiring.at(checked):
            wire = self.making.wire(graph.edges[key])
            if wire is self.edges[key].wire:
                continue
            if (wire.state == "label") != (self.edges[key].wire.state == "label"):
                resized.add(key.node)
            self.wiring.say(key, wire)
        if resized:
            self.wiring.lay(resized)

    def set_preview(self, node_id: str, preview: QPixmap | None) -> None:
        """Show a picture of the data on a node, or none."""
        if preview is None:
            self.making.previews.pop(node_id, None)
        else:
            self.making.previews[node_id] = preview
        if node_id in self.nodes:
            self.nodes[node_id].preview = preview
            self.making.forget(node_id)
            self.refresh((node_id,))
            self.nodes[node_id].update()

    def place(
        self, positions: Mapping[str, QPointF], settled: bool = False, points: Mapping[Point, QPointF] = _NONE
    ) -> None:
        """Let cards and points of wires stand elsewhere, as while they are dragged; the project stays as it is."""
        led = self.points.place(points)
        for node_id, at in positions.items():
            self.nodes[node_id].setPos(at)
            self.cards.put(node_id, self.nodes[node_id].rect)
        self.wiring.lay(led.union(positions), settled)
        self.touch()

    def place_of(self, node_id: str) -> QPointF:
        """Where the project says that this card stands."""
        return QPointF(*self.project.positions.get(node_id, (0.0, 0.0)))

    @property
    def is_selecting(self) -> bool:
        """Whether anything is selected."""
        return bool(self.selection or self.selected_edges or self.annotations.selection or self.points.selection)

    def select(
        self,
        nodes: Iterable[str],
        edges: Iterable[InputKey] = (),
        annotations: Iterable[str] = (),
        points: Iterable[Point] = (),
    ) -> None:
        """Select these nodes, wires, frames, notes and points of wires and nothing else."""
        wanted = tuple(node_id for node_id in dict.fromkeys(nodes) if node_id in self.nodes)
        lines = tuple(key for key in dict.fromkeys(edges) if key in self.edges)
        marked = self.annotations.select(annotations) | self.points.select(points)
        if not marked and (wanted, lines) == (self.selection, self.selected_edges):
            return
        self._mark(False)
        self.selection, self.selected_edges = wanted, lines
        self._mark(True)
        self.touch()
        self.selection_changed.emit(wanted)

    def port_fits(self, node: str, side: str, port: str) -> bool | None:
        """Whether a dragged wire may end here; None while nothing is dragged."""
        return self.fits(node, side, port) if self.fits is not None else None

    def port_near(self, at: QPointF, radius: float) -> PortRef | None:
        """The nearest port within the radius."""
        return under.port_near(self, at, radius)

    def node_at(self, at: QPointF) -> str | None:
        """The card under the point, the one that lies over the others where there are several."""
        return under.node_at(self, at)

    def edge_at(self, at: QPointF, radius: float, but: Collection[InputKey] = ()) -> InputKey | None:
        """The wire that passes within the radius, and is none of these."""
        return under.edge_at(self, at, radius, but)

    def bounds(self, node_ids: Iterable[str] | None = None) -> QRectF:
        """What holds these cards, or all cards and wires."""
        if node_ids is not None:
            return self.cards.bounds(node_ids)
        return self.cards.bounds().united(self.wires.bounds()).united(self.annotations.bounds())

    def standing(self) -> QRectF:
        """What holds all that has a place of its own: cards, frames, notes and points of wires."""
        return self.cards.bounds().united(self.annotations.bounds()).united(self.points.bounds())

    def _follow_graph(self, before: Project, old: Graph, new: Graph) -> set[str]:
        """Touch what differs; the ids of nodes whose wires have to be laid."""
        if old is new:
            return set()
        wires, nodes = differing(old.edges, new.edges), differing(old.nodes, new.nodes)
        lost = [key for key in wires if key in self.edges and new.edges[key] != self.edges[key].edge]
        lost += gone(old.edges, new.edges, wires)
        for key in lost:
            self._remove_edge(key)
        for node_id in gone(old.nodes, new.nodes, nodes):
            self._remove_node(node_id, self.making.made_of(before, old, node_id))
        added = [node_id for node_id in nodes if node_id not in self.nodes]
        self._add_nodes(new, added)
        rewired = self._add_edges(new, wires)
        self.refresh(({*nodes} | rewired | {key.node for key in lost}).difference(added))
        return rewired.union(added)

    def _kept_card(self, graph: Graph, node_id: str) -> NodeItem | None:
        """The card that went and would be made of the same; an analysis looks at it again soon, where there is any."""
        if self.facts is None or node_id not in self._kept_cards:
            return None
        found = self._kept_cards.take(node_id, self.making.made_of(self.project, graph, node_id))
        if found is not None:
            found.reset()
            found.look = self.look
        return found

    def _remove_node(self, node_id: str, made_of: object) -> None:
        item = self.nodes.pop(node_id)
        item.show_in(None)
        self._kept_cards.put(node_id, made_of, item)
        self.wrong.discard(node_id)
        self.making.forget(node_id)
        self.cards.remove(node_id)

    def _add_nodes(self, graph: Graph, node_ids: Iterable[str]) -> None:
        """In the graph's order; nodes without a place stand where the layout puts them."""
        homeless = any(node_id not in self.project.positions for node_id in node_ids)
        spare = arrange(graph) if homeless else {}
        for node_id in node_ids:
            item = self._kept_card(graph, node_id)
            if item is None:
                item = NodeItem(node_id, self.making.made(graph, node_id), self.look, self)
            item.preview = self.making.previews.get(node_id)
            item.setPos(QPointF(*self.project.positions.get(node_id, spare.get(node_id, (0.0, 0.0)))))
            self._note_errors(item)
            self.nodes[node_id] = item
            self._fresh.append(item)
            self.cards.put(node_id, item.rect)
            self.catching_up.unsure.add(node_id)

    def _add_edges(self, graph: Graph, keys: Iterable[InputKey]) -> set[str]:
        """Items for those of these wires that have none; the nodes at their ends."""
        rewired: set[str] = set()
        for key in keys:
            if key in self.edges:
                continue
            edge = graph.edges[key]
            item = self._kept_wires.take(key, edge)
            if item is None:
                item = EdgeItem(edge, self.look)
            else:
                item.reset()
                item.look = self.look
            item.show_wire(self.making.wire(edge))
            item.is_lit = edge.source in self.selection or edge.target in self.selection
            item.is_selected = key in self.selected_edges
            self.edges[key] = item
            self.wiring.add(edge)
            self._fresh.append(item)
            rewired |= {edge.source, edge.target}
        return rewired

    def _take_up(self) -> None:
        """Show what is there."""
        for part in self._fresh:
            part.show_in(self, next(self._numbers))
        self._fresh.clear()

    def _remove_edge(self, key: InputKey) -> None:
        item = self.edges.pop(key)
        self.wiring.remove(item.edge)
        item.show_in(None)
        self._kept_wires.put(key, item.edge, item)

    def _move_back(self, old: Project, new: Project) -> set[str]:
        """Put every card where the project says."""
        if old.positions is new.positions:
            return set()
        moved = set()
        for node_id in differing(old.positions, new.positions):
            if node_id not in self.nodes:
                continue
            item, at = self.nodes[node_id], QPointF(*new.positions[node_id])
            if item.pos() != at:
                item.setPos(at)
                self.cards.put(node_id, item.rect)
                moved.add(node_id)
        return moved

    def _forget_gone(self) -> None:
        self.select(self.selection, self.selected_edges, self.annotations.selection, self.points.selection)

    def _note_errors(self, item: NodeItem) -> None:
        (self.wrong.add if item.brief.errors else self.wrong.discard)(item.node)

    def card_of(self, node: str) -> Card:
        """The card of this node, made anew."""
        return self.making.card(self.graph, node)

    def _redraw(self, node_ids: Iterable[str]) -> None:
        for node_id in node_ids:
            if node_id in self.nodes:
                self.nodes[node_id].update()

    def _mark(self, selected: bool) -> None:
        for node_id in self.selection:
            if node_id in self.nodes:
                self.nodes[node_id].is_selected = selected
                self.nodes[node_id].setZValue(3 if selected else 1)
                self.nodes[node_id].update()
        for key in self.selected_edges:
            if key in self.edges:
                self.edges[key].is_selected = selected
                self.edges[key].update()
        for key in self.wiring.at(self.selection):
            if key in self.edges:
                self.edges[key].is_lit = selected
                self.edges[key].update()
