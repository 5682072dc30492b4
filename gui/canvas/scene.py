"""The mirror of a graph: a part for every node and wire, brought up to date by the difference of two values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from types import MappingProxyType

from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QGraphicsScene
from shiboken6 import isValid

from core.graph import Graph, InputKey
from core.project import Project
from core.reroutes import Point
from gui.canvas import under
from gui.canvas.annotations import Annotations
from gui.canvas.asides import Asides
from gui.canvas.body_states import BodyStates
from gui.canvas.card import Card
from gui.canvas.catching_up import CatchingUp
from gui.canvas.far import FarScene
from gui.canvas.following import Following
from gui.canvas.known import Known
from gui.canvas.look import Look
from gui.canvas.making import Making
from gui.canvas.mirror import Mirror
from gui.canvas.near import EVERYWHERE, Near
from gui.canvas.node_item import NodeItem
from gui.canvas.under import PortRef
from gui.canvas.verdicts import Verdicts
from gui.canvas.wire_styles import Style

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
        self._hold(Mirror())
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
        self._following, self._asides = Following(self), Asides(self)
        self.follow(project, block)
        self.mirror.unsure.clear()

    @property
    def graph(self) -> Graph:
        """The graph that is shown."""
        return self.project.scope(self.block)

    def take_down(self) -> None:
        """Give up every item for good; Python's collector would take scene and items in any order, and crash."""
        if isValid(self.catching_up):
            self.catching_up.cancel()
        for scene in (self, self.far):
            if isValid(scene):  # at the program's end Qt may have been there first
                scene.clear()
        self._following.clear()
        self._asides.clear()

    def touch(self) -> None:
        """Something has changed that the far view or a verdict's frame shows."""
        self.verdicts.follow()
        self.far.item.refresh()

    def follow(self, project: Project, block: str | None = None) -> None:
        """Show this project, and another of its graphs where a block is given: only what differs is touched."""
        annotations, shown, points = self.project.annotations, self.mirror, self.points.selection
        self.project = project
        self.block = self.block if block is None else block
        wanted = self._asides.turn()
        mirror, graph = self.mirror, self.graph
        touched = self._following.follow(wanted)
        mirror.project, mirror.graph, mirror.block = project, graph, self.block
        mirror.adrift.clear()
        if annotations is not project.annotations or block is not None:
            self.annotations.follow(project, self.block)
        if touched or wanted.lost_nodes or wanted.lost_edges:
            self.wiring.lay(touched)
        self._following.take_up()
        if mirror is not shown:
            self._settle_in()
        self.select(self.selection, self.selected_edges, self.annotations.selection, points)
        self.touch()

    def set_facts(self, facts: Known | None) -> None:
        """Show what the analysis says."""
        before, self.facts = self.facts, facts
        self.catching_up.follow(before, facts)
        self.touch()

    def set_look(self, look: Look) -> None:
        """Draw in another theme."""
        self.look = look
        self._asides.clear()
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
            self._asides.clear()
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
            self.note_errors(item)
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
        self._asides.about_to_drag(len(positions))
        led = self.points.place(points)
        for node_id, at in positions.items():
            self.nodes[node_id].setPos(at)
            self.cards.put(node_id, self.nodes[node_id].rect)
        home = {node_id for node_id, at in positions.items() if at == self.place_of(node_id)}
        self.mirror.adrift = (self.mirror.adrift | led | positions.keys()) - home
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

    def exchange(self, mirror: Mirror) -> None:
        """Show the parts of another mirror from now on, as they stand there."""
        self.facts = mirror.facts
        self._hold(mirror)
        self.far.item.tiles.show(mirror.layers)
        self.catching_up.arrive()
        self.update()

    def _hold(self, mirror: Mirror) -> None:
        self.mirror = mirror
        self.nodes, self.edges, self.wrong = mirror.nodes, mirror.edges, mirror.wrong
        self.cards, self.wires = mirror.cards, mirror.wires
        self.wiring, self.points = mirror.wiring, mirror.points

    def _settle_in(self) -> None:
        """In parts that were not shown before: mark what is selected, and show pictures that have come meanwhile."""
        self._mark(True)
        for node_id, item in self.nodes.items():
            preview = self.making.previews.get(node_id)
            if item.preview is not preview:
                self.set_preview(node_id, preview)

    def note_errors(self, item: NodeItem) -> None:
        """Take note of whether a card tells of errors."""
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
