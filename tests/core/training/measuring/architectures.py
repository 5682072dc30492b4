"""Five networks, each as a project and as a person would write it in plain torch; the latter shows every output."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.graph import Block, Graph
from core.project import Project
from core.training.optimizers import Optimizer
from core.training.settings import Phase
from tests.core.training.projects import DIGITS, chain, classifier, node, project, wire

SGD = Optimizer("SGD", 0.05)
See = Callable[[str, Tensor], Tensor]
"""Notes a step's output by its path, and hands it on."""


class Pair(NamedTuple):
    """A project, the same in plain torch, and what its steps are: path by path the axis of the units."""

    project: Project
    plain: Callable[[], nn.Module]
    axes: dict[str, int]
    walked: Mapping[str, str] = MappingProxyType({})
    """By path what the recurrent steps read, as the plain network shows it."""


class Mlp(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc1, self.fc2, self.fc3 = nn.Linear(64, 16), nn.Linear(16, 16), nn.Linear(16, 10)
        self.one = nn.ModuleDict({"inner": nn.Linear(16, 16)})

    def forward(self, x: Tensor, see: See) -> Tensor:
        x = see("tanh", torch.tanh(see("fc1", self.fc1(torch.flatten(x, 1)))))
        for path in ("one", "two"):
            x = see(f"{path}.bend", torch.relu(see(f"{path}.inner", self.one["inner"](x))))
        x = see("squash", torch.sigmoid(see("fc2", self.fc2(x))))
        return see("fc3", self.fc3(x))


def mlp() -> Pair:
    """Every squashing function, and one block linked twice."""
    inside = [node("x", "BlockInput"), node("inner", "Linear", out_features=16), node("bend", "ReLU")]
    inside.append(node("y", "BlockOutput"))
    block = Block("twice", "twice", Graph.of(inside, chain([item.name for item in inside])))
    nodes = [
        node("data", "Dataset", dataset="data"),
        node("flatten", "Flatten"),
        node("fc1", "Linear", out_features=16),
        node("tanh", "Tanh"),
        node("one", "Block", link="same", block="twice"),
        node("two", "Block", link="same", block="twice"),
        node("fc2", "Linear", out_features=16),
        node("squash", "Sigmoid"),
        node("fc3", "Linear", out_features=10),
        node("loss", "CrossEntropy"),
    ]
    edges = [
        wire("data.image", "flatten"),
        *chain(["flatten", "fc1", "tanh"]),
        wire("tanh", "one.x"),
        wire("one.y", "two.x"),
        wire("two.y", "fc2"),
        *chain(["fc2", "squash", "fc3"]),
        wire("fc3", "loss.logits"),
        wire("data.label", "loss.label"),
    ]
    made = project(nodes, edges, DIGITS, (Phase(optimizer=SGD),), (block,), batch_size=64)
    paths = ("fc1", "tanh", "one.inner", "one.bend", "two.inner", "two.bend", "fc2", "squash", "fc3")
    return Pair(made, Mlp, dict.fromkeys(paths, -1))


class Cnn(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(1, 6, 3, padding=1), nn.BatchNorm2d(6)
        self.conv2, self.bn2 = nn.Conv2d(6, 8, 3), nn.BatchNorm2d(8)
        self.fc = nn.Linear(32, 10)

    def forward(self, x: Tensor, see: See) -> Tensor:
        x = see("relu1", torch.relu(see("bn1", self.bn1(see("conv1", self.conv1(x))))))
        x = see("pool", functional.max_pool2d(x, 2))
        x = see("relu2", torch.relu(see("bn2", self.bn2(see("conv2", self.conv2(x))))))
        return see("fc", self.fc(see("flatten", torch.flatten(x, 1))))


def cnn() -> Pair:
    """Convolutions with batch norm, after whose steps two batches' gradients are averaged."""
    layers = [
        node("conv1", "Conv2d", out_channels=6, padding=1),
        node("bn1", "BatchNorm2d"),
        node("relu1", "ReLU"),
        node("pool", "MaxPool2d"),
        node("conv2", "Conv2d", out_channels=8),
        node("bn2", "BatchNorm2d"),
        node("relu2", "ReLU"),
        node("flatten", "Flatten"),
        node("fc", "Linear", out_features=10),
    ]
    axes = dict.fromkeys(("conv1", "bn1", "relu1", "pool", "conv2", "bn2", "relu2", "flatten"), 1)
    return Pair(classifier(layers, DIGITS, optimizer=SGD, accumulate=2, batch_size=48), Cnn, axes | {"fc": -1})


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, 4, 3, padding=1)
        self.conv, self.bn = nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4)
        self.head = nn.Linear(4, 10)

    def forward(self, x: Tensor, see: See) -> Tensor:
        x = see("stem", self.stem(x))
        x = see("relu", torch.relu(see("add", x + see("bn", self.bn(see("conv", self.conv(x)))))))
        return see("head", self.head(see("flat", torch.flatten(see("pool", functional.adaptive_avg_pool2d(x, 1)), 1))))


def residual() -> Pair:
    """A branch around a convolution; the gradient is clipped."""
    nodes = [
        node("data", "Dataset", dataset="data"),
        node("stem", "Conv2d", out_channels=4, padding=1),
        node("conv", "Conv2d", out_channels=4, padding=1),
        node("bn", "BatchNorm2d"),
        node("add", "Add"),
        node("relu", "ReLU"),
        node("pool", "AdaptiveAvgPool2d", output_size=1),
        node("flat", "Flatten"),
        node("head", "Linear", out_features=10),
        node("loss", "CrossEntropy"),
    ]
    edges = [
        wire("data.image", "stem"),
        *chain(["stem", "conv", "bn"]),
        wire("stem", "add.inputs"),
        wire("bn", "add.inputs", 1),
        *chain(["add", "relu", "pool", "flat", "head"]),
        wire("head", "loss.logits"),
        wire("data.label", "loss.label"),
    ]
    made = project(nodes, edges, DIGITS, (Phase(optimizer=SGD),), clip_norm=0.5)
    return Pair(made, Residual, dict.fromkeys(("stem", "conv", "bn", "add", "relu", "pool", "flat"), 1) | {"head": -1})


class Encoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lift, self.norm = nn.Linear(8, 16), nn.LayerNorm(16)
        self.attn = nn.MultiheadAttention(16, 2, batch_first=True)
        self.fc1, self.fc2, self.head = nn.Linear(16, 24), nn.Linear(24, 16), nn.Linear(16, 10)

    def forward(self, x: Tensor, see: See) -> Tensor:
        x = see("lift", self.lift(x.reshape(-1, 8, 8)))
        seen = see("norm", self.norm(x))
        x = see("add", x + see("attn", self.attn(seen, seen, seen, need_weights=False)[0]))
        inner = see("gelu", functional.gelu(see("fc1", self.fc1(x))))
        x = see("add2", x + see("fc2", self.fc2(inner)))
        return see("head", self.head(see("mean", x.mean(1))))


def encoder(**settings: object) -> Pair:
    """One layer of a transformer's encoder over the rows of a digit."""
    nodes = [
        node("data", "Dataset", dataset="data"),
        node("rows", "Reshape", shape=(8, 8)),
        node("lift", "Linear", out_features=16),
        node("norm", "LayerNorm"),
        node("attn", "SelfAttention", num_heads=2),
        node("add", "Add"),
        node("fc1", "Linear", out_features=24),
        node("gelu", "GELU"),
        node("fc2", "Linear", out_features=16),
        node("add2", "Add"),
        node("mean", "Mean"),
        node("head", "Linear", out_features=10),
        node("loss", "CrossEntropy"),
    ]
    edges = [
        wire("data.image", "rows"),
        *chain(["rows", "lift", "norm", "attn"]),
        wire("lift", "add.inputs"),
        wire("attn", "add.inputs", 1),
        *chain(["add", "fc1", "gelu", "fc2"]),
        wire("add", "add2.inputs"),
        wire("fc2", "add2.inputs", 1),
        *chain(["add2", "mean", "head"]),
        wire("head", "loss.logits"),
        wire("data.label", "loss.label"),
    ]
    made = project(nodes, edges, DIGITS, (Phase(optimizer=SGD),), **settings)
    paths = ("lift", "norm", "attn", "add", "fc1", "gelu", "fc2", "add2", "mean", "head")
    return Pair(made, Encoder, dict.fromkeys(paths, -1))


class Recurrent(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn, self.lstm = nn.RNN(8, 10, batch_first=True), nn.LSTM(10, 12, batch_first=True)
        self.fc = nn.Linear(12, 10)

    def forward(self, x: Tensor, see: See) -> Tensor:
        rows = x.reshape(-1, 8, 8).requires_grad_()
        bent = see("rnn", self.rnn(see("into rnn", rows))[0])
        x = see("lstm", self.lstm(bent)[0])
        return see("fc", self.fc(see("last", x[:, -1])))


def recurrent() -> Pair:
    """A plain recurrent layer on the data and an LSTM on that; the last state decides."""
    nodes = [
        node("data", "Dataset", dataset="data"),
        node("rows", "Reshape", shape=(8, 8)),
        node("rnn", "RNN", hidden_size=10),
        node("lstm", "LSTM", hidden_size=12),
        node("last", "Select"),
        node("fc", "Linear", out_features=10),
        node("loss", "CrossEntropy"),
    ]
    edges = [
        wire("data.image", "rows"),
        *chain(["rows", "rnn", "lstm", "last", "fc"]),
        wire("fc", "loss.logits"),
        wire("data.label", "loss.label"),
    ]
    made = project(nodes, edges, DIGITS, (Phase(optimizer=Optimizer("SGD", 0.5)),))
    walked = {"rnn": "into rnn", "lstm": "rnn"}
    return Pair(made, Recurrent, dict.fromkeys(("rnn", "lstm", "last", "fc"), -1), walked)
