"""Write the templates: python tools/make_templates.py [FOLDER]."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from core.data.settings import DatasetSettings
from core.files import save
from core.graph import Edge, Graph, Node, Value
from core.project import Position, Project
from core.training.optimizers import Optimizer
from core.training.settings import Phase, TrainingSettings

COLUMN, ROW = 216, 168
"""Distances of cards in scene units: a card and its gap, a card and its gutter."""
TALL_ROW = 240
"""The same below a data card that shows the points of the plane."""


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
        prediction, wanted = ("logits", "label" if kind == "CrossEntropy" else "target")
        if kind == "MSE":
            prediction = "prediction"
        self.wire(self.tip, node, prediction)
        self.wire(target, node, wanted)

    def project(
        self, name: str, description: str, data: DatasetSettings, training: TrainingSettings, dataset: str
    ) -> Project:
        """The drawing as a project."""
        return Project(
            name,
            Graph.of(self.nodes, self.edges),
            positions=MappingProxyType(self.places),
            data=MappingProxyType({dataset: data}),
            training=training,
            description=description,
        )


def settings(epochs: int, batch_size: int, optimizer: Optimizer) -> TrainingSettings:
    """One phase with this optimizer."""
    return TrainingSettings(epochs=epochs, batch_size=batch_size, phases=(Phase(optimizer=optimizer),))


def lenet5() -> Project:
    """LeNet-5 (LeCun et al. 1998, figure 2) with tanh, average pooling and dense third convolution."""
    draw = Drawing(5)
    digits = draw.data("mnist", "digits", "image")
    draw.layer("Conv2d", "conv1", out_channels=6, kernel_size=5, padding=2)
    draw.layer("Tanh", "tanh1")
    draw.layer("AvgPool2d", "pool1", kernel_size=2)
    draw.layer("Conv2d", "conv2", out_channels=16, kernel_size=5)
    draw.layer("Tanh", "tanh2")
    draw.layer("AvgPool2d", "pool2", kernel_size=2)
    draw.layer("Flatten", "flatten")
    draw.layer("Linear", "fc1", out_features=120)
    draw.layer("Tanh", "tanh3")
    draw.layer("Linear", "fc2", out_features=84)
    draw.layer("Tanh", "tanh4")
    draw.layer("Linear", "fc3", out_features=10)
    draw.loss("CrossEntropy", "cross_entropy", (digits, "label"))
    return draw.project(
        "LeNet-5",
        "How convolutions share weights: two of them read handwritten digits.",
        DatasetSettings("mnist"),
        settings(20, 32, Optimizer("Momentum", 0.05)),
        "mnist",
    )


def deep_mlp(healthy: bool) -> Project:
    """Twelve layers of 64 units: sigmoid, where the gradient vanishes, or ReLU with batch norm, where it does not."""
    per_layer = ("BatchNorm1d", "ReLU") if healthy else ("Sigmoid",)
    draw = Drawing(9 if healthy else 8)
    digits = draw.data("mnist", "digits", "image")
    draw.layer("Flatten", "flatten")
    for number in range(1, 12):
        draw.layer("Linear", f"fc{number}", out_features=64)
        for kind in per_layer:
            stem = {"BatchNorm1d": "bn", "ReLU": "relu", "Sigmoid": "sigmoid"}[kind]
            draw.layer(kind, f"{stem}{number}")
    draw.layer("Linear", "fc12", out_features=10)
    draw.loss("CrossEntropy", "cross_entropy", (digits, "label"))
    if healthy:
        name, lesson = (
            "Deep MLP, healthy",
            "The same twelve layers learn once ReLU and batch norm keep gradients alive.",
        )
    else:
        name, lesson = (
            "Deep MLP, vanishing",
            "Twelve sigmoid layers: watch the gradient fade before it reaches the first.",
        )
    return draw.project(name, lesson, DatasetSettings("mnist"), settings(20, 32, Optimizer("SGD", 0.05)), "mnist")


def resnet() -> Project:
    """A residual network of seven convolutions (He et al. 2015) for digits of 28 x 28."""
    draw = Drawing(7)
    digits = draw.add("Dataset", "digits", draw.place(0, 0), dataset="mnist")
    draw.tip = (digits, "image")
    draw.layer("Conv2d", "stem", draw.place(1, 0), out_channels=16, kernel_size=3, stride=2, padding=1)
    draw.layer("BatchNorm2d", "stem_bn", draw.place(2, 0))
    draw.layer("ReLU", "stem_relu", draw.place(3, 0))
    for number, channels, stride in ((1, 16, 1), (2, 32, 2), (3, 32, 1)):
        _residual(draw, number, channels, stride)
    draw.layer("AdaptiveAvgPool2d", "pool", draw.place(4, 0), output_size=1)
    draw.layer("Flatten", "flatten", draw.place(5, 0))
    draw.layer("Linear", "fc", draw.place(6, 0), out_features=10)
    draw.loss("CrossEntropy", "cross_entropy", (digits, "label"), draw.place(7, 0))
    _tail(draw)
    return draw.project(
        "Small ResNet",
        "Skip connections add what came in to what came out, so gradients have a short way back.",
        DatasetSettings("mnist"),
        settings(12, 32, Optimizer("Momentum", 0.05, weight_decay=1e-4)),
        "mnist",
    )


def _residual(draw: Drawing, number: int, channels: int, stride: int) -> None:
    """Two convolutions and the way around them; the skip has a 1 x 1 convolution where sizes change."""
    row, skip = number * 1.0, draw.tip
    body: Iterable[tuple[str, str, dict[str, Value]]] = (
        ("Conv2d", f"conv{number}a", {"out_channels": channels, "kernel_size": 3, "stride": stride, "padding": 1}),
        ("BatchNorm2d", f"bn{number}a", {}),
        ("ReLU", f"relu{number}a", {}),
        ("Conv2d", f"conv{number}b", {"out_channels": channels, "kernel_size": 3, "padding": 1}),
        ("BatchNorm2d", f"bn{number}b", {}),
    )
    for column, (kind, name, params) in enumerate(body):
        draw.layer(kind, name, draw.place(column, row), **params)
    tip = draw.tip
    if stride != 1:
        draw.tip = skip
        draw.layer(
            "Conv2d", f"skip{number}", draw.place(4, row + 0.8), out_channels=channels, kernel_size=1, stride=stride
        )
        skip = draw.tip
    node = draw.add("Add", f"add{number}", draw.place(5, row))
    draw.wire(tip, node, "inputs", 0)
    draw.wire(skip, node, "inputs", 1)
    draw.tip = (node, "output")
    draw.layer("ReLU", f"relu{number}b", draw.place(6, row))


def _tail(draw: Drawing) -> None:
    """Put the rows below a skip convolution, and the head in the last row."""
    by_name = {node.name: node.id for node in draw.nodes}
    shift = {"1": 0.0, "2": 0.0, "3": 0.8}
    for name, node in by_name.items():
        x, y = draw.places[node]
        digit = next((letter for letter in name if letter.isdigit()), "")
        draw.places[node] = (x, y + ROW * shift.get(digit, 0.0))
    for column, name in enumerate(("pool", "flatten", "fc", "cross_entropy")):
        draw.places[by_name[name]] = draw.place(column, 4.8)


def spiral() -> Project:
    """Three small tanh layers that bend the plane until one line divides the spiral's arms."""
    draw = Drawing(5, pitch=TALL_ROW)
    points = draw.data("spiral", "spiral", "point")
    for number, units in enumerate((8, 8, 6), 1):
        draw.layer("Linear", f"fc{number}", out_features=units)
        draw.layer("Tanh", f"tanh{number}")
    draw.layer("Linear", "out", out_features=1)
    draw.loss("BCEWithLogits", "bce", (points, "target"))
    return draw.project(
        "Spiral playground",
        "Three small layers bend the plane until one line divides two arms.",
        DatasetSettings("spiral"),
        settings(200, 16, Optimizer("Adam", 0.01)),
        "spiral",
    )


def iris() -> Project:
    """Three species from four lengths."""
    draw = Drawing(5)
    flowers = draw.data("iris", "iris", "features")
    draw.layer("Linear", "fc1", out_features=16)
    draw.layer("ReLU", "relu1")
    draw.layer("Linear", "fc2", out_features=3)
    draw.loss("CrossEntropy", "cross_entropy", (flowers, "label"))
    return draw.project(
        "Iris MLP",
        "A first network: three species of iris told apart by four lengths.",
        DatasetSettings("iris"),
        settings(100, 16, Optimizer("Adam", 0.01)),
        "iris",
    )


def linear_regression() -> Project:
    """Least squares by gradient descent."""
    draw = Drawing(3)
    patients = draw.data("diabetes", "diabetes", "features")
    draw.layer("Linear", "fc", out_features=1)
    draw.loss("MSE", "mse", (patients, "target"))
    return draw.project(
        "Linear regression",
        "Gradient descent finds the line of least squares.",
        DatasetSettings("diabetes"),
        settings(60, 32, Optimizer("SGD", 0.02)),
        "diabetes",
    )


def logistic_regression() -> Project:
    """One line between two clouds."""
    draw = Drawing(3)
    points = draw.data("gaussians", "clouds", "point")
    draw.layer("Linear", "fc", out_features=1)
    draw.loss("BCEWithLogits", "bce", (points, "target"))
    return draw.project(
        "Logistic regression",
        "One straight line turns two measurements into a probability.",
        DatasetSettings("gaussians", (("noise", 0.8),)),
        settings(40, 16, Optimizer("SGD", 0.1)),
        "gaussians",
    )


TEMPLATES = {
    "lenet5": lenet5,
    "mlp12-sigmoid": lambda: deep_mlp(healthy=False),
    "mlp12-relu-batchnorm": lambda: deep_mlp(healthy=True),
    "resnet": resnet,
    "spiral": spiral,
    "iris": iris,
    "linear-regression": linear_regression,
    "logistic-regression": logistic_regression,
}


def main(folder: Path) -> None:
    """Write every template into the folder."""
    for name, make in TEMPLATES.items():
        save(make(), folder / f"{name}.chain")
        print(name)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1] / "resources" / "templates")
