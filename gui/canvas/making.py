"""What the cards and wires of a scene say, made from its project and what the analysis found."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtGui import QPixmap

from core.bodies import PLAIN
from core.graph import Edge, Graph, Node
from core.project import Project
from gui.canvas.brief import Brief, brief
from gui.canvas.card import Card, card, fingerprint
from gui.canvas.card_body import with_body
from gui.canvas.edge_item import Wire
from gui.canvas.known import incoming
from gui.canvas.wire_words import LABEL, UNCONFIRMED, sound_wire, wrong_wire

if TYPE_CHECKING:
    from gui.canvas.scene import Scene


class Making:
    """Knows what every card was made of, so that none is made anew that would say the same."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.previews: dict[str, QPixmap] = {}
        """By data node, a picture of its data."""
        self._into: tuple[Graph, Mapping[str, tuple[Edge, ...]]] = (Graph(), {})
        self._said = lru_cache(1024)(sound_wire)

    def made_of(self, project: Project, graph: Graph, node_id: str) -> object:
        """All that a card is made of, but for what the analysis says."""
        made_of = fingerprint(project, graph.nodes[node_id], self._wires_into(graph, node_id), None)
        return *made_of, project.bodies.get(node_id, PLAIN), self.previews.get(node_id)

    def has_changed(self, graph: Graph, node_id: str) -> bool:
        """Whether anything that the card is made of differs from the last time."""
        scene = self._scene
        made_of = fingerprint(scene.project, graph.nodes[node_id], self._wires_into(graph, node_id), scene.facts)
        found = (*made_of, scene.project.bodies.get(node_id, PLAIN))
        if scene.mirror.prints.get(node_id) == found:
            return False
        scene.mirror.prints[node_id] = found
        return True

    def forget(self, node_id: str) -> None:
        """Take the card for changed the next time."""
        self._scene.mirror.prints.pop(node_id, None)

    def made(self, graph: Graph, node_id: str, is_seen: bool = False) -> Card | Brief:
        """A card, or as much as has to be known of it where it was not seen yet."""
        usual = not is_seen and node_id not in self.previews and node_id not in self._scene.project.bodies
        return (self.brief(graph.nodes[node_id]) if usual else None) or self.card(graph, node_id)

    def brief(self, node: Node) -> Brief | None:
        """What has to be known of a node's card; None where only the card can tell."""
        return brief(node, self._scene.facts)

    def card(self, graph: Graph, node_id: str) -> Card:
        """The card of a node."""
        scene, preview = self._scene, self.previews.get(node_id)
        size = (preview.width(), preview.height()) if preview is not None else None
        made = card(scene.project, graph.nodes[node_id], self._wires_into(graph, node_id), scene.facts, size)
        return with_body(made, scene.project.bodies.get(node_id, PLAIN))

    def wire(self, edge: Edge) -> Wire:
        """What the analysis says of a wire."""
        scene, facts = self._scene, self._scene.facts
        tensor = facts.types.of(edge.source, edge.output) if facts else None
        if tensor is None or facts is None:
            return LABEL if self._is_integer(edge) else UNCONFIRMED
        return wrong_wire(facts, edge, scene.graph.nodes[edge.target], tensor) or self._said(
            tensor, edge.output, edge.target in facts.parameters
        )

    def _is_integer(self, edge: Edge) -> bool:
        source = self._scene.nodes.get(edge.source)
        return source is not None and edge.output in source.brief.integers

    def _wires_into(self, graph: Graph, node_id: str) -> tuple[Edge, ...]:
        if self._into[0] is not graph:
            self._into = (graph, incoming(graph))
        return self._into[1].get(node_id, ())
