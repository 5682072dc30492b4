"""Networks with what few have: units that lie elsewhere, one unit alone, blocks in a row, sequences read both ways."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.graph import Block, Graph
from core.training.optimizers import Optimizer
from core.training.settings import Phase
from tests.core.training.measuring.architectures import SGD, Pair, See
from tests.core.training.projects import DIGITS, chain, classifier, node, project, wire


class Tiny(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.one, self.fc = nn.Linear(64, 1, bias=False), nn.Linear(1, 10, bias=False)

    def forward(self, x: Tensor, see: See) -> Tensor:
        return see("fc", self.fc(see("bend", torch.relu(see("one", self.one(torch.flatten(x, 1)))))))


def tiny(**settings: object) -> Pair:
    """A unit alone, and no biases."""
    layers = [
        node("flatten", "Flatten"),
        node("one", "Linear", out_features=1, bias=False),
        node("bend", "ReLU"),
        node("fc", "Linear", out_features=10, bias=False),
    ]
    made = classifier(layers, DIGITS, optimizer=SGD, **settings)
    return Pair(made, Tiny, dict.fromkeys(("one", "bend", "fc"), -1))


class Turned(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.mix = nn.Conv2d(1, 6, 3, padding=1), nn.Linear(6, 4)
        self.up = nn.ConvTranspose2d(4, 6, 2, stride=2, groups=2)
        self.head = nn.Linear(6, 10)

    def forward(self, x: Tensor, see: See) -> Tensor:
        x = see("last", see("conv", self.conv(x)).permute(0, 2, 3, 1))
        x = see("first", see("bend", torch.relu(see("mix", self.mix(x)))).permute(0, 3, 1, 2))
        x = see("tanh", torch.tanh(see("up", self.up(x))))
        return see("head", self.head(see("flat", torch.flatten(see("pool", functional.adaptive_max_pool2d(x, 1)), 1))))


def turned() -> Pair:
    """Channels behind, and in front again; the kernels of a transposed convolution in groups."""
    layers = [
        node("conv", "Conv2d", out_channels=6, padding=1),
        node("last", "Permute", dims=(0, 2, 3, 1)),
        node("mix", "Linear", out_features=4),
        node("bend", "ReLU"),
        node("first", "Permute", dims=(0, 3, 1, 2)),
        node("up", "ConvTranspose2d", out_channels=6, kernel_size=2, stride=2, groups=2),
        node("tanh", "Tanh"),
        node("pool", "AdaptiveMaxPool2d", output_size=1),
        node("flat", "Flatten"),
        node("head", "Linear", out_features=10),
    ]
    axes = {item.name: 1 for item in layers} | dict.fromkeys(("last", "mix", "bend", "head"), -1)
    return Pair(classifier(layers, DIGITS, optimizer=SGD), Turned, axes)


class Stack(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lift, self.head = nn.Linear(8, 12), nn.Linear(12, 10)
        for place in range(3):
            self.add_module(f"block[{place}]", nn.ModuleDict({"inner": nn.Linear(12, 12)}))

    def forward(self, x: Tensor, see: See) -> Tensor:
        x = see("lift", self.lift(x.reshape(-1, 8, 8)))
        for place in range(3):
            inner = self.get_submodule(f"block[{place}].inner")
            x = see(f"block[{place}].bend", functional.gelu(see(f"block[{place}].inner", inner(x))))
        return see("head", self.head(see("mean", x.mean(1))))


def stack(**settings: object) -> Pair:
    """A block three times in a row, each with its own weights, over a sequence."""
    inside = [node("x", "BlockInput"), node("inner", "Linear", out_features=12), node("bend", "GELU")]
    inside.append(node("y", "BlockOutput"))
    block = Block("part", "part", Graph.of(inside, chain([item.name for item in inside])))
    nodes = [
        node("data", "Dataset", dataset="data"),
        node("rows", "Reshape", shape=(8, 8)),
        node("lift", "Linear", out_features=12),
        node("block", "Block", block="part", repeat=3),
        node("mean", "Mean"),
        node("head", "Linear", out_features=10),
        node("loss", "CrossEntropy"),
    ]
    edges = [
        wire("data.image", "rows"),
        *chain(["rows", "lift"]),
        wire("lift", "block.x"),
        wire("block.y", "mean"),
        *chain(["mean", "head"]),
        wire("head", "loss.logits"),
        wire("data.label", "loss.label"),
    ]
    made = project(nodes, edges, DIGITS, (Phase(optimizer=SGD),), (block,), **settings)
    inner = [f"block[{place}].{name}" for place in range(3) for name in ("inner", "bend")]
    return Pair(made, Stack, dict.fromkeys(("lift", *inner, "mean", "head"), -1))


class Both(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        either = {"batch_first": True, "bidirectional": True}
        self.rnn, self.gru = nn.RNN(8, 5, 2, **either), nn.GRU(10, 4, **either)
        self.lstm, self.fc = nn.LSTM(8, 3, 2, batch_first=True, bidirectional=True), nn.Linear(6, 10)

    def forward(self, x: Tensor, see: See) -> Tensor:
        rows = see("into rnn", x.reshape(-1, 8, 8).requires_grad_())
        x = see("gru", self.gru(see("rnn", self.rnn(rows)[0]))[0])
        return see("fc", self.fc(see("last", see("lstm", self.lstm(x)[0])[:, -1])))


def both_ways() -> Pair:
    """Recurrent layers of every kind that read both ways, two of them of several layers."""
    either = {"bidirectional": True}
    layers = [
        node("rows", "Reshape", shape=(8, 8)),
        node("rnn", "RNN", hidden_size=5, num_layers=2, **either),
        node("gru", "GRU", hidden_size=4, **either),
        node("lstm", "LSTM", hidden_size=3, num_layers=2, **either),
        node("last", "Select"),
        node("fc", "Linear", out_features=10),
    ]
    made = classifier(layers, DIGITS, optimizer=Optimizer("SGD", 0.5))
    paths = ("rnn", "gru", "lstm", "last", "fc")
    return Pair(made, Both, dict.fromkeys(paths, -1), {"rnn": "into rnn", "gru": "rnn", "lstm": "gru"})
