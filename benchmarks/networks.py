"""The networks of the benchmark of a training step: as a project, and written by hand as a plain script has them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.data.settings import DatasetSettings
from core.graph import Block, Edge, Graph, Node
from core.project import Project
from core.training.optimizers import Optimizer
from core.training.settings import Phase, TrainingSettings


@dataclass(frozen=True, slots=True)
class Case:
    """A network twice."""

    name: str
    target: float
    """The ratio to the bare loop that is allowed."""
    project: Project
    module: Callable[[], nn.Module]
    loss: Callable[[Tensor, Tensor], Tensor]
    fields: tuple[str, str]
    """Input and target."""


def lenet() -> Case:
    """LeNet-5 on MNIST, batch 64."""
    layers = [
        _node("conv1", "Conv2d", out_channels=6, kernel_size=5, padding=2),
        _node("relu1", "ReLU"),
        _node("pool1", "MaxPool2d"),
        _node("conv2", "Conv2d", out_channels=16, kernel_size=5),
        _node("relu2", "ReLU"),
        _node("pool2", "MaxPool2d"),
        _node("flatten", "Flatten"),
        _node("fc1", "Linear", out_features=120),
        _node("relu3", "ReLU"),
        _node("fc2", "Linear", out_features=84),
        _node("relu4", "ReLU"),
        _node("fc3", "Linear", out_features=10),
    ]
    return Case(
        "LeNet-5, batch 64",
        1.03,
        _classifier(layers, DatasetSettings("mnist"), 64),
        LeNet,
        nn.CrossEntropyLoss(),
        ("image", "label"),
    )


def deep() -> Case:
    """20 layers of 64 units on the small digits, batch 32."""
    layers = [_node("flatten", "Flatten")]
    for index in range(1, 20):
        layers += [_node(f"fc{index}", "Linear", out_features=64), _node(f"relu{index}", "ReLU")]
    layers.append(_node("fc20", "Linear", out_features=10))
    project = _classifier(layers, DatasetSettings("digits"), 32)
    return Case("MLP 20 x 64, batch 32", 1.05, project, Deep, nn.CrossEntropyLoss(), ("image", "label"))


def tiny() -> Case:
    """2-8-8-1 on the spiral, batch 10."""
    layers = [
        _node("fc1", "Linear", out_features=8),
        _node("tanh1", "Tanh"),
        _node("fc2", "Linear", out_features=8),
        _node("tanh2", "Tanh"),
        _node("fc3", "Linear", out_features=1),
    ]
    nodes = [_node("data", "Dataset", dataset="data"), *layers, _node("loss", "BCEWithLogits")]
    edges = [
        _wire("data.point", "fc1"),
        *_chain(layers),
        _wire("fc3", "loss.logits"),
        _wire("data.target", "loss.target"),
    ]
    project = _project(nodes, edges, DatasetSettings("spiral"), 10)
    return Case("MLP 2-8-8-1, batch 10", 1.05, project, Tiny, nn.BCEWithLogitsLoss(), ("point", "target"))


def transformer() -> Case:
    """4 layers of width 64 over 64 steps (the pixels of a small digit), batch 8."""
    inside = [
        _node("x", "BlockInput"),
        _node("norm1", "LayerNorm"),
        _node("attn", "SelfAttention", num_heads=4),
        _node("add1", "Add"),
        _node("norm2", "LayerNorm"),
        _node("fc1", "Linear", out_features=256),
        _node("gelu", "GELU"),
        _node("fc2", "Linear", out_features=64),
        _node("add2", "Add"),
        _node("y", "BlockOutput"),
    ]
    wires = [
        _wire("x", "norm1"),
        _wire("norm1", "attn"),
        _wire("x", "add1.inputs"),
        _wire("attn", "add1.inputs", 1),
        _wire("add1", "norm2"),
        *_chain(inside[4:8]),
        _wire("add1", "add2.inputs"),
        _wire("fc2", "add2.inputs", 1),
        _wire("add2", "y"),
    ]
    nodes = [
        _node("data", "Dataset", dataset="data"),
        _node("steps", "Reshape", shape=(64, 1)),
        _node("lift", "Linear", out_features=64),
        Node("layers", "Block", "layers", block="layer", repeat=4),
        _node("mean", "Mean"),
        _node("head", "Linear", out_features=10),
        _node("loss", "CrossEntropy"),
    ]
    edges = [
        _wire("data.image", "steps"),
        _wire("steps", "lift"),
        _wire("lift", "layers.x"),
        _wire("layers.y", "mean"),
        _wire("mean", "head"),
        _wire("head", "loss.logits"),
        _wire("data.label", "loss.label"),
    ]
    block = Block("layer", "layer", Graph.of(inside, wires))
    project = _project(nodes, edges, DatasetSettings("digits"), 8, (block,))
    return Case(
        "transformer 4L d64 T64, batch 8", 1.05, project, Transformer, nn.CrossEntropyLoss(), ("image", "label")
    )


CASES: tuple[Callable[[], Case], ...] = (lenet, deep, transformer, tiny)


class LeNet(nn.Module):
    """As the tutorials write it."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(400, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Scores (N, 10) of images (N, 1, 28, 28)."""
        x = functional.max_pool2d(functional.relu(self.conv1(x)), 2)
        x = functional.max_pool2d(functional.relu(self.conv2(x)), 2)
        x = torch.flatten(x, 1)
        x = functional.relu(self.fc1(x))
        x = functional.relu(self.fc2(x))
        return self.fc3(x)


class Deep(nn.Module):
    """20 linear layers in a list."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(64, 64) for _ in range(19)])
        self.head = nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Scores (N, 10) of images (N, 1, 8, 8)."""
        x = torch.flatten(x, 1)
        for layer in self.layers:
            x = functional.relu(layer(x))
        return self.head(x)


class Tiny(nn.Module):
    """Two hidden layers of eight."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Linear(2, 8)
        self.fc2 = nn.Linear(8, 8)
        self.fc3 = nn.Linear(8, 1)

    def forward(self, x: Tensor) -> Tensor:
        """One score (N, 1) of points (N, 2)."""
        x = torch.tanh(self.fc1(x))
        x = torch.tanh(self.fc2(x))
        return self.fc3(x)


class Layer(nn.Module):
    """A transformer layer that normalises first."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(64)
        self.attn = nn.MultiheadAttention(64, 4, batch_first=True)
        self.norm2 = nn.LayerNorm(64)
        self.fc1 = nn.Linear(64, 256)
        self.fc2 = nn.Linear(256, 64)

    def forward(self, x: Tensor) -> Tensor:
        """The same shape, (N, 64, 64)."""
        seen = self.norm1(x)
        x = x + self.attn(seen, seen, seen, need_weights=False)[0]
        return x + self.fc2(functional.gelu(self.fc1(self.norm2(x))))


class Transformer(nn.Module):
    """Four layers, averaged."""

    def __init__(self) -> None:
        super().__init__()
        self.lift = nn.Linear(1, 64)
        self.layers = nn.ModuleList([Layer() for _ in range(4)])
        self.head = nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Scores (N, 10) of images (N, 1, 8, 8)."""
        x = self.lift(x.reshape(x.shape[0], 64, 1))
        for layer in self.layers:
            x = layer(x)
        return self.head(x.mean(1))


def _node(name: str, kind: str, **params: Any) -> Node:
    return Node(name, kind, name, tuple(sorted(params.items())))


def _wire(source: str, target: str, order: int = 0) -> Edge:
    begin, _, output = source.partition(".")
    end, _, port = target.partition(".")
    return Edge(begin, output or "output", end, port or "input", order)


def _chain(nodes: Sequence[Node]) -> list[Edge]:
    return [_wire(one.name, other.name) for one, other in pairwise(nodes)]


def _classifier(layers: Sequence[Node], data: DatasetSettings, batch: int) -> Project:
    nodes = [_node("data", "Dataset", dataset="data"), *layers, _node("loss", "CrossEntropy")]
    edges = [
        _wire("data.image", layers[0].name),
        *_chain(layers),
        _wire(layers[-1].name, "loss.logits"),
        _wire("data.label", "loss.label"),
    ]
    return _project(nodes, edges, data, batch)


def _project(
    nodes: Sequence[Node], edges: Sequence[Edge], data: DatasetSettings, batch: int, blocks: Sequence[Block] = ()
) -> Project:
    return Project(
        graph=Graph.of(nodes, edges),
        blocks=MappingProxyType({block.id: block for block in blocks}),
        data=MappingProxyType({"data": data}),
        training=TrainingSettings(batch_size=batch, phases=(Phase(optimizer=Optimizer("SGD", 0.01)),)),
    )
