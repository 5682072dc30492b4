"""Projects with Python blocks that the tests use."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from core.catalog.python_block import interface_of
from core.graph import Block, Edge, Graph, Node
from core.project import Project
from core.python.trust import Trust, codes
from tests.core.training.projects import DIGITS, classifier, node, project, wire

HEAD = "import torch\nfrom torch import nn\n\n\n"
HIDDEN = f"""{HEAD}class Hidden(nn.Module):
    def __init__(self, in_features, size=16):
        super().__init__()
        self.linear = nn.Linear(in_features, size)

    def forward(self, x):
        return torch.relu(self.linear(x))
"""
"""Linear and ReLU by one's own hand."""


def block(body: str, name: str = "Block", begin: str = "") -> str:
    """A source whose forward pass has these lines; `begin` are lines of its constructor."""
    lines = "".join(f"        {line}\n" for line in begin.splitlines())
    made = f"    def __init__(self):\n        super().__init__()\n{lines}\n" if begin else ""
    inside = "".join(f"        {line}\n" for line in body.splitlines())
    return f"{HEAD}class {name}(nn.Module):\n{made}    def forward(self, x):\n{inside}"


def python(name: str, source: str, settings: str = "", **params: Any) -> Node:
    """A Python block."""
    return node(name, "Python", source=source, **({"settings": settings} if settings else {}), **params)


def with_block(*blocks: Node, **settings: Any) -> Project:
    """A classifier of small digits in which these blocks come between flatten and the last layer."""
    layers = [node("flatten", "Flatten"), *blocks, node("fc", "Linear", out_features=10)]
    made = classifier(layers, DIGITS, **settings)
    return replace(
        made, graph=Graph.of(made.graph.nodes.values(), map(partial(_fitted, made), made.graph.edges.values()))
    )


def _fitted(made: Project, edge: Edge) -> Edge:
    """The wire at the first input of a Python block, whatever it is called, and from its first output."""
    source, target = made.graph.nodes[edge.source], made.graph.nodes[edge.target]
    if target.kind == "Python":
        edge = edge._replace(input=interface_of(target).arguments[0].name)
    return edge._replace(output=interface_of(source).outputs[0]) if source.kind == "Python" else edge


def trusted(made: Project) -> Project:
    """The project, once the user has trusted it."""
    Trust().remember(codes(made))
    return made


def malicious(target: Path) -> str:
    """A source that makes a file as soon as any of it runs."""
    text = f"open({str(target)!r}, 'w').close()"
    return (
        f"{HEAD}{text}\nclass Bad(nn.Module):\n    {text}\n    def forward(self, x):\n        {text}\n"
        + "        return x\n"
    )


def in_block(repeat: int = 3) -> Project:
    """A Python block inside a block that is stacked."""
    inside = [node("x", "BlockInput"), python("mine", HIDDEN.replace("size=16", "size=64")), node("y", "BlockOutput")]
    edges = [Edge("x", "output", "mine", "x"), Edge("mine", "output", "y", "input")]
    stack = Block("stack", "stack", Graph.of(inside, edges))
    nodes = [
        node("data", "Dataset", dataset="data"),
        node("flatten", "Flatten"),
        node("enc", "Block", block="stack", repeat=repeat),
        node("fc", "Linear", out_features=10),
        node("loss", "CrossEntropy"),
    ]
    wires = [
        wire("data.image", "flatten"),
        wire("flatten", "enc.x"),
        wire("enc.y", "fc"),
        wire("fc", "loss.logits"),
        wire("data.label", "loss.label"),
    ]
    return project(nodes, wires, DIGITS, blocks=(stack,))
