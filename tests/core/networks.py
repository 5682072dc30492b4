"""Small networks that many tests share."""

from __future__ import annotations

from types import MappingProxyType

from core.data.settings import DatasetSettings
from core.graph import Edge, Graph, Node, Value
from core.project import Project
from core.training.settings import TrainingSettings

Layer = tuple[str, str, dict[str, Value]]


def chain(
    layers: list[Layer],
    dataset: str = "mnist",
    field: str = "image",
    loss: tuple[str, str, str] = ("CrossEntropy", "logits", "label"),
    target: str = "label",
    training: TrainingSettings | None = None,
) -> Project:
    """Data, layers one after another, and a loss."""
    nodes = [Node("data", "Dataset", "data", (("dataset", dataset),))]
    edges = []
    tip = ("data", field)
    for kind, name, params in layers:
        nodes.append(Node(name, kind, name, tuple(sorted(params.items()))))
        edges.append(Edge(*tip, name, "input"))
        tip = (name, "output")
    kind, prediction, wanted = loss
    nodes.append(Node("loss", kind, "loss"))
    edges += [Edge(*tip, "loss", prediction), Edge("data", target, "loss", wanted)]
    return Project(
        "chain",
        Graph.of(nodes, edges),
        data=MappingProxyType({dataset: DatasetSettings(dataset)}),
        training=training or TrainingSettings(),
    )


LENET: list[Layer] = [
    ("Conv2d", "conv1", {"out_channels": 6, "kernel_size": 5, "padding": 2}),
    ("Tanh", "tanh1", {}),
    ("AvgPool2d", "pool1", {}),
    ("Conv2d", "conv2", {"out_channels": 16, "kernel_size": 5}),
    ("Tanh", "tanh2", {}),
    ("AvgPool2d", "pool2", {}),
    ("Flatten", "flatten", {}),
    ("Linear", "fc1", {"out_features": 120}),
    ("Tanh", "tanh3", {}),
    ("Linear", "fc2", {"out_features": 84}),
    ("Tanh", "tanh4", {}),
    ("Linear", "fc3", {"out_features": 10}),
]


def lenet() -> Project:
    """LeNet-5 on MNIST."""
    return chain(LENET)
