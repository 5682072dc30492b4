"""What a scene shows of one graph as it stands: a card for every node, a wire for every edge, and where they are."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import NamedTuple, TypeVar

from core.differing import differing, gone
from core.graph import Graph, InputKey
from core.project import Project
from gui.canvas.edge_item import EdgeItem
from gui.canvas.geometry import RectIndex
from gui.canvas.known import Known
from gui.canvas.node_item import NodeItem
from gui.canvas.points import Points
from gui.canvas.tiles import Layers, layers
from gui.canvas.wiring import Wiring

_EMPTY = Project()
Key = TypeVar("Key")


class Mirror:
    """The parts of one graph; a scene shows one mirror, and keeps others for when they are wanted again."""

    def __init__(self) -> None:
        """Of no graph yet."""
        self.project, self.graph, self.block = _EMPTY, Graph(), ""
        self.facts: Known | None = None
        self.nodes: dict[str, NodeItem] = {}
        self.edges: dict[InputKey, EdgeItem] = {}
        self.cards, self.wires = RectIndex[str](), RectIndex[InputKey]()
        self.wiring = Wiring(self.nodes, self.edges, self.cards, self.wires)
        self.points = Points(self.edges)
        self.layers: Layers = layers(self)
        self.wrong: set[str] = set()
        """The nodes whose cards tell of errors."""
        self.prints: dict[str, tuple[object, ...]] = {}
        """What each card was made of."""
        self.unsure: set[str] = set()
        """The nodes whose cards were made anew since the last analysis, or do not say yet what it found."""
        self.adrift: set[str] = set()
        """What is dragged: cards that do not stand where the project says."""
        self.is_measured = False
        """Whether any card or wire may tell of what was measured."""

    def twin(self) -> Mirror:
        """Another one that is as this one is now; both go their own ways from then on."""
        made = Mirror()
        made.project, made.graph, made.block, made.facts = self.project, self.graph, self.block, self.facts
        made.nodes.update((key, card.twin()) for key, card in self.nodes.items())
        made.edges.update((key, wire.twin()) for key, wire in self.edges.items())
        made.cards, made.wires = self.cards.twin(), self.wires.twin()
        made.wiring = self.wiring.twin(made.nodes, made.edges, made.cards, made.wires)
        made.points = self.points.twin(made.edges)
        made.layers = self.layers.twin(made)
        made.wrong, made.prints, made.unsure = self.wrong.copy(), self.prints.copy(), self.unsure.copy()
        made.adrift, made.is_measured = self.adrift.copy(), self.is_measured
        return made

    def calm(self) -> None:
        """Be touched by no hand: nothing is selected, lit, dimmed or hidden."""
        for part in chain[NodeItem | EdgeItem](self.nodes.values(), self.edges.values()):
            part.calm()
        self.points.select(())


class Difference(NamedTuple):
    """What of a graph is not the same in another project: what is new or exchanged, what is gone, what is moved."""

    nodes: list[str]
    lost_nodes: set[str]
    edges: list[InputKey]
    lost_edges: set[InputKey]
    moved: list[str]

    @property
    def size(self) -> int:
        """How many things that are."""
        return sum(map(len, self))


def difference(mirror: Mirror, project: Project, graph: Graph) -> Difference:
    """What has to change until the mirror is one of this graph of this project."""
    before, moved = mirror.graph, _exchanged(mirror.project.positions, project.positions)
    nodes, edges = _exchanged(before.nodes, graph.nodes), _exchanged(before.edges, graph.edges)
    return Difference(
        nodes,
        gone(before.nodes, graph.nodes, nodes),
        edges,
        gone(before.edges, graph.edges, edges),
        [node_id for node_id in moved if node_id in graph.nodes and node_id in before.nodes],
    )


def _exchanged(old: Mapping[Key, object], new: Mapping[Key, object]) -> list[Key]:
    """The keys of what is new or another object."""
    return differing(old, new) if old is not new else []
