"""Write our library of blocks: python tools/make_blocks.py [FOLDER].

Each file holds one block, and in its main graph an instance of it wired to noise in the shape of an example input.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from core.files import SUFFIX, save
from core.graph import BLOCK, BLOCK_INPUT, BLOCK_OUTPUT, Block, Edge, Graph, Node
from core.instances import stem
from core.project import Project
from tools.gallery.drawing import Drawing

Shape = tuple[int, ...]
LOW = 1.0
"""The row of a body, below the straight line of the skip around it."""


@dataclass
class Inside(Drawing):
    """The inside of a block that is being drawn."""

    columns: int = 99

    def enters(self, name: str, column: float, row: float) -> tuple[str, str]:
        """An input of the block; what is drawn next follows it."""
        self.tip = (self.add(BLOCK_INPUT, name, self.place(column, row)), "output")
        return self.tip

    def leaves(self, name: str, column: float, row: float) -> None:
        """An output of the block, fed by what was drawn last."""
        self.wire(self.tip, self.add(BLOCK_OUTPUT, name, self.place(column, row)))

    def chain(self, column: float, row: float, *layers: tuple[str, str, Mapping[str, object]]) -> None:
        """Layers one after another in a row."""
        for index, (kind, name, params) in enumerate(layers):
            self.layer(kind, name, self.place(column + index, row), **params)  # type: ignore[arg-type]  # plain values

    def join(self, kind: str, name: str, column: float, row: float, *ends: tuple[str, str]) -> None:
        """A node that takes several wires."""
        node = self.add(kind, name, self.place(column, row))
        for order, end in enumerate(ends):
            self.wire(end, node, "inputs", order)
        self.tip = (node, "output")


def conv(name: str, channels: int, kernel: int, bias: bool = False) -> tuple[str, str, Mapping[str, object]]:
    """A convolution that keeps height and width; without a bias where batch norm follows."""
    params: dict[str, object] = {"out_channels": channels, "kernel_size": kernel}
    if kernel > 1:
        params["padding"] = kernel // 2
    if not bias:
        params["bias"] = False
    return "Conv2d", name, params


def plain(kind: str, name: str, **params: object) -> tuple[str, str, Mapping[str, object]]:
    """Any other layer."""
    return kind, name, params


def conv_bn_act(draw: Inside) -> None:
    """Convolution, batch norm, ReLU."""
    draw.enters("input", 0, 0)
    draw.chain(1, 0, conv("conv", 64, 3), plain("BatchNorm2d", "bn"), plain("ReLU", "relu"))
    draw.leaves("output", 4, 0)


def residual(draw: Inside) -> None:
    """The basic block of ResNet-18 and -34 (He et al. 2015, figure 5, left)."""
    skip = draw.enters("input", 0, 0)
    draw.chain(
        1,
        LOW,
        conv("conv1", 64, 3),
        plain("BatchNorm2d", "bn1"),
        plain("ReLU", "relu1"),
        conv("conv2", 64, 3),
        plain("BatchNorm2d", "bn2"),
    )
    draw.join("Add", "add", 6, 0, skip, draw.tip)
    draw.chain(7, 0, plain("ReLU", "relu2"))
    draw.leaves("output", 8, 0)


def bottleneck(draw: Inside) -> None:
    """The block of ResNet-50 and deeper (He et al. 2015, figure 5, right)."""
    skip = draw.enters("input", 0, 0)
    draw.chain(
        1,
        LOW,
        conv("reduce", 64, 1),
        plain("BatchNorm2d", "bn1"),
        plain("ReLU", "relu1"),
        conv("conv", 64, 3),
        plain("BatchNorm2d", "bn2"),
        plain("ReLU", "relu2"),
        conv("expand", 256, 1),
        plain("BatchNorm2d", "bn3"),
    )
    draw.join("Add", "add", 9, 0, skip, draw.tip)
    draw.chain(10, 0, plain("ReLU", "relu3"))
    draw.leaves("output", 11, 0)


def inception(draw: Inside) -> None:
    """Inception (3a) of GoogLeNet (Szegedy et al. 2014, table 1)."""
    begin = draw.enters("input", 0, 1.5)
    branches = (
        (conv("conv1", 64, 1, True), plain("ReLU", "relu1")),
        (
            conv("reduce3", 96, 1, True),
            plain("ReLU", "relu2"),
            conv("conv3", 128, 3, True),
            plain("ReLU", "relu3"),
        ),
        (conv("reduce5", 16, 1, True), plain("ReLU", "relu4"), conv("conv5", 32, 5, True), plain("ReLU", "relu5")),
        (
            plain("MaxPool2d", "pool", kernel_size=3, stride=1, padding=1),
            conv("project", 32, 1, True),
            plain("ReLU", "relu6"),
        ),
    )
    ends = []
    for row, layers in enumerate(branches):
        draw.tip = begin
        draw.chain(1, row, *layers)
        ends.append(draw.tip)
    draw.join("Concat", "concat", 5, 1.5, *ends)
    draw.leaves("output", 6, 1.5)


def dense(draw: Inside) -> None:
    """A layer of DenseNet with bottleneck, growth 32 (Huang et al. 2016, section 3)."""
    begin = draw.enters("input", 0, 0)
    draw.chain(
        1,
        LOW,
        plain("BatchNorm2d", "bn1"),
        plain("ReLU", "relu1"),
        conv("conv1", 128, 1),
        plain("BatchNorm2d", "bn2"),
        plain("ReLU", "relu2"),
        conv("conv2", 32, 3),
    )
    draw.join("Concat", "concat", 7, 0, begin, draw.tip)
    draw.leaves("output", 8, 0)


def unet_down(draw: Inside) -> None:
    """A step of U-Net's contracting path (Ronneberger et al. 2015, figure 1), padded."""
    draw.enters("input", 0, 0)
    draw.chain(
        1,
        0,
        conv("conv1", 64, 3, True),
        plain("ReLU", "relu1"),
        conv("conv2", 64, 3, True),
        plain("ReLU", "relu2"),
    )
    skip = draw.tip
    draw.chain(5, LOW, plain("MaxPool2d", "pool"))
    draw.leaves("output", 6, LOW)
    draw.tip = skip
    draw.leaves("skip", 6, 0)


def unet_up(draw: Inside) -> None:
    """A step of U-Net's expanding path (Ronneberger et al. 2015, figure 1), padded."""
    skip = draw.enters("skip", 0, 0)
    draw.nodes.insert(0, draw.nodes.pop())
    begin = draw.enters("input", 0, LOW)
    draw.nodes.insert(0, draw.nodes.pop())
    draw.tip = begin
    draw.chain(1, LOW, plain("ConvTranspose2d", "up", out_channels=64, kernel_size=2, stride=2))
    draw.join("Concat", "concat", 2, 0, skip, draw.tip)
    draw.chain(
        3,
        0,
        conv("conv1", 64, 3, True),
        plain("ReLU", "relu1"),
        conv("conv2", 64, 3, True),
        plain("ReLU", "relu2"),
    )
    draw.leaves("output", 7, 0)


def encoder(draw: Inside) -> None:
    """A layer of the transformer's encoder (Vaswani et al. 2017, section 3.1), 128 features and 4 heads."""
    skip = draw.enters("input", 0, 0)
    draw.chain(1, LOW, plain("SelfAttention", "attention", num_heads=4), plain("Dropout", "drop1", p=0.1))
    draw.join("Add", "add1", 3, 0, skip, draw.tip)
    draw.chain(4, 0, plain("LayerNorm", "norm1"))
    feed_forward(draw, 0, 2.2, "2")
    draw.leaves("output", 7, 2.2)


def decoder(draw: Inside) -> None:
    """A layer of the transformer's decoder (Vaswani et al. 2017, section 3.1), 128 features and 4 heads."""
    skip = draw.enters("input", 0, 0)
    attention = plain("SelfAttention", "attention", num_heads=4, is_causal=True)
    draw.chain(1, LOW, attention, plain("Dropout", "drop1", p=0.1))
    draw.join("Add", "add1", 3, 0, skip, draw.tip)
    draw.chain(4, 0, plain("LayerNorm", "norm1"))
    skip, second = draw.tip, 2.2
    memory = draw.enters("memory", 0, second + LOW)
    cross = draw.add("MultiheadAttention", "cross", draw.place(1, second + LOW), num_heads=4)
    draw.wire(skip, cross, "query")
    draw.wire(memory, cross, "key")
    draw.tip = (cross, "output")
    draw.chain(2, second + LOW, plain("Dropout", "drop2", p=0.1))
    draw.join("Add", "add2", 3, second, skip, draw.tip)
    draw.chain(4, second, plain("LayerNorm", "norm2"))
    feed_forward(draw, 0, 5.2, "3")
    draw.leaves("output", 7, 5.2)


def feed_forward(draw: Inside, column: float, row: float, number: str) -> None:
    """The two dense layers of every position, and the skip around them."""
    skip = draw.tip
    draw.chain(
        column,
        row + LOW,
        plain("Linear", "fc1", out_features=512),
        plain("ReLU", "relu"),
        plain("Dropout", f"drop{number}", p=0.1),
        plain("Linear", "fc2", out_features=128),
        plain("Dropout", f"drop{int(number) + 1}", p=0.1),
    )
    draw.join("Add", f"add{number}", column + 5, row, skip, draw.tip)
    draw.chain(column + 6, row, plain("LayerNorm", f"norm{number}"))


Recipe = tuple[str, Callable[[Inside], None], str, Mapping[str, Shape]]
IMAGE: Mapping[str, Shape] = {"input": (64, 16, 16)}
BLOCKS: tuple[Recipe, ...] = (
    ("Conv-BN-ReLU", conv_bn_act, "Convolution, batch norm and ReLU: 64 channels out.", {"input": (3, 16, 16)}),
    ("Residual", residual, "Two convolutions with a skip around them: 64 channels in and out.", IMAGE),
    ("Bottleneck", bottleneck, "Down to 64 channels, a convolution, up to 256, with a skip.", {"input": (256, 8, 8)}),
    ("Inception", inception, "Four ways of looking side by side: 192 channels in, 256 out.", {"input": (192, 8, 8)}),
    ("Dense layer", dense, "Puts 32 new channels beside those that came in.", IMAGE),
    (
        "U-Net down step",
        unet_down,
        "Two convolutions to 64 channels, then half the size; the skip goes to the up step.",
        {"input": (3, 16, 16)},
    ),
    (
        "U-Net up step",
        unet_up,
        "Twice the size, the skip beside it, two convolutions to 64 channels.",
        {"input": (128, 8, 8), "skip": (64, 16, 16)},
    ),
    (
        "Transformer encoder layer",
        encoder,
        "Self-attention and two dense layers, each with a skip: 128 features in and out.",
        {"input": (12, 128)},
    ),
    (
        "Transformer decoder layer",
        decoder,
        "Causal self-attention, attention to the memory and two dense layers, each with a skip: 128 features.",
        {"input": (12, 128), "memory": (10, 128)},
    ),
)


def project(title: str, draw: Callable[[Inside], None], help_: str, example: Mapping[str, Shape]) -> Project:
    """The file of one block."""
    inside = Inside()
    draw(inside)
    name = stem(title)
    block = Block(name, title, Graph.of(inside.nodes, inside.edges))
    outside = Drawing(3)
    instance = Node("block", BLOCK, name, block=name)
    for row, port in enumerate(block.inputs()):
        shape = example[port]
        outside.tip = (outside.add("Noise", f"noise{row + 1}", outside.place(0, row), size=math.prod(shape)), "output")
        outside.layer("Reshape", f"{port}_example", outside.place(1, row), shape=shape)
        outside.edges.append(Edge(*outside.tip, instance.id, port))
    renamed = {node.id: f"m{index + 1}" for index, node in enumerate(outside.nodes)}
    nodes = [Node(renamed[node.id], node.kind, node.name, node.params) for node in outside.nodes]
    edges = [
        edge._replace(source=renamed[edge.source], target=renamed.get(edge.target, edge.target))
        for edge in outside.edges
    ]
    places = {renamed[key]: place for key, place in outside.places.items()}
    places |= {instance.id: outside.place(2, 0), **inside.places}
    return Project(
        title,
        Graph.of([*nodes, instance], edges),
        MappingProxyType({block.id: block}),
        MappingProxyType(places),
        description=help_,
    )


def main(folder: Path) -> None:
    """Write every block into the folder."""
    folder.mkdir(exist_ok=True)
    for title, draw, help_, example in BLOCKS:
        path = folder / f"{stem(title)}{SUFFIX}"
        save(project(title, draw, help_, example), path)
        print(path.stem)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1] / "resources" / "blocks")
