"""The Python block: a node that holds one's own `nn.Module` as source text inside the project."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from core.catalog.interface import Interface, interface
from core.catalog.kind import Arguments, Inputs, LayerKind, Param, PortSpec, Shaped
from core.errors import ShapeError
from core.graph import Node, Parameters

PYTHON = "Python"
"""The kind of a node that holds its own source."""
MODULE = "python."
"""Before the class's name: where the module of a Python block comes from."""
EXAMPLE = '''\
import torch
from torch import nn


class ResidualMLP(nn.Module):
    """x + scale · MLP(x); in_features follows from the wire."""

    def __init__(self, in_features, hidden=64):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(in_features, hidden), nn.ReLU(), nn.Linear(hidden, in_features))
        self.scale = nn.Parameter(torch.ones(()))

    def forward(self, x):
        return x + self.scale * self.net(x)
'''
"""What a new block holds. Files that leave the source out mean this text, so it is never changed."""


def _asks_torch(_inputs: Inputs, _arguments: Arguments) -> Shaped:
    raise ShapeError("the engine's answer was wanted", "a Python block has no formula", fix="Ask PyTorch.")


KIND = LayerKind(
    PYTHON,
    "Blocks",
    "code",
    "Your own nn.Module, written in Python.",
    "The last class of the source is the block: forward's arguments are its inputs; the names in its last "
    "“return a, b”, or the class attribute outputs, are its outputs. Its constructor's in_features and in_channels "
    "follow from the wire. The code runs only in projects that you trust.",
    (PortSpec("x", "any"),),
    (PortSpec("output", "any"),),
    _asks_torch,
    (
        Param("source", "code", EXAMPLE, "The source: defines the module as its last class, and may import."),
        Param("settings", "text", "", "A JSON object of arguments for the class, as {“hidden”: 128}; empty: none."),
        Param("frozen", "bool", False, "Keep the weights as they are while training."),
    ),
    module=MODULE,
    words=("custom", "own", "code", "module", "script", "opaque"),
    stem="python",
    weighted=True,
    many_weights=True,
    opaque=True,
)
KINDS = (KIND,)


def source_of(params: Parameters) -> str:
    """The source that these parameters, set by hand, hold."""
    return str(dict(params).get("source", EXAMPLE))


def settings_text(params: Parameters) -> str:
    """The settings that these parameters hold, as text."""
    return str(dict(params).get("settings", ""))


def interface_of(node: Node) -> Interface:
    """What the node's source says of it."""
    return interface(source_of(node.params))


def fitted(params: Parameters) -> LayerKind:
    """The kind as the source makes it: with its ports, its call and its class."""
    return _fitted(source_of(params))


@lru_cache(256)
def _fitted(source: str) -> LayerKind:
    found = interface(source)
    return replace(
        KIND,
        inputs=found.inputs,
        outputs=found.output_ports,
        module=f"{MODULE}{found.class_name}",
        forward=found.call,
        unpack=found.unpack,
    )
