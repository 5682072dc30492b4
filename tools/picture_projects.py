"""The projects of the pictures: the templates, and what is made of them to show one thing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core import annotating, blocklib, grouping, planning
from core.annotations import Color
from core.catalog import KINDS
from core.collapsing import collapse, show_activations, with_room
from core.data.settings import DatasetSettings
from core.files import load
from core.graph import Edge, Graph, Node, Value
from core.layout import CARD, COLUMN_GAP, arrange
from core.project import Project
from gui.canvas.geometry import ACTIVATION

TEMPLATES = Path(__file__).resolve().parents[1] / "resources" / "templates"
NOTE = """### Why two convolutions?
`conv1` sees 5×5 pixels: enough for an **edge**.

`conv2` sees 14×14 of them, where pooling lies between:

- a loop, as in 6, 8 and 9
- a stroke with its end, as in 1 and 7

To do: try *max pooling*, and batch norm behind both.
"""
STAGES = (16, 32, 64)
UNITS = 47
"""Residual units of each stage."""


def lenet() -> Project:
    """LeNet-5, the template."""
    return load(TEMPLATES / "lenet5.chain")


def broken() -> Project:
    """LeNet-5 with its activations taken out, a size that contradicts the wire, and room below it."""
    project = lenet()
    project = planning.dissolve(project, [node.id for node in project.graph.nodes.values() if node.kind == "Tanh"])
    nodes = _by_name(project)
    graph = project.graph.replace_node(nodes["fc1"].with_params(in_features=256))
    return planning.move(replace(project, graph=graph, name="digits-cnn"), arrange(graph))


def with_blocks() -> Project:
    """A small network for digits made of blocks of our library, one of them repeated and two of them linked."""
    project, kind = blocklib.brought(Project(name="digits-resnet"), "library:ours/conv_bn_relu")
    project, residual = blocklib.brought(project, "library:ours/residual")
    by_name = {node.name: node.id for block in project.blocks.values() for node in block.graph.nodes.values()}
    for name in ("conv", "conv1", "conv2"):
        project = planning.set_param(project, by_name[name], "out_channels", 8)
    kinds = (
        "data:mnist",
        kind,
        residual,
        "MaxPool2d",
        residual,
        "AdaptiveAvgPool2d",
        "Flatten",
        "Linear",
        "CrossEntropy",
    )
    nodes: list[str] = []
    for added in kinds:
        project, node = planning.add(project, added, (0, 0))
        output = "image" if len(nodes) == 1 else "output"
        if nodes:
            port = "logits" if added == "CrossEntropy" else "input"
            project = planning.connect(project, Edge(nodes[-1], output, node, port))
        nodes.append(node)
    project = planning.connect(project, Edge(nodes[0], "label", nodes[-1], "label"))
    project = grouping.set_repeat(project, nodes[2], "", 3)
    project = planning.set_param(project, nodes[5], "output_size", 1)
    project = planning.set_param(project, nodes[7], "out_features", 10)
    return planning.move(project, arrange(project.graph))


def with_activations() -> Project:
    """LeNet-5 with the activations of its layers folded out, two of its cards collapsed."""
    project = lenet()
    nodes = project.graph.nodes.values()
    layers = [node.id for node in nodes if KINDS[node.kind].role == "layer"]
    rects = {key: (*place, *CARD) for key, place in project.positions.items()}
    moved = with_room(rects, dict.fromkeys(layers, ACTIVATION))
    project = planning.move(show_activations(project, layers, True), moved)
    return collapse(project, [node.id for node in nodes if node.name in ("tanh3", "tanh4")], True)


def with_loose() -> Project:
    """LeNet-5 and a batch norm beside it that is not wired yet."""
    project, added = planning.add(lenet(), "BatchNorm2d", (864, 336))
    return planning.rename(project, added, "norm")


def narrow() -> Project:
    """LeNet-5 in rows of four, with room beside them."""
    project = lenet()
    return planning.move(project, arrange(project.graph, width=4 * (CARD[0] + COLUMN_GAP)))


def annotated() -> Project:
    """LeNet-5 in frames of three colours, with a note."""
    project = lenet()
    nodes = _by_name(project)
    project = planning.move(project, {nodes[name].id: at for name, at in _PLACES.items()})
    for title, color, names in _FRAMES:
        rects = [(*project.positions[nodes[name].id], *CARD) for name in names]
        project, key = annotating.frame_around(project, rects)
        project = annotating.recolored(annotating.reworded(project, key, title), (key,), color)
    project, key = annotating.add_note(project, (0, 0), text=NOTE)
    return annotating.reshaped(project, {key: (888, -40, 362, 176)})


_FRAMES: tuple[tuple[str, Color, tuple[str, ...]], ...] = (
    ("Edges", "blue", ("conv1", "tanh1", "pool1")),
    ("Parts of digits", "green", ("conv2", "tanh2", "pool2", "flatten")),
    ("Which digit", "orange", ("fc1", "tanh3", "fc2", "tanh4", "fc3")),
)
_PLACES = {
    **{name: (216.0 * column, 0.0) for column, name in enumerate(("digits", "conv1", "tanh1", "pool1"))},
    **{name: (216.0 * column, 280.0) for column, name in enumerate(_FRAMES[1][2])},
    **{name: (216.0 * column, 488.0) for column, name in enumerate((*_FRAMES[2][2], "cross_entropy"))},
}


def deep() -> Project:
    """A residual network of a thousand nodes for the digits: three stages of 47 units."""
    graph = _Chain()
    data = graph.add("Dataset", "digits", dataset="mnist")
    graph.add("Conv2d", "conv", out_channels=STAGES[0], kernel_size=3, padding=1)
    graph.add("BatchNorm2d", "bn")
    graph.add("ReLU", "relu")
    for number, channels in enumerate(STAGES, 1):
        if number > 1:
            graph.add("MaxPool2d", f"pool{number}", kernel_size=2)
            graph.add("Conv2d", f"widen{number}", out_channels=channels, kernel_size=1)
        for unit in range(1, UNITS + 1):
            graph.residual(f"s{number}u{unit}", channels)
    graph.add("Dropout", "dropout")
    graph.add("AdaptiveAvgPool2d", "average", output_size=1)
    graph.add("Flatten", "flatten")
    graph.add("Linear", "fc", out_features=10)
    loss = graph.add("CrossEntropy", "cross_entropy", "logits")
    graph.edges.append(Edge(data, "label", loss, "label"))
    made = Graph.of(graph.nodes, graph.edges)
    project = Project(name="resnet-284", graph=made).with_data("mnist", DatasetSettings("mnist"))
    return project.with_positions(arrange(made, width=7300.0))


class _Chain:
    """Nodes one behind the other, as they are added."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []

    def add(self, kind: str, name: str, port: str = "input", **params: Value) -> str:
        """The id of the new node, wired to the last one."""
        node = Node(f"n{len(self.nodes)}", kind, name, tuple(sorted(params.items())))
        if self.nodes:
            self.edges.append(Edge(self.nodes[-1].id, "image" if len(self.nodes) == 1 else "output", node.id, port))
        self.nodes.append(node)
        return node.id

    def residual(self, name: str, channels: int) -> None:
        """Two convolutions and what skips them."""
        start = self.nodes[-1].id
        for number in (1, 2):
            self.add("Conv2d", f"{name}_conv{number}", out_channels=channels, kernel_size=3, padding=1)
            self.add("BatchNorm2d", f"{name}_bn{number}")
            if number == 1:
                self.add("ReLU", f"{name}_relu1")
        added = self.add("Add", f"{name}_add", "inputs")
        self.edges.append(Edge(start, "output", added, "inputs", 1))
        self.add("ReLU", f"{name}_relu2")


def _by_name(project: Project) -> dict[str, Node]:
    return {node.name: node for node in project.graph.nodes.values()}
