"""Small projects that the tests of training use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import torch

from core.data.load import LoadedData, load
from core.data.settings import DatasetSettings
from core.graph import Block, Edge, Graph, Node
from core.project import Project
from core.training.optimizers import Optimizer
from core.training.settings import Phase, TrainingSettings

SGD = Optimizer("SGD", 0.1)


def node(name: str, kind: str, link: str = "", block: str = "", repeat: int = 1, **params: Any) -> Node:
    return Node(name, kind, name, tuple(sorted(params.items())), block, link, repeat)


def wire(source: str, target: str, order: int = 0) -> Edge:
    """A wire from `node.output` to `node.input`; the ports are called so where none is named."""
    begin, _, output = source.partition(".")
    end, _, into = target.partition(".")
    return Edge(begin, output or "output", end, into or "input", order)


def chain(names: Sequence[str]) -> list[Edge]:
    return [wire(one, other) for one, other in pairwise(names)]


def classifier(
    layers: Sequence[Node], data: DatasetSettings, field: str = "image", optimizer: Optimizer = SGD, **settings: Any
) -> Project:
    """Layers in a row from a field of the data to a cross-entropy with its label."""
    nodes = [node("data", "Dataset", dataset="data"), *layers, node("loss", "CrossEntropy")]
    edges = [
        wire(f"data.{field}", layers[0].name),
        *chain([layer.name for layer in layers]),
        wire(layers[-1].name, "loss.logits"),
        wire("data.label", "loss.label"),
    ]
    return project(nodes, edges, data, (Phase(optimizer=optimizer),), **settings)


def project(
    nodes: Sequence[Node],
    edges: Sequence[Edge],
    data: DatasetSettings,
    phases: tuple[Phase, ...] = (Phase(),),
    blocks: Sequence[Block] = (),
    **settings: Any,
) -> Project:
    return Project(
        graph=Graph.of(nodes, edges),
        blocks=MappingProxyType({block.id: block for block in blocks}),
        data=MappingProxyType({"data": data}),
        training=replace(TrainingSettings(epochs=1), phases=phases, **settings),
    )


def loaded(made: Project) -> dict[str, LoadedData]:
    return {name: load(settings) for name, settings in made.data.items()}


DIGITS = DatasetSettings("digits")
SPIRAL = DatasetSettings("spiral", (("samples", 100),))


def small_convnet(optimizer: Optimizer = SGD, **settings: Any) -> Project:
    """Convolution, batch norm, dropout, pooling, and a fully connected layer on the small digits."""
    layers = [
        node("conv", "Conv2d", out_channels=6, padding=1),
        node("bn", "BatchNorm2d"),
        node("relu", "ReLU"),
        node("pool", "MaxPool2d"),
        node("flatten", "Flatten"),
        node("drop", "Dropout", p=0.2),
        node("fc", "Linear", out_features=10),
    ]
    return classifier(layers, DIGITS, optimizer=optimizer, **settings)


def sigmoid_mlp(depth: int, width: int = 16, optimizer: Optimizer = SGD, **settings: Any) -> Project:
    """A vanishing network on the small digits."""
    layers = [node("flatten", "Flatten")]
    for index in range(1, depth):
        layers += [node(f"fc{index}", "Linear", out_features=width), node(f"act{index}", "Sigmoid")]
    layers.append(node(f"fc{depth}", "Linear", out_features=10))
    return classifier(layers, DIGITS, optimizer=optimizer, **settings)


def lstm_classifier(optimizer: Optimizer = SGD, **settings: Any) -> Project:
    """The rows of a digit as a sequence; the last state decides."""
    nodes = [
        node("data", "Dataset", dataset="data"),
        node("rows", "Reshape", shape=(8, 8)),
        node("lstm", "LSTM", hidden_size=12),
        node("last", "Select"),
        node("fc", "Linear", out_features=10),
        node("loss", "CrossEntropy"),
    ]
    edges = [
        wire("data.image", "rows"),
        *chain(["rows", "lstm", "last", "fc"]),
        wire("fc", "loss.logits"),
        wire("data.label", "loss.label"),
    ]
    return project(nodes, edges, DIGITS, (Phase(optimizer=optimizer),), **settings)


def gan(steps: int = 1, **settings: Any) -> Project:
    """Noise through a generator; one discriminator, linked three times; two phases, the first of so many steps."""
    inside = [
        node("point", "BlockInput"),
        node("hidden", "Linear", out_features=8),
        node("bend", "LeakyReLU"),
        node("score", "Linear", out_features=1),
        node("verdict", "BlockOutput"),
    ]
    critic = Block("critic", "critic", Graph.of(inside, chain([item.name for item in inside])))
    linked = {"link": "d", "block": "critic"}
    nodes = [
        node("data", "Dataset", dataset="data"),
        node("noise", "Noise", size=4),
        node("gen1", "Linear", out_features=8),
        node("bent", "ReLU"),
        node("gen2", "Linear", out_features=2),
        node("stop", "Detach"),
        node("real", "Block", **linked),
        node("fake", "Block", **linked),
        node("fooled", "Block", **linked),
        node("real_loss", "BCEWithLogits"),
        node("fake_loss", "BCEWithLogits"),
        node("fool_loss", "BCEWithLogits"),
    ]
    edges = [
        *chain(["noise", "gen1", "bent", "gen2", "stop"]),
        wire("data.point", "real.point"),
        wire("stop", "fake.point"),
        wire("gen2", "fooled.point"),
        wire("real.verdict", "real_loss.logits"),
        wire("fake.verdict", "fake_loss.logits"),
        wire("fooled.verdict", "fool_loss.logits"),
        *(wire("data.target", f"{name}.target") for name in ("real_loss", "fake_loss", "fool_loss")),
    ]
    phases = (
        Phase(("real_loss", "fake_loss"), ("real",), Optimizer("Adam", 0.01), steps),
        Phase(("fool_loss",), ("gen1", "gen2"), Optimizer("Adam", 0.005)),
    )
    return project(nodes, edges, SPIRAL, phases, (critic,), **settings)


def batches(made: Project, epochs: int = 1) -> list[torch.Tensor]:
    """The sample numbers of every batch, as a plain script would draw them."""
    data = loaded(made)["data"]
    generator = torch.Generator().manual_seed(made.training.seed)
    parts: list[torch.Tensor] = []
    for _epoch in range(epochs):
        count = len(data.train)
        order = torch.randperm(count, generator=generator) if made.training.shuffle else torch.arange(count)
        parts += [data.train[part] for part in order.split(made.training.batch_size)]
    return parts
