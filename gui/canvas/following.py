"""How the parts of a scene follow a graph: only what differs comes, goes or moves."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from core.graph import Graph, InputKey
from core.layout import arrange
from core.project import Project
from gui.canvas.edge_item import EdgeItem
from gui.canvas.kept import Kept
from gui.canvas.mirror import Difference
from gui.canvas.node_item import NodeItem
from gui.canvas.part import Part

if TYPE_CHECKING:
    from gui.canvas.scene import Scene


class Following:
    """Brings the cards and wires that a scene shows to another graph."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._numbers = count()
        self._fresh: list[Part] = []
        """Cards and wires that are there but not shown yet: they stand where they shall once all wires are laid."""
        self._kept_cards, self._kept_wires = Kept[NodeItem](), Kept[EdgeItem]()

    def follow(self, wanted: Difference) -> set[str]:
        """Change this in the mirror that is shown, and all that follows; the nodes whose wires have to be laid."""
        scene, new = self._scene, self._scene.project
        old = scene.mirror.project
        touched = self._follow_graph(wanted)
        if _outside(old) != _outside(new):
            scene.refresh(key for key, item in scene.nodes.items() if item.brief.role in ("source", "structure"))
        if old.training.rates != new.training.rates:
            changed = {share[0] for share in set(old.training.rates) ^ set(new.training.rates)}
            scene.refresh(node.id for name in changed if (node := new.graph.by_name(name)) is not None)
        if old.bodies is not new.bodies:
            scene.refresh(key for key, _body in old.bodies.items() ^ new.bodies.items())
        return touched | self._move_back(wanted) | scene.points.follow(new)

    def _follow_graph(self, wanted: Difference) -> set[str]:
        scene = self._scene
        before, new, edges = scene.mirror, scene.graph, scene.edges
        if before.graph is new:
            return set()
        lost = [key for key in wanted.edges if key in edges and new.edges[key] != edges[key].edge]
        lost += wanted.lost_edges
        for key in lost:
            self._remove_edge(key)
        for node_id in wanted.lost_nodes:
            self._remove_node(node_id, scene.making.made_of(before.project, before.graph, node_id))
        added = [node_id for node_id in wanted.nodes if node_id not in scene.nodes]
        self._add_nodes(new, added)
        rewired = self._add_edges(new, wanted.edges)
        scene.refresh(({*wanted.nodes} | rewired | {key.node for key in lost}).difference(added))
        return rewired.union(added)

    def _move_back(self, wanted: Difference) -> set[str]:
        """Put every card where the project says; the ids of those that stood elsewhere."""
        scene, moved = self._scene, set()
        for node_id in wanted.moved:
            item, at = scene.nodes[node_id], scene.place_of(node_id)
            if item.pos() != at:
                item.setPos(at)
                scene.cards.put(node_id, item.rect)
                moved.add(node_id)
        return moved

    def take_up(self) -> None:
        """Show what is there."""
        for part in self._fresh:
            part.show_in(self._scene, next(self._numbers))
        self._fresh.clear()

    def clear(self) -> None:
        """Keep nothing of what has gone."""
        self._kept_cards.clear()
        self._kept_wires.clear()

    def _kept_card(self, graph: Graph, node_id: str) -> NodeItem | None:
        """The card that went and would be made of the same; an analysis looks at it again soon, where there is any."""
        scene = self._scene
        if scene.facts is None or node_id not in self._kept_cards:
            return None
        found = self._kept_cards.take(node_id, scene.making.made_of(scene.project, graph, node_id))
        if found is not None:
            found.reset()
            found.look = scene.look
        return found

    def _remove_node(self, node_id: str, made_of: object) -> None:
        scene = self._scene
        item = scene.nodes.pop(node_id)
        item.show_in(None)
        self._kept_cards.put(node_id, made_of, item)
        scene.wrong.discard(node_id)
        scene.making.forget(node_id)
        scene.cards.remove(node_id)

    def _add_nodes(self, graph: Graph, node_ids: Iterable[str]) -> None:
        """In the graph's order; nodes without a place stand where the layout puts them."""
        scene = self._scene
        positions = scene.project.positions
        homeless = any(node_id not in positions for node_id in node_ids)
        spare = arrange(graph) if homeless else {}
        for node_id in node_ids:
            item = self._kept_card(graph, node_id)
            if item is None:
                item = NodeItem(node_id, scene.making.made(graph, node_id), scene.look, scene)
            item.preview = scene.making.previews.get(node_id)
            item.setPos(QPointF(*positions.get(node_id, spare.get(node_id, (0.0, 0.0)))))
            scene.note_errors(item)
            scene.nodes[node_id] = item
            self._fresh.append(item)
            scene.cards.put(node_id, item.rect)
            scene.mirror.unsure.add(node_id)

    def _add_edges(self, graph: Graph, keys: Iterable[InputKey]) -> set[str]:
        """Items for those of these wires that have none; the nodes at their ends."""
        scene = self._scene
        rewired: set[str] = set()
        for key in keys:
            if key in scene.edges:
                continue
            edge = graph.edges[key]
            item = self._kept_wires.take(key, edge)
            if item is None:
                item = EdgeItem(edge, scene.look)
            else:
                item.reset()
                item.look = scene.look
            item.show_wire(scene.making.wire(edge))
            item.is_lit = edge.source in scene.selection or edge.target in scene.selection
            item.is_selected = key in scene.selected_edges
            scene.edges[key] = item
            scene.wiring.add(edge)
            self._fresh.append(item)
            rewired |= {edge.source, edge.target}
        return rewired

    def _remove_edge(self, key: InputKey) -> None:
        scene = self._scene
        item = scene.edges.pop(key)
        scene.wiring.remove(item.edge)
        item.show_in(None)
        self._kept_wires.put(key, item.edge, item)


def _outside(project: Project) -> tuple[int, int, int]:
    """What cards of data and of blocks tell of that does not stand in their graph."""
    return id(project.data), id(project.blocks), project.training.batch_size
