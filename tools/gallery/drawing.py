"""Draws a network as a person would: node after node in rows, wires, and the lesson as a note above."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from core.annotations import Annotation
from core.data.settings import DatasetSettings
from core.graph import Edge, Graph, Node, Value
from core.project import Position, Project
from core.training.optimizers import Optimizer
from core.training.schedules import Schedule
from core.training.settings import Phase, TrainingSettings

COLUMN, ROW = 216, 168
"""Distances of cards in scene units: a card and its gap, a card and its gutter."""
TALL_ROW = 240
"""The same below a data card that shows the points of the plane."""

LOSS_PORTS = {
    "CrossEntropy": ("logits", "label"),
    "BCEWithLogits": ("logits", "target"),
    "MSE": ("prediction", "target"),
    "L1": ("prediction", "target"),
    "Hinge": ("scores", "target"),
    "SoftPerceptron": ("scores", "target"),
}
"""What a loss calls the ports of its prediction and of what it is held against."""


@dataclass
class Drawing:
    """A network that is being drawn, node after node, in rows of `columns`."""

    columns: int
    pitch: float = ROW
    """From row to row."""
    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    places: dict[str, Position] = field(default_factory=dict)
    tip: tuple[str, str] = ("", "")

    def place(self, column: float, row: float) -> Position:
        """The corner of the card at this place of the grid."""
        return (COLUMN * column, self.pitch * row)

    def add(self, kind: str, name: str, at: Position | None = None, **params: Value) -> str:
        """A node, at the next place of the grid or at one of its own."""
        node = Node(f"n{len(self.nodes) + 1}", kind, name, tuple(sorted(params.items())))
        count = len(self.nodes)
        self.places[node.id] = at or self.place(count % self.columns, count // self.columns)
        self.nodes.append(node)
        return node.id

    def data(self, dataset: str, name: str, output: str) -> str:
        """The data node; the network begins at this field."""
        node = self.add("Dataset", name, dataset=dataset)
        self.tip = (node, output)
        return node

    def layer(self, kind: str, name: str, at: Position | None = None, **params: Value) -> str:
        """A node wired to the one before."""
        node = self.add(kind, name, at, **params)
        self.wire(self.tip, node)
        self.tip = (node, "output")
        return node

    def wire(self, source: tuple[str, str], target: str, port: str = "input", order: int = 0) -> None:
        """One wire."""
        self.edges.append(Edge(*source, target, port, order))

    def loss(self, kind: str, name: str, target: tuple[str, str], at: Position | None = None) -> None:
        """The loss of what stands last, against a field of the data."""
        node = self.add(kind, name, at)
        prediction, wanted = LOSS_PORTS[kind]
        self.wire(self.tip, node, prediction)
        self.wire(target, node, wanted)

    def project(
        self, name: str, description: str, data: DatasetSettings, training: TrainingSettings, dataset: str
    ) -> Project:
        """The drawing as a project."""
        return self.project_of(name, description, {dataset: data}, training)

    def project_of(
        self, name: str, description: str, data: Mapping[str, DatasetSettings], training: TrainingSettings
    ) -> Project:
        """The drawing as a project with several data sets."""
        return Project(
            name,
            Graph.of(self.nodes, self.edges),
            positions=MappingProxyType(self.places),
            data=MappingProxyType(dict(data)),
            training=training,
            description=description,
        )


def settings(epochs: int, batch_size: int, optimizer: Optimizer) -> TrainingSettings:
    """One phase with this optimizer."""
    return TrainingSettings(epochs=epochs, batch_size=batch_size, phases=(Phase(optimizer=optimizer),))


def one_cycle(epochs: int, optimizer: Optimizer) -> TrainingSettings:
    """Batches of 32, and a rate that rises and falls once."""
    return TrainingSettings(epochs, 32, schedule=Schedule("One cycle"), phases=(Phase(optimizer=optimizer),))


NOTE_ID, NOTE_GAP, NOTE_WIDTH = "lesson", 40.0, 632.0
"""The note with a template's lesson stands above its cards."""
LETTERS = 98
"""In a line of it."""


def with_lesson(project: Project, sentences: tuple[str, str, str]) -> Project:
    """With the lesson as a note above the network, unless it has one of its own making."""
    if NOTE_ID in project.annotations:
        return project
    text = f"# {project.name}\n\n" + "\n\n".join(sentences)
    left = min((x for x, _y in project.positions.values()), default=0.0)
    top = min((y for _x, y in project.positions.values()), default=0.0)
    height = 64.0 + 20.0 * sum(-(-len(sentence) // LETTERS) for sentence in sentences)
    note = Annotation(NOTE_ID, "note", (left, top - height - NOTE_GAP, NOTE_WIDTH, height), text, "yellow")
    return replace(project, annotations=MappingProxyType({**project.annotations, NOTE_ID: note}))
