"""A project as a value: the graph and its blocks, where things stand, the data, how to train, and notes."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from core.annotations import Annotation
from core.bodies import PLAIN, Bodies, Body
from core.data.settings import DatasetSettings
from core.errors import GraphError
from core.graph import Block, Edge, Graph, Node
from core.training.settings import TrainingSettings

Position = tuple[float, float]
"""Of a card's upper left corner, in scene units (pixels at 100 %)."""


@dataclass(frozen=True, slots=True)
class Weights:
    """The trained weights beside the project file: their hash, and the run they come from."""

    sha256: str
    epochs: float = 0.0
    validation_loss: float | None = None
    validation_accuracy: float | None = None


@dataclass(frozen=True, slots=True)
class Project:
    """All that a project file holds."""

    name: str = "untitled"
    graph: Graph = field(default_factory=Graph)
    blocks: Mapping[str, Block] = field(default_factory=lambda: MappingProxyType({}))
    positions: Mapping[str, Position] = field(default_factory=lambda: MappingProxyType({}))
    """By node id, which is unique in the whole project."""
    data: Mapping[str, DatasetSettings] = field(default_factory=lambda: MappingProxyType({}))
    """Data sets by id; a data node names one."""
    training: TrainingSettings = field(default_factory=TrainingSettings)
    weights: Weights | None = None
    description: str = ""
    annotations: Mapping[str, Annotation] = field(default_factory=lambda: MappingProxyType({}))
    """Frames and notes by id; the graph and what is made of it know nothing of them."""
    reroutes: Mapping[Edge, tuple[Position, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """The points through which a wire runs, from its output on; layout as positions are, and gone with the wire."""
    bodies: Bodies = field(default_factory=lambda: MappingProxyType({}))
    """How cards are shown, by node id, where that is not as they come."""

    def scope(self, block: str = "") -> Graph:
        """The graph of this block, or the main graph; raises GraphError where there is none."""
        if not block:
            return self.graph
        if block not in self.blocks:
            raise GraphError("a block of this project was wanted", f"there is no block “{block}”")
        return self.blocks[block].graph

    def with_scope(self, graph: Graph, block: str = "") -> Project:
        """With this graph in the place of the block's, or of the main one."""
        if graph is self.scope(block):
            return self
        if not block:
            return replace(self, graph=graph)
        changed = {**self.blocks, block: replace(self.blocks[block], graph=graph)}
        return replace(self, blocks=MappingProxyType(changed))

    def with_positions(self, positions: Mapping[str, Position]) -> Project:
        """With these nodes moved."""
        return replace(self, positions=MappingProxyType({**self.positions, **positions}))

    def with_bodies(self, bodies: Mapping[str, Body]) -> Project:
        """With these cards shown like this."""
        kept = {key: body for key, body in {**self.bodies, **bodies}.items() if body != PLAIN}
        return self if kept == self.bodies else replace(self, bodies=MappingProxyType(kept))

    def without_cards(self, gone: Set[str]) -> Project:
        """Without the places and bodies of these nodes' cards."""
        tables = {"positions": self.positions, "bodies": self.bodies}
        left = {
            name: MappingProxyType({key: value for key, value in table.items() if key not in gone})
            for name, table in tables.items()
            if not gone.isdisjoint(table)
        }
        return replace(self, **left) if left else self  # type: ignore[arg-type]  # each table under its own name

    def with_data(self, dataset: str, settings: DatasetSettings) -> Project:
        """With this data set added or changed."""
        return replace(self, data=MappingProxyType({**self.data, dataset: settings}))

    def all_nodes(self) -> Mapping[str, Node]:
        """Every node of the main graph and of every block, by id."""
        nodes = dict(self.graph.nodes)
        for block in self.blocks.values():
            nodes.update(block.graph.nodes)
        return nodes
